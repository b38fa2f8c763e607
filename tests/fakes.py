"""A scripted next hop on 127.0.0.1: an SMTP or LMTP server that does as it is told.

    async with NextHop(says={"RCPT TO:<b@": "550 5.1.1 unknown"}) as hop:
        ...  # send to 127.0.0.1, hop.port
    assert hop.taken[0].content == b"..."

Written with streams, line by line, on purpose: it shares no idea with the client it tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 99999999", "ENHANCEDSTATUSCODES")


class Deed(Enum):
    """What a hop does instead of answering."""

    CLOSE = "close the connection"
    STALL = "say and read nothing more"
    ENDLESS_LINES = "send lines of one reply for ever"
    ENDLESS_LINE = "send one line for ever"


FLOOD = {Deed.ENDLESS_LINES: b"250-x\r\n" * 1000, Deed.ENDLESS_LINE: b"2" * 10_000}

Answer = str | bytes | Deed
"""A str gets its CRLF; bytes go out as they are, so b"250 hal" is half a reply."""


@dataclass(frozen=True)
class Taken:
    """One mail as the hop accepted it. content: dots unstuffed, up to the final dot."""

    mail: str
    rcpts: tuple[str, ...]
    content: bytes
    tls: bool


@dataclass
class NextHop:
    """says: beginning of a command ("RCPT TO:<b@"), or "greeting", "body" (once the body begins
    to arrive), "." (the end of data), ".b@" (the same for one LMTP recipient) -> the answer; a
    list is used up one by one, then the hop answers as usual.
    """

    extensions: tuple[str, ...] = EXTENSIONS
    says: Mapping[str, Answer | list[Answer]] = field(default_factory=dict)
    lmtp: bool = False
    tls: ssl.SSLContext | None = None  # offers STARTTLS
    implicit: bool = False  # with `tls`: from the first byte
    port: int = 0
    host: str = "127.0.0.1"
    sock: socket.socket | None = None  # bound already: then it has its own port
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)  # of each command
    connections: int = 0

    async def __aenter__(self) -> Self:
        self._talks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._server = await asyncio.start_server(
            self._accept,
            None if self.sock else self.host,
            None if self.sock else self.port,
            sock=self.sock,
            limit=1 << 18,
            ssl=self.tls if self.implicit else None,
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self.hang_up()

    async def hang_up(self) -> None:
        """Close every connection and wait until that is done."""
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def heard(self, beginning: str) -> None:
        """Wait until such a command has come."""
        while not any(command.startswith(beginning) for command in self.commands):
            self._news.clear()
            await self._news.wait()

    async def parted(self) -> None:
        """Wait until every client has closed its connection."""
        await asyncio.gather(*self._talks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        talk = asyncio.ensure_future(_Talk(self, reader, writer).run())
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    def answer(self, said: str, usual: str) -> Answer:
        for beginning, answer in self.says.items():
            if said.upper().startswith(beginning.upper()):
                if not isinstance(answer, list):
                    return answer
                if answer:
                    return answer.pop(0)
        return usual


class _HungUp(Exception):
    """The hop has done its deed."""


class _Talk:
    def __init__(
        self, hop: NextHop, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.hop, self.reader, self.writer = hop, reader, writer
        self.tls = hop.implicit
        self.mail, self.rcpts = "", []

    async def run(self) -> None:
        with contextlib.suppress(_HungUp, OSError, asyncio.IncompleteReadError):
            try:
                await self.say("greeting", "220 hop.example ESMTP")
                while True:
                    await self.command((await self.reader.readuntil(b"\r\n"))[:-2].decode())
            finally:
                self.writer.transport.abort()

    async def say(self, said: str, usual: str) -> bool:
        """Whether the answer was 2yz or 3yz."""
        answer = self.hop.answer(said, usual)
        match answer:
            case Deed.CLOSE:
                raise _HungUp
            case Deed.STALL:
                await asyncio.Event().wait()
            case Deed.ENDLESS_LINES | Deed.ENDLESS_LINE:
                while True:
                    self.writer.write(FLOOD[answer])
                    await self.writer.drain()
        raw = answer if isinstance(answer, bytes) else f"{answer}\r\n".encode()
        self.writer.write(raw)
        await self.writer.drain()
        return raw[:1] in (b"2", b"3")

    async def command(self, line: str) -> None:
        self.hop.commands.append(line)
        self.hop.over_tls.append(self.tls)
        self.hop._news.set()
        verb = line[:4].upper()
        if verb in ("EHLO", "LHLO"):
            offered = self.hop.extensions
            if self.hop.tls and not self.tls:
                offered += ("STARTTLS",)
            *first, last = ["hop.example", *offered]
            await self.say(line, "".join(f"250-{each}\r\n" for each in first) + f"250 {last}")
        elif verb == "STAR":
            if await self.say(line, "220 2.0.0 Go ahead"):
                await self.writer.start_tls(self.hop.tls)
                self.tls = True
        elif verb == "MAIL":
            usual = "503 5.5.1 Nested MAIL" if self.mail else "250 2.1.0 Ok"
            if await self.say(line, usual):
                self.mail, self.rcpts = line, []
        elif verb == "RCPT":
            if await self.say(line, "250 2.1.5 Ok" if self.mail else "503 5.5.1 MAIL first"):
                self.rcpts.append(line)
        elif verb == "DATA":
            usual = "354 End with a dot" if self.rcpts else "554 5.5.1 No valid recipients"
            if await self.say(line, usual):
                await self.take()
        elif verb == "QUIT":
            await self.say(line, "221 2.0.0 Bye")
            raise _HungUp
        else:
            self.mail, self.rcpts = "", []
            await self.say(line, "235 2.7.0 Ok" if verb == "AUTH" else "250 2.0.0 Ok")

    async def take(self) -> None:
        lines: list[bytes] = []
        while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            if not lines and "body" in self.hop.says:
                await self.say("body", "")
            lines.append(line.removeprefix(b"."))
        taken = []
        for rcpt in self.rcpts if self.hop.lmtp else [""]:
            address = rcpt[len("RCPT TO:<") :].partition(">")[0]
            if await self.say(
                f".{address}", "250 2.0.0 Ok: queued" if self.rcpts else "554 5.5.1 No"
            ):
                taken += [rcpt] if rcpt else self.rcpts
        if taken:
            self.hop.taken.append(Taken(self.mail, tuple(taken), b"".join(lines), self.tls))
        self.mail, self.rcpts = "", []
