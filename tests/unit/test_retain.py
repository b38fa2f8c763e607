import asyncio
import os
import time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from gateway.errors import Temporary
from gateway.model import Disposition, Receipt, Reply
from gateway.retain import ORPHAN_SECONDS, retain
from gateway.store.accounts import Accounts
from gateway.store.appeals import Appeals
from gateway.store.classes import DAY_SECONDS
from gateway.store.events import note
from gateway.store.figures import Figures
from gateway.store.proof import Chain, check
from gateway.store.schema import State
from tests.makers.held import CANARY, NOW, TO, a_hold, a_letter, a_mail
from tests.stores import KINDS, Store, fresh

ID = a_mail().id
OK = Reply(250, "2.0.0", ("Ok",))
AGE = 1e9  # seconds: thirty years
LATER = 100 * DAY_SECONDS  # when all is over but what the record has


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


async def held(store, code=ID, letters=(), receipts=()):
    await store.custody.hold(a_mail(code), a_hold(a_mail(code)), letters, receipts)


async def noted(store, kind, at, hold=""):
    await store.database.write(lambda connection: note(connection, kind, at, hold))


def sweep(store, now):
    return retain(store.database, store.blobs, now=now, key=store.hmac)


def test_what_was_decided_is_erased_after_its_time_and_not_before(store):
    async def go():
        await held(store)
        await store.holds.reject(ID, "dpo")
        early = await sweep(store, NOW + 7 * DAY_SECONDS - 1)
        still = await store.holds.open(ID, store.private)
        late = await sweep(store, NOW + 7 * DAY_SECONDS)
        return early, still, late, await store.holds.get(ID)

    early, still, late, gone = asyncio.run(go())
    assert (early, late) == ({}, {"holds": 1})
    assert CANARY in still.mail.content
    assert gone is None
    assert store.blob_names() == []


@pytest.mark.parametrize("ruled", [False, True])
def test_what_is_undecided_is_never_erased_however_old(store, ruled):
    """Nobody ruled; or it is on its way, ruled upon for one of two recipients."""

    async def go():
        await held(store)
        if ruled:
            await store.holds.release(ID, "dpo", positions=[0])
            await store.holds.reject(ID, "dpo")
        for name in store.blob_names():
            os.utime(store.folder / name, (0, 0))
        purged = await sweep(store, NOW + AGE)
        return purged, await store.holds.open(ID, store.private)

    purged, opened = asyncio.run(go())
    assert purged == {}
    assert CANARY in opened.mail.content


def test_what_was_sent_urgently_is_not_erased_before_its_review_however_old(store):
    async def go():
        appeals = Appeals(store.database, store.public, store.hmac, clock=store.clock)
        await held(store)
        await appeals.urge(ID, "un patient attend", [0, 1])
        (item,) = await store.outbox.lease(1, store.clock(), "me:1", 60.0)
        await store.outbox.done(item, OK)
        unseen = await sweep(store, NOW + AGE)
        await appeals.review(ID, "dpo", "justifié")
        return unseen, await sweep(store, NOW + AGE)

    assert asyncio.run(go()) == ({"sent": 1}, {"holds": 1})


def test_the_proof_says_what_and_when_and_stays(store):
    async def go():
        await held(store)
        await store.holds.reject(ID, "dpo")
        await sweep(store, NOW + LATER)
        await sweep(store, NOW + 2 * LATER)
        return [row[1:6] for row in await store.rows("events")], await store.holds.history(ID)

    rows, history = asyncio.run(go())
    assert [event.kind for event in history] == ["held", "rejected", "erased"]
    assert history[-1].at == NOW + LATER
    assert [row[:2] for row in rows if row[1] == "purged"] == [(NOW + LATER, "purged")]


def test_the_proof_counts(store):
    async def go():
        await held(store)
        await store.holds.reject(ID, "dpo")
        await sweep(store, NOW + LATER)
        return (await store.rows("events"))[-1][-1].partition(" key=")[0]

    assert asyncio.run(go()) == "holds=1"


def test_expired_memory_goes_and_the_rest_stays(store):
    async def go():
        receipts = [Receipt(TO[0], Disposition.PASS, OK)]
        await store.memory.remember(a_mail(), receipts, answered=True)
        await store.memory.remember(a_mail(sender="b@c.example"), receipts, answered=False)
        return await sweep(store, NOW + 3600), len(await store.rows("memory"))

    assert asyncio.run(go()) == ({"memory": 1}, 1)


def test_letters_go_once_delivered_or_given_up_and_never_while_they_wait(store):
    async def go():
        await store.outbox.post([a_letter() for _ in range(3)], store.public)
        done, failed, _ = await store.outbox.lease(9, NOW, "me", 60)
        await store.outbox.done(done, OK)
        await store.outbox.give_up(failed, Reply(550, "5.1.1", ()))
        first = await sweep(store, NOW + 7 * DAY_SECONDS)
        second = await sweep(store, NOW + 30 * DAY_SECONDS)
        third = await sweep(store, NOW + LATER)
        return first, second, third, len(await store.rows("outbox"))

    assert asyncio.run(go()) == ({"sent": 1}, {"failed": 1}, {}, 1)


def lying(store, written):
    """Contents that no row names, each of its age."""
    store.folder.mkdir(exist_ok=True)
    for name, at in written.items():
        (store.folder / name).write_bytes(b"x")
        os.utime(store.folder / name, (at, at))


def test_a_blob_without_a_row_goes_after_an_hour(store):
    old, new = "0" * 32, "1" * 32
    lying(store, {old: NOW - ORPHAN_SECONDS - 1, new: NOW - ORPHAN_SECONDS})

    async def go():
        await store.lived(NOW - DAY_SECONDS)
        return await sweep(store, NOW)

    assert asyncio.run(go()) == {"orphans": 1}
    assert store.blob_names() == [new]


@pytest.mark.parametrize("since", [None, NOW - DAY_SECONDS])
def test_what_was_there_before_this_store_is_anothers_and_stays(store, since):
    """A gateway started on another database than the one meant: what the right one names would be
    gone for ever."""
    lying(store, {"0" * 32: NOW - 2 * DAY_SECONDS})

    async def go():
        if since is not None:
            await store.lived(since)
        return await sweep(store, NOW)

    assert "orphans" not in asyncio.run(go())
    assert store.blob_names() == ["0" * 32]


def test_what_has_no_name_of_ours_stays(store):
    """A file that somebody put there by hand."""
    lying(store, {"lost+found.txt": NOW - DAY_SECONDS})

    async def go():
        await store.lived(NOW - 2 * DAY_SECONDS)
        return await sweep(store, NOW)

    assert asyncio.run(go()) == {}
    assert store.blob_names() == ["lost+found.txt"]


def test_more_than_a_batch_is_erased_in_one_sweep(store, monkeypatch):
    monkeypatch.setattr("gateway.retain.BATCH", 2)

    async def go():
        for n in range(5):
            await held(store, f"M{n}")
            await store.holds.reject(f"M{n}", "dpo")
        await held(store, "KEPT")
        return await sweep(store, NOW + LATER), [each.id for each in await store.holds.list()]

    assert asyncio.run(go()) == ({"holds": 5}, ["KEPT"])
    assert len(store.blob_names()) == 1


# The record, accounts, figures


def test_the_record_grows_old_and_tells_of_what_is_still_here(store):
    """Sign-ins go first; then all but what is said of a held mail, and the last of each kind."""

    async def go():
        await held(store)
        for at, kind, hold in (
            (0, "signed in", ""),
            (1, "bypass begun", ""),
            (1, "comment", "GONE"),
            (2, "comment", ID),
            (900, "comment", "GONE"),
            (901, "signed in", ""),
        ):
            await noted(store, kind, NOW + at * DAY_SECONDS, hold)
        first = await sweep(store, NOW + 366 * DAY_SECONDS)
        second = await sweep(store, NOW + 1100 * DAY_SECONDS)
        return first, second, {(row[2], row[3]) for row in await store.rows("events")}

    first, second, left = asyncio.run(go())
    assert (first, second) == ({"sign_ins": 1}, {"events": 1})
    assert left == {
        ("held", ID),
        ("comment", ID),
        ("comment", "GONE"),
        ("signed in", None),
        ("bypass begun", None),
        ("purged", None),
    }


def test_what_grew_old_of_the_proof_is_its_beginning_and_no_gap(store):
    """The first line of all was a sweep's; then a mail went, and for years none did."""

    async def go():
        for day, kind, hold in ((0, "purged", ""), (1, "erased", "GONE"), (2, "purged", "")):
            at = NOW + day * DAY_SECONDS
            await store.database.write(
                lambda c, at=at, kind=kind, hold=hold: Chain(c, store.hmac).add(kind, at, hold)
            )
        later = NOW + 1090 * DAY_SECONDS
        await store.database.write(lambda c: Chain(c, store.hmac).add("purged", later))
        purged = await sweep(store, NOW + 1100 * DAY_SECONDS)
        return purged, await store.database.read(lambda c: check(c, store.hmac))

    purged, found = asyncio.run(go())
    assert purged == {"events": 3}
    assert (found.proven, found.broken) == (2, ())


@pytest.mark.parametrize("verb", ["DELETE FROM events", "UPDATE events SET who = 'x'"])
def test_what_is_young_in_the_record_cannot_go_whoever_asks(store, verb):
    async def go():
        await noted(store, "comment", time.time() - 100 * DAY_SECONDS)
        await store.database.write(lambda connection: connection.execute(text(verb)))

    with pytest.raises(Temporary):
        asyncio.run(go())
    assert len(asyncio.run(store.rows("events"))) == 1


@pytest.mark.parametrize(("days", "left"), [(1110, ["alice", "bob"]), (1600, ["bob"])])
def test_a_closed_account_goes_once_the_record_names_it_no_more(store, days, left):
    """It did something on the 500th day. bob's is open still."""

    async def go():
        await store.lived(NOW - DAY_SECONDS)
        names = Accounts(store.database, store.public, store.hmac, clock=store.clock)
        for name in ("alice", "bob"):
            await names.add(name, ["officer"], who="admin")
        await names.disable("alice", True, "admin")
        did = NOW + 500 * DAY_SECONDS
        await store.database.write(lambda c: note(c, "comment", did, "GONE", who="alice"))
        for kind in ("account added", "account disabled", "comment"):  # the last of their kind
            await noted(store, kind, NOW + 5000 * DAY_SECONDS)
        await sweep(store, NOW + days * DAY_SECONDS)
        await sweep(store, NOW + days * DAY_SECONDS)
        return sorted(row[0] for row in await store.rows("accounts"))

    assert asyncio.run(go()) == left


def test_figures_go_after_their_days_and_the_place_counted_up_to_stays(store):
    async def go():
        figures = Figures(store.database, ZoneInfo("Europe/Paris"), clock=store.clock)
        await held(store)
        store.now += 3600
        await figures.fold()
        early = await sweep(store, NOW + 399 * DAY_SECONDS)
        late = await sweep(store, NOW + 402 * DAY_SECONDS)
        return early.get("figures"), late["figures"] > 0, await store.rows("daily")

    early, late, left = asyncio.run(go())
    assert (early, late) == (None, True)
    assert [row[0] for row in left] == [0]


def test_nothing_of_the_erased_is_left_in_the_files_of_sqlite(tmp_path):
    """The sealed key is what opens the mail: it is searched for, byte by byte."""
    store = Store(f"sqlite:///{tmp_path}/store.db", tmp_path)

    async def go():
        await held(store)
        await store.holds.reject(ID, "dpo")
        sealed = (await store.holds.get(ID)).sealed_key[-60:]
        before = [sealed in path.read_bytes() for path in tmp_path.glob("store.db*")]
        await sweep(store, NOW + LATER)
        return before, [sealed in path.read_bytes() for path in tmp_path.glob("store.db*")]

    before, after = asyncio.run(go())
    store.database.close()
    assert any(before)
    assert not any(after)


def test_of_a_mail_with_a_copy_still_on_its_way_nothing_goes(store):
    async def go():
        await held(store)
        await store.holds.release(ID, "dpo", positions=[0])
        await store.holds.reject(ID, "dpo", positions=[1])
        await sweep(store, NOW + LATER)
        [item] = await store.outbox.lease(9, NOW, "me", 60)
        await store.outbox.done(item, OK)
        states = [copy.state for copy in (await store.holds.get(ID)).copies]
        return states, await sweep(store, NOW + AGE)

    states, purged = asyncio.run(go())
    assert states == [State.RELEASED, State.REJECTED]
    assert purged == {"holds": 1, "sent": 1}
