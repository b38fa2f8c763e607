"""The dialogue with a next hop over one connection: SMTP (RFC 5321) or LMTP (RFC 2033).

MAIL, every RCPT and DATA leave in one piece where the hop offers PIPELINING (RFC 2920); the body
leaves as it is, dot-stuffed only where a line begins with a dot. STARTTLS: RFC 3207; AUTH PLAIN:
RFC 4954, over TLS only; delivery-report parameters: RFC 3461; SMTPUTF8: RFC 6531; SIZE: RFC 1870.

It never sends a final dot twice, nor one for recipients that were refused; it knows nothing of
pools, routes or retries (see `relay`).
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from gateway.act.server import Server
from gateway.act.smtp_wire import LOST, NONSENSE, SHUTDOWN_SECONDS, STALLED, Said, Wire, reply_of
from gateway.model import Envelope, Recipient, Reply

DOT_RESERVE_SECONDS = 10  # a final dot without time for its answer risks a second copy
SMALL_BYTES = 64 * 1024  # up to here a body and its final dot are joined into one write
SLICE_BYTES = 256 * 1024  # of a larger body handed to the loop at a time, so that none is copied
FEW_DOTS = 200  # about 20 us

UNREACHABLE = Reply(451, "4.4.1", ("Relais suivant injoignable. Nouvel essai automatique.",))
LATE = Reply(451, "4.4.7", ("Il reste trop peu de temps pour remettre. Nouvel essai.",))
UNWILLING = Reply(451, "4.3.2", ("Le relais suivant refuse la connexion. Nouvel essai.",))
NO_TLS = Reply(451, "4.7.5", ("Chiffrement impossible avec le relais suivant. Nouvel essai.",))
NO_LOGIN = Reply(451, "4.7.0", ("Identification impossible au relais suivant. Nouvel essai.",))
NO_UTF8 = Reply(550, "5.6.7", ("Le relais suivant n'accepte pas les adresses accentuees.",))
NO_8BIT = Reply(550, "5.6.3", ("Le relais suivant n'accepte que des messages en 7 bits.",))

_EXTENSION = {  # MAIL and RCPT parameters carried on, and what the hop must offer for it
    "BODY": "8BITMIME",
    "SMTPUTF8": "SMTPUTF8",
    "AUTH": "AUTH",
    "RET": "DSN",
    "ENVID": "DSN",
    "NOTIFY": "DSN",
    "ORCPT": "DSN",
}


class Unusable(Exception):
    """No mail can be handed over this connection; nothing was."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.code)
        self.reply = reply


class HandshakeFailed(Unusable):
    """TLS was offered and did not come about."""


@dataclass(frozen=True, slots=True)
class Body:
    """Content as it goes over the wire, without the final dot.

    size: octets as the hop will store them (RFC 1870): before dot-stuffing.
    """

    pieces: tuple[bytes, ...]
    size: int

    @classmethod
    def of(cls, content: Sequence[bytes]) -> Self | None:
        """None where a dot follows a bare CR or LF: two servers may disagree on where such a
        mail ends, which is how a second one is smuggled in."""
        chunks = [chunk for chunk in content if chunk]
        for chunk in chunks[:-1]:
            if not chunk.endswith(b"\r\n"):
                chunks = [b"".join(chunks)]  # so that each begins a line
                break
        if chunks and not chunks[-1].endswith(b"\r\n"):
            chunks.append(b"\r\n")
        size = sum(map(len, chunks))
        for number, chunk in enumerate(chunks):
            if _has_dot_after_line_end(chunk):
                if b"\r." in chunk or chunk.count(b"\n.") != chunk.count(b"\r\n."):
                    return None
                chunks[number] = chunk.replace(b"\r\n.", b"\r\n..")
            if chunk.startswith(b"."):
                chunks[number] = b"." + chunks[number]
        return cls(tuple(chunks), size)

    @property
    def is_ascii(self) -> bool:
        return all(piece.isascii() for piece in self.pieces)

    @property
    def header_is_ascii(self) -> bool:
        for piece in self.pieces:
            end = piece.find(b"\r\n\r\n")
            if not piece[: end if end >= 0 else None].isascii():
                return False
            if end >= 0:
                break
        return True


def _has_dot_after_line_end(chunk: bytes) -> bool:
    """In large chunks from dot to dot as long as they are few, as in base64: 50 times faster than
    to look for pairs, which is what remains in prose."""
    dot = -1
    for _ in range(FEW_DOTS if len(chunk) > SMALL_BYTES else 0):
        dot = chunk.find(b".", dot + 1)
        if dot < 0:
            return False
        if dot and chunk[dot - 1] in b"\r\n":
            return True
    start = max(dot, 0)
    return chunk.find(b"\n.", start) >= 0 or chunk.find(b"\r.", start) >= 0


async def connect(server: Server, hostname: str, timeout: float, deadline: float) -> Client:
    """A connection ready for mail. Raises Unusable.

    Opportunistic TLS falls back to clear text on a fresh connection, before any mail.
    """
    try:
        return await Client(server, hostname, timeout).open(deadline, clear=False)
    except HandshakeFailed:
        if server.tls != "opportunistic" or server.implicit:
            raise
        return await Client(server, hostname, timeout).open(deadline, clear=True)


class Client:
    """One connection: `open` once, then `deliver` any number of mails, one at a time."""

    def __init__(self, server: Server, hostname: str, timeout: float) -> None:
        self._server = server
        self._hostname = hostname
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._secured = False
        self._extensions: dict[str, str] = {}
        self.wire = Wire()
        self.idle_since = 0.0

    @property
    def name(self) -> str:
        """For the log."""
        return self._server.shown

    # opening

    async def open(self, deadline: float, *, clear: bool) -> Self:
        until = min(self._loop.time() + self._timeout, deadline)
        try:
            await self._reach(until)
            await self._expect(220, until)
            await self._hello(until)
            if self._server.tls != "none" and not self._secured and not clear:
                await self._start_tls(until)
            if self._server.auth:
                await self._log_in(*self._server.auth, until)
        except BaseException:
            self.wire.fail(LOST)
            raise
        return self

    async def _reach(self, until: float) -> None:
        context = self._server.context if self._server.implicit else None
        name = self._server.known_as if context else None
        try:
            async with asyncio.timeout_at(until):
                await self._loop.create_connection(
                    lambda: self.wire,
                    self._server.host,
                    self._server.port,
                    ssl=context,
                    server_hostname=name,
                    ssl_shutdown_timeout=SHUTDOWN_SECONDS if context else None,
                )
        except ssl.SSLError as error:
            raise HandshakeFailed(NO_TLS) from error
        except (OSError, UnicodeError) as error:  # UnicodeError: a host name that IDNA refuses
            raise Unusable(UNREACHABLE) from error
        if context is not None:
            self._prove()

    async def _expect(self, code: int, until: float, command: bytes = b"") -> Said:
        if command:
            self.wire.send(command, due=1)
        said = await self.wire.replies(1, until)
        if not said:
            raise Unusable(self.wire.failure or LOST)
        if said[0].code != code:
            raise Unusable(UNWILLING)
        return said[0]

    async def _hello(self, until: float) -> None:
        verb = b"LHLO" if self._server.lmtp else b"EHLO"
        said = await self._expect(250, until, b"%b %b\r\n" % (verb, self._hostname.encode()))
        offered = (line.decode("latin-1").upper().partition(" ") for line in said.lines[1:])
        self._extensions = {keyword: value for keyword, _, value in offered}

    async def _start_tls(self, until: float) -> None:
        context = self._server.context
        if "STARTTLS" not in self._extensions or context is None:
            if self._server.tls != "opportunistic":
                raise Unusable(NO_TLS)
            return
        try:
            await self._expect(220, until, b"STARTTLS\r\n")
            await self.wire.secure(context, self._server.known_as, until)
            self._prove()
            await self._hello(until)  # what was said before TLS counts no more (RFC 3207, 4.2)
        except (OSError, Unusable) as error:
            raise HandshakeFailed(NO_TLS) from error

    def _prove(self) -> None:
        """The handshake is over; where the DNS answers for certificates, it must for this one."""
        proof = self._server.proof
        if proof is not None and not proof.vouches(self.wire.chain()):
            raise HandshakeFailed(NO_TLS)
        self._secured = True

    async def _log_in(self, user: str, password: str, until: float) -> None:
        if not self._secured or "PLAIN" not in self._extensions.get("AUTH", "").split():
            raise Unusable(NO_LOGIN)
        secret = base64.b64encode(f"\0{user}\0{password}".encode())
        try:
            await self._expect(235, until, b"AUTH PLAIN %b\r\n" % secret)
        except Unusable as error:
            raise Unusable(NO_LOGIN) from error

    # one mail

    @property
    def reusable(self) -> bool:
        return self.wire.idle

    @property
    def stale(self) -> bool:
        """Closed by the hop before it answered anything of this mail, so that it never had it."""
        return self.wire.gone and not self.wire.answered

    async def deliver(self, envelope: Envelope, body: Body, deadline: float) -> dict[str, Reply]:
        """One reply for each recipient; no address may stand twice."""
        self.wire.answered = False
        replies = self._unfit(envelope, body)
        recipients = envelope.recipients
        if replies:
            recipients = tuple(r for r in recipients if r.address not in replies)
        if not recipients:
            return replies
        commands = [self._mail(envelope, recipients, body), *map(self._rcpt, recipients)]
        data: Said | None = None
        if "PIPELINING" in self._extensions:
            *said, data = await self._ask([*commands, b"DATA\r\n"], deadline)
        else:
            said = [
                answer for command in commands for answer in await self._ask([command], deadline)
            ]
        replies |= self._refusals(recipients, said)
        accepted = [r.address for r in recipients if r.address not in replies]
        if accepted and data is None:
            [data] = await self._ask([b"DATA\r\n"], deadline)
        if data is None or data.code != 354:
            replies |= dict.fromkeys(accepted, self._refusal(data))
            await self._reset(deadline)
        elif accepted:
            replies |= await self._content(accepted, body, deadline)
        else:
            await self._no_content(said, deadline)
        return replies

    async def _ask(self, commands: Sequence[bytes], deadline: float) -> list[Said | None]:
        """One answer a command; None for those that never came."""
        until = min(self._loop.time() + self._timeout, deadline)
        self.wire.send(b"".join(commands), due=len(commands))
        return _padded(await self.wire.replies(len(commands), until), len(commands))

    def _refusals(
        self, recipients: Sequence[Recipient], said: Sequence[Said | None]
    ) -> dict[str, Reply]:
        """said: the answers to MAIL and to each RCPT."""
        mail, *rcpts = said
        if mail is None or mail.code >= 300:
            return {r.address: self._refusal(mail, r.address) for r in recipients}
        return {
            recipient.address: self._refusal(answer, recipient.address)
            for recipient, answer in zip(recipients, rcpts, strict=True)
            if answer is None or answer.code >= 300
        }

    def _refusal(self, said: Said | None, address: str = "") -> Reply:
        """What was said instead of yes, as a reply to hand on; never one that accepts."""
        if said is None:
            return self.wire.failure or LOST
        if said.code < 400:  # 3yz to RCPT, 250 to DATA: whoever says so is out of step
            self.wire.fail(NONSENSE)
            return NONSENSE
        return reply_of(said, address)

    async def _content(
        self, accepted: Sequence[str], body: Body, deadline: float
    ) -> dict[str, Reply]:
        """After 354. Without the time to hear the answer, the final dot is never sent."""
        last = deadline - DOT_RESERVE_SECONDS
        rest = b".\r\n"
        if body.size <= SMALL_BYTES:
            rest = b"".join((*body.pieces, rest))
        else:
            await self._slices(body, last)
        if self._loop.time() >= last:
            self.wire.fail(LATE)
        owed = len(accepted) if self._server.lmtp else 1
        self.wire.send(rest, due=owed)
        answers = _padded(await self.wire.replies(owed, deadline), owed)
        if not self._server.lmtp:
            answers *= len(accepted)
        return {
            address: reply_of(answer, address)
            if answer and answer.code < 300
            else self._refusal(answer, address)
            for address, answer in zip(accepted, answers, strict=True)
        }

    async def _slices(self, body: Body, last: float) -> None:
        for piece in body.pieces:
            view = memoryview(piece)
            for start in range(0, len(piece), SLICE_BYTES):
                self.wire.send(view[start : start + SLICE_BYTES])
                stall = self._loop.time() + self._timeout
                await self.wire.drain(min(stall, last), STALLED if stall < last else LATE)
                if self.wire.failure:
                    return

    async def _no_content(self, said: Sequence[Said | None], deadline: float) -> None:
        """354 although nobody was accepted. A lone dot ends that without a mail (RFC 2920, 3.1),
        but only a hop that took MAIL and refused every RCPT surely has nobody to give it to."""
        mail, *rcpts = said
        sure = mail and mail.code < 300 and all(rcpt and rcpt.code >= 400 for rcpt in rcpts)
        if sure and not self._server.lmtp:
            await self._ask([b".\r\n"], deadline)
        else:
            self.wire.fail(LOST)

    async def _reset(self, deadline: float) -> None:
        if self.wire.idle:
            [said] = await self._ask([b"RSET\r\n"], deadline)
            if said is None or said.code != 250:
                self.wire.fail(LOST)

    # commands

    def _unfit(self, envelope: Envelope, body: Body) -> dict[str, Reply]:
        """Who cannot be reached where the hop lacks SMTPUTF8 (RFC 6531, 3.2) or 8BITMIME (RFC 6152,
        3: never unasked; and to convert would break signatures)."""
        if "8BITMIME" not in self._extensions and not body.is_ascii:
            return dict.fromkeys(envelope.addresses, NO_8BIT)
        if "SMTPUTF8" in self._extensions:
            return {}
        asked = any(option.upper() == "SMTPUTF8" for option in envelope.options)
        whole = not envelope.sender.isascii() or (asked and not body.header_is_ascii)
        return {a: NO_UTF8 for a in envelope.addresses if whole or not a.isascii()}

    def _mail(self, envelope: Envelope, recipients: Sequence[Recipient], body: Body) -> bytes:
        options = self._carried(envelope.options)
        if "SIZE" in self._extensions:
            options.append(f"SIZE={body.size}")
        if "SMTPUTF8" not in options:
            for address in (envelope.sender, *[recipient.address for recipient in recipients]):
                if not address.isascii():
                    options.append("SMTPUTF8")
                    break
        return " ".join((f"MAIL FROM:<{envelope.sender}>", *options)).encode() + b"\r\n"

    def _rcpt(self, recipient: Recipient) -> bytes:
        command = f"RCPT TO:<{recipient.address}>"
        if recipient.options:
            command = " ".join((command, *self._carried(recipient.options)))
        return command.encode() + b"\r\n"

    def _carried(self, options: Sequence[str]) -> list[str]:
        """Without its extension a parameter is dropped: delivery-report wishes because nobody could
        honour them, BODY where seven bits do."""
        return [
            option
            for option in options
            if _EXTENSION.get(option.partition("=")[0].upper()) in self._extensions
        ]


def _padded(said: Sequence[Said], count: int) -> list[Said | None]:
    """As many answers as were asked for; None for those that never came."""
    return [*said, *[None] * (count - len(said))]
