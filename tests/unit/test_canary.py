"""The canary: through a real dialogue, the real flow, reading and rules; a fault in any is told."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway import inspection
from gateway.canary import KIND, RECIPIENT, Canary, Flight, Outcome, mails
from gateway.canary_rounds import Rounds
from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.decide.rules import parse_rules
from gateway.detect import search
from gateway.errors import Temporary
from gateway.model import DEFAULT_LIMITS, Disposition, Inspection, Verdict
from gateway.sandbox.inspector import DoorInspector
from gateway.store import schema
from gateway.store.file_blobs import FileBlobs
from gateway.store.rehearsal import Rehearsal
from tests.release import Quiet
from tests.stores import Store, fresh

STRICT = (
    "id: a\ntitle: A\nwhen:\n  all: [{recipient: external}, {finding: fr.nir}]\nthen: quarantine\n"
)


def rules(text):
    found, complaints = parse_rules({"a.yaml": text}, kinds=search.kinds())
    assert not complaints
    return Judge(found, Places(("chu.example",)), None)


class Reader:
    """A wall that reads here, as a worker would; counts what came behind it."""

    def __init__(self, fails=None):
        self.fails, self.asked = fails, 0

    async def read(self, content, limits, *, seconds):
        self.asked += 1
        if self.fails:
            raise self.fails
        return inspection.read(content, limits)


class Blind:
    async def inspect(self, content, *, seconds):
        return Inspection()


class Stuck:
    async def inspect(self, content, *, seconds):
        await asyncio.Event().wait()


class Lenient:
    """Lets all pass that it sees in a mail; knows all the same what ought to be stopped."""

    def decide(self, mail, seen, known=None):
        order = Disposition.PASS if any(f.masked for f in seen.findings) else Disposition.REJECT
        return tuple(Verdict(address, order) for address in mail.envelope.addresses)


async def kept():
    return


async def full():
    raise Temporary("store unavailable")


def flight(*, inspector=None, judge=None, rehearsal=kept, protocol="smtp", seconds=60.0):
    one = Canary(
        inspector or DoorInspector(Reader(), b"k" * 32, DEFAULT_LIMITS),
        judge or rules(STRICT),
        rehearsal,
        "canari@chu.example",
        protocol,
        seconds,
    )
    return asyncio.run(one.fly())


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_it_is_caught_where_all_is_well(protocol):
    reader = Reader()
    told = flight(inspector=DoorInspector(reader, b"k" * 32, DEFAULT_LIMITS), protocol=protocol)
    assert (told.outcome, told.covered) == (Outcome.CAUGHT, True)
    assert reader.asked == 1, "one is read in the door, the other behind the wall"


@pytest.mark.parametrize(
    ("broken", "outcome"),
    [
        ({"inspector": Blind()}, Outcome.UNSEEN),
        ({"judge": Lenient()}, Outcome.PASSED),
        ({"rehearsal": full}, Outcome.STORE),
        ({"inspector": Stuck(), "seconds": 0.2}, Outcome.UNANSWERED),
        (
            {"inspector": DoorInspector(Reader(Temporary("x")), b"k" * 32, DEFAULT_LIMITS)},
            Outcome.DEFERRED,
        ),
        (
            {"inspector": DoorInspector(Reader(OSError("x")), b"k" * 32, DEFAULT_LIMITS)},
            Outcome.DEFERRED,
        ),
    ],
)
def test_what_is_broken_is_told(broken, outcome):
    assert flight(**broken).outcome is outcome


@pytest.mark.parametrize(
    "text",
    [
        STRICT + "mode: monitor\n",
        STRICT.replace("fr.nir", "iban"),
        STRICT.replace("quarantine", "pass"),
    ],
)
def test_rules_that_would_not_act_ask_for_no_more_than_finding_it(text):
    told = flight(judge=rules(text))
    assert (told.outcome, told.covered) == (Outcome.CAUGHT, False)
    assert flight(judge=rules(text), inspector=Blind()).outcome is Outcome.UNSEEN


@pytest.mark.parametrize("order", ["encrypt", "reject", "quarantine"])
def test_any_order_that_stops_it_will_do(order):
    assert flight(judge=rules(STRICT.replace("quarantine", order))).outcome is Outcome.CAUGHT


def test_its_persons_and_its_addressee_do_not_exist():
    assert RECIPIENT.endswith(".invalid")
    for mail in mails():
        hits = inspection.read(mail, DEFAULT_LIMITS).hits
        values = {hit.value for hit in hits if hit.kind == KIND}
        assert len(values) == 12
        assert all(value[5:10] == "75999" for value in values), "department 75, commune 999"


def test_nothing_that_could_carry_it_away_is_within_its_reach():
    """By construction: neither of its modules knows a relay, an outbox or a quarantine."""
    source = Path(inspection.__file__).with_name("canary.py").read_text()
    for way_out in ("act.relay", "smtp_client", "store.outbox", "store.custody", "act.quarantine"):
        assert way_out not in source


# The store's part


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


def rows(store):
    async def count():
        tables = (schema.memory, schema.holds, schema.events, schema.daily, schema.outbox)
        queries = [select(func.count()).select_from(table) for table in tables]
        return await store.database.read(
            lambda connection: [connection.execute(query).scalar() for query in queries]
        )

    return asyncio.run(count())


def test_of_a_rehearsal_nothing_remains(store):
    before = rows(store)
    asyncio.run(Rehearsal(store.database, store.blobs)())
    assert rows(store) == before
    assert list(store.folder.glob("*")) == []


def test_a_folder_that_takes_nothing_is_told(store, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Temporary):
        asyncio.run(Rehearsal(store.database, FileBlobs(tmp_path / "file" / "blobs"))())


def test_a_full_disk_is_told_and_leaves_nothing(store, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.store.file_blobs.os.fsync", full)
    with pytest.raises(Temporary):
        asyncio.run(Rehearsal(store.database, store.blobs)())
    assert list(store.folder.glob("*")) == []


# When they fly, and who hears of it


class Flights:
    """A canary whose flights end as told; the last one ends the round."""

    seconds = 80.0

    def __init__(self, stopping, *outcomes):
        self.stopping, self.outcomes = stopping, list(outcomes)

    async def fly(self):
        outcome = self.outcomes.pop(0)
        if not self.outcomes:
            self.stopping.set()
        if isinstance(outcome, Exception):
            raise outcome
        return Flight(outcome, True, 0.01)


def rounds(monkeypatch, *outcomes, keep=False):
    monkeypatch.setattr("gateway.canary_rounds.AGAIN_SECONDS", 0.001)
    log, counted, said = Quiet(), [], []

    async def go():
        stopping = asyncio.Event()
        flights = Flights(stopping, *outcomes)
        one = Rounds(flights, 0.001, log, counted.append, said.append)
        with suppress(IndexError):
            await (one.keep if keep else one.first)(stopping)
        return len(flights.outcomes)

    left = asyncio.run(asyncio.wait_for(go(), 60))
    return left, [one["outcome"] for one in said], log.said("canary"), counted


def test_a_door_serves_once_its_canary_is_caught_and_not_before(monkeypatch):
    bad = [Outcome.UNSEEN, Outcome.PASSED, Outcome.UNANSWERED, Outcome.DEFERRED]
    left, said, logged, counted = rounds(monkeypatch, *bad, Outcome.CAUGHT, Outcome.CAUGHT)
    assert (left, said) == (1, [*bad, Outcome.CAUGHT])
    assert [one["outcome"] for one in logged] == [*bad, Outcome.CAUGHT]
    assert counted == said


def test_a_store_that_takes_nothing_keeps_no_door_shut(monkeypatch):
    """Innocent mail passes; what is to be held is put off, as ever."""
    assert rounds(monkeypatch, Outcome.STORE, Outcome.CAUGHT)[:2] == (1, [Outcome.STORE])


def test_a_canary_that_breaks_is_no_answer_and_ends_nothing(monkeypatch):
    outcomes = (Outcome.CAUGHT, RuntimeError("x"), Outcome.CAUGHT, Outcome.CAUGHT)
    _, said, logged, _ = rounds(monkeypatch, *outcomes, keep=True)
    assert said == [Outcome.CAUGHT, Outcome.UNANSWERED, Outcome.CAUGHT, Outcome.CAUGHT]
    assert [one["outcome"] for one in logged] == ["unanswered", "caught"], "only what changes"
