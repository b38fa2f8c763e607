"""The far end of the benchmarks: an SMTP server that takes everything and keeps Message-IDs only.

Run as a process of its own: prints "listening PORT", then, for every line on stdin, one line of
JSON: mails, octets and distinct Message-IDs taken since the last one. Ends with its stdin.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys

EHLO = (
    b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 99999999\r\n"
)
OK, GO, BYE = b"250 2.0.0 Ok\r\n", b"354 Go\r\n", b"221 2.0.0 Bye\r\n"
END = b"\r\n.\r\n"
HEADER_BYTES = 4096  # our Message-ID stands in the first few lines
FIELD = b"Message-ID: <"


class Tally:
    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.mails = 0
        self.octets = 0
        self.ids: set[bytes] = set()

    def report(self) -> str:
        line = json.dumps({"mails": self.mails, "octets": self.octets, "ids": len(self.ids)})
        self.clear()
        return line


class Sink(asyncio.Protocol):
    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.rest = b""  # of a command line
        self.in_data = False
        self.head = b""  # of the mail, up to HEADER_BYTES
        self.tail = b""  # last octets of the mail: the end may come in two pieces
        self.size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(b"220 sink.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        replies: list[bytes] = []
        while data:
            data = self.body(data, replies) if self.in_data else self.command(data, replies)
        if replies:
            self.transport.write(b"".join(replies))
        if BYE in replies:
            self.transport.close()

    def command(self, data: bytes, replies: list[bytes]) -> bytes:
        line, end, data = (self.rest + data).partition(b"\n")
        if not end:
            self.rest = line
            return b""
        self.rest = b""
        verb = line[:4].upper()
        if verb == b"DATA":
            self.in_data, self.head, self.tail, self.size = True, b"", b"\r\n", 0
        replies.append({b"EHLO": EHLO, b"DATA": GO, b"QUIT": BYE}.get(verb, OK))
        return data

    def body(self, data: bytes, replies: list[bytes]) -> bytes:
        seam = self.tail + data[:4]
        at = seam.find(END)
        end = at + len(END) - len(self.tail) if at >= 0 else data.find(END) + len(END)
        if at < 0 and end < len(END):  # not found
            end = len(data)
        else:
            self.in_data = False
        if len(self.head) < HEADER_BYTES:
            self.head += data[: min(end, HEADER_BYTES)]
        self.size += end
        self.tail = (self.tail + data[max(0, end - 4) : end])[-4:]
        if not self.in_data:
            self.tally.mails += 1
            self.tally.octets += self.size
            self.tally.ids.add(self.head.partition(FIELD)[2].partition(b">")[0])
            replies.append(OK)
        return data[end:]


async def main() -> None:
    tally = Tally()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    loop = asyncio.get_running_loop()
    listening = socket.create_server(("127.0.0.1", port), backlog=1024)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # for what it accepts
    await loop.create_server(lambda: Sink(tally), sock=listening)
    print("listening", listening.getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(tally.report(), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
