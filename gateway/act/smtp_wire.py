"""The wire to a next hop: commands out, replies in, bounded in size and time.

Replies as in RFC 5321, 4.2. The first failure (a lost connection, a time-out, 421, nonsense) ends
the wire and is kept as the reply to hand on; nothing here raises. Knows neither commands nor mail:
`smtp_client` holds the dialogue.

A reply that nobody is waiting for is a failure too: it would answer the next command, or have been
injected before TLS began.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import NamedTuple, cast

from gateway.act.correspondents import shown
from gateway.model import Reply

LINE_BYTES = 4096  # RFC 5321 allows 512 in a reply line; eight times that is no mail server
REPLY_LINES = 128  # the longest answers to EHLO have some 30
SHOWN_LINES = 10  # of a reply handed on
SHOWN_CHARACTERS = 400  # of each; with code and enhanced code under the 512 of RFC 5321
SHUTDOWN_SECONDS = 2  # for TLS to part after QUIT

LOST = Reply(451, "4.4.2", ("Connexion au relais suivant perdue. Nouvel essai automatique.",))
STALLED = Reply(451, "4.4.2", ("Le relais suivant tarde trop. Nouvel essai automatique.",))
NONSENSE = Reply(451, "4.5.0", ("Dialogue impossible avec le relais suivant. Nouvel essai.",))

_ENHANCED = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![^ ])")
_LONG_NUMBER = re.compile(r"[0-9](?:[ .-]?[0-9]){11,}")  # as long as a NIR without its key
_UNSHOWABLE = re.compile(r"[^ -~]")
_CODES = {b"%d" % code: code for code in range(200, 600)}
_AFTER_CODE = frozenset((b" ", b"-", b"\r", b""))


class Said(NamedTuple):
    """One reply as it came. lines: without their codes."""

    code: int
    lines: list[bytes]


class Wire(asyncio.Protocol):
    """One connection. `answered`: whether a reply came since the caller last cleared it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._until, self._late = 0.0, STALLED  # how long, on the loop's clock, and what then
        self._said: list[Said] = []
        self._lines: list[bytes] = []  # of a reply that is not complete
        self._partial = b""  # of a line that is not complete
        self._wanted = 0
        self._due = 1  # replies owed to us; the greeting is the first
        self._paused = False
        self.answered = False
        self.failure: Reply | None = None
        self.gone = False  # the peer closed, or is about to (421): not a time-out, not nonsense

    # called by the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        # Paused as soon as anything waits here: a final dot must not linger in our memory.
        self._transport.set_write_buffer_limits(high=1, low=0)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = self.gone or self.failure is None
        self.fail(LOST)

    def eof_received(self) -> None:  # a hop that will say nothing more is of no use to us
        self.connection_lost(None)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._wake()

    def data_received(self, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._take(line)
            if self.failure is not None:
                return
        if len(self._partial) > LINE_BYTES:
            self.fail(NONSENSE)
        elif len(self._said) >= self._wanted:
            self._wake()

    # called by the client

    def send(self, data: bytes | memoryview, *, due: int = 0) -> None:
        """due: how many replies the hop owes us for it."""
        self._due += due
        if self._transport and self.failure is None:
            self._transport.write(data)

    async def drain(self, until: float, late: Reply) -> None:
        """Until all that was sent has left our memory; `late` is the failure if that takes long."""
        while self._paused and self.failure is None:
            await self._news(until, late)

    async def replies(self, count: int, until: float) -> list[Said]:
        """The next replies, in order; fewer than `count` when the wire failed."""
        self._wanted = count
        while len(self._said) < count and self.failure is None:
            await self._news(until, STALLED)
        taken, self._said = self._said[:count], self._said[count:]
        return taken

    async def secure(self, context: ssl.SSLContext, name: str, until: float) -> None:
        """Start TLS on this connection. Raises OSError when the handshake fails."""
        if self._transport is None or self._partial or self._lines or self.failure:
            raise ConnectionError("bytes before TLS")  # RFC 3207, 6: they would pass for protected
        left = max(until - self._loop.time(), 0.001)
        async with asyncio.timeout(left):
            secured = await self._loop.start_tls(
                self._transport,
                self,
                context,
                server_hostname=name,
                ssl_handshake_timeout=left,
                ssl_shutdown_timeout=SHUTDOWN_SECONDS,
            )
        if secured is None or secured.is_closing():
            raise ConnectionError("closed during the handshake")
        self.connection_made(secured)

    @property
    def tls(self) -> ssl.SSLObject | None:
        return self._transport.get_extra_info("ssl_object") if self._transport else None

    def chain(self) -> list[bytes]:
        """The certificates that the peer showed, in DER, its own first; unchecked.

        Python has a public name for this from 3.13 on.
        """
        if self.tls is None:
            return []
        if hasattr(self.tls, "get_unverified_chain"):
            return list(self.tls.get_unverified_chain())
        shown = self.tls._sslobj.get_unverified_chain() or ()  # type: ignore[attr-defined]
        return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in shown]

    def fail(self, why: Reply) -> None:
        """End the wire at once; what waits in memory never leaves. The first reason stands."""
        self.failure = self.failure or why
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport:
            self._transport.abort()
        self._wake()

    def close(self) -> None:
        """Part politely; the answer to QUIT is not waited for."""
        if self._transport and self.failure is None:
            self._transport.write(b"QUIT\r\n")
            self._transport.close()
        self.failure = self.failure or LOST

    @property
    def idle(self) -> bool:
        """Whether the next command would be answered by its own reply."""
        return self.failure is None and not (self._due or self._said)

    # within

    def _take(self, line: bytes) -> None:
        code, after = _CODES.get(line[:3]), line[3:4]
        if (
            code is None
            or after not in _AFTER_CODE
            or len(line) > LINE_BYTES
            or len(self._lines) >= REPLY_LINES
        ):
            return self.fail(NONSENSE)
        self._lines.append(line[4:512].rstrip())
        if after == b"-":
            return None
        said, self._lines = Said(code, self._lines), []
        if code == 421:
            self.gone = True
            self.fail(reply_of(said))
        elif not self._due:
            self.fail(NONSENSE)
        else:
            self._due -= 1
            self._said.append(said)
            self.answered = True
        return None

    def _news(self, until: float, late: Reply) -> asyncio.Future[None]:
        """Done when there is something new, a failure included: `late`, if that takes long."""
        self._waiter = self._loop.create_future()
        self._until, self._late = until, late
        if self._timer is None or until < self._timer.when():
            self._set_timer()
        return self._waiter

    def _set_timer(self) -> None:
        """One timer, moved only when it fires: cheaper than a new one for each answer."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._until, self._look_at_the_time)

    def _look_at_the_time(self) -> None:
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._until:
            self._set_timer()
        else:
            self.fail(self._late)

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)


def reply_of(said: Said, address: str = "") -> Reply:
    """The hop's words, fit to be handed on: US-ASCII, bounded, identifiers masked.

    421 becomes 451: it is the hop's connection that closes, not the one to our client.
    """
    texts = [_showable(line) for line in said.lines[:SHOWN_LINES]]
    if (masked := shown(address)) != address:
        local, mask = address.rpartition("@")[0], masked.rpartition("@")[0].replace("…", "***")
        texts = [re.sub(re.escape(local), mask, text, flags=re.IGNORECASE) for text in texts]
    if said.code >= 400:  # a refusal may quote the mail; an acceptance only names a queue
        texts = [_LONG_NUMBER.sub("***", text) for text in texts]
    found = _ENHANCED.match(texts[0])
    enhanced = found.group() if found and texts[0][0] == str(said.code)[0] else ""
    texts = [text.removeprefix(enhanced).lstrip()[:SHOWN_CHARACTERS] for text in texts]
    return Reply(451 if said.code == 421 else said.code, enhanced, tuple(texts))


def _showable(line: bytes) -> str:
    text = line.decode("latin-1")
    return text if text.isascii() and text.isprintable() else _UNSHOWABLE.sub("?", text)
