"""A client that says anything, in pieces of any size: nothing escapes, and what it hands over is
what it sent, as a plain reading of RFC 5321 and RFC 3030 has it; and any bytes are a PROXY header
or none.

The first octet of an input says which door, whether a mail is already begun, how large one may
be, and whether its content comes by BDAT.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fuzz import pieces
from gateway.model import Mail, Reply
from gateway.receive.data import Data
from gateway.receive.door import Door, DoorSettings
from gateway.receive.proxy import Malformed, version_1, version_2

ENVELOPE = b"HLO c.example\r\nMAIL FROM:<a@ch.example>\r\nRCPT TO:<b@mail.example>\r\n"
BEGUN = ENVELOPE + b"DATA\r\n"
WORDS = (
    b"EHLO c.example\r\n|LHLO c\r\n|HELO c\r\n|MAIL FROM:<a@ch.example>|RCPT TO:<b@x.example>|"
    b" SIZE=9| BODY=8BITMIME| SMTPUTF8| RET=HDRS| ENVID=a| NOTIFY=NEVER| ORCPT=rfc822;a| AUTH=<>|"
    b"BDAT 9\r\n|BDAT 0 LAST\r\n|BDAT |LAST\r\n|99999999999999999999|XCLIENT ADDR=192.0.2.1\r\n|"
    b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\r\n|PROXY UNKNOWN\r\n|"
    b"DATA\r\n|RSET\r\n|NOOP\r\n|QUIT\r\n|VRFY a\r\n|STARTTLS\r\n|XFORWARD IDENT=1|<@a,@b:c@d>|"
    b"\r\n.\r\n|\r\n..\r\n|\n.\n|\r.\r|\n.\r\n|\r\n.\n|\r\n|.|\r|\n|Received: x\r\n"
).split(b"|")
LONGEST = 3_000
CHUNKED = b"BDAT 5\r\na\r\n.\rBDAT 1\r\n\nBDAT 0\r\nBDAT 3 LAST\r\n\r\n.QUIT\r\n"
SMALL, LARGE = 60, 1_500  # octets a mail may have

_REPLY = re.compile(rb"[2-5][0-9]{2}[ -][ -~]{0,506}\r\n")
_BDAT = re.compile(rb"BDAT ([0-9]{1,18})( LAST)?\r\n", re.IGNORECASE)
_FAILURES = ("session failed", "mail failed", "note failed")
_TAKEN = Reply(250, "2.0.0", ("Ok",))
_LOOP = asyncio.new_event_loop()


def seeds() -> Iterator[bytes]:
    mail = b"Subject: x\r\n\r\na\r\n..b\r\n.\r\n"
    after = b"MAIL FROM:<>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n" + mail + b"QUIT\r\n"
    for first in range(8):
        for sizes in (b"\0\0\0\0", b"\1\1\1\1", b"\3\7\2\x29"):
            head, hello = bytes((first,)) + sizes, b"LHLO c\r\n" if first & 1 else b"EHLO c\r\n"
            yield head + mail + after
            yield head + b"Subject: x\n.\r\r\n" + mail
            yield head + hello + b"MAIL FROM:<a@b.example> SIZE=5\r\n" + after
            yield head + hello + b"XCLIENT ADDR=192.0.2.1\r\n" + hello + ENVELOPE[15:] + CHUNKED
    for sizes in (b"\1\1\1\1", b"\3\7\2\x29"):
        yield b"\x0a" + sizes + CHUNKED
        yield b"\x0b" + sizes + b"BDAT 3\r\na\nbBDAT 99 LAST\r\n" + b"x" * 99
        yield b"\x0a" + sizes + b"BDAT 3 LATS\r\nabcQUIT\r\n"


def check(data: bytes) -> None:
    first = data[0] if data else 0
    said = data[1 + pieces.SIZES :]
    parts = pieces.cut(data[1:])
    limit = LARGE if first & 4 else SMALL
    header(said)
    gathered(parts, limit)
    lmtp, begun, chunked = bool(first & 1), bool(first & 2), bool(first & 8)
    if begun:
        parts = [(b"L" if lmtp else b"E") + (ENVELOPE if chunked else BEGUN), *parts]
    session = Session("lmtp" if lmtp else "smtp", limit, lambda mail: _TAKEN)
    session.hold(parts)
    assert not _REPLY.sub(b"", session.said), "no reply by the book"
    expected = None
    if begun:
        expected = chunked_reference(said) if chunked else reference(said)
    if expected:
        mail, bare, _ = expected
        taken = [seen.content for seen in session.mails[:1]]
        if bare or len(mail) > limit:
            assert mail not in taken, "a mail taken that should have been refused"
        else:
            assert taken == [mail], "another mail than was sent"


def header(said: bytes) -> None:
    """Who a balancer says it is: an address, or nobody."""
    for read in (lambda: version_1(said), lambda: version_2(said[:16].ljust(16, b"\0"), said[16:])):
        try:
            peer = read()
        except Malformed:
            continue
        if peer is not None:
            assert ipaddress.ip_address(peer[0])
            assert 0 <= peer[1] <= 65535


def reference(stream: bytes) -> tuple[bytes, bool, bytes] | None:
    """After DATA: the content, whether it has bare line ends, what follows; None without end."""
    lines = stream.split(b"\r\n")
    if b"." not in lines[:-1]:
        return None
    end = lines.index(b".")
    content = b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:end])
    raw = b"".join(lines[:end])
    return content, b"\r" in raw or b"\n" in raw, b"\r\n".join(lines[end + 1 :])


def chunked_reference(stream: bytes) -> tuple[bytes, bool, bytes] | None:
    """As `reference`, of chunks alone; None where anything else comes between them."""
    content = b""
    while found := _BDAT.match(stream):
        size = int(found[1])
        chunk, stream = stream[found.end() :][:size], stream[found.end() + size :]
        content += chunk
        if len(chunk) < size:
            return None
        if found[2]:
            bare = re.search(rb"\r(?!\n)|(?<!\r)\n", content)
            whole = not content or content.endswith(b"\r\n")
            return content if whole else content + b"\r\n", bool(bare), stream
    return None


def gathered(parts: list[bytes], limit: int) -> None:
    """The content alone, without a conversation around it."""
    data, rest = Data(limit), None
    waiting = list(parts)
    while waiting and rest is None:
        rest = data.feed(waiting.pop(0))
    expected = reference(b"".join(parts))
    assert (rest is None) == (expected is None), "another end"
    if expected is None or rest is None:
        return
    content, bare, after = expected
    assert rest + b"".join(waiting) == after, "another rest"
    found = data.content()
    assert data.too_big == (len(content) > limit), "another size"
    if not data.too_big:
        assert (found, data.bare_newline) == (content, bare), "another content"


class Session(asyncio.Transport):
    """A door with one client, and both ends of the connection. reply: for each recipient."""

    def __init__(self, protocol: str, limit: int, reply: Callable[[Mail], Reply]) -> None:
        super().__init__({"peername": ("127.0.0.1", 4321)})
        self._reply = reply
        self.mails: list[Mail] = []
        self.said = b""
        self._closed = False
        clients = ("127.0.0.0/8", "192.0.2.0/24")
        self._settings = DoorSettings(
            protocol,
            "mx.ch.example",
            clients=clients,
            xclient=("127.0.0.0/8",),
            size=limit,
            recipients=3,
        )

    def hold(self, parts: list[bytes]) -> None:
        """The whole conversation."""
        _LOOP.run_until_complete(self._listen(parts))

    async def _listen(self, parts: list[bytes]) -> None:
        complaints: list[Mapping[str, Any]] = []
        _LOOP.set_exception_handler(lambda _, context: complaints.append(context))
        door = Door(self._settings, self._process, self._answered, event=self._event)
        session = door.connection()
        session.connection_made(self)
        for part in parts:
            if self._closed:
                break
            session.data_received(part)
            await turns()
        session.eof_received()
        await turns()
        session.connection_lost(None)
        await door.close(grace=1)
        assert not complaints, "an error that nobody caught"
        assert not door.load.connections, "a client that is counted for ever"
        assert not door.load.octets, "octets that are counted for ever"

    async def _process(self, mail: Mail) -> Mapping[str, Reply]:
        self.mails.append(mail)
        return dict.fromkeys(mail.envelope.addresses, self._reply(mail))

    async def _answered(self, mail: Mail, heard: bool) -> None:
        pass

    def _event(self, name: str, fields: Mapping[str, object]) -> None:
        assert name not in _FAILURES, fields

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.said += data

    def close(self) -> None:
        self._closed = True

    abort = close

    def is_closing(self) -> bool:
        return self._closed

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        pass

    resume_reading = pause_reading


async def turns() -> None:
    """As many as a journey takes that waits for nothing."""
    for _ in range(8):
        await asyncio.sleep(0)
