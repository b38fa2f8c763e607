"""Compartments on the command line: whose key is at hand sees his own, and nothing else."""

import asyncio
import shutil
from dataclasses import replace

import pytest

from gateway import parts
from gateway.config import read_config
from gateway.store import keys as keys_module
from gateway.store.custody import StoreCustody
from gateway.store.database import Database
from gateway.store.file_blobs import FileBlobs
from gateway.store.keyrings import Keyrings
from gateway.store.keys import load_hmac, load_public
from tests.makers import sealing
from tests.makers.held import SENDER, TO, a_hold, a_mail
from tests.stores import migrated
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
    shutil.copy(migrated(), tmp_path / "vaguemestre.db")
    for name in ("default", "syndicat", "travail"):
        assert vaguemestre("keys", "init", "--compartment", name).status == 0
    database = Database.open(f"sqlite:///{tmp_path}/vaguemestre.db")
    keys = tmp_path / "keys"
    custody = StoreCustody(
        database, FileBlobs(tmp_path / "blobs"), load_public(keys), load_hmac(keys)
    )

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
    assert "no protected way fits" in refused.err
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


# Contents that officers' sign-ins unlock

LOCKED = WRITTEN.replace("[rp@chu.example]}", "[rp@chu.example], unlock: sign_in}")
AWAY = b"mot de passe\nmot de passe\n"  # as asked for twice


@pytest.fixture
def locked(tmp_path_factory, monkeypatch, vaguemestre):
    """A mail in `syndicat`, whose content opens with the escrow file beside the folder."""
    monkeypatch.setattr(keys_module, "_SCRYPT_N", 2)
    folder = tmp_path_factory.mktemp("locked")
    monkeypatch.chdir(folder)
    (folder / "gateway.yaml").write_text(CONFIG + LOCKED)
    escrow = tmp_path_factory.mktemp("stick") / "syndicat.key"
    for name in ("default", "travail"):
        assert vaguemestre("keys", "init", "--compartment", name).status == 0
    make = ("keys", "init", "--compartment", "syndicat", "--escrow")
    for wrong in (folder / "x.key", folder / "keys" / "x.key"):
        assert "beside what it opens" in vaguemestre(*make, wrong, stdin=AWAY).err
    said = vaguemestre("keys", "init", "--compartment", "syndicat")
    assert (said.status, "--escrow" in said.err) == (2, True)
    assert "--escrow" in vaguemestre("config", "check").out
    assert "--escrow" in vaguemestre("serve").err
    made = vaguemestre(*make, escrow, stdin=AWAY)
    assert (made.status, "la seule copie" in made.out) == (0, True)
    assert vaguemestre(*make, escrow, stdin=AWAY).status == 2
    assert vaguemestre("config", "check").status == 0
    settings = read_config(folder / "gateway.yaml")
    database = Database.open(settings.database)
    public, secret = load_public(settings.keys), load_hmac(settings.keys)
    contents = parts.content_keys(settings)
    custody = StoreCustody(database, parts.blobs(settings), public, secret, content_keys=contents)
    mail = replace(a_mail(THEIRS), content=sealing.message())
    asyncio.run(custody.hold(mail, replace(a_hold(mail), compartment="syndicat"), (), ()))
    yield folder, escrow, database
    database.close()


def test_the_escrow_opens_and_sends_where_no_key_of_the_machine_does(locked, vaguemestre):
    _, escrow, _ = locked
    show = ("quarantine", "show", THEIRS)
    reveal = (*show, "--reveal", "--reason", "voir")
    assert SENDER in vaguemestre(*show).out, "the dossier is the service's"
    for command in (reveal, ("quarantine", "release", THEIRS)):
        refused = vaguemestre(*command)
        assert (refused.status, refused.out) == (1, "")
        assert "--escrow" in refused.err
        wrong = vaguemestre(*command, "--escrow", escrow, stdin=b"faux\n")
        assert (wrong.status, "no escrow" in wrong.err) == (2, True)
    assert "revealed" not in vaguemestre(*show).out
    whole = vaguemestre(*reveal, "--escrow", escrow, stdin=AWAY)
    assert whole.raw.lstrip() == sealing.message()  # the runner shows where it was asked
    sent = vaguemestre("quarantine", "release", THEIRS, "--escrow", escrow, stdin=AWAY)
    assert (sent.status, "envoi demandé" in sent.out) == (0, True)


def test_the_escrow_gives_its_key_to_an_account_that_has_a_vault(locked, vaguemestre):
    _, escrow, database = locked
    give = ("keys", "grant", "rp", "--escrow", escrow)
    assert "no such account" in vaguemestre(*give, stdin=AWAY).err
    vaguemestre("users", "add", "rp", "--compartment", "default")
    assert "does not see" in vaguemestre(*give, stdin=AWAY).err
    vaguemestre("users", "add", "rp2", "--compartment", "syndicat")
    give = ("keys", "grant", "rp2", "--escrow", escrow)
    assert "no vault yet" in vaguemestre(*give, stdin=AWAY).err
    asyncio.run(Keyrings(database).make("rp2", "quatre lapins verts"))
    assert vaguemestre(*give, stdin=b"faux\n").status == 2
    assert vaguemestre(*give, stdin=AWAY).status == 0
    assert "already" in vaguemestre(*give, stdin=AWAY).err
    assert "ouverts par l'entrée" in vaguemestre("keys", "list").out


def test_a_rotation_adds_a_content_pair_where_there_may_be_one(locked, vaguemestre, tmp_path):
    folder, escrow, _ = locked
    rotate = ("keys", "rotate", "--compartment")
    assert vaguemestre(*rotate, "syndicat", "--escrow", escrow, stdin=AWAY).status == 2
    assert vaguemestre(*rotate, "default", "--escrow", tmp_path / "x", stdin=AWAY).status == 2
    other = tmp_path / "second.key"
    assert vaguemestre(*rotate, "syndicat", "--escrow", other, stdin=AWAY).status == 0
    assert len(list((folder / "keys").glob("content-*.pub"))) == 2
    assert not list((folder / "keys").glob("content-*.key"))


def test_urgency_is_not_offered_where_only_an_officer_can_send(locked):
    folder, _, _ = locked
    more = 'console: {urgent: ["@cse.chu.example", "@chu.example"]}\n'
    (folder / "urgent.yaml").write_text(CONFIG + LOCKED + more)
    urges = parts.urges(read_config(folder / "urgent.yaml"))
    assert (urges("a@cse.chu.example"), urges("a@chu.example")) == (False, True)
