"""The record reaches the collector, after a restart and after its absence."""

from __future__ import annotations

import asyncio
import json
import ssl

import pytest
import structlog
import trustme

from gateway import forwarder as module
from gateway.forwarder import Forwarder
from gateway.store.events import note
from gateway.store.tail import Tail
from gateway.watch.happening import as_json
from gateway.watch.syslog import Line, frame
from tests.collector import Collecting
from tests.stores import ANY, Store, fresh

AUTHORITY = trustme.CA()


class Counted:
    def __init__(self) -> None:
        self.told, self.left, self.behind = 0, 0, asyncio.Event()

    def sent(self, number: int) -> None:
        self.told += number

    def waiting(self, number: int) -> None:
        self.left = number
        if number:
            self.behind.set()


@pytest.fixture
def store(tmp_path):
    made = Store(fresh(ANY, tmp_path), tmp_path)
    yield made
    made.database.close()


async def noted(store, *kinds):
    def work(connection):
        for kind in kinds:
            note(connection, kind, store.now, who="a.martin")

    await store.database.write(work)


async def nobody(ids):
    return {}


def forwarder(store, where, context=None, parties=nobody):
    def written(what):
        return frame(
            as_json(what), facility="local0", severity=5, at=what.at, host="n", name=what.slug
        )

    return Forwarder(
        tail=Tail(store.database, clock=store.clock),
        line=Line(where, context),
        host="node-1",
        written=written,
        parties=parties,
        counts=Counted(),
        log=structlog.get_logger(),
    )


def told(frames):
    return [json.loads(one[one.index(b"{") :]) for one in frames]


def test_over_tls_each_event_once_and_after_a_restart_what_came_meanwhile(store):
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(server)
    AUTHORITY.configure_trust(client)

    async def run(there):
        first = forwarder(store, there.collector("tls"), client)
        assert await first.forward() == 0
        await noted(store, "held", "signed in")
        assert await first.forward() == 2
        assert await first.forward() == 0
        first.line.close()
        await noted(store, "released")
        second = forwarder(store, there.collector("tls"), client)
        assert await second.forward() == 1
        second.line.close()
        assert (second.counts.told, second.counts.left) == (1, 0)

    with Collecting(server) as there:
        asyncio.run(run(there))
        several = told(there.wait(3))
    assert [(one["event"], one["account"], one["host"]) for one in several] == [
        ("held", "a.martin", "node-1"),
        ("signed-in", "a.martin", "node-1"),
        ("released", "a.martin", "node-1"),
    ]
    assert sorted({one["id"] for one in several}) == [one["id"] for one in several]


def test_a_collector_that_was_away_gets_what_it_missed(store, monkeypatch):
    monkeypatch.setattr(module, "PAUSES_SECONDS", (0.05,))
    monkeypatch.setattr(module, "POLL_SECONDS", 0.05)
    with Collecting() as gone:
        port = gone.port

    async def run():
        stopping = asyncio.Event()
        sending = forwarder(store, gone.collector("tcp"))
        await sending.tail.begin()
        running = asyncio.create_task(sending.keep(stopping))
        await noted(store, "held", "rejected")
        async with asyncio.timeout(60):
            await sending.counts.behind.wait()
        assert sending.counts.left == 2
        with Collecting(port=port) as back:
            several = await asyncio.to_thread(back.wait, 2)
            stopping.set()
            await running
        assert [one["event"] for one in told(several)] == ["held", "rejected"]
        assert sending.failures == 0

    asyncio.run(run())


def test_parties_are_asked_for_once_a_batch_and_told_where_there_are_any(store):
    asked = []

    async def parties(ids):
        asked.append(set(ids))
        return {"7K2F-9QXD": ("s@a.example", ("r@b.example",))}

    async def run(there):
        sending = forwarder(store, there.collector("tcp"), parties=parties)
        await sending.tail.begin()
        await store.database.write(lambda c: note(c, "held", store.now, "7K2F-9QXD"))
        await noted(store, "signed in")
        await sending.forward()
        sending.line.close()

    with Collecting() as there:
        asyncio.run(run(there))
        held, entered = told(there.wait(2))
    assert asked == [{"7K2F-9QXD"}]
    assert (held["sender"], held["recipients"]) == ("s@a.example", ["r@b.example"])
    assert "sender" not in entered
