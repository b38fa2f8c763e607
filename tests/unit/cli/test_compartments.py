"""Compartments on the command line: whose key is at hand sees his own, and nothing else."""

import asyncio
from dataclasses import replace

import pytest

from gateway.store.custody import StoreCustody
from gateway.store.database import Database
from gateway.store.keys import load_hmac, load_public
from tests.makers import sealing
from tests.makers.held import SENDER, TO, a_hold, a_mail
from tests.unit.cli.conftest import CONFIG

OURS, THEIRS, SECRET = "7K2F-9QXD", "8M3G-1ABC", "9N4H-2DEF"
WRITTEN = """\
compartments:
  syndicat: {senders: ["@cse.chu.example"], officers: [rp@chu.example]}
  travail: {senders: ["*@sst.chu.example"], officers: [sst@chu.example], content: nobody}
"""


@pytest.fixture
def two(tmp_path, vaguemestre):
    """A mail in `default`, one in `syndicat`, one that is its sender's alone."""
    (tmp_path / "gateway.yaml").write_text(CONFIG + WRITTEN)
    for name in ("default", "syndicat", "travail"):
        assert vaguemestre("keys", "init", "--compartment", name).status == 0
    database = Database.open(f"sqlite:///{tmp_path}/vaguemestre.db")
    keys = tmp_path / "keys"
    custody = StoreCustody(database, tmp_path / "blobs", load_public(keys), load_hmac(keys))

    async def hold():
        abouts = (
            (OURS, "default", ""),
            (THEIRS, "syndicat", ""),
            (SECRET, "travail", "compartment"),
        )
        for code, name, hidden in abouts:
            mail = replace(a_mail(code), content=sealing.message())
            held = replace(a_hold(mail), compartment=name, hidden=hidden)
            await custody.hold(mail, held, (), ())

    asyncio.run(hold())
    database.close()
    return tmp_path


def left_with(folder, compartment):
    """The key folder of an officer of that compartment: without the others' private halves."""
    for path in (folder / "keys").glob("officer-*.key"):
        if f'"compartment": "{compartment}"' not in path.read_text():
            path.unlink()


def ids(vaguemestre):
    return {line["id"] for line in vaguemestre("quarantine", "list", "--json").lines}


def test_each_sees_shows_and_rules_on_his_own_alone(two, vaguemestre):
    assert ids(vaguemestre) == {OURS, THEIRS, SECRET}
    left_with(two, "syndicat")
    assert ids(vaguemestre) == {THEIRS}
    for command in ("show", "release", "reject"):
        said = vaguemestre("quarantine", command, OURS)
        assert (said.status, said.out) == (1, "")
        assert "no such dossier" in said.err
    assert vaguemestre("quarantine", "release", OURS, "--encrypted").status == 1
    assert vaguemestre("quarantine", "show", THEIRS).status == 0
    assert vaguemestre("quarantine", "release", THEIRS).status == 0


def test_a_compartment_that_is_configured_no_more_is_reached_with_its_key(two, vaguemestre):
    (two / "gateway.yaml").write_text(CONFIG)
    checked = vaguemestre("config", "check")
    assert checked.status == 0
    assert "syndicat n'est plus configuré" in checked.out
    left_with(two, "syndicat")
    assert ids(vaguemestre) == {THEIRS}
    assert vaguemestre("quarantine", "release", THEIRS).status == 0


def test_what_is_its_senders_alone_shows_nothing_and_takes_no_ruling(two, vaguemestre):
    told = vaguemestre("quarantine", "show", SECRET).out
    told += vaguemestre("quarantine", "list", "--all").out
    shown = vaguemestre("quarantine", "show", SECRET).out
    assert "health/nir-external" in shown
    for secret in (SENDER, *TO, "2 79", "mai.xlsx", "Paie"):
        assert secret not in shown
    for line in told.splitlines():
        assert SECRET not in line or SENDER not in line
    for arguments in (
        ("show", SECRET, "--reveal", "--reason", "voir"),
        ("release", SECRET),
        ("release", SECRET, "--encrypted"),
        ("reject", SECRET),
    ):
        assert vaguemestre("quarantine", *arguments).status != 0, arguments


def test_release_encrypted_says_where_no_channel_fits(two, vaguemestre):
    (two / "gateway.yaml").write_text(CONFIG + WRITTEN + "pdf: {enabled: false}\n")
    refused = vaguemestre("quarantine", "release", OURS, "--encrypted")
    assert refused.status == 1
    assert "neither certificate nor PDF fits" in refused.err
    (two / "gateway.yaml").write_text(CONFIG + WRITTEN)
    said = vaguemestre("quarantine", "release", OURS, "--encrypted", "--to", TO[0])
    assert "envoi chiffré demandé pour 1 destinataire" in said.out
    again = vaguemestre("quarantine", "release", OURS, "--encrypted", "--to", TO[0])
    assert again.status == 1


def test_config_check_complains_of_a_compartment_without_a_key(two, vaguemestre):
    more = '  cabinet: {senders: ["@cabinet.example"], officers: [rp@chu.example]}\n'
    (two / "gateway.yaml").write_text(CONFIG + WRITTEN + more)
    checked = vaguemestre("config", "check")
    assert checked.status == 1
    assert "keys init --compartment cabinet" in checked.out
    assert vaguemestre("keys", "init", "--compartment", "cabinet").status == 0
    assert vaguemestre("config", "check").status == 0
    assert vaguemestre("keys", "init", "--compartment", "cabinet").status == 2  # there is one
    assert vaguemestre("keys", "rotate", "--compartment", "cabinet").status == 0
    assert vaguemestre("keys", "list").out.count("cabinet") == 2
    assert vaguemestre("keys", "init", "--compartment", "cabinett").status == 2


def test_an_account_is_given_its_compartments_where_there_are_several(two, vaguemestre):
    assert vaguemestre("users", "add", "claire").status == 2
    assert vaguemestre("users", "add", "claire", "--compartment", "syndikat").status == 2
    assert vaguemestre("users", "add", "claire", "--compartment", "syndicat").status == 0
    assert vaguemestre("users", "add", "paul", "--compartment", "*").status == 0
    listed = vaguemestre("users", "list").out
    assert "syndicat" in listed
    assert "tous" in listed


def test_serve_makes_no_key_beside_others(two, vaguemestre):
    """Started by root, it would be root's: the release process could open nothing of it."""
    more = '  cabinet: {senders: ["@cabinet.example"], officers: [rp@chu.example]}\n'
    (two / "gateway.yaml").write_text(CONFIG + WRITTEN + more)
    refused = vaguemestre("serve")
    assert refused.status == 2
    assert "keys init --compartment cabinet" in refused.err
