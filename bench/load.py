"""The load of the benchmarks: many connections, pipelined, every mail different.

Run as a process of its own: sends for `--seconds`, or `--count` mails, then prints one line of
JSON. Raw sockets under asyncio, since a mail library would be what is measured. The texts are
French and about nothing: they are to be read whole and let through.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import time
from collections.abc import Callable

SENTENCES = (
    "Le conseil de quartier se réunira jeudi soir dans la grande salle du premier étage.",
    "Merci de bien vouloir confirmer votre présence avant la fin de la semaine prochaine.",
    "Les travaux de voirie devant l'établissement dureront encore une quinzaine de jours.",
    "Vous trouverez ci-dessous le compte rendu de la dernière réunion du comité des fêtes.",
    "La bibliothèque sera fermée pendant les vacances et rouvrira ses portes à la rentrée.",
    "Nous avons bien reçu votre commande de fournitures ; la livraison aura lieu mardi matin.",
    "Le parking nord reste accessible, mais l'entrée se fait désormais par la rue des Tilleuls.",
    "Pensez à éteindre les lumières et à fermer les fenêtres en quittant la salle de réunion.",
)
OPENING = 3  # replies to MAIL, RCPT and DATA


class Mails:
    """Mails of about `size` octets, each with its own Message-ID, order of sentences and end."""

    def __init__(self, size: int, tag: str) -> None:
        self.random = random.Random(tag)
        self.tag, self.number = tag, 0
        self.bodies = [self.body(size - 400) for _ in range(16)]

    def body(self, size: int) -> bytes:
        lines: list[str] = []
        length = 0
        while length < size:
            lines.append(self.random.choice(SENTENCES))
            length += len(lines[-1].encode()) + 2
        return "\r\n".join([*lines, ""]).encode()

    def next(self) -> bytes:
        self.number += 1
        name = f"{self.tag}.{self.number}"
        head = (
            f"Message-ID: <{name}@charge.example>\r\n"
            "Date: Mon, 23 Nov 2026 14:32:00 +0100\r\n"
            "From: Camille Bureau <camille@ours.example>\r\n"
            "To: <dominique@ailleurs.example>\r\n"
            "Subject: =?utf-8?q?R=C3=A9union_de_jeudi?=\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: 8bit\r\n\r\n"
        )
        body = self.random.choice(self.bodies)
        return b"%b%bEnvoi %b.\r\n.\r\n" % (head.encode(), body, name.encode())


class Connection(asyncio.Protocol):
    def __init__(self, run: Run) -> None:
        self.run = run
        self.waiting_for = 1
        self.step = self.greeted
        self.partial = b""
        self.bad = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.run.ended(self)

    def data_received(self, data: bytes) -> None:
        *lines, self.partial = (self.partial + data).split(b"\r\n")
        for line in lines:
            if line[3:4] == b"-":
                continue
            if line[:1] not in b"23":
                self.bad = True
                self.run.refusals.add(line.decode("latin-1"))
            self.waiting_for -= 1
            if self.waiting_for == 0:
                self.step()

    def say(self, data: bytes, replies: int, step: Callable[[], None]) -> None:
        self.waiting_for, self.step = replies, step
        self.transport.write(data)

    def greeted(self) -> None:
        self.say(b"EHLO charge.example\r\n", 1, self.begin)

    def begin(self) -> None:
        mail = self.run.next()
        if mail is None or self.bad:
            self.run.failed += self.bad
            self.transport.close()
            return
        self.mail, self.started = mail, time.perf_counter()
        self.say(
            b"MAIL FROM:<camille@ours.example> BODY=8BITMIME\r\n"
            b"RCPT TO:<dominique@ailleurs.example>\r\nDATA\r\n",
            OPENING,
            self.content,
        )

    def content(self) -> None:
        if self.bad:
            self.begin()
        else:
            self.say(self.mail, 1, self.done)

    def done(self) -> None:
        if not self.bad:
            self.run.done(time.perf_counter() - self.started, len(self.mail))
        self.begin()


class Run:
    def __init__(self, mails: Mails, until: float, count: int | None) -> None:
        self.mails, self.until, self.left = mails, until, count
        self.failed, self.octets = 0, 0
        self.latencies: list[float] = []
        self.refusals: set[str] = set()
        self.started = self.last = time.perf_counter()
        self.finished = asyncio.Event()
        self.open: set[Connection] = set()

    def next(self) -> bytes | None:
        if self.left is None:
            return self.mails.next() if time.perf_counter() < self.until else None
        self.left -= 1
        return self.mails.next() if self.left >= 0 else None

    def done(self, seconds: float, octets: int) -> None:
        self.latencies.append(seconds)
        self.octets += octets
        self.last = time.perf_counter()

    def ended(self, connection: Connection) -> None:
        self.open.discard(connection)
        if not self.open:
            self.finished.set()

    def report(self) -> dict[str, object]:
        ordered = sorted(self.latencies) or [0.0]
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "sent": len(self.latencies),
            "failed": self.failed,
            "refusals": sorted(self.refusals)[:5],
            "octets": self.octets,
            "seconds": self.last - self.started,
            "p50_ms": ordered[len(ordered) // 2] * 1000,
            "p99_ms": ordered[int((len(ordered) - 1) * 0.99)] * 1000,
            "own_cpu": usage.ru_utime + usage.ru_stime,
        }


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("port", type=int)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--count", type=int)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--tag", default="a", help="makes the Message-IDs of this run its own")
    options = parser.parse_args()
    mails = Mails(options.size, options.tag)
    run = Run(mails, time.perf_counter() + options.seconds, options.count)
    loop = asyncio.get_running_loop()
    for _ in range(options.connections):
        connection = Connection(run)
        run.open.add(connection)
        await loop.create_connection(lambda c=connection: c, options.host, options.port)
    await run.finished.wait()
    print(json.dumps(run.report()))


if __name__ == "__main__":
    asyncio.run(main())
