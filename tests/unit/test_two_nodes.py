"""Two release processes on one store: each thing is done once, whoever gets there first.

Each has a Database of its own, as on two machines; they run at the same moment, time and again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, datetime

import pytest
from sqlalchemy import select

from gateway.store.bypass import Bypass
from gateway.store.database import engine_of
from gateway.store.figures import Figures
from gateway.store.schema import Post, outbox
from gateway.uncontrolled import Uncontrolled
from tests.fakes import NextHop
from tests.makers.held import a_hold, a_letter, a_mail
from tests.release import PARIS, a_clockwork, a_release, some_notices
from tests.stores import KINDS, Store, fresh

MAILS = 12
# A Monday, the first of a month, after the hour of the digest: all that has a timetable is due.
DUE = datetime(2027, 2, 1, 9, 30, tzinfo=PARIS).timestamp()
DAY_SECONDS = 86400.0
FEBRUARY = date(2027, 2, 1), date(2027, 2, 28)
BY_THE_CLOCK = ("reminder", "digest", "weekly", "bypass")


@pytest.fixture(params=KINDS)
def nodes(request, tmp_path):
    """Two of them, each with two tries at everything: that of a process killed and started anew."""
    url = fresh(request.param, tmp_path)
    made = [Store(url, tmp_path) for _ in range(2)]
    yield made
    for one in made:
        one.database.close()


async def hold(store, code):
    mail = a_mail(code)
    await store.custody.hold(mail, a_hold(mail), (), ())


def started_anew(store):
    """A process just started, which knows nothing of what was done."""
    clockwork = a_clockwork(store, hours=("09:00",), weekly="09:00")
    bypassed = Uncontrolled(store.database, some_notices(), store.public, clockwork.log)
    clockwork.duties = (bypassed,)
    return clockwork


async def letters(store):
    """How often each kind was posted until now."""
    items = await store.outbox.lease(999, store.now + 1e9, "test", 0)
    return Counter(item.letter(store.private).kind for item in items)


def test_what_is_due_by_the_clock_is_done_once(nodes):
    first, second = nodes

    async def go():
        for number in range(MAILS):
            await hold(first, f"7K2F-9Q{number:02}")
        await Bypass(first.database, first.public, clock=first.clock).begin("ops", "panne")
        said, posted = Counter(), []
        for now in (DUE, DUE + 2 * DAY_SECONDS):
            first.now = second.now = now
            running = [started_anew(store) for store in (first, second, first, second)]
            await asyncio.gather(*(one() for one in running))
            lines = [line for one in running for line in one.log.lines]
            assert [line for line in lines if line[0] == "error"] == []
            said.update(event for _, event, _ in lines)
            posted.append(await letters(first))
        month = await Figures(first.database, PARIS, clock=first.clock).over(*FEBRUARY)
        return posted, said, month.total("expired")

    (before, after), said, expired = asyncio.run(go())
    assert before == dict.fromkeys(BY_THE_CLOCK, 1)
    digests = after.pop("digest")
    assert digests in (1, 2)  # the second may find nothing that waits any more
    assert after == {"reminder": 1, "weekly": 1, "bypass": 2, "notice": MAILS}
    assert (said["reminded"], said["cancelled"], expired) == (1, MAILS, MAILS)


def test_what_waits_is_sent_once(nodes):
    """Releases that both drain at the same time; each mail of several recipients."""

    async def go():
        for number in range(MAILS):
            await hold(nodes[0], code := f"7K2F-9Q{number:02}")
            assert await nodes[0].holds.release(code, "dpo")
        async with NextHop() as hop:
            running = [
                a_release(store, hop.port, owner=f"node{number}:1")
                for number, store in enumerate(nodes)
            ]
            while sum(await asyncio.gather(*(one.drain() for one in running))):
                pass
            for one in running:
                await one.relay.close()
            return [taken.content for taken in hop.taken], await nodes[0].rows("copies")

    sent, copies = asyncio.run(go())
    assert len(sent) == MAILS
    assert {row[2] for row in copies} == {"released"}


def test_what_a_node_is_leasing_is_not_waited_for(tmp_path):
    """PostgreSQL: it hangs in the middle of its lease, and its neighbour takes the rest."""
    node = Store(fresh("postgresql", tmp_path), tmp_path)
    hanging = engine_of(node.url)
    some = select(outbox.c.id).where(outbox.c.state == Post.WAITING).order_by(outbox.c.id).limit(3)

    async def go():
        await node.outbox.post([a_letter()] * 5, node.public)
        with hanging.begin() as connection:
            locked = connection.execute(some.with_for_update()).scalars().all()
            async with asyncio.timeout(60):
                taken = await node.outbox.lease(5, node.now + 1, "node2:1", 300.0)
        return locked, [item.id for item in taken]

    locked, taken = asyncio.run(go())
    assert (len(locked), len(taken)) == (3, 2)
    assert set(locked).isdisjoint(taken)
    hanging.dispose()
    node.database.close()
