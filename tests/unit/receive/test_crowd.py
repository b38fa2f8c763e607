"""A full door, and clients that take their time: who gives way, who waits, who is served."""

import asyncio

import pytest

from gateway.receive.door import CROWDED_SECONDS, Door, DoorSettings
from tests.unit.receive import mta
from tests.unit.receive.mta import Mta
from tests.unit.receive.talk import Journey, Wire, clock, on_stage, play, spin, wired

MAIL = b"EHLO x\r\nMAIL FROM:<a@b.fr>\r\nRCPT TO:<b@b.fr>\r\nDATA\r\n"


class Full:
    """A door of these settings, and its clients in memory."""

    def __init__(self, **settings):
        self.journey = Journey()
        wanted = {"protocol": "smtp", "hostname": "gw.example"} | settings
        door = Door(
            DoorSettings(**wanted),
            self.journey.process,
            self.journey.note,
            event=self.journey.event,
        )
        self.door = door

    def comes(self, *said):
        wire, protocol = Wire(), self.door.connection()
        wire.protocol = protocol
        protocol.connection_made(wire)
        for one in said:
            protocol.data_received(one)
        return wire

    @property
    def parted(self):
        told = [about for name, about in self.journey.events if name == "clients gave way"]
        return [about["clients"] for about in told]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ((), "it said nothing"),
        ((b"EHLO x\r\n",), "it said hello"),
        ((b"EHL",), "in the middle of a command"),
        ((MAIL, b"octet by octet"), "in the middle of a mail, and slower than any line"),
    ],
)
def test_in_a_full_door_the_longest_silent_gives_way_to_who_comes(said, why):
    async def scene():
        with clock() as now:
            full = Full(connections=2)
            silent = full.comes(*said)
            now[0] += 5
            recent = full.comes(b"EHLO x\r\n")
            now[0] += CROWDED_SECONDS - 4
            newcomer = full.comes(b"EHLO x\r\n")
            await spin()
            assert silent.closing, why
            assert b"421 4.4.2" in silent.sent
            assert not recent.closing
            newcomer.protocol.data_received(b"MAIL FROM:<a@b.fr>\r\n")
            assert b"250 2.1.0" in newcomer.sent
            assert full.parted == [1]
        await full.door.close(grace=5)

    play(scene)


def test_who_is_not_silent_for_long_does_not_give_way():
    async def scene():
        with clock() as now:
            full = Full(connections=1)
            first = full.comes(b"EHLO x\r\n")
            now[0] += CROWDED_SECONDS - 1
            second = full.comes(b"EHLO x\r\nMAIL FROM:<a@b.fr>\r\n")
            await spin()
            assert not first.closing
            assert b"451 4.3.2" in second.sent
        await full.door.close(grace=5)

    play(scene)


def test_who_waits_for_our_answer_is_not_silent():
    async def scene():
        with clock() as now:
            full = Full(connections=1)
            full.journey.held = asyncio.Event()
            first = full.comes(MAIL, b"x\r\n.\r\n")
            await spin()
            now[0] += 10 * CROWDED_SECONDS
            full.comes(b"EHLO x\r\n")
            await spin()
            assert not first.closing
            full.journey.held.set()
            await spin(12)
            assert b"250 2.0.0" in first.sent
        await full.door.close(grace=5)

    play(scene)


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_an_octet_a_second_of_a_command_is_silence(protocol):
    async def scene():
        with clock() as now:
            _, wire, session = wired(Journey(), protocol=protocol, command_seconds=300)
            for _ in range(299):
                now[0] += 1
                session.data_received(b"E")
                await spin(1)
            assert not wire.closing
            now[0] += 2
            await spin()
            assert wire.closing

    play(scene)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ((), "nothing at all"),
        ((mta.offer()[:3],), "the beginning of its first packet"),
        ((mta.offer(), mta.connect()[:-1]), "a packet less an octet"),
    ],
)
def test_an_mta_that_stops_within_a_packet_is_left(said, why):
    async def scene():
        with clock() as now:
            one = Mta(Journey(), command_seconds=300)
            await one.ask(*said)
            now[0] += 301
            await spin()
            assert one.wire.closing, why
            assert ("client too slow", {"door": "milter", "client": "127.0.0.1"}) in (
                one.journey.events
            )

    play(scene)


def test_an_mta_may_be_silent_between_two_packets_for_as_long_as_it_likes():
    async def scene():
        with clock() as now:
            full = Full(protocol="milter", connections=1, command_seconds=10)
            idle = full.comes(mta.offer(), mta.connect())
            now[0] += 50
            full.comes(mta.offer())
            await spin()
            assert not idle.closing, "a client's session may be at its other end"
        await full.door.close(grace=0)

    play(scene)


def test_at_twice_its_number_a_door_lets_nobody_in_until_somebody_leaves():
    async def scene():
        journey, full = Journey(), asyncio.Event()
        journey.event = lambda name, fields: name == "door full" and full.set()
        async with on_stage(journey, connections=1) as stage:
            first, _ = await stage.hello(), await stage.hello()
            third = await stage.client()
            greeting = asyncio.create_task(third.reply())
            await full.wait()
            assert stage.door.load.connections == 2
            assert not greeting.done()
            await first.ask("QUIT")
            assert (await greeting).startswith("220")

    play(scene)


def test_a_thousand_idle_clients_leave_room_for_one_that_works():
    """They are let in as others of them give way; their number, and so memory, has a bound."""

    async def scene():
        with clock() as now:
            full = Full(connections=50, connections_per_client=10_000)
            for _ in range(1_000):
                full.comes()
                now[0] += CROWDED_SECONDS
            await spin()
            assert full.door.load.connections <= 50
            worker = full.comes(MAIL, b"x\r\n.\r\n")
            await spin(12)
            assert b"250 2.0.0" in worker.sent
        await full.door.close(grace=5)

    play(scene)


def test_a_relay_that_speaks_for_many_has_no_share_of_its_own():
    async def scene():
        async with on_stage(connections_per_client=1, exempt=("127.0.0.0/8",)) as stage:
            await stage.hello()
            assert (await (await stage.client()).reply()).startswith("220")

    play(scene)


def test_all_that_are_silent_give_way_at_once_but_no_more_than_are_too_many():
    async def scene():
        with clock() as now:
            full = Full(connections=4)
            silent = [full.comes() for _ in range(4)]
            now[0] += 1
            silent += [full.comes() for _ in range(3)]
            now[0] += CROWDED_SECONDS
            full.comes()
            await spin()
            assert full.parted == [4]
            assert [one.closing for one in silent] == [True] * 4 + [False] * 3, "the longest first"
        await full.door.close(grace=5)

    play(scene)


def test_who_does_not_take_our_last_words_is_not_asked_to_leave_again():
    """Its connection lingers; to choose it for ever would let in nobody."""

    async def scene():
        with clock() as now:
            full = Full(connections=1)
            deaf = full.comes()
            deaf.close = lambda: None  # it does not read: the transport waits for it
            now[0] += CROWDED_SECONDS
            full.comes()
            now[0] += CROWDED_SECONDS
            full.comes()
            await spin()
            assert full.parted == [1, 1]
            del deaf.close
            deaf.close()
        await full.door.close(grace=5)

    play(scene)
