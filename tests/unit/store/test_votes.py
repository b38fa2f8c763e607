"""What second readers say of a mail: once each, none of his own, in time; by two nodes, over a
restart; and that it follows."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
import structlog
from sqlalchemy import select

from gateway import parts, waiting_parts
from gateway.act.notice import Notices
from gateway.config import Config
from gateway.model import Disposition
from gateway.ports import Wait
from gateway.reviewers import Absence, End, Group
from gateway.reviewing import Readers, Reviewing
from gateway.store.accounts import Accounts
from gateway.store.hmac_key import HmacKey
from gateway.store.schema import State, holds
from gateway.store.votes import Votes, to_read
from gateway.store.waits import Waits
from tests.makers.held import SENDER, TO, a_hold, a_mail
from tests.stores import Store

HOLD = "7K2F-9QXD"
HOUR = 3600.0
NAMES = ("ana", "bo", "cy")
GROUPS = {"direction": Group(frozenset(f"{n}@chu.example" for n in NAMES), frozenset())}


class House:
    """Accounts of three readers, and whatever else a store is asked of."""

    def __init__(self, store, groups=GROUPS):
        self.store = store
        clock = store.clock
        self.accounts = Accounts(store.database, store.public, store.hmac, clock=clock)
        self.votes = Votes(store.database, store.public, store.hmac, groups, clock=clock)
        officers = lambda now: (now + HOUR, now + 24 * HOUR)  # noqa: E731
        self.waits = Waits(store.database, store.public, officers, clock=clock)
        notices = Notices(
            ours=lambda address: address.endswith("@chu.example"),
            sender="v@chu.example",
            officers=("dpo@chu.example",),
            url="https://q.example",
        )
        self.reviewing = Reviewing(
            self.votes, self.waits, store.holds, notices, store.private, clock
        )

    async def people(self, *names, roles=("reviewer",)):
        for name in names or NAMES:
            await self.accounts.add(name, roles, address=f"{name}@chu.example")

    async def hold(self, code=HOLD, sender=SENDER, after=Disposition.PASS, **about):
        mail = a_mail(code, sender=sender)
        group, quorum = about.pop("group", "direction"), about.pop("quorum", 1)
        due = self.store.now + 3 * HOUR
        after = (after,) * len(TO)
        further = about.pop("further", "")
        wait = Wait(Disposition.REVIEW, due, "quarantine", after, (), group, quorum, further)
        await self.store.custody.hold(mail, a_hold(mail, wait=wait, **about), [], [])

    async def says(self, who, agrees=True, hold=HOLD, authors=()):
        done = await self.votes.cast(hold, who, agrees, "vu", authors)
        await self.reviewing.settle(hold)
        return done

    async def state(self, hold=HOLD):
        held = await self.store.holds.get(hold)
        return held.state, held.awaits

    async def kinds(self, hold=HOLD):
        return [event.kind for event in await self.store.holds.history(hold)]

    async def asked(self):
        return set((await self.votes.panel(await self.store.holds.get(HOLD))).asked)

    async def letters(self):
        """(to whom, kind), in the order in which they were written."""
        items = await self.store.outbox.lease(99, self.store.now, "test", 1.0)
        found = [one.letter(self.store.private) for one in items if not one.is_release]
        return [([r.address for r in one.recipients], one.kind) for one in found]

    async def clock(self):
        await Readers(self.reviewing, structlog.get_logger())(self.store.now)


@pytest.fixture
def house(store):
    return House(store)


WAITING = (State.HELD, "review")
OFFICERS = (State.HELD, "")
LEAVING = (State.RELEASING, "")


def test_one_other_agrees_and_it_leaves_once(house):
    async def walk():
        await house.people()
        await house.hold()
        assert await house.says("bo")
        assert await house.state() == LEAVING
        assert not await house.says("bo"), "two clicks count once"
        assert not await house.says("ana"), "and nobody is asked any more"
        assert await house.kinds() == ["held", "reader agrees", "approved"]

    asyncio.run(walk())


def test_it_leaves_by_the_way_that_rules_had_for_it(house):
    async def walk():
        await house.people()
        await house.hold(after=Disposition.ENCRYPT)
        await house.says("bo")
        (item,) = await house.store.outbox.lease(9, house.store.now, "test", 1.0)
        assert (item.is_release, item.route) == (True, "encrypted")

    asyncio.run(walk())


@pytest.mark.parametrize("written", ["by its sender", "by whoever From names"])
def test_nobody_approves_what_he_wrote(house, written):
    async def walk():
        await house.people()
        own = written == "by its sender"
        await house.hold(sender="Ana@chu.example" if own else SENDER)
        authors = () if own else ("Ana@chu.example",)
        assert not await house.says("ana", authors=authors)
        assert await house.state() == WAITING
        assert await house.says("bo", authors=authors)
        assert await house.state() == LEAVING

    asyncio.run(walk())


def test_nor_does_whoever_stands_in_for_its_author(house):
    async def walk():
        await house.people()
        await house.hold(sender="ana@chu.example")
        await house.votes.leave(Absence("ana", house.store.now + HOUR, "bo"))
        assert not await house.says("bo")
        assert await house.says("cy")

    asyncio.run(walk())


@pytest.mark.parametrize("roles", [("auditor",), ("officer",)])
def test_an_address_in_a_group_is_no_role(house, roles):
    async def walk():
        await house.people("ana", roles=roles)
        await house.people("bo", "cy")
        await house.hold()
        assert not await house.says("ana")

    asyncio.run(walk())


def test_who_has_no_address_reads_nothing_and_who_has_two_accounts_reads_once(store):
    """Nobody could tell the former's own mails; a quorum counts persons."""
    house = House(store, {})

    async def walk():
        await house.people()
        await house.accounts.add("ana-2", ("reviewer",), address="ANA@chu.example")
        await house.accounts.add("dee", ("reviewer",))
        await house.hold(group="", quorum=2)
        assert not await house.says("dee")
        assert await house.says("ana")
        assert not await house.says("ana-2")
        assert await house.state() == WAITING

    asyncio.run(walk())


def test_a_closed_account_says_nothing(house):
    async def walk():
        await house.people()
        await house.hold()
        await house.accounts.disable("ana", True, "admin")
        assert not await house.says("ana")

    asyncio.run(walk())


def test_one_refusal_ends_it_and_the_officers_have_it(house):
    async def walk():
        await house.people()
        await house.hold(quorum=2)
        assert await house.says("bo")
        assert await house.state() == WAITING
        assert await house.says("cy", agrees=False)
        assert await house.state() == OFFICERS
        assert not await house.says("ana")
        assert await house.letters() == [
            ([SENDER], "notice"),
            (["dpo@chu.example"], "notice"),
        ]
        assert await house.store.holds.release(HOLD, "dpo"), "theirs, like any other"

    asyncio.run(walk())


def test_a_quorum_is_of_persons_and_the_stricter_of_group_and_rule_counts(store):
    groups = {"direction": Group(GROUPS["direction"].members, frozenset(), 2)}
    house = House(store, groups)

    async def walk():
        await house.people()
        await house.hold(quorum=1)
        await house.votes.leave(Absence("cy", store.now + HOUR, "bo"))
        assert await house.says("bo")
        assert not await house.says("bo"), "for himself and for another is one"
        assert await house.state() == WAITING
        assert await house.says("ana")
        assert await house.state() == LEAVING

    asyncio.run(walk())


def test_who_could_never_agree_is_not_waited_for(house):
    """A group gone from the configuration, one without accounts, a mail that is nobody's business:
    the officers have it at the next round of the clock, and are told."""

    async def walk():
        await house.people("ana")
        await house.hold("7K2F-9QX1", group="gone")
        await house.hold("7K2F-9QX2", sender="ana@chu.example")
        await house.hold("7K2F-9QX3", hidden="personal")
        await house.hold("7K2F-9QX4")
        await house.clock()
        for code in ("7K2F-9QX1", "7K2F-9QX2", "7K2F-9QX3"):
            assert await house.state(code) == OFFICERS
            assert await house.kinds(code) == ["held", "escalated"]
        assert await house.state("7K2F-9QX4") == WAITING
        told = [to for to, _ in await house.letters()]
        assert told == [["dpo@chu.example"]] * 3 + [["ana@chu.example"]]

    asyncio.run(walk())


def test_what_was_said_in_time_counts_though_what_follows_comes_later(house):
    """Killed between the two: the clock of any node goes on, on a store opened anew."""

    async def walk():
        await house.people()
        await house.hold()
        assert await house.votes.cast(HOLD, "bo", True, "")
        house.store.now += 9 * HOUR
        assert await house.state() == WAITING
        again = House(Store(house.store.url, house.store.directory, house.store.now))
        await again.clock()
        again.store.database.close()
        assert await house.state() == LEAVING
        await house.clock()
        assert (await house.kinds()).count("approved") == 1

    asyncio.run(walk())


def test_after_the_deadline_no_word_counts(house):
    async def walk():
        await house.people()
        await house.hold()
        house.store.now += 3 * HOUR
        assert not await house.says("bo")
        held = await house.store.holds.get(HOLD)
        assert (await house.votes.panel(held)).end is End.OVERDUE

    asyncio.run(walk())


def test_of_several_words_at_once_on_two_nodes_each_counts_once(house):
    async def walk():
        await house.people()
        await house.hold(quorum=2)
        other = House(Store(house.store.url, house.store.directory, house.store.now))
        both = (house, other) * 4
        done = await asyncio.gather(*(one.votes.cast(HOLD, "bo", True, "") for one in both))
        assert sum(done) == 1
        done = await asyncio.gather(*(one.says("cy") for one in both))
        assert sum(done) == 1
        other.store.database.close()
        assert await house.state() == LEAVING
        assert (await house.kinds()).count("approved") == 1

    asyncio.run(walk())


def test_each_reader_is_told_once_whoever_comes_later_as_well(house):
    async def walk():
        await house.people()
        await house.hold(sender="ana@chu.example")
        await house.hold("7K2F-9QX2")
        other = House(Store(house.store.url, house.store.directory, house.store.now))
        await asyncio.gather(house.clock(), other.clock(), house.clock())
        other.store.database.close()
        told = sorted(to for to, kind in await house.letters() if kind == "review")
        assert told == [["ana@chu.example"], ["bo@chu.example"], ["cy@chu.example"]]

    asyncio.run(walk())


def test_who_said_nothing_is_told_once_more_an_hour_before_the_end(house):
    async def walk():
        await house.people()
        await house.hold(quorum=2)  # due in three hours
        await house.clock()
        await house.says("ana")
        house.store.now += 1.9 * HOUR
        await house.clock()
        assert len(await house.letters()) == 3, "not yet"
        house.store.now += 0.2 * HOUR
        other = House(Store(house.store.url, house.store.directory, house.store.now))
        await asyncio.gather(house.clock(), other.clock(), house.clock())
        other.store.database.close()
        house.store.now += 0.5 * HOUR
        await house.clock()
        told = sorted(address for [address], _ in await house.letters())
        expected = ["ana", "bo", "bo", "cy", "cy"]  # ana has spoken
        assert told == [f"{name}@chu.example" for name in expected]

    asyncio.run(walk())


def test_a_stand_in_is_told_once_he_stands_in(store):
    groups = {
        "direction": Group(
            frozenset({"ana@chu.example", "bo@chu.example"}), frozenset({"dee@chu.example"})
        )
    }
    house = House(store, groups)

    async def walk():
        await house.people("ana", "bo", "dee")
        await house.hold()
        await house.clock()
        assert len(await house.letters()) == 2
        store.now += 1.5
        await house.votes.leave(Absence("bo", store.now + HOUR, "dee"))
        assert await house.votes.stand_ins("bo") == ("ana", "dee")
        await house.clock()
        store.now += 1.5
        assert (["dee@chu.example"], "review") in await house.letters()
        assert (await house.votes.reads("dee")).groups == ("direction", "")
        assert await house.says("dee")

    asyncio.run(walk())


def test_who_is_back_is_no_more_away(house):
    async def walk():
        await house.people()
        await house.hold()
        until = house.store.now + HOUR
        await house.votes.leave(Absence("ana", until, "bo"))
        assert await house.votes.absence("ana") == Absence("ana", until, "bo")
        assert not await house.says("ana")
        assert (await house.votes.reads("ana")).groups == ()
        await house.votes.leave(Absence("ana", house.store.now))
        assert await house.votes.absence("ana") is None
        assert await house.says("ana")

    asyncio.run(walk())


def test_without_groups_every_reviewer_may(store):
    house = House(store, {})

    async def walk():
        await house.people()
        await house.hold(group="")
        assert not house.votes.configured
        assert await house.says("cy")
        assert await house.state() == LEAVING

    asyncio.run(walk())


def test_the_clock_of_a_configuration_tells_its_readers_and_then_the_officers(house):
    """As `serve` builds it: one round asks, one after the deadline hands over."""
    store = house.store
    members = [f"{name}@chu.example" for name in ("Ana", "bo")]
    written = {
        "domains": ["chu.example"],
        "database": store.url,
        "data": str(store.directory),
        "officers": ["dpo@chu.example"],
        "reviewers": {"direction": {"members": members}},
    }
    config = Config.model_validate(written)
    notices = parts.notices(config, str, store.hmac)
    log = structlog.get_logger()

    async def walk():
        store.now = time.time()  # the clocks that `serve` builds have no other
        await house.people("ana", "bo")
        await house.hold()
        readers, deadlines = waiting_parts.duties(
            config, store.database, store.public, store.private, notices, log
        )
        await readers(store.now)
        await deadlines(store.now)
        store.now += 4 * HOUR
        assert await house.state() == WAITING
        await deadlines(store.now)
        assert await house.state() == OFFICERS
        assert [to for to, _ in await house.letters()] == [
            ["ana@chu.example"],
            ["bo@chu.example"],
            [SENDER],
            ["dpo@chu.example"],
        ]

    asyncio.run(walk())


def test_what_one_refused_in_time_is_not_sent_by_the_clock(house):
    """Its hour strikes elsewhere between a refusal and what follows from it."""

    async def walk():
        await house.people()
        await house.hold()
        assert await house.votes.cast(HOLD, "bo", False, "non")
        assert await house.waits.grant(HOLD, "unanswered", "") == ()
        assert await house.state() == WAITING
        await house.clock()
        assert await house.state() == OFFICERS

    asyncio.run(walk())


TWO = GROUPS | {"paie": Group(frozenset({"cy@chu.example", "dee@chu.example"}), frozenset())}


def test_of_several_groups_each_must_agree(store):
    house = House(store, TWO)

    async def walk():
        await house.people(*NAMES, "dee", "eve")
        await house.hold(further="paie")
        assert await house.asked() == {"ana", "bo", "cy", "dee"}
        assert not await house.says("eve"), "of neither"
        assert await house.says("ana")
        assert await house.state() == WAITING
        assert "paie" in (await house.votes.reads("dee")).groups
        assert await house.says("dee")
        assert await house.state() == LEAVING
        await house.hold("7K2F-9QX2", further="paie")
        assert await house.says("cy", hold="7K2F-9QX2")
        assert await house.state("7K2F-9QX2") == LEAVING, "who is of both speaks for both"
        await house.hold("7K2F-9QX3", further="gone")
        await house.clock()
        assert await house.state("7K2F-9QX3") == OFFICERS, "nobody could speak for the other"

    asyncio.run(walk())


def test_a_reader_of_any_of_the_groups_finds_it_in_his_queue(store):
    house = House(store, TWO)

    async def walk():
        await house.people(*NAMES, "dee", "eve")
        await house.hold(further="paie")
        found = {}
        for name in ("ana", "dee", "eve"):
            query = select(holds.c.id).where(to_read(await house.votes.reads(name)))
            found[name] = await store.database.read(
                lambda c, query=query: c.execute(query).scalars().all()
            )
        assert found == {"ana": [HOLD], "dee": [HOLD], "eve": []}

    asyncio.run(walk())


def test_two_accounts_of_one_person_are_one_though_the_key_changed_between(store):
    house = House(store)
    rotated = HmacKey(b"another key of thirty-two bytes!")
    rotated.former = (bytes(store.hmac),)

    async def walk():
        await house.people("ana", "bo")
        since = Accounts(store.database, store.public, rotated, clock=store.clock)
        await since.add("ana-2", ("reviewer",), address="ana@chu.example")
        house.votes = Votes(store.database, store.public, rotated, GROUPS, clock=store.clock)
        house.reviewing = replace(house.reviewing, votes=house.votes)
        await house.hold(quorum=2)
        assert await house.says("ana")
        assert not await house.says("ana-2")
        assert await house.state() == WAITING
        await house.hold("7K2F-9QX2", sender="ana@chu.example")
        assert not await house.says("ana-2", hold="7K2F-9QX2"), "she wrote it, by either hash"

    asyncio.run(walk())
