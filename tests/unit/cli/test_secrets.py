"""`secrets`: what is agreed on with a recipient opens his documents from then on."""

from __future__ import annotations

import re

import pytest

from gateway.config import read_config
from gateway.means import portal_boxes
from gateway.store.agreed import Agreed

PAUL = "paul@cabinet.example"


def known(configured):
    [path] = configured.rglob("hmac.key")
    return Agreed(path.parent)


def test_it_is_read_from_standard_input_and_never_shown(vaguemestre, configured):
    said = vaguemestre("secrets", "set", PAUL, stdin=b"quatre mots plats\n")
    assert (said.status, said.out, said.err) == (0, "", "")
    assert known(configured)(PAUL) == "quatre mots plats"
    assert vaguemestre("secrets", "forget", PAUL).status == 0
    assert known(configured)(PAUL) == ""
    assert vaguemestre("secrets", "forget", PAUL).status == 1


def test_what_a_recipient_chose_on_the_portal_is_forgotten_too(vaguemestre, configured):
    file = configured / "gateway.yaml"
    more = 'pdf: {chosen: true}\nportal: {url: "https://portail.chu.example"}\n'
    file.write_text(file.read_text() + more)
    config = read_config(file)
    boxes, office = portal_boxes.boxes(config), portal_boxes.office(config)
    boxes.choose(office.box(PAUL), "quatre mots plats")
    assert office.chosen(PAUL)
    said = vaguemestre("channels", "--json", PAUL, "eve@cabinet.example")
    assert [line["channel"] for line in said.lines] == ["pdf", "portal"]
    assert vaguemestre("secrets", "forget", PAUL).status == 0
    assert office.chosen(PAUL) is None
    assert vaguemestre("secrets", "forget", PAUL).status == 1


def test_a_new_one_is_shown_once(vaguemestre, configured):
    said = vaguemestre("secrets", "set", "--new", "@cabinet.example")
    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}\n", said.out)
    assert known(configured)(PAUL) == said.out.strip()


@pytest.mark.parametrize(
    ("name", "secret"), [(PAUL, b"court\n"), (PAUL, b""), ("nobody", b"quatre mots plats\n")]
)
def test_what_is_no_password_or_no_address_is_refused(vaguemestre, configured, name, secret):
    said = vaguemestre("secrets", "set", name, stdin=secret)
    assert said.status == 2
    assert said.err
    assert not list(configured.rglob("agreed.txt"))
