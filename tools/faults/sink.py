"""The next hop of the campaign: takes everything, writes it down before it says so, and misbehaves.

    python -m tools.faults.sink --journal FILE [--port N]

Prints "listening PORT". What it takes is one line of JSON in the journal, written before the 250
leaves: recipients, content, and in a second line where that 250 was not said whole. A line on stdin
is a deed: {"at": "dot", "do": "reset", "of": "zoe."}, done at the next such moment, once; "of" is
part of a recipient. "forget" drops what was not done. Each line is answered. Ends with its stdin.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_EHLO = (
    b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 99999999\r\n"
)
_USUAL = {b"EHLO": _EHLO, b"DATA": b"354 Go\r\n", b"QUIT": b"221 2.0.0 Bye\r\n"}
_OK = b"250 2.0.0 Ok: queued\r\n"
_NO = {"4yz": b"451 4.3.0 Later\r\n", "5yz": b"550 5.1.1 Never\r\n"}
_MOMENTS = {b"MAIL": "mail", b"RCPT": "rcpt", b"DATA": "data"}


class _Gone(Exception):
    """The deed ends the connection."""


class Sink:
    """deeds: to be done, the first that fits a moment first."""

    def __init__(self, journal: Path) -> None:
        self.journal = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.deeds: list[dict[str, str]] = []
        self.number = 0
        self.writers: set[asyncio.StreamWriter] = set()

    def note(self, line: dict[str, object]) -> None:
        os.write(self.journal, json.dumps(line).encode() + b"\n")

    def deed(self, at: str, about: str = "") -> str:
        for one in self.deeds:
            if one["at"] == at and one.get("of", "") in about:
                self.deeds.remove(one)
                self.note({"did": f"{at} {one['do']}"})
                return one["do"]
        return ""

    async def told(self) -> None:
        """Orders on stdin."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            if line.strip() == b"forget":
                self.deeds.clear()
            else:
                self.deeds.append(json.loads(line))
                if self.deeds[-1]["at"] == "connect":  # kept connections would hide it
                    for writer in self.writers:
                        writer.transport.abort()
            print("ok", flush=True)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            await self._obey(self.deed("connect"), writer)
            await self._say(writer, b"220 sink.example ESMTP\r\n")
            await self._talk(reader, writer)
        except (_Gone, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writers.discard(writer)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken: list[str] = []
        while True:
            line = await reader.readuntil(b"\r\n")
            verb = line[:4].upper()
            about = line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace")
            deed = self.deed(_MOMENTS[verb], about) if verb in _MOMENTS else ""
            refusal = await self._obey(deed, writer)
            if verb == b"MAIL":
                taken = []
            elif verb == b"RCPT" and not refusal:
                taken.append(about)
            elif verb == b"DATA" and not refusal and not taken:
                refusal = b"554 5.5.1 No valid recipients\r\n"
            await self._say(writer, refusal or _USUAL.get(verb, b"250 2.0.0 Ok\r\n"))
            if verb == b"DATA" and not refusal:
                await self._content(reader, writer, taken)
            elif verb == b"QUIT":
                raise _Gone

    async def _content(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: list[str]
    ) -> None:
        about = " ".join(to)
        await self._obey(self.deed("body", about), writer)
        lines: list[bytes] = []
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        deed = self.deed("dot", about)
        if deed in ("take and reset", "take and stall", "half"):
            self._take(to, b"".join(lines), heard=False)
            if deed == "half":
                await self._say(writer, _OK[:4])
            await self._obey("stall" if deed == "take and stall" else "reset", writer)
        if refusal := await self._obey(deed, writer):
            await self._say(writer, refusal)
            return
        number = self._take(to, b"".join(lines), heard=True)
        try:
            await self._say(writer, _OK)
        except OSError:
            self.note({"unheard": number})
            raise

    def _take(self, to: list[str], content: bytes, *, heard: bool) -> str:
        self.number += 1
        name = f"{os.getpid()}.{self.number}"
        written = base64.b64encode(content).decode()
        self.note({"n": name, "to": to, "heard": heard, "content": written})
        return name

    async def _obey(self, deed: str, writer: asyncio.StreamWriter) -> bytes:
        """b"", or the refusal to say."""
        if deed == "stall":
            await asyncio.Event().wait()
        if deed == "reset":
            linger = struct.pack("ii", 1, 0)  # closing then sends RST
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            raise _Gone
        return _NO.get(deed, b"")

    async def _say(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail as the sink took it. heard: its 250 was said whole."""

    to: tuple[str, ...]
    content: bytes
    heard: bool


def read(journal: Path, since: int = 0) -> tuple[list[Taken], list[str]]:
    """All that was taken, and the deeds done. A last line torn by a kill was not answered. since:
    what had been written before, in bytes: a campaign would else read all of it at each trial."""
    lines = [json.loads(line) for line in _whole_lines(journal, since)]
    lost = {line["unheard"] for line in lines if "unheard" in line}
    taken = [
        Taken(
            tuple(line["to"]),
            base64.b64decode(line["content"]),
            line["heard"] and line["n"] not in lost,
        )
        for line in lines
        if "content" in line
    ]
    return taken, [line["did"] for line in lines if "did" in line]


def written(journal: Path) -> int:
    return journal.stat().st_size if journal.exists() else 0


def _whole_lines(journal: Path, since: int) -> Iterator[bytes]:
    if not journal.exists():
        return
    with journal.open("rb") as file:
        file.seek(since)
        *whole, _ = file.read().split(b"\n")
    yield from whole


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    sink = Sink(options.journal)
    server = await asyncio.start_server(
        sink.accept, "127.0.0.1", options.port, limit=1 << 22, reuse_address=True
    )
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await sink.told()
    os._exit(0)  # stalled connections wait for ever


if __name__ == "__main__":
    asyncio.run(main())
