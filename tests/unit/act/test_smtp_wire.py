import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.act.smtp_wire import (
    LINE_BYTES,
    LOST,
    NONSENSE,
    REPLY_LINES,
    SHOWN_CHARACTERS,
    SHOWN_LINES,
    STALLED,
    Said,
    Wire,
    reply_of,
)
from gateway.model import Reply


class Cable:
    """A transport that writes down what is done to it."""

    def __init__(self):
        self.sent, self.aborted = b"", False

    def set_write_buffer_limits(self, **_):
        pass

    def write(self, data):
        self.sent += data

    def abort(self):
        self.aborted = True

    def close(self):
        raise AssertionError("close() would still send what waits in memory")


def heard(*chunks, due=1):
    """What a wire that owed `due` replies makes of these bytes."""

    async def listen():
        wire, cable = Wire(), Cable()
        wire.connection_made(cable)
        wire.send(b"", due=due - 1)  # the greeting is owed already
        for chunk in chunks:
            wire.data_received(chunk)
        wire.connection_lost(None)
        return await wire.replies(due, 0), wire, cable

    return asyncio.run(listen())


REPLIES = st.lists(
    st.tuples(
        st.integers(200, 599).filter(lambda code: code != 421),
        st.lists(st.from_regex(rb"[ -~]{0,40}", fullmatch=True), min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=5,
)


@given(REPLIES, st.lists(st.integers(0, 400), max_size=8), st.sampled_from([b"\r\n", b"\n"]))
def test_replies_are_the_same_however_their_bytes_are_cut(replies, cuts, end):
    raw = b"".join(
        b"%d%b%b%b" % (code, b" " if number == len(lines) - 1 else b"-", line, end)
        for code, lines in replies
        for number, line in enumerate(lines)
    )
    edges = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    chunks = [raw[a:b] for a, b in pairwise(edges)]
    said, _, _ = heard(*chunks, due=len(replies))
    assert said == [Said(code, [line.rstrip() for line in lines]) for code, lines in replies]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"hello\r\n", "no code"),
        (b"\xff\xfe\xfd\r\n", "no text at all"),
        (b"199 x\r\n", "no final code begins with 1"),
        (b"600 x\r\n", "no code begins with 6"),
        (b"250:x\r\n", "neither space nor hyphen after the code"),
        (b"\r\n", "an empty line"),
        (b"2" * (LINE_BYTES + 1), "a line without end"),
        (b"250 " + b"x" * LINE_BYTES + b"\r\n", "too long a line"),
        (b"250-x\r\n" * (REPLY_LINES + 1), "a reply without end"),
        (b"250 a\r\n250 b\r\n", "a reply nobody asked for"),
        (b"250 a\r\n" * 100_000, "a flood of them"),
    ],
)
def test_nonsense_ends_the_wire(raw, why):
    _, wire, cable = heard(raw)
    assert (wire.failure, cable.aborted, wire.gone) == (NONSENSE, True, False), why


def test_what_was_said_before_the_loss_still_counts():
    said, wire, _ = heard(b"250 2.1.0 Ok\r\n550 5.1.1 no\r\n250-half", due=3)
    assert [s.code for s in said] == [250, 550]
    assert (wire.failure, wire.gone) == (LOST, True)


def test_421_ends_the_wire_and_is_handed_on_as_451():
    said, wire, cable = heard(b"421 4.3.2 closing\r\n")
    assert said == []
    assert (wire.failure, cable.aborted) == (Reply(451, "4.3.2", ("closing",)), True)


def test_silence_is_a_failure_once_the_time_is_over():
    async def wait():
        wire = Wire()
        wire.connection_made(Cable())
        return await wire.replies(1, asyncio.get_running_loop().time() + 0.01), wire

    said, wire = asyncio.run(wait())
    assert said == []
    assert (wire.failure, wire.gone) == (STALLED, False)


class Clock:
    """A loop whose time is told by hand, with its timers in order."""

    def __init__(self):
        self.now, self.timers = 0.0, []

    def time(self):
        return self.now

    def create_future(self):
        return asyncio.get_running_loop().create_future()

    def call_at(self, when, callback):
        handle = asyncio.TimerHandle(when, callback, (), asyncio.get_running_loop())
        self.timers.append(handle)
        return handle

    def reach(self, now):
        self.now = now
        due = [timer for timer in self.timers if timer.when() <= now]
        self.timers = [timer for timer in self.timers if timer not in due]
        for timer in due:
            if not timer.cancelled():
                timer._run()


@pytest.mark.parametrize(
    ("first", "second", "still_waits", "over"),
    [
        (10, 30, 29, 30),  # the timer of the first wait comes and moves on
        (30, 10, 9, 10),  # the second wait ends before the timer of the first
        (10, 10, 9, 10),
    ],
)
def test_each_wait_has_its_own_end_whatever_the_timer_was_set_for(first, second, still_waits, over):
    async def wait():
        wire = Wire()
        clock = wire._loop = Clock()
        wire.connection_made(Cable())
        greeting = asyncio.ensure_future(wire.replies(1, first))
        await asyncio.sleep(0)
        wire.data_received(b"220 hop\r\n")
        await greeting
        wire.send(b"NOOP\r\n", due=1)
        answer = asyncio.ensure_future(wire.replies(1, second))
        await asyncio.sleep(0)
        for moment in (min(first, still_waits), still_waits):
            clock.reach(moment)
            assert wire.failure is None
        clock.reach(over)
        assert wire.failure == STALLED
        await answer

    asyncio.run(wait())


def test_no_timer_outlives_an_idle_or_a_failed_wire():
    async def wait(fail):
        wire = Wire()
        clock = wire._loop = Clock()
        wire.connection_made(Cable())
        greeting = asyncio.ensure_future(wire.replies(1, 10))
        await asyncio.sleep(0)
        wire.data_received(b"220 hop\r\n")
        await greeting
        if fail:
            wire.fail(LOST)
        clock.reach(9 if fail else 10)
        return [timer for timer in clock.timers if not timer.cancelled()], wire

    timers, wire = asyncio.run(wait(fail=False))
    assert (timers, wire.failure) == ([], None)
    timers, _ = asyncio.run(wait(fail=True))
    assert timers == []


def test_a_peer_that_takes_nothing_is_a_failure_once_the_time_is_over():
    async def wait():
        wire = Wire()
        wire.connection_made(Cable())
        wire.pause_writing()
        await wire.drain(asyncio.get_running_loop().time() + 0.01, STALLED)
        return wire

    assert asyncio.run(wait()).failure == STALLED


def test_nothing_is_written_after_a_failure():
    async def write():
        wire, cable = Wire(), Cable()
        wire.connection_made(cable)
        wire.fail(LOST)
        wire.send(b".\r\n", due=1)
        return cable

    assert asyncio.run(write()).sent == b""


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (Said(250, [b"2.0.0 Ok: queued as 4Wx"]), Reply(250, "2.0.0", ("Ok: queued as 4Wx",))),
        (Said(250, [b""]), Reply(250, "", ("",))),
        (Said(550, [b"5.1.1 a", b"5.1.1 b"]), Reply(550, "5.1.1", ("a", "b"))),
        (Said(550, [b"4.1.1 another class"]), Reply(550, "", ("4.1.1 another class",))),
        (Said(550, [b"5.1.12345 x"]), Reply(550, "", ("5.1.12345 x",))),
        (Said(451, [b"4.7.1"]), Reply(451, "4.7.1", ("",))),
        (Said(421, [b"4.3.2 bye"]), Reply(451, "4.3.2", ("bye",))),
        (Said(550, ["5.7.1 refusé\x00\x1b".encode()]), Reply(550, "5.7.1", ("refus????",))),
        (Said(550, [b"no 2 79 01 84 168 025 38 here"]), Reply(550, "", ("no *** here",))),
    ],
)
def test_a_reply_is_handed_on_as_it_came_but_fit_to_be_shown(said, reply):
    assert reply_of(said) == reply


def test_a_reply_never_shows_an_identifier_of_the_recipient():
    said = Said(550, [b"5.1.1 <27901841A802538@patient.example> unknown: 27901841a802538"])
    [text] = reply_of(said, "27901841A802538@patient.example").text
    assert text == "<279***@patient.example> unknown: 279***"


def test_a_reply_handed_on_is_bounded():
    reply = reply_of(Said(550, [b"x" * 508] * REPLY_LINES))
    assert len(reply.text) == SHOWN_LINES
    assert {len(line) for line in reply.text} == {SHOWN_CHARACTERS}
    assert all(len(line) + 2 <= 512 for line in reply.lines())
