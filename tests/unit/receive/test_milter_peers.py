"""What real peers say and need: Sendmail's own packets, an MTA of long ago, slow scans, pieces over
TCP, headers without end."""

from __future__ import annotations

import asyncio
import itertools
import selectors
import socket
import struct
import tracemalloc

import pytest

from gateway.model import Reply, Stay
from gateway.receive.door import Door, DoorSettings
from tests.unit.receive import mta
from tests.unit.receive.mta import Mta
from tests.unit.receive.talk import DONE, Journey, Wire, play, spin

STAYS = Reply(250, "2.0.0", ("Ok",), Stay())
CHANGED = Reply(250, "2.0.0", ("Ok",), Stay(((b"X-A", b"un"),)))
MTA = "mta.ch-exemple.example"
MTA_PATIENCE_SECONDS = 30  # the least that either MTA waits, unless told otherwise
ARGUMENTS = {"mail_mailer": "esmtp", "mail_host": "[127.0.0.1]", "mail_addr": "agent@ch.example"}


def sendmail_mail(number: int) -> list[bytes]:
    """As Sendmail 8.17.1 sent it (but for names): the queue id comes before MAIL, the macros of a
    stage only where it has some, and no DATA, end of headers or abort."""
    values = {f"{{{name}}}": value for name, value in ARGUMENTS.items()}
    return [
        mta.macros("M", i=f"6AMFpDrV01672{number}", **values),
        mta.packet("M", mta.zero("<agent@ch.example>", "BODY=8BITMIME")),
        mta.macros("R", **{"{rcpt_mailer}": "esmtp", "{rcpt_addr}": "a@exemple.example"}),
        mta.packet("R", mta.zero("<a@exemple.example>", "NOTIFY=NEVER")),
        mta.packet("L", b"From\0 agent@ch.example\0"),
        mta.packet("L", b"X-Lead\0  deux\0"),
        mta.packet("L", b"X-None\0rien\0"),
        mta.packet("L", b"X-Fold\0 a\n\tb\n  c\0"),
        mta.packet("L", b"X-Empty\0\0"),
        mta.packet("L", b"X-Twice\0 1\0"),
        mta.packet("L", b"X-Twice\0 2\0"),
        mta.packet("B", b"Bonjour %d\r\n" % number),
        mta.macros("E", **{"{msg_id}": "<stay@x>"}),
        mta.packet("E"),
    ]


SENDMAIL_HELLO = [
    mta.packet("O", struct.pack("!III", 6, 0x1FF, 0x1FFFFF)),
    mta.macros("C", j=MTA, _="localhost [127.0.0.1]", **{"{daemon_name}": "MTA"}),
    mta.connect("localhost", "127.0.0.1", 56852),
    mta.macros("H"),
    mta.packet("H", mta.zero("poste.example")),
]
HEADER = (
    b"From: agent@ch.example\r\nX-Lead:  deux\r\nX-None:rien\r\nX-Fold: a\r\n\tb\r\n  c\r\n"
    b"X-Empty:\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n"
)


@pytest.mark.parametrize(
    ("reply", "last"),
    [
        (STAYS, [("a", b"")]),
        (CHANGED, [("i", b"\0\0\0\0X-A\0 un\0"), ("a", b"")]),
        (DONE, [("d", b"")]),
    ],
    ids=["stays", "changed", "discarded"],
)
def test_a_dialogue_of_sendmail(reply, last):
    async def whole():
        one = Mta(Journey(reply))
        [(command, said)] = await one.ask(*SENDMAIL_HELLO)
        assert (command, said) == ("O", struct.pack("!III", 6, 0x03, 0x1833C0))
        for number in range(3):
            assert await one.ask(*sendmail_mail(number)) == [("c", b"")] * 2 + last
        contents = [mail.content for mail in one.journey.mails]
        assert contents == [HEADER + b"Bonjour %d\r\n" % number for number in range(3)]
        ids = [mail.client.queue_id for mail in one.journey.mails]
        assert ids == [f"6AMFpDrV01672{number}" for number in range(3)]
        await one.ask(*sendmail_mail(9)[:4], mta.packet("A"), mta.packet("Q"))
        assert len(one.journey.mails) == 3
        assert one.wire.closing
        await one.leave()

    play(whole)


@pytest.mark.parametrize("version", [2, 3, 4, 5])
def test_an_mta_of_long_ago_waits_for_every_answer_and_eats_the_space(version):
    """SMFI_V2_ACTS and SMFI_V2_PROT: nothing may be left out, nothing is silent."""

    async def whole():
        one = Mta(Journey(CHANGED))
        offered = mta.offer(version=version, actions=0x3F, steps=0x7F)
        assert await one.ask(offered) == [("O", struct.pack("!III", version, 0x03, 0x40))]
        packets = [mta.connect(), mta.packet("H", mta.zero("x")), *mta.envelope("b@b.example")]
        for packet in [*packets, *mta.content(("Subject", "essai"))[:-1]]:
            assert await one.ask(packet) == [("c", b"")]
        assert await one.ask(mta.packet("E")) == [("i", b"\0\0\0\0X-A\0un\0"), ("a", b"")]
        assert one.journey.mails[0].content.startswith(b"Subject: essai\r\n")
        await one.leave()

    play(whole)


class Clock(selectors.DefaultSelector):
    """Time that passes only by being waited for, and at once."""

    now = 0.0

    def select(self, timeout=None):
        self.now += timeout or 0.0
        return super().select(0)


class Slow(Journey):
    async def process(self, mail):
        await asyncio.sleep(75)
        return await super().process(mail)


def test_a_long_scan_shows_life_before_any_mta_gives_up():
    clock, heard = Clock(), []

    class Heard(Wire):
        def write(self, data):
            heard.append((clock.now, chr(data[4])))
            super().write(data)

    async def whole():
        door = door_of(Slow(STAYS))
        wire, session = Heard(), door.connection()
        wire.protocol = session
        session.connection_made(wire)
        for packet in [mta.offer(), *mta.mail()]:
            session.data_received(packet)
        await asyncio.sleep(100)
        wire.close()
        await spin()
        await door.close(grace=1)

    loop = asyncio.SelectorEventLoop(clock)
    loop.time = lambda: clock.now
    loop.run_until_complete(whole())
    loop.close()
    times = [when for when, _ in heard]
    assert [what for _, what in heard][-2:] == ["p", "a"]
    assert times[-1] >= 75
    pauses = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert max(pauses) < MTA_PATIENCE_SECONDS / 2


def door_of(journey: Journey) -> Door:
    settings = DoorSettings("milter", "gw.example")
    return Door(settings, journey.process, journey.note, event=journey.event)


class Options:
    """A connected socket that notes what is set on it."""

    def __init__(self):
        self.set = []

    def setsockopt(self, *option):
        self.set.append(option)


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="Linux has it")
@pytest.mark.parametrize("client", ["127.0.0.1", ""], ids=["TCP", "unix"])
def test_over_tcp_each_piece_is_acknowledged_at_once(client):
    """The kernel forgets it after each acknowledgement, so once is not enough."""

    async def whole():
        door, options = door_of(Journey(STAYS)), Options()
        wire = Wire()
        wire._extra.update(peername=(client, 4711) if client else "", socket=options)
        session = wire.protocol = door.connection()
        session.connection_made(wire)
        pieces = [mta.offer(), *mta.mail()]
        for packet in pieces:
            session.data_received(packet)
        quick = (socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        assert options.set.count(quick) == (len(pieces) if client else 0)
        await spin(20)
        wire.close()
        await spin()
        await door.close(grace=1)

    play(whole)


def test_many_small_fields_weigh_little_more_than_is_counted():
    """Each kept apart, they would be some fifteen times as much, and nobody would count it."""

    async def whole():
        one = await Mta(Journey(STAYS), size=25_000).hello()
        fields = mta.packet("L", b"a\0\0") * 1_000
        await one.ask(*mta.envelope("b@b.example"))
        tracemalloc.start()
        try:
            await one.ask(*[fields] * 5)
            counted = one.door.load.octets
            assert counted == 5_000 * len(b"a:\r\n")
            assert tracemalloc.get_traced_memory()[0] < 4 * counted
        finally:
            tracemalloc.stop()
        [(command, said)] = await one.ask(fields * 2, mta.packet("E"))
        assert (command, said[:3], one.door.load.octets) == ("y", b"552", 0)
        await one.leave()

    play(whole)


def test_macros_that_nobody_reads_are_not_kept():
    async def whole():
        one = await Mta(Journey(STAYS)).hello()
        tracemalloc.start()
        try:
            for n in range(20):
                await one.ask(mta.macros("C", **{f"{{m{n}}}": "x" * 100_000}))
            assert tracemalloc.get_traced_memory()[0] < 500_000
        finally:
            tracemalloc.stop()
        await one.leave()

    play(whole)
