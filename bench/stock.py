"""What one gets from the two libraries as they are: aiosmtpd in front, aiosmtplib behind.

fresh: a new connection to the next hop for every mail, the way their manuals show it.
cached: connections are kept and used again. Prints "listening PORT"; ends on SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket

import aiosmtplib
from aiosmtpd.smtp import SMTP

SIZE_LIMIT = 100_000_000  # octets


class Fresh:
    def __init__(self, up: int) -> None:
        self.up = up

    def client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname="127.0.0.1",
            port=self.up,
            use_tls=False,
            start_tls=False,
            local_hostname="stock.example",
        )

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        async with self.client() as client:
            await client.sendmail(envelope.mail_from, envelope.rcpt_tos, envelope.content)
        return "250 Ok"


class Cached(Fresh):
    def __init__(self, up: int) -> None:
        super().__init__(up)
        self.idle: list[aiosmtplib.SMTP] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        if self.idle:
            client = self.idle.pop()
        else:
            client = self.client()
            await client.connect()
        await client.sendmail(envelope.mail_from, envelope.rcpt_tos, envelope.content)
        self.idle.append(client)
        return "250 Ok"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=["fresh", "cached"])
    parser.add_argument("--up", type=int, required=True, help="port of the next hop")
    options = parser.parse_args()
    handler = (Cached if options.kind == "cached" else Fresh)(options.up)
    loop = asyncio.get_running_loop()
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # for what it accepts
    await loop.create_server(
        lambda: SMTP(handler, hostname="stock.example", data_size_limit=SIZE_LIMIT, loop=loop),
        sock=listening,
    )
    print("listening", listening.getsockname()[1], flush=True)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
