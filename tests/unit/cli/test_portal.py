"""`vaguemestre portal`: what waits, and taking it back, from the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml

from gateway.config import read_config
from gateway.means import portal_parts
from gateway.parcel import Parcel, packed
from gateway.store.keys import make_keys
from tests.makers import sealing
from tests.unit.cli.conftest import CONFIG


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """A gateway with a portal, on which one message waits for two recipients."""
    portal = {"portal": {"url": "https://portail.chu.example"}, "keys": "keys"}
    file = tmp_path / "gateway.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(CONFIG) | portal))
    make_keys(tmp_path / "keys")
    pickup = portal_parts.pickup(read_config(file))
    assert pickup is not None
    mail = sealing.mail(sender="anne@chu.example")
    package = packed(mail.content)
    for number in ("a", "b"):
        tokens = (number * 32, number.upper() * 32, "12345678")
        parcel = Parcel(mail, f"{number}@x.example", package, 4e9, "<x@y>", *tokens)
        asyncio.run(pickup.keep(parcel))
    return file


def test_codes_and_times_are_listed_and_nobody_named(vaguemestre, configured):
    said = vaguemestre("portal", "list")
    assert said.out.count("7K2F-9QXD") == 2
    assert "en partance" in said.out
    assert "x.example" not in said.out
    lines = vaguemestre("portal", "list", "--json").lines
    assert [line["how"] for line in lines] == ["", ""]


def test_a_recalled_message_is_closed_for_all_of_its_recipients(vaguemestre, configured):
    assert "2 lien(s) fermé(s)" in vaguemestre("portal", "recall", "7K2F-9QXD").out
    assert vaguemestre("portal", "list").out.count("rappelé") == 2
    again = vaguemestre("portal", "recall", "7K2F-9QXD")
    assert again.status == 1
    assert "nothing waits" in again.err


def test_without_a_portal_there_is_nothing_to_list(vaguemestre, tmp_path):
    (tmp_path / "gateway.yaml").write_text(CONFIG)
    said = vaguemestre("portal", "list")
    assert (said.status, said.err) == (2, "portal: there is none\n")
