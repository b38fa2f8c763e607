"""A backup is taken while others work, and restored nothing is lost and nothing goes out twice."""

from __future__ import annotations

import asyncio
import errno
import gzip
import io
import json
import tarfile
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import insert, select, text

from gateway.errors import Misconfigured
from gateway.model import Disposition, Receipt, Reply
from gateway.store import archive, rows, vault
from gateway.store.archive import Archive, Manifest, Unusable
from gateway.store.backup import PASSING, backup
from gateway.store.database import Database, engine_of
from gateway.store.file_blobs import FileBlobs
from gateway.store.keys import load_private, load_public, make_keys
from gateway.store.migrate import HEAD
from gateway.store.outbox import RESPITE_SECONDS
from gateway.store.restore import restore
from gateway.store.schema import Post, State, metadata
from gateway.store.sealed_stream import SealingWriter
from gateway.store.upgrade import emptied_at
from gateway.waits_clock import Deadlines
from tests.makers.held import CANARY, NOW, TO, a_hold, a_letter, a_mail
from tests.makers.rows import one_of_each
from tests.makers.waiting import a_waiting_hold
from tests.release import Quiet, some_notices
from tests.stores import KINDS, Store, empty, fresh

FIRST, SECOND, THIRD = "7K2F-9QX1", "7K2F-9QX2", "7K2F-9QX3"
OK = Reply(250, "2.0.0", ("Ok",))
LATER = NOW + 30 * 86400.0  # of the restoration


def unheard(what, done, of):
    """Nobody watches."""


async def hold(store, code):
    mail = a_mail(code)
    await store.custody.hold(mail, a_hold(mail), [], [])


async def taken(store, step=unheard):
    file = io.BytesIO()
    found = await backup(store.database, store.blobs, file, store.public, now=NOW + 60, step=step)
    return file, found


async def lived_in(store):
    """One held, one on its way with a lease, one decided; a letter; a session."""
    for code in (FIRST, SECOND, THIRD):
        await hold(store, code)
    done = [Receipt(TO[0], Disposition.PASS, OK)]
    await store.memory.remember(a_mail(FIRST), done, answered=True)
    await store.outbox.post([a_letter()], store.public)
    await store.holds.reject(THIRD, "dpo", "non")
    await store.holds.release(SECOND, "dpo", "oui", positions=[1])
    await store.outbox.lease(8, store.now, "host:1", 300.0)
    account = {"name": "claire", "roles": "[]", "compartments": "[]", "origin": ""}
    account |= {"failures": 0, "locked_until": 0.0, "disabled": False, "created": NOW}
    session = {"token_hash": "ab", "account": "claire", "csrf": "x", "created": NOW, "seen": NOW}
    await store.database.write(
        lambda c: (
            c.execute(insert(metadata.tables["accounts"]), account),
            c.execute(insert(metadata.tables["sessions"]), session | {"agent": "", "way": "local"}),
        )
    )


def bring_back(store, directory, file, *, url=None, keys=None, step=unheard):
    """Into an empty store beside; what `restore` tells."""
    directory.mkdir(exist_ok=True)
    with connected(url or fresh("sqlite", directory)) as engine:
        return restore(
            engine,
            FileBlobs(directory / "blobs"),
            file,
            keys or store.private,
            now=LATER,
            step=step,
        )


@contextmanager
def connected(url):
    engine = engine_of(url)
    yield engine
    engine.dispose()


def beside(store, directory, url=None):
    """The restored store, with the keys of the one that was saved."""
    (directory / "keys").symlink_to(store.directory / "keys")
    return Store(url or f"sqlite:///{directory}/store.db", directory, now=LATER)


async def digest(store, table):
    def work(connection):
        found = rows.Digest()
        for batch in rows.read(connection, table):
            found.add(batch)
        return found

    return await store.database.read(work)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A backup of one held mail, and its store; on SQLite."""
    directory = tmp_path_factory.mktemp("small")
    store = Store(fresh("sqlite", directory), directory)

    async def go():
        await hold(store, FIRST)
        return await taken(store)

    file, _ = asyncio.run(go())
    yield store, file.getvalue()
    store.database.close()


@pytest.fixture
def on_sqlite(tmp_path):
    made = Store(fresh("sqlite", tmp_path), tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def saved(store):
    """A store, and its backup."""

    async def go():
        await lived_in(store)
        return await taken(store)

    file, found = asyncio.run(go())
    assert (found.blobs, found.erased, found.lost) == (3, 0, ())
    return file


# What comes back


def test_rows_and_contents_come_back_even_in_the_other_database(store, saved, tmp_path):
    [kind] = [kind for kind in KINDS if not store.url.startswith(kind)]
    there = tmp_path / "there"
    there.mkdir()
    url = empty(kind, there)
    told = bring_back(store, there, saved, url=url)
    assert (told.blobs, told.waiting, told.handed_back, told.letters) == (3, 2, 1, 1)
    assert (told.missing, told.locked) == ((), 0)
    new = beside(store, there, url)

    async def look():
        for code in (FIRST, SECOND, THIRD):
            opened = await new.holds.open(code, new.private)
            assert CANARY in opened.mail.content
        for table in metadata.sorted_tables:
            ours, theirs = await digest(store, table), await digest(new, table)
            if table in PASSING:
                assert theirs.count == 0
            elif table.name in ("holds", "copies", "outbox", "events"):  # `settle` has these
                assert theirs.count >= ours.count > 0, table.name
            else:
                assert theirs == ours, table.name
        await hold(new, "7K2F-9QX9")  # numbers go on behind those that came
        return await new.rows("events")

    assert len(asyncio.run(look())) > 5
    new.database.close()
    assert set(new.blob_names()) >= set(store.blob_names())


def test_no_table_is_left_out_but_what_would_open_what_was_closed(store, tmp_path):
    """A row of each, whichever there are; its content is gone, and that is told."""

    async def go():
        _, sealed = vault.wrap(store.public, b"hold")
        await store.database.write(lambda c: one_of_each(c, sealed_key=sealed))
        return await taken(store)

    file, found = asyncio.run(go())
    there = tmp_path / "there"
    told = bring_back(store, there, file)
    assert len(told.missing) + len(told.manifest.missing) == 1
    kept = {table.name for table in metadata.sorted_tables} - {table.name for table in PASSING}
    assert told.manifest.rows == dict.fromkeys(kept, 1)
    new = beside(store, there)

    async def look():
        return {name: len(await new.rows(name)) for name in kept}

    assert asyncio.run(look()) == dict.fromkeys(kept, 1) | {"events": 3}  # two of the restoration
    new.database.close()
    assert found.rows == len(kept)


def test_nothing_on_its_way_leaves_again_by_itself(store, saved, tmp_path):
    there = tmp_path / "there"
    bring_back(store, there, saved)
    new = beside(store, there)

    async def look():
        held = {one.id: one for one in await new.holds.list(tuple(State))}
        due = await new.outbox.lease(8, LATER, "host:2", 300.0)
        posts = await new.rows("outbox")
        return held, due, posts, await new.holds.history(SECOND)

    held, due, posts, history = asyncio.run(look())
    new.database.close()
    assert [copy.state for copy in held[SECOND].copies] == [State.HELD, State.HELD]
    assert held[THIRD].state is State.REJECTED, "what was decided stays so"
    assert [item.kind for item in due] == ["notice"], "letters go; their lease is over"
    assert [row[12] for row in posts if row[1] == "release"] == [Post.GIVEN_UP]
    assert history[-1].kind == "restored"
    for code in (FIRST, SECOND):
        assert held[code].until == LATER + RESPITE_SECONDS, "time to look, and no false expiry"
        assert (held[code].remind, held[code].reminded) == (LATER, None)
    assert held[THIRD].until < LATER


@pytest.mark.parametrize("kind", ["delay", "confirm", "review"])
def test_what_waited_for_somebody_else_is_the_officers_and_neither_leaves_nor_is_cancelled(
    store, tmp_path, kind
):
    """Its hour is long over: the clock would send it, perhaps for the second time, or cancel it."""

    async def ask():
        mail = a_mail(FIRST)
        ends = {"delay": "send", "confirm": "cancel", "review": "quarantine"}
        wait = {"kind": Disposition(kind), "unanswered": ends[kind]}
        await store.custody.hold(mail, a_waiting_hold(mail, **wait), [], [])
        if kind == "confirm":  # answered for one of two, which was on its way
            await store.waits.grant(FIRST, "confirmed", "sender", positions=[0])
        return (await taken(store))[0]

    there = tmp_path / "there"
    told = bring_back(store, there, asyncio.run(ask()))
    assert (told.waiting, told.handed_back) == (1, int(kind == "confirm"))
    new = beside(store, there)

    async def strike():
        await Deadlines(new.waits, some_notices(), tuple(new.private), Quiet())(LATER)
        due = await new.outbox.lease(8, LATER, "host:2", 300.0)
        return await new.holds.get(FIRST), due, await new.holds.due_reminders(LATER)

    held, due, reminded = asyncio.run(strike())
    new.database.close()
    assert [copy.state for copy in held.copies] == [State.HELD, State.HELD]
    assert (held.awaits, len(due)) == ("", 0)
    assert [one.id for one in reminded] == [FIRST], "and its officers hear of it"


def test_what_is_under_other_keys_is_counted(small, tmp_path):
    """Of a backup whose key was replaced since: it opens, the mails of before do not."""
    store, _ = small
    make_keys(tmp_path / "other")
    others = load_private(tmp_path / "other")
    file = io.BytesIO()
    asyncio.run(
        backup(
            store.database,
            store.blobs,
            file,
            load_public(tmp_path / "other"),
            now=NOW,
            step=unheard,
        )
    )
    assert bring_back(store, tmp_path / "there", file, keys=others).locked == 1
    with pytest.raises(vault.CannotOpen, match="other keys"):
        bring_back(store, tmp_path / "there2", file, keys=store.private)


# While others work


def test_rows_are_of_one_instant_whoever_writes_meanwhile(store, tmp_path):
    """Between one table and the next, a mail is held and another ruled upon."""
    codes = iter(["8M3G-1AB1", "8M3G-1AB2", "8M3G-1AB3"])

    async def go():
        await lived_in(store)
        loop = asyncio.get_running_loop()

        def disturb(what, done, of):
            code = next(codes, None) if what == "rows" else None
            if code:
                asyncio.run_coroutine_threadsafe(hold(store, code), loop).result(60)
                ruling = store.holds.release(FIRST, "dpo", positions=[0])
                asyncio.run_coroutine_threadsafe(ruling, loop).result(60)

        return await taken(store, disturb)

    file, found = asyncio.run(go())
    assert next(codes, None) is None, "or nobody wrote"
    assert (found.blobs, found.lost) == (3, ())
    told = bring_back(store, tmp_path / "there", file)
    assert (told.blobs, told.handed_back) == (3, 1)


def test_a_content_whose_time_was_over_meanwhile_is_told_and_no_loss(on_sqlite, tmp_path):
    store = on_sqlite

    async def go():
        await lived_in(store)
        loop = asyncio.get_running_loop()

        def sweep(what, done, of):
            if what == "rows" and done == of:
                asyncio.run_coroutine_threadsafe(erase(store, THIRD), loop).result(60)

        return await taken(store, sweep)

    file, found = asyncio.run(go())
    assert (found.blobs, found.erased, found.lost) == (2, 1, ())
    assert bring_back(store, tmp_path / "there", file).missing == ()


async def erase(store, code):
    """As `gateway.retain` does."""
    held = await store.holds.get(code)
    gone = text("DELETE FROM holds WHERE id = :id")
    await store.database.write(lambda c: c.execute(gone, {"id": code}))
    (store.folder / held.blob).unlink()


def test_a_content_that_should_be_there_is_told_as_lost(on_sqlite, tmp_path):
    store = on_sqlite

    async def go():
        await lived_in(store)
        (store.folder / (await store.holds.get(FIRST)).blob).unlink()
        return await taken(store)

    file, found = asyncio.run(go())
    assert (found.blobs, found.erased, found.lost) == (2, 0, (FIRST,))
    assert bring_back(store, tmp_path / "there", file).missing == (FIRST,)


# What it shows to whoever finds it


def test_nothing_of_it_can_be_read_without_the_key(small):
    _, octets = small
    for word in (b"chu.example", b"health/nir", b"holds", b"default", CANARY):
        assert word not in octets


# What is not what it should be


def refused(store, octets, directory, match):
    """Nothing was touched."""
    url = empty("sqlite", directory)
    with connected(url) as engine:
        with pytest.raises(Unusable, match=match):
            restore(
                engine,
                FileBlobs(directory / "blobs"),
                io.BytesIO(octets),
                store.private,
                now=LATER,
                step=unheard,
            )
        with engine.connect() as connection:
            assert rows.tables_of(connection) == ()
    assert not (directory / "blobs").exists()


@pytest.mark.parametrize(
    ("octets", "match"),
    [
        (b"", "no backup of this gateway"),
        (b"PK\3\4" + bytes(100), "no backup of this gateway"),
        (b"vaguemestre backup 2\n" + bytes(100), "made by a later version"),
        (archive.MAGIC, "damaged"),
        (archive.MAGIC + b"VGS1\x02" + bytes(30), "damaged"),
    ],
)
def test_what_is_no_backup_is_refused(small, tmp_path, octets, match):
    refused(small[0], octets, tmp_path, match)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 1.0])
def test_one_cut_short_is_refused(small, tmp_path, share):
    store, octets = small
    refused(store, octets[: int((len(octets) - 1) * share)], tmp_path, "damaged")


@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_one_turned_bit_is_refused(small, tmp_path, share):
    store, octets = small
    turned = bytearray(octets)
    turned[int((len(octets) - 1) * share)] ^= 1
    refused(store, bytes(turned), tmp_path, "damaged")


def forged(store, *members, manifest=True, **more):
    """What somebody with the public key could make: any members, sealed."""
    file = io.BytesIO()
    key, wrapped = vault.wrap(store.public, b"backup")
    file.write(archive.MAGIC + wrapped)
    sealed = SealingWriter(file, key, b"backup")
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as made:
        for told, data in members:
            told = tarfile.TarInfo(told) if isinstance(told, str) else told
            told.size = len(data)
            made.addfile(told, io.BytesIO(data))
        if manifest:
            written = {"version": "9", "schema": HEAD, "taken": NOW, "rows": {}, "missing": []}
            written = json.dumps(written | {"members": {}} | more).encode()
            told = tarfile.TarInfo("manifest.json")
            told.size = len(written)
            made.addfile(told, io.BytesIO(written))
    sealed.write(tar.getvalue())
    sealed.finish()
    return file.getvalue()


def link(name, kind):
    told = tarfile.TarInfo(name)
    told.type, told.linkname = kind, "/etc/passwd"
    return told


@pytest.mark.parametrize(
    "member",
    [
        "../../etc/cron.d/x",
        "/etc/cron.d/x",
        "blobs/../../x",
        "blobs/" + "a" * 33,
        "rows/holds/../../x",
        "rows/holds/000000.jsonl.gz\n",
        "blobs/" + "a" * 32 + "/x",
        link("blobs/" + "a" * 32, tarfile.SYMTYPE),
        link("blobs/" + "a" * 32, tarfile.LNKTYPE),
        link("blobs/" + "a" * 32, tarfile.FIFOTYPE),
        link("blobs/" + "a" * 32, tarfile.DIRTYPE),
    ],
    ids=lambda one: one if isinstance(one, str) else one.type.decode(),
)
def test_a_path_that_leads_elsewhere_is_refused(small, tmp_path, member):
    refused(small[0], forged(small[0], (member, b"")), tmp_path, "none of ours")


BLOB = "blobs/" + "a" * 32


@pytest.mark.parametrize(
    ("members", "more", "match"),
    [
        ([(BLOB, b"x")], {}, "not those that its manifest names"),
        ([], {"members": {BLOB: {"size": 1, "sha256": "00"}}}, "not those that its manifest names"),
        ([(BLOB, b"x")], {"members": {BLOB: {"size": 1, "sha256": "00" * 32}}}, "manifest names"),
        ([(BLOB, b"x"), (BLOB, b"x")], {}, "a member too many"),
        ([("manifest.json", b"{}")], {}, "a member too many"),
        ([], {"manifest": False}, "no manifest"),
        ([], {"members": 7}, "manifest cannot be read"),
        ([], {"strange": 7}, "manifest cannot be read"),
    ],
)
def test_members_are_those_that_the_manifest_names(small, tmp_path, members, more, match):
    refused(small[0], forged(small[0], *members, **more), tmp_path, match)


def rows_only(store, table, columns, values, *, schema=HEAD, counts=None):
    """An archive with one part of rows."""
    file = io.BytesIO()
    written = Archive(file, store.public)
    [part] = rows.as_parts(columns, iter([values]))
    written.add(f"rows/{table}/000000.jsonl.gz", gzip.compress(part))
    counted = {table: len(values)} if counts is None else counts
    written.finish(Manifest("0", schema, NOW, counted, (), written.members))
    return file


@pytest.mark.parametrize(
    ("table", "columns", "counts", "match"),
    [
        ("wallets", ["x"], None, "does not know"),
        ("daily", ["day", "wallet"], None, "does not know"),
        ("daily", ["day", "what", "by", "name", "compartment", "count"], {"daily": 2}, "1 rows of"),
        ("daily", ["day", "what", "by", "name", "compartment", "count"], {"day": 1}, "0 rows of"),
    ],
)
def test_rows_that_the_version_does_not_know_are_refused(
    small, tmp_path, table, columns, counts, match
):
    file = rows_only(small[0], table, columns, [(1,) * len(columns)], counts=counts)
    url = fresh("sqlite", tmp_path)
    with pytest.raises(Unusable, match=match):
        bring_back(small[0], tmp_path, file, url=url)
    with connected(url) as engine, engine.connect() as connection:
        assert rows.filled(connection) == []


def test_a_backup_of_a_later_version_is_refused(small, tmp_path):
    file = rows_only(small[0], "daily", ["day"], [(1,)], schema="9999")
    with pytest.raises(Misconfigured, match="later version"):
        bring_back(small[0], tmp_path, file)


@pytest.mark.parametrize("kind", KINDS)
def test_a_backup_of_an_older_version_is_brought_up_to_date(small, tmp_path, kind):
    """Taken before contents had keys of their own: those columns did not exist."""
    store, _ = small
    with connected(f"sqlite:///{tmp_path}/old.db") as engine, engine.begin() as connection:
        emptied_at(connection, "0002")
        table = next(one for one in rows.tables_of(connection) if one.name == "holds")
        columns = [column.name for column in table.columns]
    assert "content_key" not in columns
    [row] = asyncio.run(
        store.database.read(
            lambda c: c.execute(select(*(metadata.tables["holds"].c[n] for n in columns))).all()
        )
    )
    file = rows_only(store, "holds", columns, [tuple(row)], schema="0002")
    url = empty(kind, tmp_path)
    bring_back(store, tmp_path, file, url=url)
    with closing(Database.open(url)) as database:
        query = text("SELECT id, hidden, content_key FROM holds")
        found = asyncio.run(database.read(lambda c: [tuple(row) for row in c.execute(query)]))
    assert found == [(FIRST, "", None)]


# Where it goes


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_that_has_anything_is_refused(small, tmp_path, kind):
    store, octets = small
    full = Store(fresh(kind, tmp_path), tmp_path)
    asyncio.run(hold(full, "8M3G-1ABC"))
    before = asyncio.run(full.rows("holds"))
    with pytest.raises(Misconfigured, match="not empty"):
        bring_back(store, tmp_path / "b", io.BytesIO(octets), url=full.url)
    assert asyncio.run(full.rows("holds")) == before
    full.database.close()
    assert not (tmp_path / "b" / "blobs").exists()


def test_a_gateway_that_would_fill_it_meanwhile_is_noticed(small, tmp_path, monkeypatch):
    """On PostgreSQL, from whatever machine it is connected."""
    monkeypatch.setattr(rows, "PATIENCE_SECONDS", 0.0)
    other = Store(fresh("postgresql", tmp_path), tmp_path)
    asyncio.run(other.rows("holds"))
    with pytest.raises(Misconfigured, match="others are connected"):
        bring_back(small[0], tmp_path / "there", io.BytesIO(small[1]), url=other.url)
    other.database.close()


def test_another_program_s_database_is_refused(small, tmp_path):
    store, octets = small
    url = f"sqlite:///{tmp_path}/x.db"
    with connected(url) as engine, engine.begin() as connection:
        connection.execute(text("CREATE TABLE wallets (x INTEGER)"))
    with pytest.raises(Misconfigured, match="not empty"):
        bring_back(store, tmp_path, io.BytesIO(octets), url=url)


def test_contents_of_another_store_are_not_mixed_with_it(small, tmp_path):
    store, octets = small
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / ("f" * 32)).write_bytes(b"another's")
    with pytest.raises(Misconfigured, match="another store"):
        bring_back(store, tmp_path, io.BytesIO(octets))
    assert (tmp_path / "blobs" / ("f" * 32)).read_bytes() == b"another's"


def test_killed_on_the_way_it_is_simply_tried_again(small, tmp_path):
    store, octets = small

    def killed(what, done, of):
        if what == "rows":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_back(store, tmp_path, io.BytesIO(octets), step=killed)
    [blob] = (tmp_path / "blobs").iterdir()
    blob.write_bytes(b"half of it")
    assert bring_back(store, tmp_path, io.BytesIO(octets)).blobs == 1
    assert blob.read_bytes() == (store.folder / blob.name).read_bytes()


class Full(io.BytesIO):
    """A disk with room for so many octets."""

    def __init__(self, room):
        super().__init__()
        self.room = room

    def write(self, data, /):
        if self.tell() + len(data) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("room", [0, 200])
def test_a_full_disk_is_told_as_such(small, room):
    store, _ = small
    with pytest.raises(Unusable, match="No space left"):
        asyncio.run(
            backup(store.database, store.blobs, Full(room), store.public, now=NOW, step=unheard)
        )


def test_a_table_of_any_size_is_never_in_memory_whole(small, monkeypatch):
    monkeypatch.setattr(rows, "PART_BYTES", 1)
    store, _ = small
    file, _ = asyncio.run(taken(store))
    names = [name for name, stream in archive.members(file, store.private)]
    assert "rows/copies/000001.jsonl.gz" in names
    assert names[-1] == "manifest.json"
