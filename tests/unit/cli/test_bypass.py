"""`vaguemestre bypass`: on the record, with the recipe for the doors there are; the docs agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.cli.bypass_recipes import RECIPES, commands
from gateway.config_words import Listen

PAGE = (Path(__file__).parents[3] / "docs/operateur/contournement.md").read_text("utf-8")


def blocks(door):
    """The commands of a door's chapter: out, and back."""
    [chapter] = re.findall(rf"^## Porte {door}\b.*?(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    return [block.splitlines() for block in re.findall(r"^```sh\n(.*?)^```", chapter, re.M | re.S)]


@pytest.mark.parametrize("door", RECIPES)
def test_the_page_has_the_commands_that_are_printed(door):
    port = {"smtp": 10025, "lmtp": 10024, "milter": 10023}[door]
    listen = Listen("127.0.0.1", port)
    assert blocks(door) == [commands(door, listen, back=back) for back in (False, True)]


@pytest.mark.parametrize(
    ("door", "listen", "address"),
    [
        ("smtp", Listen("192.0.2.7", 2525), "=192.0.2.7:2525"),
        ("smtp", Listen("::1", 2525), "=[::1]:2525"),
        ("lmtp", Listen("192.0.2.7", 24), "=vaguemestre:[192.0.2.7]:24"),
        ("lmtp", Listen("::1", 24), "=vaguemestre:[ipv6:::1]:24"),
        ("lmtp", Listen(path=Path("/run/v.sock")), "=vaguemestre:unix:/run/v.sock"),
        ("milter", Listen("::1", 23), "=inet:[::1]:23 "),
        ("milter", Listen(path=Path("/run/m.sock")), "=unix:/run/m.sock "),
    ],
)
def test_the_way_back_names_the_address_that_the_door_has(door, listen, address):
    assert address in commands(door, listen, back=True)[0]


def test_a_period_is_declared_shown_ended_and_stays_on_record(holding, vaguemestre):
    assert vaguemestre("bypass", "status").status == 0
    said = vaguemestre("bypass", "on", "--reason", "panne")
    assert said.status == 0
    assert "postconf -P smtp/inet/smtpd_proxy_filter=\n" in said.out
    assert "content_filter" not in said.out, "only the doors there are"
    assert "Déjà déclaré" in vaguemestre("bypass", "on", "--reason", "encore").out
    standing = vaguemestre("bypass", "status")
    assert (standing.status, "« panne »" in standing.out) == (1, True)
    assert vaguemestre("bypass", "off").status == 0
    assert vaguemestre("bypass", "off").status == 1
    assert vaguemestre("bypass", "status").status == 0
    [period] = vaguemestre("bypass", "status", "--all", "--json").lines
    assert period["reason"] == "panne"
    assert period["until"] >= period["since"]


def test_it_asks_for_a_reason(holding, vaguemestre):
    assert vaguemestre("bypass", "on").status == 2
    assert vaguemestre("bypass", "on", "--reason", " ").status == 2
    assert vaguemestre("bypass", "status", "--all", "--json").lines == []
