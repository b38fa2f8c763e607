"""A held mail released by a protected way: never in clear, once, its secret to the sender alone."""

import asyncio
import email
import io
import re
from dataclasses import replace

import pikepdf
import pytest

from gateway.act.encrypt import Channels, Encrypt
from gateway.protect import unfit
from gateway.store.schema import State
from tests.drawing import draw
from tests.fakes import NextHop
from tests.makers import sealing
from tests.makers.held import SENDER, TO, a_hold, a_mail
from tests.release import a_release, some_notices
from tests.stores import KINDS, Store, fresh

ID, (ZOE, INS) = a_mail().id, TO
BODY = b"Resultat de Zoe : CANARI"
CONTENT = sealing.message(text=BODY.decode())
SECRET = re.compile(r"\b[a-z0-9]{4}(?:-[a-z0-9]{4}){3}\b")


class NoCertificates:
    def find(self, address):
        return None


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


def channels(*, pdf=True):
    return Channels(
        certificates=NoCertificates(),
        pdf=pdf,
        ours=lambda address: address.lower().endswith("@chu.example"),
        examine=lambda head: False,
    )


def protecting(store, port, *, pdf=True):
    release = a_release(store, port)
    letter = some_notices().pdf_secret
    release.encrypt = Encrypt(
        channels(pdf=pdf),
        release.relay,
        store.custody,
        lambda c, *_: c,
        letter,
        draw=draw,
        remembers=False,
    )
    return release


async def ordered(store, positions=None):
    mail = replace(a_mail(), content=CONTENT)
    await store.custody.hold(mail, a_hold(mail), (), ())
    return await store.holds.release(ID, "dpo", "", positions, encrypted=True)


async def drained(release):
    while await release.drain():
        pass


async def states(store):
    return [copy.state for copy in (await store.holds.get(ID)).copies]


def test_it_leaves_as_a_document_whose_secret_the_sender_gets(store):
    async def go():
        async with NextHop() as hop:
            await ordered(store)
            await drained(protecting(store, hop.port))
            return hop.taken, await states(store), await store.rows("memory")

    taken, after, memory = asyncio.run(go())
    assert after == [State.RELEASED] * 2
    assert memory == []  # the same bytes sent anew are a new mail
    [sealed] = [one for one in taken if ZOE in one.rcpts[0]]
    assert BODY not in sealed.content
    others = [one for one in taken if one is not sealed]
    assert {one.rcpts[0].split("<")[1].split(">")[0] for one in others} == {SENDER}
    texts = [email.message_from_bytes(one.content).get_payload(0) for one in others]
    told = "".join(part.get_payload(decode=True).decode() for part in texts)
    [secret] = set(SECRET.findall(told))
    document = next(
        part.get_payload(decode=True)
        for part in email.message_from_bytes(sealed.content).walk()
        if part.get_content_type() == "application/pdf"
    )
    with pikepdf.open(io.BytesIO(document), password=secret) as opened:
        assert opened.attachments["message.eml"].get_file().read_bytes() == CONTENT


def test_those_whose_copy_is_not_ordered_get_nothing(store):
    async def go():
        async with NextHop() as hop:
            assert await ordered(store, [0]) == (0,)
            await drained(protecting(store, hop.port))
            return hop.taken, await states(store)

    taken, after = asyncio.run(go())
    assert after == [State.RELEASED, State.HELD]
    assert not any(INS in rcpt for one in taken for rcpt in one.rcpts)


@pytest.mark.parametrize("able", [True, False])
def test_where_no_channel_fits_any_more_it_goes_back_to_the_officer_and_never_in_clear(store, able):
    """A certificate may have run out between the ruling and the sending."""

    async def go():
        async with NextHop() as hop:
            await ordered(store)
            release = protecting(store, hop.port, pdf=False) if able else a_release(store, hop.port)
            await drained(release)
            return hop.taken, await states(store), await store.holds.history(ID)

    taken, after, events = asyncio.run(go())
    assert taken == []
    assert after == [State.HELD] * 2
    assert events[-1].kind == "release failed"
    assert "5.7.10" in events[-1].detail


def test_deferred_it_is_tried_again_encrypted(store):
    async def go():
        async with NextHop(says={"MAIL": ["451 4.3.0 later"]}) as hop:
            await ordered(store)
            await drained(protecting(store, hop.port))
            first = await states(store)
            store.now += 3600
            await drained(protecting(store, hop.port))
            return first, hop.taken, await states(store)

    first, taken, after = asyncio.run(go())
    assert first == [State.RELEASING] * 2
    assert after == [State.RELEASED] * 2
    assert all(BODY not in one.content for one in taken)


def test_who_has_no_channel_is_named_among_those_still_held(store):
    async def go():
        mail = replace(a_mail(), content=CONTENT)
        await store.custody.hold(mail, a_hold(mail), (), ())
        await store.holds.reject(ID, "dpo", "", [1])
        return await store.holds.open(ID, store.private)

    opened = asyncio.run(go())
    without = unfit(channels(pdf=False).why_not, opened)
    assert list(without) == [ZOE]
    assert "smime\N{NO-BREAK SPACE}: aucun certificat" in without[ZOE]
    assert unfit(channels(pdf=False).why_not, opened, [1]) == {}
    assert unfit(channels().why_not, opened) == {}
