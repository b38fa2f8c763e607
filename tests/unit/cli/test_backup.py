"""`backup`, `restore`, `store copy`: the drill, and what is refused."""

from __future__ import annotations

import asyncio
import os
import pwd
import resource
import shutil
import sqlite3
import time

import pytest

from gateway.model import Reply
from gateway.store import keys as keys_module
from gateway.store.database import Database
from gateway.store.file_blobs import FileBlobs
from gateway.store.holds import Holds
from gateway.store.keys import load_hmac, load_private, load_public
from gateway.store.outbox import Outbox
from tests.makers.held import content
from tests.object_store import object_store

FIRST, SECOND = "7K2F-9QXD", "8M3G-1ABC"
SECRET = b"une phrase\n"


@pytest.fixture(autouse=True)
def _cheap_guesses(monkeypatch):
    monkeypatch.setattr(keys_module, "_SCRYPT_N", 2)


def lose(folder):
    """The machine, but for its configuration and what was carried elsewhere."""
    shutil.rmtree(folder / "keys")
    shutil.rmtree(folder / "blobs")
    for path in folder.glob("vaguemestre.db*"):
        path.unlink()


def deliver(folder):
    """As the release process: what is due; its codes, with the bytes of each."""
    database = Database.open(f"sqlite:///{folder}/vaguemestre.db")
    public, private = load_public(folder / "keys"), load_private(folder / "keys")
    holds = Holds(database, FileBlobs(folder / "blobs"), public, load_hmac(folder / "keys"))
    outbox = Outbox(database)

    async def drain():
        sent = {}
        for item in await outbox.lease(8, time.time(), "host:1", 300.0):
            if item.is_release:
                opened = await holds.open(item.hold, private, unseen=True, ordered=True)
                sent[item.hold] = opened.mail.content
            await outbox.done(item, Reply(250, "2.0.0", ("Ok",)))
        return sent

    try:
        return asyncio.run(drain())
    finally:
        database.close()


def test_the_drill(vaguemestre, holding, tmp_path):
    """Hold, release one, save, lose the machine, restore, release the other, byte for byte."""
    away = tmp_path / "away"
    away.mkdir()
    assert vaguemestre("quarantine", "release", FIRST, "--reason", "vérifié").status == 0
    assert deliver(holding) == {FIRST: content()}
    said = vaguemestre("backup", away / "b", "--keys", away / "k", stdin=SECRET * 2)
    assert (said.status, "2 messages" in said.out) == (0, True)
    lose(holding)
    said = vaguemestre("restore", away / "b", "--keys", away / "k", stdin=SECRET)
    assert said.status == 0, said.err
    assert "Dossiers à décider : 1." in said.out
    listed = vaguemestre("quarantine", "list", "--all", "--json").lines
    assert {line["id"]: line["state"] for line in listed} == {FIRST: "released", SECOND: "held"}
    assert deliver(holding) == {}, "what had left does not leave again"
    shown = vaguemestre("quarantine", "show", SECOND, "--reveal", "--reason", "x")
    assert shown.raw == content()
    assert vaguemestre("quarantine", "release", SECOND).status == 0
    assert deliver(holding) == {SECOND: content()}


def test_what_left_after_the_backup_asks_an_officer_before_it_leaves_again(vaguemestre, holding):
    vaguemestre("quarantine", "release", FIRST)
    assert vaguemestre("backup", "b").status == 0
    assert deliver(holding) == {FIRST: content()}, "after the backup was taken"
    for path in holding.glob("vaguemestre.db*"):
        path.unlink()
    said = vaguemestre("restore", "b")
    assert "rendus aux officiers : 1." in said.out
    assert deliver(holding) == {}
    assert "restored backup=" in vaguemestre("quarantine", "show", FIRST).out


def test_a_folder_takes_one_file_a_run_and_nobody_else_reads_it(vaguemestre, holding, tmp_path):
    (tmp_path / "tapes").mkdir()
    assert vaguemestre("backup", tmp_path / "tapes").status == 0
    [made] = (tmp_path / "tapes").iterdir()
    assert made.name.startswith("vaguemestre-20")
    assert made.stat().st_mode & 0o777 == 0o600


def test_without_the_keys_it_says_so_loudly(vaguemestre, holding):
    assert "LES CLÉS N'Y SONT PAS" in vaguemestre("backup", "b").out


def test_an_existing_file_stays(vaguemestre, holding, tmp_path):
    (tmp_path / "b").write_bytes(b"another's")
    refused = vaguemestre("backup", "b")
    assert (refused.status, "--force" in refused.err) == (2, True)
    refused = vaguemestre("backup", "c", "--keys", "b", stdin=SECRET * 2)
    assert (refused.status, (tmp_path / "c").exists()) == (2, False)
    assert (tmp_path / "b").read_bytes() == b"another's"
    assert vaguemestre("backup", "b", "--force").status == 0
    assert (tmp_path / "b").read_bytes() != b"another's"


def test_a_full_disk_leaves_nothing_half(vaguemestre, holding, tmp_path):
    """The system refuses what goes beyond so many octets of a file."""
    for blob in (holding / "blobs").iterdir():
        blob.write_bytes(os.urandom(400_000))
    before = sorted(os.listdir(tmp_path))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    database = max(path.stat().st_size for path in tmp_path.glob("vaguemestre.db*"))
    assert database < 500_000, "or SQLite meets the limit first"
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
    try:
        said = vaguemestre("backup", "b")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (said.status, "cannot be written" in said.err) == (1, True)
    assert sorted(set(os.listdir(tmp_path)) - set(before)) == []


def test_a_lost_content_is_a_failed_check(vaguemestre, holding):
    next((holding / "blobs").iterdir()).unlink()
    said = vaguemestre("backup", "b")
    assert (said.status, "contents missing of: " in said.err) == (1, True)


def test_where_no_gateway_ever_ran_there_is_nothing_to_save(vaguemestre, configured, tmp_path):
    said = vaguemestre("backup", "b")
    assert (said.status, "no such database" in said.err) == (2, True)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("command", [("restore", "b"), ("store", "copy", "--to", "sqlite:///x.db")])
def test_a_gateway_that_runs_is_left_alone(vaguemestre, holding, command):
    vaguemestre("backup", "b")
    (holding / "vaguemestre.pid").write_text(f"{os.getpid()}\n")
    said = vaguemestre(*command)
    assert (said.status, "stop it first" in said.err) == (1, True)


@pytest.mark.parametrize("written", ["", "x", "999999999\n"])
def test_a_gateway_that_ran_is_no_hindrance(vaguemestre, holding, written):
    (holding / "vaguemestre.pid").write_text(written)
    assert vaguemestre("store", "copy", "--to", f"sqlite:///{holding}/new.db").status == 0


@pytest.mark.parametrize(
    ("arguments", "status", "match"),
    [
        (("restore", "nowhere"), 2, "no such file"),
        (("restore", "gateway.yaml"), 1, "no backup of this gateway"),
        (("restore", "b"), 2, "not empty"),
    ],
)
def test_what_cannot_be_restored_is_told(vaguemestre, holding, arguments, status, match):
    if arguments == ("restore", "b"):
        vaguemestre("backup", "b")
    else:
        for path in holding.glob("vaguemestre.db*"):
            path.unlink()
    said = vaguemestre(*arguments)
    assert (said.status, match in said.err) == (status, True)


def test_with_other_keys_it_does_not_open(vaguemestre, holding):
    vaguemestre("backup", "b")
    lose(holding)
    assert vaguemestre("keys", "init").status == 0
    said = vaguemestre("restore", "b")
    assert (said.status, "restore its keys first" in said.err) == (1, True)


def test_keys_that_stand_are_not_replaced(vaguemestre, holding):
    vaguemestre("backup", "b", "--keys", "k", stdin=SECRET * 2)
    lose(holding)
    vaguemestre("keys", "init")
    said = vaguemestre("restore", "b", "--keys", "k", stdin=SECRET)
    assert (said.status, "another key" in said.err) == (2, True)


def test_as_root_each_file_goes_to_whoever_serves_with_it(vaguemestre, holding, monkeypatch):
    user = "daemon"  # there on every system
    with open(holding / "gateway.yaml", "a") as config:
        config.write(f"users: {{door: {user}, release: {user}}}\n")
    vaguemestre("backup", "b")
    for path in holding.glob("vaguemestre.db*"):
        path.unlink()
    given = {}
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda path, uid, gid: given.update({path: (uid, gid)}))
    assert vaguemestre("restore", "b").status == 0
    entry = pwd.getpwnam(user)
    [key] = (holding / "keys").glob("officer-*.key")
    whose = dict.fromkeys((holding / "blobs").iterdir(), (entry.pw_uid, entry.pw_gid))
    whose |= {holding / "blobs": (entry.pw_uid, entry.pw_gid), key: (entry.pw_uid, -1)}
    whose |= dict.fromkeys((holding / "keys", holding / "keys" / "hmac.key"), (-1, entry.pw_gid))
    assert given == whose


def test_a_copy_is_a_store_like_the_first(vaguemestre, holding):
    said = vaguemestre("store", "copy", "--to", f"sqlite:///{holding}/new.db", "--blobs", "b")
    assert (said.status, said.err) == (0, "")
    with (
        sqlite3.connect(holding / "new.db") as new,
        sqlite3.connect(holding / "vaguemestre.db") as old,
    ):
        for query in ("SELECT id, blob FROM holds", "SELECT * FROM copies", "SELECT * FROM events"):
            assert new.execute(query).fetchall() == old.execute(query).fetchall() != []
    assert sorted(os.listdir("b")) == sorted(os.listdir(holding / "blobs"))


@pytest.mark.parametrize("to", ["a:secret@127.0.0.1/x", "127.0.0.1/x?password=secret"])
def test_a_copy_s_password_is_not_written_where_all_see_it(vaguemestre, holding, to):
    said = vaguemestre("store", "copy", "--to", f"postgresql://{to}")
    assert (said.status, "?passfile=" in said.err) == (2, True)


def test_rows_and_contents_go_where_another_configuration_says(vaguemestre, holding):
    """Files to S3: the same command moves both, and one alone where the other stays."""
    server = object_store()
    s3 = f"bucket: held, endpoint: {server.bucket.endpoint}, prefix: {server.fresh().prefix}"
    files = f"auth: {server.root}/login.yaml, ca: {server.root}/ca.pem"
    written = (holding / "gateway.yaml").read_text()
    new = f"{written}\nblobs: {{s3: {{{s3}, {files}}}}}\n"
    (holding / "bucket.yaml").write_text(new)
    (holding / "both.yaml").write_text(f"{new}database: sqlite:///both.db\n")
    said = vaguemestre("store", "copy", "--into", "bucket.yaml")
    assert (said.status, said.err) == (0, "")
    assert "2 messages copiés" in said.out
    assert "lignes copiées" not in said.out
    said = vaguemestre("store", "copy", "--into", "both.yaml")
    assert (said.status, "lignes copiées" in said.out) == (0, True)
    shutil.rmtree(holding / "blobs")
    for name in ("bucket.yaml", "both.yaml"):
        why = ("--reveal", "--reason", "essai")
        said = vaguemestre("quarantine", "show", FIRST, *why, "--config", name)
        assert (said.status, said.err) == (0, "")
    assert vaguemestre("backup", "b", "--config", "bucket.yaml").status == 0


@pytest.mark.parametrize(
    "options", [(), ("--to", "sqlite:///x.db", "--into", "y"), ("--into", "y", "--blobs", "z")]
)
def test_a_copy_is_told_where_to_in_one_way(vaguemestre, holding, options):
    said = vaguemestre("store", "copy", *options)
    assert (said.status, "--into FILE" in said.err) == (2, True)
