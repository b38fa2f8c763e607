"""Hours at 70 % of what this machine carries: does any process grow?

A gateway as its operator runs it (two doors, release, console, SQLite) between clients and a sink.
First it is asked for all that it can carry, for half a minute; then mail comes at a share of that
rate, evenly, until the end: letters, documents that a worker reads, mail to hold, of which half is
released and half refused. The console and the metrics are looked at meanwhile. Memory and open
descriptors of each process are read every few seconds; what stands in the last quarter is held
against the second one, since the first fills caches. Everything that was accepted is counted again
at the sink and in the store.

    python -m tools.soak --hours 1 --out docs/soak.md
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import os
import platform
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile
from base64 import encodebytes
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from sqlalchemy import func, select

from bench.processes import PAGE
from gateway import parts
from gateway.config import read_config
from gateway.errors import Temporary
from gateway.store.database import Database
from gateway.store.holds import Holds
from gateway.store.keys import load_hmac, load_public
from gateway.store.schema import State, events

CAPACITY_SECONDS = 30.0
CONNECTIONS = 8
SAMPLE_SECONDS = 5.0
STOP_SECONDS = 300.0  # beyond the supervisor's own patience, on a machine with other work
MOST_GROWTH_BYTES = 4 * 1024 * 1024  # of a process …
MOST_GROWTH = 0.05  # … and of what it had: beyond both, it grows
MOST_DESCRIPTORS = 8
MB = 1024 * 1024
ROLES = ("door", "release", "console")
_NUMBER = re.compile(rb"Message-ID: <(\d+)@soak\.example>")
WORDS = ("réunion", "salle", "jeudi", "bon", "travaux", "menu", "cantine", "parking", "livraison")


@dataclass
class Counts:
    """What clients were answered 250, and what else they heard."""

    passed: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)
    put_off: int = 0
    refused: int = 0
    milliseconds: list[float] = field(default_factory=list)


@dataclass
class House:
    """The gateway, the sink and their folder."""

    folder: Path
    smtp: int
    metrics: int
    console: int
    gateway: subprocess.Popen[bytes]
    taken: set[int]  # at the sink

    @property
    def config(self) -> Path:
        return self.folder / "gateway.yaml"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--share", type=float, default=0.7, help="of the measured capacity")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a page to write; else standard output")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, _house(Path(folder)) as house:
        first = asyncio.run(_send(house, CAPACITY_SECONDS, None, asked.seed))
        most = len(first.milliseconds) / CAPACITY_SECONDS
        rate = asked.share * most
        print(f"capacity {most:.0f} mails/s; now {rate:.0f}", flush=True)
        sent, samples = asyncio.run(_soak(house, asked.hours * 3600, rate, asked.seed))
        asyncio.run(_rule(house.config))
        lost = len((first.passed | sent.passed) - house.taken)
        kept = asyncio.run(_held_ever(house.config))
        lost += max(0, len(first.held | sent.held) - kept)
        ended = "process ended" in (house.folder / "gateway.log").read_text()
        told = Told(
            asked.hours, asked.seed, asked.share, most, rate, sent, lost, ended, _judged(samples)
        )
        page = told.page()
        if asked.out:
            asked.out.write_text(page)
        print(page)
    return 0 if told.good else 1


# -- the house ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _house(folder: Path) -> Iterator[House]:
    taken: set[int] = set()
    port = _sink(taken)
    smtp, metrics, console = (_free_port() for _ in range(3))
    written = {
        "domains": ["ch-exemple.example"],
        "data": "var",
        "doors": {"smtp": {"listen": f"127.0.0.1:{smtp}"}},
        "relay": {"default": {"host": "127.0.0.1", "port": port, "tls": "none"}},
        "officers": ["dpo@ch-exemple.example"],
        "metrics": {"listen": f"127.0.0.1:{metrics}"},
        "console": {"listen": f"127.0.0.1:{console}"},
        "retention": {"decided_days": 0},
        "pdf": {"enabled": False},  # or what is to be held would leave encrypted
        "log": {"file": "gateway.log"},
    }
    (folder / "gateway.yaml").write_text(yaml.safe_dump(written))
    gateway = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli.main", "serve", "--config", folder / "gateway.yaml"]
    )
    house = House(folder, smtp, metrics, console, gateway, taken)
    try:
        while not _look(f"http://127.0.0.1:{metrics}/readyz"):
            if gateway.poll() is not None:
                raise SystemExit("the gateway did not start")
            time.sleep(0.5)
        yield house
    finally:
        gateway.terminate()
        gateway.wait(STOP_SECONDS)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def _look(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30) as page:  # noqa: S310  (ours, by http)
            return bool(page.read())
    except OSError:
        return False


def _sink(taken: set[int]) -> int:
    """The next hop, in a thread of its own: takes everything, and notes our numbers. Its port."""
    port = _free_port()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink.example\r\n")
        while line := await reader.readline():
            if line[:4].upper() == b"DATA":
                writer.write(b"354 Go\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                if found := _NUMBER.search(content):
                    taken.add(int(found[1]))
            elif line[:4].upper() == b"QUIT":
                break
            writer.write(
                b"250-sink.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
                if line[:4] == b"EHLO"
                else b"250 2.0.0 Ok\r\n"
            )
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(client, "127.0.0.1", port, limit=MB)
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    return port


# -- mail --------------------------------------------------------------------------------------


def _mail(number: int, rng: random.Random) -> tuple[bytes, bool]:
    """One, and whether it is to be held: of twenty, one is, and two bring a document."""
    kind = rng.randrange(20)
    lines = "\r\n".join(" ".join(rng.choices(WORDS, k=10)) for _ in range(rng.randrange(10, 80)))
    head = (
        f"Message-ID: <{number}@soak.example>\r\nSubject: envoi {number}\r\nMIME-Version: 1.0\r\n"
    )
    if kind == 0:
        lines += "\r\nNIR 2 85 09 75 999 998 37 de Mme TESTEUR Anne"
    if kind > 2:
        head += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        return f"{head}\r\n{lines}\r\n".encode(), kind == 0
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.txt", lines)
    head += "Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n"
    coded = encodebytes(packed.getvalue()).replace(b"\n", b"\r\n")
    return head.encode() + b"\r\n" + coded, kind == 0


async def _send(house: House, seconds: float, rate: float | None, seed: int) -> Counts:
    """rate: mails a second in all; None: as many as are taken."""
    counts, rng, numbers = Counts(), random.Random(seed), iter(range(10**12))
    start = time.monotonic()
    base = f"{seed}{0 if rate is None else 1}"

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.smtp)
        await _reply(reader)
        writer.write(b"EHLO soak.example\r\n")
        await _reply(reader)
        while time.monotonic() < start + seconds:
            number = next(numbers)
            if rate is not None:
                await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
            name = int(f"{base}{number:09d}")
            content, stops = _mail(name, rng)
            began = time.monotonic()
            code = await _one(reader, writer, content)
            counts.milliseconds.append(1000 * (time.monotonic() - began))
            counts.put_off += code // 100 == 4
            counts.refused += code // 100 == 5
            if code == 250:
                (counts.held if stops else counts.passed).add(name)
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return counts


async def _one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, content: bytes) -> int:
    said = b"MAIL FROM:<agent@ch-exemple.example>\r\nRCPT TO:<x@ailleurs.example>\r\nDATA\r\n"
    writer.write(said)
    codes = [await _reply(reader) for _ in range(3)]
    if codes[-1] != 354:
        return max(codes)
    writer.write(content + b".\r\n")
    return await _reply(reader)


async def _reply(reader: asyncio.StreamReader) -> int:
    while line := await reader.readline():
        if line[3:4] != b"-":
            return int(line[:3])
    raise SystemExit("the gateway hung up")


# -- beside it ---------------------------------------------------------------------------------


async def _soak(
    house: House, seconds: float, rate: float, seed: int
) -> tuple[Counts, list[dict[str, tuple[int, int]]]]:
    sending = asyncio.create_task(_send(house, seconds, rate, seed))
    samples: list[dict[str, tuple[int, int]]] = []
    while not sending.done():
        samples.append(_sample(house.gateway.pid))
        await asyncio.to_thread(_look, f"http://127.0.0.1:{house.metrics}/metrics")
        await asyncio.to_thread(_look, f"http://127.0.0.1:{house.console}/connexion")
        await _rule(house.config)
        await asyncio.wait([sending], timeout=SAMPLE_SECONDS)
    return await sending, samples


async def _rule(config: Path) -> None:
    """The officer: half of what is held goes, half does not, or the store is what grows. Told to
    try again, he does with the next sample."""
    with contextlib.suppress(Temporary):
        async with _held(config) as (_, holds):
            for number, held in enumerate(await holds.list((State.HELD,), limit=200)):
                rule = holds.release if number % 2 else holds.reject
                await rule(held.id, "soak", "essai d'endurance")


async def _held_ever(config: Path) -> int:
    query = select(func.count()).where(events.c.kind == "held")
    async with _held(config) as (database, _):
        return await database.read(lambda c: int(c.execute(query).scalar_one()))


@contextlib.asynccontextmanager
async def _held(config: Path) -> AsyncIterator[tuple[Database, Holds]]:
    settings = read_config(config)
    database, blobs = Database.open(settings.database), parts.blobs(settings)
    try:
        yield (
            database,
            Holds(database, blobs, load_public(settings.keys), load_hmac(settings.keys)),
        )
    finally:
        database.close()


def _sample(supervisor: int) -> dict[str, tuple[int, int]]:
    """Resident octets and descriptors of each process that lasts, by what it is. Workers do not."""
    found: dict[str, tuple[int, int]] = {}
    for pid, name in _named(supervisor).items():
        with contextlib.suppress(OSError):  # gone meanwhile
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            found[name] = pages * PAGE, len(os.listdir(f"/proc/{pid}/fd"))
    return found


def _named(supervisor: int) -> dict[int, str]:
    """supervisor, "door 1", its keeper, its zygote; the same number at each look, by age."""
    names, numbers = {supervisor: "supervisor"}, Counter[str]()
    for child in _children(supervisor):
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        role = next((role for role in ROLES if role.encode() in words), "other")
        numbers[role] += 1
        names[child] = f"{role} {numbers[role]}" if role == "door" else role
        for keeper in _children(child):
            names[keeper] = f"{names[child]}, keeper"
            for zygote in _children(keeper):
                names[zygote] = f"{names[child]}, zygote"
    return names


def _children(pid: int) -> list[int]:
    try:
        return sorted(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return []


# -- the verdict -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grown:
    """Of one process, in the second quarter and in the last: medians of octets and descriptors."""

    name: str
    octets: tuple[float, float]
    descriptors: tuple[float, float]

    @property
    def good(self) -> bool:
        was, now = self.octets
        within = now - was <= max(MOST_GROWTH_BYTES, MOST_GROWTH * was)
        return within and self.descriptors[1] - self.descriptors[0] <= MOST_DESCRIPTORS

    def row(self) -> str:
        (was, now), (few, many) = self.octets, self.descriptors
        cells = [self.name, f"{was / MB:.1f}", f"{now / MB:.1f}", f"{(now - was) / MB:+.1f}"]
        cells += [f"{few:.0f}", f"{many:.0f}", "flat" if self.good else "**grows**"]
        return f"| {' | '.join(cells)} |"


def _judged(samples: Sequence[Mapping[str, tuple[int, int]]]) -> list[Grown]:
    quarter = max(1, len(samples) // 4)
    second, last = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    names = sorted({name for one in samples for name in one})
    return [
        Grown(name, *((_median(second, name, i), _median(last, name, i)) for i in (0, 1)))
        for name in names
        if any(name in one for one in second) and any(name in one for one in last)
    ]


def _median(samples: Sequence[Mapping[str, tuple[int, int]]], name: str, index: int) -> float:
    return statistics.median(one[name][index] for one in samples if name in one)


@dataclass(frozen=True)
class Told:
    hours: float
    seed: int
    share: float
    most: float
    rate: float
    sent: Counts
    lost: int
    ended: bool
    grown: list[Grown]

    @property
    def good(self) -> bool:
        return not self.lost and not self.ended and all(one.good for one in self.grown)

    def page(self) -> str:
        times = sorted(self.sent.milliseconds)
        middle, slow = (times[int(share * (len(times) - 1))] for share in (0.5, 0.99))
        verdict = "Nothing grows and nothing was lost." if self.good else "**Not as it should be.**"
        rows = "\n".join(one.row() for one in self.grown)
        sent, ended = self.sent, "some" if self.ended else "none"
        when = f"{time.strftime('%Y-%m-%d')}, {platform.machine()}, {os.cpu_count()} cores"
        return f"""# Soak

Does any process grow while mail goes on for hours? `make soak HOURS={self.hours:g}` asks,
and writes this page; `tools/soak.py` says what it does. {verdict}

{when}, Python {platform.python_version()}, seed {self.seed}.
{self.hours:g} h at {self.rate:.0f} mails a second: {100 * self.share:.0f} % of the {self.most:.0f}
that were taken when as many were sent as would go.
{len(times)} mails: {len(sent.passed)} passed, {len(sent.held)} held, {sent.put_off} put off (451),
{sent.refused} refused. Half were answered within {middle:.0f} ms, 99 % within {slow:.0f} ms.
Lost: {self.lost}. Processes that ended: {ended}.

Resident memory in MB and open descriptors, medians of the second quarter and of the last. A process
grows if it has both {100 * MOST_GROWTH:.0f} % and {MOST_GROWTH_BYTES // MB} MB more, or
{MOST_DESCRIPTORS} descriptors more.

| process | MB, second quarter | MB, last | growth | descriptors, second | last | |
|---|---|---|---|---|---|---|
{rows}
"""


if __name__ == "__main__":
    sys.exit(main())
