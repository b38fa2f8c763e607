"""A next hop that says anything, in pieces of any size: no error escapes, each recipient has a
reply fit to be handed on, and nobody is told yes without a yes to the final dot.

The first octet of an input says whether the hop speaks LMTP.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fuzz import pieces
from gateway.act.smtp_client import Body, Client, Server, Unusable
from gateway.act.smtp_wire import LINE_BYTES, REPLY_LINES, Wire, reply_of
from gateway.model import Envelope, Recipient, Reply

WORDS = (
    b"220 h\r\n|250-h\r\n|250 2.0.0 Ok\r\n|250-PIPELINING\r\n|250 SIZE 9\r\n|354 go\r\n|"
    b"421 4.3.2 bye\r\n|451 4.7.1 later\r\n|550 5.1.1 |550-|252 |2|3|5.7.1|\r\n|\n| |-|\0|"
    b"DSN|8BITMIME|SMTPUTF8|STARTTLS|AUTH PLAIN|b@mail.example|2790399999"
).split(b"|")
LONGEST = 3_000
ENVELOPE = Envelope(
    "a@ch.example",
    (Recipient("b@mail.example", ("NOTIFY=NEVER",)), Recipient("1790399999151@mail.example")),
    ("BODY=8BITMIME",),
)
CONTENT = b"Subject: x\r\n\r\na\r\n"
DOT = b"\r\n.\r\n"

_SERVERS = [Server("127.0.0.1", 25), Server("127.0.0.1", 24, lmtp=True)]
_LONGEST_LINE = 512
_LONG_NUMBER = re.compile(r"[0-9]{12}")
_LOOP = asyncio.new_event_loop()


def seeds() -> Iterator[bytes]:
    hello = b"220 h ESMTP\r\n" + b"250-h\r\n250-PIPELINING\r\n250-DSN\r\n250 SIZE 1000\r\n"
    yes, no = b"250 2.1.0 Ok\r\n", b"550-5.1.1 <b@mail.example>\r\n550 5.1.1 unknown\r\n"
    go = b"354 go on\r\n"
    for greeting in (hello, b"220 h ESMTP\r\n250 h\r\n"):
        for said in (yes * 3 + go + yes * 2, yes + no * 2 + b"503 5.5.1 no\r\n"):
            for head in (b"\0\0\0\0\0", b"\1\x0d\x40\x0e\x0e", b"\1\1\1\1\1"):
                yield head + greeting + said
        yield b"\0\0\0\0\0" + greeting + yes + no + yes + go + yes
    yield b"\0\x0d\x07\x13\x13" + b"220 h ESMTP\r\n250 h\r\n421 4.3.2 closing\r\n"


def check(data: bytes) -> None:
    parts = pieces.cut(data[1:])
    server = _SERVERS[data[0] & 1 if data else 0]
    _LOOP.run_until_complete(converse(server, parts))
    _LOOP.run_until_complete(heard(parts))


async def converse(server: Server, parts: list[bytes]) -> None:
    """One mail over one connection."""
    complaints: list[Mapping[str, Any]] = []
    _LOOP.set_exception_handler(lambda _, context: complaints.append(context))
    hop = Hop(server)
    speaking = asyncio.ensure_future(hop.speak(parts))
    body = Body.of((CONTENT,))
    assert body is not None
    late = _LOOP.time() + 1000  # never: the hop hangs up when it has no more to say
    try:
        await hop.open(late, clear=True)
    except Unusable as error:
        fit(error.reply)
    else:
        replies = await hop.deliver(ENVELOPE, body, late)
        assert set(replies) == set(ENVELOPE.addresses), "a recipient without a reply"
        for reply in replies.values():
            fit(reply)
            assert not reply.accepted or hop.yes_to_dot, "yes without a yes"
    await speaking
    assert hop.cable.sent.count(DOT) <= 1, "two mails for one"
    assert not complaints, "an error that nobody caught"


async def heard(parts: list[bytes]) -> None:
    """The same replies, however the bytes come."""
    whole = told([b"".join(parts)])
    assert told(parts) == whole, "the pieces make it differ"
    for _, lines in whole[0]:
        assert len(lines) <= REPLY_LINES
        assert all(len(line) <= LINE_BYTES for line in lines)


def told(parts: list[bytes]) -> tuple[list[tuple[int, list[bytes]]], Reply | None]:
    wire = Wire()
    wire.connection_made(Cable())
    wire.send(b"", due=20)
    for part in parts:
        if wire.failure is None:
            wire.data_received(part)
    for said in wire._said:
        fit(reply_of(said, ENVELOPE.addresses[1]))
    return [(said.code, said.lines) for said in wire._said], wire.failure


def fit(reply: Reply) -> None:
    """To be handed on to our own client."""
    assert 200 <= reply.code < 600
    assert reply.code != 421
    for line in reply.lines():
        assert line.isascii(), "not ASCII"
        assert line.isprintable(), "control characters"
        assert len(line) < _LONGEST_LINE, "a long line"
        assert reply.code < 400 or not _LONG_NUMBER.search(line), "a number as long as a NIR"


class Cable(asyncio.Transport):
    """What was sent over it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.gone = False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data

    def abort(self) -> None:
        self.gone = True

    close = abort


class Hop(Client):
    """The client, connected to a hop that says what the input says, piece by piece."""

    def __init__(self, server: Server) -> None:
        super().__init__(server, "gw.ch.example", 1000)
        self.cable = Cable()
        self.yes_to_dot = False

    async def _reach(self, until: float) -> None:
        self.wire.connection_made(self.cable)

    async def speak(self, parts: list[bytes]) -> None:
        await turns()
        for part in parts:
            if self.cable.gone:
                break
            self.yes_to_dot = self.yes_to_dot or (DOT in self.cable.sent and b"\n" in part)
            self.wire.data_received(part)
            await turns()
        if not self.cable.gone:
            self.wire.connection_lost(None)


async def turns() -> None:
    for _ in range(8):
        await asyncio.sleep(0)
