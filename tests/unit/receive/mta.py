"""The MTA's side of the milter protocol, for tests: packets as Sendmail and Postfix send them, and
the milter's answers taken apart. Written from mfdef.h, not from our own codec."""

from __future__ import annotations

import struct

from tests.unit.receive.talk import Journey, Wire, spin, wired

ACTIONS = 0x1FF
STEPS = 0x1FFFFF
SPACED = 0x100000


def packet(command: str, data: bytes = b"") -> bytes:
    return struct.pack("!I", len(data) + 1) + command.encode() + data


def zero(*strings: str | bytes) -> bytes:
    return b"".join((s.encode() if isinstance(s, str) else s) + b"\0" for s in strings)


def offer(version: int = 6, actions: int = ACTIONS, steps: int = STEPS) -> bytes:
    return packet("O", struct.pack("!III", version, actions, steps))


def connect(name: str = "poste.example", address: str = "192.0.2.7", port: int = 4711) -> bytes:
    family = b"6" if ":" in address else b"4"
    shown = f"IPv6:{address}" if ":" in address else address
    return packet("C", zero(name) + family + struct.pack("!H", port) + zero(shown))


def macros(stage: str, **values: str) -> bytes:
    return packet("D", stage.encode() + zero(*(word for pair in values.items() for word in pair)))


def envelope(*to: str, sender: str = "agent@cpam.example") -> list[bytes]:
    return [packet("M", zero(f"<{sender}>")), *(packet("R", zero(f"<{a}>")) for a in to)]


def content(*fields: tuple[str, str], body: bytes = b"Bonjour\r\n") -> list[bytes]:
    return [
        *(packet("L", zero(*field)) for field in fields or [("Subject", " essai")]),
        *([packet("B", body)] if body else []),
        packet("E"),
    ]


def mail(*to: str) -> list[bytes]:
    return [*envelope(*to or ("b@b.example",)), *content()]


class Mta:
    """A milter door in memory. `says`: what it answered since it was last asked."""

    def __init__(self, journey: Journey, beside: Mta | None = None, **settings: object) -> None:
        self.journey, self.beside = journey, beside
        self.door, self.wire, self.protocol = wired(journey, protocol="milter", **settings)
        if beside is not None:  # another connection to the same door
            self.protocol.connection_lost(None)
            self.door, self.wire, self.protocol = beside.door, Wire(), beside.door.connection()
            self.wire.protocol = self.protocol
            self.protocol.connection_made(self.wire)

    async def ask(self, *packets: bytes) -> list[tuple[str, bytes]]:
        for one in packets:
            if not self.wire.closing:
                self.protocol.data_received(one)
        await spin()
        return self.says()

    async def hello(self, **offered: int) -> Mta:
        await self.ask(offer(**offered), connect(), packet("H", zero("poste.example")))
        return self

    def says(self) -> list[tuple[str, bytes]]:
        taken, self.wire.sent = self.wire.sent, b""
        answers = []
        while taken:
            length = struct.unpack("!I", taken[:4])[0]
            answers.append((chr(taken[4]), taken[5 : 4 + length]))
            taken = taken[4 + length :]
        return answers

    async def leave(self) -> None:
        self.wire.close()
        await spin()
        if self.beside is not None:
            return
        assert self.door.load.connections == self.door.load.octets == 0
        await self.door.close(grace=5)
