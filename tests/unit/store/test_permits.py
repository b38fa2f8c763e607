"""Two must agree: a permit is asked for, granted once by another, and ends."""

import asyncio
from dataclasses import replace

from gateway.store.letters import Letters
from gateway.store.permits import ASKED_SECONDS, GRANTED_SECONDS, Permits
from gateway.store.schema import Post
from tests.makers.held import a_hold, a_letter, a_mail

HOLD = "7K2F-9QXD"


def permits(store):
    return Permits(store.database, store.public, clock=store.clock)


async def held(store, letters=()):
    mail = a_mail(HOLD)
    await store.custody.hold(mail, a_hold(mail), letters, [])


def test_a_permit_is_for_who_asked_granted_by_another_and_over_in_time(store):
    async def walk():
        await held(store)
        two = permits(store)
        assert not await two.grant(HOLD, "claire", "paul"), "nobody asked"
        await two.ask(HOLD, "claire", "vérifier")
        assert not await two.grant(HOLD, "claire", "claire")
        assert await two.grant(HOLD, "claire", "paul")
        assert not await two.grant(HOLD, "claire", "nadia"), "it is granted"
        (one,) = await two.of(HOLD)
        assert (one.account, one.granted_by) == ("claire", "paul")
        store.now += GRANTED_SECONDS
        assert await two.of(HOLD) == ()
        await two.ask(HOLD, "claire", "encore")
        (one,) = await two.of(HOLD)
        assert one.granted_by == "", "asked anew, granted anew"

    asyncio.run(walk())


def test_a_request_of_yesterday_is_none(store):
    async def walk():
        await held(store)
        await permits(store).ask(HOLD, "claire", "vérifier")
        store.now += ASKED_SECONDS
        assert await permits(store).of(HOLD) == ()
        assert not await permits(store).grant(HOLD, "claire", "paul")

    asyncio.run(walk())


def test_two_who_grant_at_once_are_one_on_record(store):
    async def walk():
        await held(store)
        await permits(store).ask(HOLD, "claire", "vérifier")
        grants = (permits(store).grant(HOLD, "claire", who) for who in ("paul", "nadia"))
        assert sorted(await asyncio.gather(*grants)) == [False, True]
        kinds = [event.kind for event in await store.holds.history(HOLD)]
        assert kinds.count("reading granted") == 1

    asyncio.run(walk())


def test_letters_about_a_mail_are_told_by_kind_and_time(store):
    async def walk():
        letter = a_letter()
        await held(store, [replace(letter, about=HOLD)])
        await store.outbox.post([letter], store.public)  # about another
        (one,) = await Letters(store.database).about(f"{HOLD}.2")
        assert (one.kind, one.created, one.state) == ("notice", store.now, Post.WAITING)

    asyncio.run(walk())
