"""The milter door in memory: what an MTA is told, mail after mail, whatever it sends."""

from __future__ import annotations

import asyncio
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model import Reply, Stay
from gateway.receive import milter
from gateway.receive.milter_wire import Steps
from tests.unit.receive import mta
from tests.unit.receive.mta import Mta
from tests.unit.receive.talk import BUSY, DONE, NO, Journey, play, spin

STAYS = Reply(250, "2.0.0", ("Ok",), Stay())
OURS = "collegue@cpam.example"
OUT = "patient@b.example"


def scene(journey, **settings):
    """A test that talks with a door as an MTA does, and leaves nothing behind."""

    def decorate(test):
        def run():
            async def whole():
                one = await Mta(journey(), **settings).hello()
                one_says = one.says()
                assert one_says == []
                await test(one)
                await one.leave()

            play(whole)

        run.__name__ = test.__name__
        run.__doc__ = test.__doc__
        return run

    return decorate


def letting_through() -> Journey:
    return Journey(STAYS)


def mixed() -> Journey:
    """What goes out is in a safe place of ours; what stays inside stays with the MTA."""
    return Journey(DONE, {OURS: STAYS})


def test_what_is_agreed_upon_is_what_the_mta_offers():
    async def whole():
        one = Mta(letting_through())
        offered = int(Steps.SILENT_HEADER | Steps.LEADING_SPACE)
        [(command, said)] = await one.ask(mta.offer(version=7, actions=0x3F, steps=offered))
        version, actions, steps = struct.unpack("!III", said)
        assert (command, version, steps) == ("O", 6, offered)
        assert actions & ~0x3F == 0
        await one.leave()

    play(whole)


@pytest.mark.parametrize("offer", [mta.offer(version=1), mta.offer(actions=0x01)])
def test_an_mta_that_cannot_change_a_mail_is_left(offer):
    async def whole():
        one = Mta(letting_through())
        assert await one.ask(offer) == []
        assert one.wire.closing
        assert one.journey.events[0][0] == "milter protocol too old"
        await one.leave()

    play(whole)


def test_a_stranger_is_left_before_it_is_heard():
    async def whole():
        one = Mta(letting_through(), clients=("192.0.2.0/24",))
        assert one.wire.closing
        assert one.journey.events == [("client refused", {"door": "milter", "client": "127.0.0.1"})]
        await one.leave()

    play(whole)


@scene(letting_through)
async def test_a_mail_let_through_stays_with_the_mta_as_it_is(one):
    assert await one.ask(*mta.mail("a@a.fr", "b@b.fr")) == [*[("c", b"")] * 3, ("a", b"")]
    [seen] = one.journey.mails
    assert seen.door == "milter"
    assert seen.trace.startswith(
        b"Received: from poste.example ([192.0.2.7])\r\n\tby gw.example (Vaguemestre) id "
    )
    assert seen.content == b"Subject: essai\r\n\r\nBonjour\r\n"
    assert seen.envelope.addresses == ("a@a.fr", "b@b.fr")
    assert (seen.client.address, seen.client.port, seen.client.name) == (
        "192.0.2.7",
        4711,
        "poste.example",
    )


@scene(mixed)
async def test_every_mail_of_a_session_is_edited_not_only_the_first(one):
    """A milter library in use today lets every mail but the first of a session through."""
    said = [(await one.ask(*mta.mail(to)))[-1] for to in (OUT, OURS, OUT, OURS, OUT)]
    assert [command for command, _ in said] == ["d", "a", "d", "a", "d"]
    assert len(one.journey.mails) == 5


@scene(mixed)
async def test_a_mail_that_nobody_is_left_on_is_discarded(one):
    assert (await one.ask(*mta.mail(OUT)))[-1:] == [("d", b"")]


@scene(mixed)
async def test_the_mta_is_never_asked_to_keep_a_mail_for_some(one):
    """It would not say whether it found the others, and they would get what we have held."""
    [*_, (command, said)] = await one.ask(*mta.mail(OUT, OURS))
    assert (command, said[:9]) == ("y", b"451 4.3.0")
    assert one.journey.events == [("session failed", {"door": "milter", "error": "ValueError"})]
    assert one.journey.answered == []


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (NO, b"550 5.7.1 ne part pas\0"),
        (BUSY, b"451 4.3.0 plus tard\0"),
        (Reply(421, "4.3.2", ("je ferme",)), b"451 4.3.2 je ferme\0"),
        (Reply(550, "5.7.1", ("à 20 %\r\n250 Ok",)), b"550 5.7.1 ? 20 %%??250 Ok\0"),
        (Reply(550, "5.7.1", ("un", "deux")), b"550-5.7.1 un\r\n550 5.7.1 deux\0"),
        (Reply(550, "", ("inconnu",)), b"550 5.0.0 inconnu\0"),
        (Reply(451, "5.1.1", ("confus",)), b"451 4.0.0 confus\0"),
    ],
)
def test_what_is_not_done_is_told_as_a_reply_of_smtp(reply, told):
    @scene(lambda: Journey(STAYS, {OUT: reply}))
    async def whole(one):
        assert (await one.ask(*mta.mail(OURS, OUT)))[-1:] == [("y", told)]

    whole()


@scene(lambda: Journey(Reply(250, "2.0.0", ("Ok",), Stay(((b"X-A", b"un"),), b"autre\r\n"))))
async def test_what_stays_may_be_changed(one):
    said = await one.ask(*mta.mail())
    assert said[-3:] == [("i", b"\0\0\0\0X-A\0 un\0"), ("b", b"autre\r\n"), ("a", b"")]


@scene(letting_through)
async def test_fields_keep_their_spaces_their_folds_and_their_octets(one):
    fields = [
        ("Subject", ""),
        ("X", "sans"),
        ("Y", "  deux\n\tplié"),
        ("X", " \xe9".encode("latin-1")),
    ]
    await one.ask(*mta.envelope(OUT), *mta.content(*fields, body=b""))
    assert one.journey.mails[0].content == (
        b"Subject:\r\nX:sans\r\nY:  deux\r\n\tpli\xc3\xa9\r\nX: \xe9\r\n\r\n"
    )


def test_where_the_mta_eats_the_space_it_is_given_back():
    async def whole():
        one = await Mta(Journey(Reply(250, "2.0.0", ("Ok",), Stay(((b"X", b"y"),))))).hello(
            steps=mta.STEPS & ~mta.SPACED
        )
        one.says()
        said = await one.ask(*mta.envelope(OUT), *mta.content(("Subject", "essai")))
        assert one.journey.mails[0].content.startswith(b"Subject: essai\r\n")
        assert ("i", b"\0\0\0\0X\0y\0") in said
        await one.leave()

    play(whole)


def test_an_mta_that_waits_for_every_answer_gets_one():
    async def whole():
        one = Mta(letting_through())
        await one.ask(mta.offer(steps=0))
        late = [mta.packet("T"), mta.packet("U", mta.zero("XYZ")), mta.packet("N")]
        packets = [mta.connect(), mta.packet("H", mta.zero("x")), *mta.envelope(OUT), *late]
        packets += mta.content()
        said = [await one.ask(packet) for packet in packets]
        assert said == [[("c", b"")]] * (len(packets) - 1) + [[("a", b"")]]
        await one.leave()

    play(whole)


def test_the_end_has_one_answer_even_where_the_body_comes_with_it():
    """Two, and the MTA would take the first, to go on, for its answer: unjudged."""

    async def whole():
        one = Mta(mixed())
        await one.ask(mta.offer(steps=0), *mta.envelope(OUT), *mta.content(body=b""))
        assert await one.ask(*mta.envelope(OUT)) == [("c", b"")] * 2
        assert await one.ask(mta.packet("E", b"Bonjour\r\n")) == [("d", b"")]
        assert one.journey.mails[-1].content == b"\r\nBonjour\r\n"
        await one.leave()

    play(whole)


@scene(letting_through)
async def test_the_queue_id_is_that_of_its_own_mail(one):
    await one.ask(mta.macros("E", i="4XfirstZ"), *mta.mail())
    await one.ask(*mta.mail())
    assert [seen.client.queue_id for seen in one.journey.mails] == ["4XfirstZ", ""]


@scene(letting_through)
async def test_another_client_of_the_same_connection_is_another_client(one):
    await one.ask(*mta.mail())
    await one.ask(mta.packet("K"), mta.connect("autre.example", "2001:db8::9"), *mta.mail())
    assert [seen.client.address for seen in one.journey.mails] == ["192.0.2.7", "2001:db8::9"]
    assert one.journey.mails[1].client.name == ""


@scene(letting_through)
async def test_what_the_mta_knows_and_we_do_not_stays_its_own_affair(one):
    await one.ask(
        mta.packet("M", mta.zero("<a@b.fr>", "RET=HDRS", "MT-PRIORITY=3", "REQUIRETLS")),
        mta.packet("R", mta.zero("<é@b.fr>", "NOTIFY=NEVER", "BY=3;R")),
        *mta.content(),
    )
    envelope = one.journey.mails[0].envelope
    assert envelope.options == ("RET=HDRS", "SMTPUTF8")
    assert envelope.recipients[0].options == ("NOTIFY=NEVER",)


@pytest.mark.parametrize(
    ("packet", "code"),
    [
        (mta.packet("M", mta.zero("<a b@c.fr>")), b"501 5.1.7"),
        (mta.packet("M", mta.zero(b"<\xe9@c.fr>")), b"553 5.6.7"),
        (mta.packet("M", mta.zero("<a@b.fr>", "SIZE=99999999999")), b"552 5.3.4"),
    ],
)
def test_a_sender_that_cannot_be_is_refused_and_the_next_one_taken(packet, code):
    @scene(letting_through)
    async def whole(one):
        [(command, said)] = await one.ask(packet)
        assert (command, said[: len(code)]) == ("y", code)
        assert (await one.ask(*mta.mail()))[-1:] == [("a", b"")]

    whole()


@scene(letting_through, recipients=2)
async def test_too_many_recipients_are_told_one_by_one(one):
    said = await one.ask(*mta.mail("a@a.fr", "b@a.fr", "c@a.fr"))
    assert [command for command, _ in said] == ["c", "c", "c", "y", "a"]
    assert said[3][1].startswith(b"452 4.5.3")
    assert one.journey.mails[0].envelope.addresses == ("a@a.fr", "b@a.fr")


@scene(letting_through, size=2_000)
async def test_a_mail_that_is_too_big_is_refused_at_its_end_and_not_kept(one):
    await one.ask(*mta.envelope(OUT), *[mta.packet("B", b"x" * 900)] * 5)
    assert not one.journey.mails
    assert (await one.ask(mta.packet("E")))[0][1].startswith(b"552 5.3.4")
    assert one.door.load.octets == 0
    assert (await one.ask(*mta.mail()))[-1:] == [("a", b"")]


@scene(letting_through, size=1_000, memory=1_500)
async def test_what_is_not_kept_does_not_count(one):
    """Or one mail that is too big would keep all others out while it lasts."""
    await one.ask(*mta.envelope(OUT), *[mta.packet("B", b"x" * 900)] * 5)
    assert one.door.load.octets == 0
    other = await Mta(one.journey, one).hello()
    assert (await other.ask(*mta.mail()))[-1:] == [("a", b"")]
    other.wire.close()
    await spin()


@scene(letting_through, memory=2_000)
async def test_without_memory_the_mta_tries_again_later(one):
    said = await one.ask(*mta.envelope(OUT), *mta.content(body=b"x" * 3_000))
    assert said[-1][1].startswith(b"451 4.3.1")
    assert not one.journey.mails


@scene(letting_through)
async def test_a_mail_that_went_in_circles_is_refused(one):
    fields = [("Received", " from a by b")] * 101
    said = await one.ask(*mta.envelope(OUT), *mta.content(*fields))
    assert said[-1][1].startswith(b"554 5.4.6")


def test_a_full_door_answers_451_at_mail_until_there_is_room():
    async def whole():
        first = await Mta(letting_through(), connections=1).hello()
        second = await Mta(first.journey, first).hello()
        [(_, told)] = await second.ask(mta.packet("M", mta.zero("<a@b.fr>")))
        assert told.startswith(b"451 4.3.2")
        first.wire.close()
        await spin()
        assert (await second.ask(*mta.mail()))[-1:] == [("a", b"")]
        await second.leave()

    play(whole)


@pytest.mark.parametrize(
    ("next_one", "heard"),
    [
        (mta.packet("M", mta.zero("<a@b.fr>")), True),
        (mta.packet("Q"), True),
        (mta.packet("K"), True),
        (mta.packet("A"), True),
        (None, False),
    ],
    ids=["next mail", "quit", "next client", "abort", "lost"],
)
def test_the_journey_learns_whether_the_mta_had_our_answer(next_one, heard):
    """Postfix aborts after each mail of SMTP, kept or not: the same mail sent anew is a new one."""

    async def whole():
        one = await Mta(mixed()).hello()
        await one.ask(*mta.mail(OUT))
        await one.ask(mta.macros("M", i="4X"))
        assert one.journey.answered == []
        if next_one is not None:
            await one.ask(next_one)
        await one.leave()
        assert one.journey.heard == [heard]

    play(whole)


def test_an_mta_that_leaves_meanwhile_does_not_stop_what_is_begun():
    async def whole():
        journey = mixed()
        journey.held = asyncio.Event()
        one = await Mta(journey).hello()
        await one.ask(*mta.mail(OUT))
        one.wire.close()
        await spin()
        assert not journey.finished
        journey.held.set()
        await spin(20)
        assert journey.finished
        assert journey.heard == [False]
        await one.leave()

    play(whole)


def test_an_mta_that_did_not_wait_for_our_answer_has_not_heard_it():
    async def whole():
        journey = mixed()
        journey.held = asyncio.Event()
        one = await Mta(journey).hello()
        await one.ask(*mta.mail(OUT), mta.packet("Q"))
        journey.held.set()
        await spin(20)
        assert journey.heard == [False]
        await one.leave()

    play(whole)


def test_while_it_is_decided_upon_life_is_shown_and_nothing_else_obeyed(monkeypatch):
    async def whole():
        monkeypatch.setattr(milter, "PROGRESS_SECONDS", 0.001)
        journey = letting_through()
        journey.held = asyncio.Event()
        one = await Mta(journey).hello()
        await one.ask(*mta.mail(), *mta.mail("second@b.fr"))
        async with asyncio.timeout(10):
            while one.says()[-1:] != [("p", b"")]:
                await spin()
        assert len(journey.mails) == 1
        journey.held.set()
        await journey.until(lambda: len(journey.mails) == 2)
        await spin(20)
        assert [command for command, _ in one.says() if command == "a"] == ["a", "a"]
        await one.leave()

    play(whole)


@pytest.mark.parametrize(
    "packets",
    [
        [mta.packet("E")],
        [mta.packet("B", b"x")],
        [mta.packet("L", mta.zero("a", "b"))],
        [mta.packet("R", mta.zero("<a@b.fr>"))],
        [*mta.envelope(), mta.packet("E")],
        [*mta.envelope(OUT), b"\0\0\0\0"],
        [*mta.envelope(OUT), b"\xff\xff\xff\xff"],
    ],
    ids=range(7),
)
def test_nonsense_ends_the_connection_and_nothing_is_judged(packets):
    @scene(letting_through)
    async def whole(one):
        await one.ask(*packets)
        assert one.wire.closing
        assert one.journey.mails == []
        assert one.journey.events[-1][0] == "not a milter's client"

    whole()


def test_closing_the_door_lets_an_mta_finish_its_clients_session():
    async def whole():
        idle, busy = Mta(letting_through()), await Mta(letting_through()).hello()
        idle.protocol.wind_up()
        busy.protocol.wind_up()
        assert idle.wire.closing
        assert not busy.wire.closing
        assert (await busy.ask(*mta.mail()))[-1:] == [("a", b"")]
        await idle.leave()
        await busy.leave()

    play(whole)


def test_closing_the_door_lets_go_of_an_mta_between_two_clients():
    async def whole():
        one = await Mta(letting_through()).hello()
        closing = asyncio.create_task(one.door.close(grace=30))
        await spin()
        await one.ask(*mta.mail(), mta.packet("K"))
        assert one.wire.closing
        await closing

    play(whole)


@scene(letting_through)
async def test_nothing_is_obeyed_after_the_end(one):
    await one.ask(mta.packet("Q") + b"".join(mta.mail()))
    assert one.journey.mails == []


@scene(letting_through)
async def test_an_mta_that_does_not_read_is_not_read(one):
    one.protocol.pause_writing()
    assert one.wire.paused
    one.protocol.resume_writing()
    assert not one.wire.paused


PACKETS = st.sampled_from(
    [
        mta.connect(),
        mta.packet("H", mta.zero("x")),
        mta.macros("E", i="4X"),
        *mta.envelope(OUT, OURS),
        *mta.content(),
        mta.packet("A"),
        mta.packet("K"),
        mta.packet("T"),
        mta.packet("U", mta.zero("XYZ")),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PACKETS, max_size=30), st.data())
def test_whatever_the_order_each_end_has_one_answer_and_no_mail_is_let_through_unjudged(
    packets, data
):
    """Cut anywhere: a final answer is only ever given for a mail that was judged."""
    stream = b"".join(packets)
    at = data.draw(st.integers(0, len(stream)))

    async def whole():
        one = await Mta(Journey(DONE)).hello()
        said = await one.ask(stream[:at], stream[at:])
        await spin(40)
        finals = [c for c, _ in said + one.says() if c in "ad"]
        assert len(finals) <= len(one.journey.mails)
        if not one.wire.closing:
            assert len(finals) == len(one.journey.mails)
        await one.leave()

    play(whole)
