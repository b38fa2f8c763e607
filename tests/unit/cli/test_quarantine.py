"""`quarantine`, `trace` and `keys`, over a store with two held mails."""

from __future__ import annotations

import asyncio
import os

import pytest

from gateway.cli import quarantine
from gateway.store.custody import StoreCustody
from gateway.store.database import Database
from gateway.store.file_blobs import FileBlobs
from gateway.store.keys import load_hmac, load_public
from tests.makers.held import CANARY, SENDER, TO, a_hold, a_mail

FIRST, SECOND = "7K2F-9QXD", "8M3G-1ABC"
NUMERIC = "999999999999999"  # the local part of one recipient: an identifier


def states(vaguemestre) -> dict[str, str]:
    return {
        line["id"]: line["state"]
        for line in vaguemestre("quarantine", "list", "--all", "--json").lines
    }


def test_every_field_of_a_line(vaguemestre, holding):
    said = vaguemestre("quarantine", "list", "--json")
    first, second = said.lines
    assert {"id", "received", "sender", "recipients", "rule", "state"} <= set(first)
    assert first["id"] == FIRST
    assert first["received"] == "2023-11-14T22:13:20Z"
    assert first["sender"] == SENDER
    assert first["recipients"] == list(TO)
    assert first["rule"] == "health/nir-external"
    assert first["state"] == "held"
    assert second["id"] == SECOND, "the oldest first"
    assert (said.status, said.err) == (0, "")


def test_more_than_a_page_is_listed_whole(vaguemestre, holding, monkeypatch):
    """Even where a page ends between two of one instant."""
    monkeypatch.setattr(quarantine, "PAGE", 1)
    lines = vaguemestre("quarantine", "list", "--json").lines
    assert [line["id"] for line in lines] == [FIRST, SECOND]


def test_without_the_private_key_the_list_shows_domains_only(vaguemestre, holding):
    for key in (holding / "keys").glob("*.key"):
        if key.name != "hmac.key":
            key.unlink()
    said = vaguemestre("quarantine", "list", "--json")
    assert said.lines[0]["sender"] == "…@chu.example"
    assert NUMERIC not in said.out
    for command in ("show", "reject"):
        refused = vaguemestre("quarantine", command, FIRST)
        assert refused.status == 2
        assert "no private key" in refused.err


def test_with_another_s_key_nothing_opens(vaguemestre, holding):
    for key in (holding / "keys").glob("officer-*"):
        key.unlink()
    assert vaguemestre("keys", "rotate").status == 0
    said = vaguemestre("quarantine", "show", FIRST)
    assert (said.status, said.out) == (1, "")
    assert "sealed to other keys" in said.err


def test_show_says_why_with_values_masked(vaguemestre, holding):
    said = vaguemestre("quarantine", "show", FIRST)
    for expected in (SENDER, TO[0], "health/nir-external", "2 79 ** **", "part 2!paie/mai.xlsx"):
        assert expected in said.out
    assert "Lecture  incomplète (1 partie sur 2)" in said.out
    assert CANARY.decode() not in said.out
    assert said.status == 0


def test_reveal_asks_for_a_reason_and_records_it(vaguemestre, holding):
    refused = vaguemestre("quarantine", "show", FIRST, "--reveal")
    assert (refused.status, refused.out) == (2, "")
    said = vaguemestre("quarantine", "show", FIRST, "--reveal", "--reason", "vérification")
    assert CANARY in said.raw
    assert said.raw.endswith(b"\r\n"), "byte for byte"
    history = vaguemestre("quarantine", "show", FIRST).out
    assert "revealed" in history
    assert "« vérification »" in history


def test_release_once(vaguemestre, holding):
    said = vaguemestre("quarantine", "release", FIRST, "--reason", "vérifié")
    assert (said.status, "2 destinataires" in said.out) == (0, True)
    assert states(vaguemestre) == {FIRST: "releasing", SECOND: "held"}
    again = vaguemestre("quarantine", "release", FIRST)
    assert (again.status, again.out) == (1, "")


def test_release_for_one_recipient(vaguemestre, holding):
    said = vaguemestre("quarantine", "release", FIRST, "--to", TO[0])
    assert "1 destinataire." in said.out
    other = vaguemestre("quarantine", "release", FIRST, "--to", "nobody@mail.example")
    assert other.status == 2
    assert "nobody@mail.example" in other.err


def test_reject(vaguemestre, holding):
    assert vaguemestre("quarantine", "reject", FIRST, "--reason", "mauvaise adresse").status == 0
    assert states(vaguemestre)[FIRST] == "rejected"
    assert FIRST not in vaguemestre("quarantine", "list").out
    assert vaguemestre("quarantine", "reject", FIRST).status == 1


def test_purge_leaves_what_is_undecided(vaguemestre, holding):
    assert vaguemestre("quarantine", "purge").status == 0
    assert states(vaguemestre) == {FIRST: "held", SECOND: "held"}


@pytest.mark.parametrize("command", ["show", "release", "reject"])
def test_an_unknown_dossier(vaguemestre, holding, command):
    said = vaguemestre("quarantine", command, "XXXX-XXXX")
    assert (said.status, said.out) == (1, "")
    assert "no such dossier" in said.err


@pytest.mark.parametrize("missing", ["keys", "database"])
def test_where_no_gateway_ever_ran_nothing_is_made(vaguemestre, configured, missing):
    """An empty store would say that nothing is held."""
    if missing == "keys":
        for key in (configured / "keys").iterdir():
            key.unlink()
    before = sorted(os.listdir(configured))
    said = vaguemestre("quarantine", "list")
    assert (said.status, said.out) == (2, "")
    assert missing in said.err or "sealing key" in said.err
    assert sorted(os.listdir(configured)) == before


def test_nothing_held(vaguemestre, configured):
    Database.open(f"sqlite:///{configured}/vaguemestre.db").close()
    assert "Rien n'est retenu." in vaguemestre("quarantine", "list").out
    assert vaguemestre("quarantine", "list", "--json").out == ""


def test_a_database_that_does_not_answer(vaguemestre, configured):
    path = configured / "gateway.yaml"
    path.write_text(path.read_text() + "database: postgresql://nobody@127.0.0.1:1/none\n")
    said = vaguemestre("quarantine", "list")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("database: ")


def test_keys_are_made_once_listed_and_rotated(vaguemestre, holding):
    assert vaguemestre("keys", "init").status == 2, "there are some"
    assert vaguemestre("keys", "rotate").status == 0
    listed = vaguemestre("keys", "list")
    assert listed.out.count("default") == 2
    assert vaguemestre("quarantine", "show", FIRST).status == 0, "the old key still opens"


def test_keys_init(vaguemestre, configured):
    for key in (configured / "keys").iterdir():
        key.unlink()
    (configured / "keys").rmdir()
    assert vaguemestre("keys", "list").status == 1
    assert vaguemestre("keys", "init").status == 0
    (private,) = (configured / "keys").glob("officer-*.key")
    assert private.stat().st_mode & 0o777 == 0o400


def test_a_key_under_a_passphrase_opens_with_it_alone(
    vaguemestre, configured, tmp_path, monkeypatch
):
    for key in (configured / "keys").iterdir():
        key.unlink()
    (tmp_path / "officer-passphrase").write_text("cheval correct\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert vaguemestre("keys", "init", "--passphrase").status == 0
    keys = configured / "keys"
    database = Database.open(f"sqlite:///{configured}/vaguemestre.db")
    custody = StoreCustody(
        database, FileBlobs(configured / "blobs"), load_public(keys), load_hmac(keys)
    )
    mail = a_mail(FIRST)
    asyncio.run(custody.hold(mail, a_hold(mail), [], []))
    database.close()
    assert vaguemestre("quarantine", "show", FIRST.lower()).status == 0
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert vaguemestre("quarantine", "show", FIRST).status == 2, "no passphrase, nobody to ask"


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives keys to another user")
def test_keys_for_a_user_that_does_not_exist(vaguemestre, configured):
    path = configured / "gateway.yaml"
    path.write_text(path.read_text() + "users: {door: no-such-a, release: no-such-b}\n")
    said = vaguemestre("keys", "rotate")
    assert said.status == 2
    assert "no-such-b" in said.err


def test_a_new_key_of_hashes_keeps_the_old_one_beside_it(vaguemestre, holding):
    old = (holding / "keys" / "hmac.key").read_bytes()
    said = vaguemestre("keys", "rotate", "--hmac")
    assert said.status == 0
    [former] = (holding / "keys").glob("hmac-*.former.key")
    assert former.name in said.out
    assert former.read_bytes() == old != (holding / "keys" / "hmac.key").read_bytes()
    assert len(list((holding / "keys").glob("officer-*.pub"))) == 1, "no pair was added"
    assert vaguemestre("keys", "rotate", "--hmac", "--passphrase").status == 2


def test_broken_rules_keep_nobody_from_ruling_on_what_is_held(vaguemestre, holding):
    """The gateway itself goes on with the rules it has."""
    (holding / "broken").mkdir()
    (holding / "broken" / "a.yaml").write_text("id: [")
    with (holding / "gateway.yaml").open("a") as config:
        config.write("rules: [broken]\n")
    assert len(vaguemestre("quarantine", "list", "--json").lines) == 2
    assert vaguemestre("quarantine", "show", FIRST).status == 0
    assert vaguemestre("quarantine", "release", FIRST).status == 0
    assert vaguemestre("quarantine", "reject", SECOND).status == 0
    assert vaguemestre("trace", FIRST).status == 0
