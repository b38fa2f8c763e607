"""What stands in front of a door and keeps a mail until it is answered: over SMTP and LMTP, a queue
that tries again; over the milter protocol, an MTA whose client tries again.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from tests.unit.receive import mta

_CODES = {"t": 451, "r": 550, "d": 250, "a": 250, "c": 250}
_KEPT = "ac"


@dataclass(slots=True)
class Client:
    """heard: the last code for each recipient; 0 where none came. kept: the MTA has delivered it
    itself. vanishes: hangs up before it is answered."""

    door: str
    sender: str
    to: Sequence[str]
    content: bytes
    vanishes: bool = False
    heard: dict[str, int] = field(default_factory=dict)
    kept: bool = False
    tries: int = 0

    @property
    def waiting(self) -> list[str]:
        return [address for address in self.to if not self.heard[address] or self.put_off(address)]

    @property
    def will_try(self) -> bool:
        """Whom it got no answer from, it comes to again later."""
        return any(map(self.put_off, self.to)) or not self.tries

    def put_off(self, address: str) -> bool:
        return self.heard[address] // 100 == 4

    def __post_init__(self) -> None:
        self.heard = dict.fromkeys(self.to, 0)

    async def attempt(self, port: int) -> None:
        """Bring it for all who wait; the connection may break at any point."""
        self.tries += 1
        to = self.waiting
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with suppress(OSError, asyncio.IncompleteReadError):
            await (self._milter if self.door == "milter" else self._smtp)(reader, writer, to)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    def _begin(self, to: Sequence[str]) -> None:
        """Behind a door that is dead nobody answers, and what was heard still stands."""
        for address in to:
            self.heard[address] = 0

    async def _smtp(self, reader, writer, to) -> None:
        await _reply(reader)
        self._begin(to)
        await _ask(reader, writer, f"{'LHLO' if self.door == 'lmtp' else 'EHLO'} mta.example")
        commands = [f"MAIL FROM:<{self.sender}>", *(f"RCPT TO:<{a}>" for a in to), "DATA"]
        await _ask(reader, writer, *commands)
        fresh = f"Received: by mta.example id TRY{self.tries}; now\r\n".encode()  # as Postfix's
        writer.write(fresh + self.content + b".\r\n")
        if self.vanishes:
            return
        if self.door == "lmtp":
            for address in to:
                self.heard[address] = await _reply(reader)
        else:
            code = await _reply(reader)
            self.heard |= dict.fromkeys(to, code)
        await _ask(reader, writer, "QUIT")

    async def _milter(self, reader, writer, to) -> None:
        writer.write(mta.offer())
        await _packet(reader)
        writer.write(mta.connect() + mta.packet("H", mta.zero("poste.example")))
        for one in mta.envelope(*to, sender=self.sender):
            writer.write(one)
            await _packet(reader)
            self._begin(to)
        head, _, body = self.content.partition(b"\r\n\r\n")
        fields = [line.split(b":", 1) for line in head.split(b"\r\n")]
        shown = [mta.packet("L", mta.zero(*one)) for one in fields]
        writer.write(b"".join((*shown, mta.packet("B", body), mta.packet("E"))))
        if self.vanishes:
            return
        answer, words = await _packet(reader)
        self.kept = answer in _KEPT
        self.heard |= dict.fromkeys(to, int(words[:3]) if answer == "y" else _CODES[answer])
        writer.write(mta.packet("Q"))
        await reader.read()  # it closes


async def _ask(reader, writer, *commands: str) -> None:
    writer.write("".join(f"{command}\r\n" for command in commands).encode())
    for _ in commands:
        await _reply(reader)


async def _reply(reader) -> int:
    while (line := await reader.readuntil(b"\r\n"))[3:4] == b"-":
        pass
    return int(line[:3])


async def _packet(reader) -> tuple[str, bytes]:
    """The next one that is no sign of life: its command and the rest."""
    while True:
        (length,) = struct.unpack("!I", await reader.readexactly(4))
        packet = await reader.readexactly(length)
        if packet[:1] != b"p":
            return packet[:1].decode(), packet[1:]
