"""`vaguemestre channels`, and the same in `explain` and `scan`."""

from __future__ import annotations

import time

import pytest

from tests.makers import openpgp, sealing
from tests.unit.cli.conftest import CONFIG
from tests.unit.cli.test_scan import LEAK

MARIE, PAUL, EVE = "marie@cabinet.example", "paul@labo.example", "eve@mail.example"
MORE = """\
certificates: certificates
openpgp: {keys: keys-openpgp}
partners: {labo: {domains: [labo.example], channels: [smime, openpgp]}}
channels_for: {eve@mail.example: [], "*.mail.example": [pdf]}
"""


@pytest.fixture
def ways(configured):
    (configured / "gateway.yaml").write_text(CONFIG + MORE)
    for name in ("certificates", "keys-openpgp"):
        (configured / name).mkdir()
    certificate = sealing.certificate(MARIE, now=time.time())
    (configured / "certificates" / "marie.pem").write_bytes(certificate)
    (configured / "keys-openpgp" / "paul.asc").write_text(str(openpgp.public(PAUL)))
    return configured


def test_the_way_of_each_and_why_no_better_one(vaguemestre, ways):
    said = vaguemestre("channels", "--json", MARIE, PAUL, EVE, "x@a.mail.example")
    assert said.status == 1  # Eve has none
    assert {line["address"]: line["channel"] for line in said.lines} == {
        MARIE: "smime",
        PAUL: "openpgp",
        EVE: None,
        "x@a.mail.example": "pdf",
    }
    assert list(said.lines[1]["missed"]) == ["smime"]


def test_to_a_person(vaguemestre, ways):
    said = vaguemestre("channels", MARIE, "--from", "x@mail.example", "tiers@mail.example")
    assert said.status == 1
    assert f"{MARIE}\n  voie : smime\n" in said.out
    assert "  aucune voie chiffrée\n" in said.out
    assert (
        "  - pdf : le PDF est désactivé, sans mot de passe connu, ou l'expéditeur n'est pas"
        in said.out
    )


@pytest.mark.parametrize("address", ["", "no address"])
def test_what_is_no_address_has_no_way_to_itself(vaguemestre, ways, address):
    assert vaguemestre("channels", MARIE, address).status == 2


def test_what_is_no_address_writes_to_nobody(vaguemestre, ways):
    assert vaguemestre("channels", MARIE, "--from", "''").status == 2
    assert vaguemestre("channels", MARIE, "--from", "").status == 0


def test_an_address_may_be_pasted_with_its_name(vaguemestre, ways):
    said = vaguemestre("channels", "--json", "Eve <eve@mail.example>")
    assert [(line["address"], line["channel"]) for line in said.lines] == [(EVE, None)]


def test_explain_and_scan_say_it_too(vaguemestre, ways):
    (ways / "leak.eml").write_bytes(LEAK)
    to = ("--to", PAUL, "--to", EVE)
    said = vaguemestre("explain", "leak.eml", "--from", "a@chu.example", *to).out
    assert "voie : openpgp" in said
    assert "aucune voie chiffrée" in said
    [line] = vaguemestre("scan", "--json", "leak.eml", "--from", "a@chu.example", *to).lines
    assert line["recipients"][PAUL]["channel"] == "openpgp"
    assert "channel" not in line["recipients"][EVE]
