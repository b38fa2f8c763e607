"""What it costs to read mails: parsing by shape, the wall, and the share of each room.

    python bench/reading.py [--rounds 5] [--walls 400]

Parsing is measured beside the standard library (`email` with compat32, each part decoded: its safe
way) and fast-mail-parser where it is installed, in interleaved rounds: ratios hold, absolute
figures depend on the machine. Each system decodes every part; ours decodes the header fields, too.
Times of parsing and of the rooms are the processor's; those of the wall are the clock's, since a
mail waits for them.
"""

from __future__ import annotations

import argparse
import asyncio
import email.policy
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from processes import cpu_seconds  # noqa: E402

from gateway import inspection  # noqa: E402
from gateway.model import DEFAULT_LIMITS, Inspection, Limits, Reading  # noqa: E402
from gateway.parse.message import parse  # noqa: E402
from gateway.sandbox.inspector import DoorInspector  # noqa: E402
from gateway.sandbox.wall import SandboxWall  # noqa: E402
from tests.makers import documents, mails, prose  # noqa: E402

try:
    import fast_mail_parser
except ImportError:
    fast_mail_parser = None

KEY = b"k" * 32
PAUSE_SECONDS = 0.1  # between mails behind the wall: meanwhile the next worker is forked and warmed
LEAST_SECONDS = 0.05  # of one measure: small mails are parsed over and over
KILO = 1024

Parser = Callable[[bytes], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--walls", type=int, default=400, metavar="MAILS")
    chosen = parser.parse_args()
    inspection.warm()
    parsing(chosen.rounds)
    rooms(chosen.rounds)
    asyncio.run(walls(chosen.walls))


# shapes


def letter(size: int, seed: int = 1) -> str:
    return prose.mixture(Random(seed), size)[:size]


def noise(size: int) -> bytes:
    return Random(2).randbytes(size)


def shapes() -> dict[str, bytes]:
    page = "<p>" + letter(30 * KILO).replace("\n", "</p>\n<p>") + "</p>"
    deep = mails.text(letter(500))
    for _ in range(40):
        deep = mails.multipart("mixed", deep, mails.text(letter(200)))
    chain = mails.message(mails.text(letter(2 * KILO)))
    for _ in range(8):
        chain = mails.forwarded(chain)
    many = (mails.text(letter(200, seed)) for seed in range(1_000))
    header = {f"X-Trace-{n}": "=?utf-8?Q?=C3=A9tape?= " + "a" * 450 for n in range(200)}
    return {
        "4 KB of text": mails.message(mails.text(letter(4 * KILO))),
        "40 KB: text, HTML, an image": mails.mixed(
            mails.multipart("alternative", mails.text(letter(2 * KILO)), mails.html(page)),
            mails.attachment("logo.png", noise(5 * KILO), "image/png"),
        ),
        "40 KB, quoted-printable": mails.message(
            mails.text(letter(36 * KILO), encoding="quoted-printable")
        ),
        "400 KB: a PDF in base64": mails.mixed(
            mails.text(letter(KILO)), mails.attachment("a.pdf", b"%PDF-1.7\n" + noise(290 * KILO))
        ),
        "5 MB in base64": mails.mixed(
            mails.text(letter(KILO)), mails.attachment("a.bin", noise(3_700 * KILO))
        ),
        "1,000 parts": mails.mixed(*many),
        "40 levels of multipart": mails.message(deep),
        "8 forwarded messages": chain,
        "a header of 100 KB": mails.message(mails.text(letter(KILO)), header),
    }


# parsing


def stdlib(mail: bytes) -> int:
    """Its safe way: `policy.default` is quadratic on hostile headers."""
    message = BytesParser(policy=email.policy.compat32).parsebytes(mail)
    leaves = (part for part in message.walk() if not part.is_multipart())
    return sum(len(part.get_payload(decode=True)) for part in leaves)


def rust(mail: bytes) -> int:
    """fast-mail-parser: the tree, each leaf decoded."""
    waiting, size = [fast_mail_parser.parse_email_tree(mail, mode="lazy")], 0
    while waiting:
        part = waiting.pop()
        waiting += part.children
        if not part.children:
            size += len(part.content)
    return size


def seconds(read: Parser, mail: bytes, times: int) -> float:
    """Of the processor, for one mail."""
    began = time.process_time()
    for _ in range(times):
        read(mail)
    return (time.process_time() - began) / times


def parsing(rounds: int) -> None:
    systems: dict[str, Parser] = {"ours": parse, "stdlib": stdlib}
    if fast_mail_parser is None:
        print("fast-mail-parser is not installed: its column is missing")
    else:
        systems["fast-mail-parser"] = rust
    print(f"parsing, MB/s of one core (medians of {rounds} interleaved rounds)\n")
    print(f"{'mail':<30}" + "".join(f"{name:>18}" for name in systems) + "   ours against them")
    for name, mail in shapes().items():
        took: dict[str, list[float]] = {system: [] for system in systems}
        times = {s: repeats(read, mail) for s, read in systems.items()}
        for _ in range(rounds):
            for system, read in systems.items():
                if times[system]:
                    took[system].append(seconds(read, mail, times[system]))
        speeds = {s: len(mail) / median(t) / 1e6 for s, t in took.items() if t}
        row = "".join(f"{speeds[s]:18.1f}" if s in speeds else f"{'refused':>18}" for s in systems)
        ratios = (f"{speeds['ours'] / speed:.2g}" for s, speed in speeds.items() if s != "ours")
        print(f"{name:<30}{row}   " + ", ".join(ratios))
    print()


def repeats(read: Parser, mail: bytes) -> int:
    """How often, so that the clock is fine enough; 0 where it refuses the mail."""
    try:
        once = min(seconds(read, mail, 1) for _ in range(2))
    except Exception:
        return 0
    return max(1, int(LEAST_SECONDS / max(once, 1e-6)))


# rooms


def typical() -> dict[str, bytes]:
    body = letter(4 * KILO)
    table = [["Nom", "Montant"], *([f"Ligne {n}", f"{n * 7}"] for n in range(300))]
    paper = documents.pdf(letter(2 * KILO), letter(2 * KILO, 3))
    return {
        "a letter of 4 KB": mails.message(mails.text(body)),
        "the same as text and HTML": mails.alternative(body, f"<p>{body}</p>"),
        "with a DOCX": mails.mixed(
            mails.text(letter(300)), mails.attachment("a.docx", documents.split_runs(body))
        ),
        "with a PDF of two pages": mails.mixed(
            mails.text(letter(300)), mails.attachment("a.pdf", paper)
        ),
        "with an XLSX of 300 rows": mails.mixed(
            mails.text(letter(300)), mails.attachment("a.xlsx", documents.xlsx({"A": table}))
        ),
        "with 1 MB that is no document": mails.mixed(
            mails.text(letter(300)), mails.attachment("a.bin", noise(750 * KILO))
        ),
    }


class Clock:
    """Processor seconds by room. Rooms within rooms are taken off."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def wrapped(self, room: str, call: Callable[..., object]) -> Callable[..., object]:
        def timed(*arguments: object, **named: object) -> object:
            began = time.process_time()
            try:
                return call(*arguments, **named)
            finally:
                took = time.process_time() - began
                self.spent[room] = self.spent.get(room, 0) + took

        return timed


@contextmanager
def clocked() -> Iterator[Clock]:
    """Parse and detect as the inspection calls them; what remains of its time is extract's."""
    clock = Clock()
    kept = inspection.parse, inspection.search.search
    inspection.parse = clock.wrapped("parse", kept[0])
    inspection.search.search = clock.wrapped("detect", kept[1])
    try:
        yield clock
    finally:
        inspection.parse, inspection.search.search = kept


def rooms(rounds: int) -> None:
    print("the share of each room, without the wall\n")
    print(f"{'mail':<32}{'ms':>8}{'parse':>9}{'extract':>9}{'detect':>9}{'conclude':>9}   read by")
    for name, mail in typical().items():
        by = "door" if inspection.simple(mail, DEFAULT_LIMITS) else "worker"
        read = inspection.simple if by == "door" else inspection.read
        with clocked() as clock:
            whole = clock.wrapped("read", read)
            conclude = clock.wrapped("conclude", inspection.conclude)
            times = max(5, 5 * rounds)
            for _ in range(times):
                conclude(whole(mail, DEFAULT_LIMITS), KEY)
        spent = clock.spent
        spent["extract"] = spent["read"] - spent["parse"] - spent["detect"]
        total = spent["read"] + spent["conclude"]
        shares = (spent[room] / total for room in ("parse", "extract", "detect", "conclude"))
        print(
            f"{name:<32}{total / times * 1e3:8.2f}"
            + "".join(f"{share:9.0%}" for share in shares)
            + f"   {by}"
        )
    print()


# the wall


class CountingWall:
    """How often the door asked for a worker."""

    def __init__(self) -> None:
        self.asked = 0

    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        self.asked += 1
        return Reading()


def texts_only() -> Iterator[bytes]:
    for seed in range(300):
        body = letter(500 + 40 * seed, seed)
        yield mails.message(mails.text(body, encoding=("8bit", "base64")[seed % 2]))
        yield mails.message(mails.text(body, encoding="quoted-printable"))
        yield mails.alternative(body, f"<html><body><p>{body}</p></body></html>")


async def walls(count: int) -> None:
    counting = CountingWall()
    door = DoorInspector(counting, KEY, DEFAULT_LIMITS)
    asked = [await door.inspect(mail, seconds=60) for mail in texts_only()]
    print(f"text-only mails that took the wall: {counting.asked} of {len(asked)}\n")
    wall = SandboxWall(workers=1, spare=1)
    await wall.start()
    print("the wall, from the door's question to its answer, one mail at a time\n")
    print(f"{'mail':<32}{'best ms':>9}{'median':>9}{'p99':>9}{'CPU ms':>9}{'inside ms':>11}")
    try:
        tiny = mails.message(mails.text("Bonjour,\nrien à signaler.\n"))
        small = mails.mixed(
            mails.text("ci-joint"), mails.attachment("a.pdf", documents.pdf(letter(600)))
        )
        office = mails.mixed(
            mails.text("ci-joint"), mails.attachment("a.docx", documents.split_runs(letter(600)))
        )
        for name, mail in {"tiny": tiny, "a small PDF": small, "a DOCX": office}.items():
            await behind(wall, f"{name}, a worker waiting", mail, count, PAUSE_SECONDS)
            await behind(wall, f"{name}, back to back", mail, count, 0)
    finally:
        await wall.close()


async def behind(wall: SandboxWall, name: str, mail: bytes, count: int, pause: float) -> None:
    """inside: what the reading alone takes in a warm process; the rest is the wall's price."""
    inside = median(
        seconds(partial(inspection.read, limits=DEFAULT_LIMITS), mail, 5) for _ in "12345"
    )
    door = DoorInspector(wall, KEY, DEFAULT_LIMITS)
    took = []
    before = cpu_seconds([os.getpid()])
    for _ in range(count):
        began = time.perf_counter()
        reading = await wall.read(mail, DEFAULT_LIMITS, seconds=60)
        took.append((time.perf_counter() - began) * 1e3)
        await asyncio.sleep(pause)
    cpu = (cpu_seconds([os.getpid()]) - before) / count * 1e3
    took.sort()
    seen: Inspection = await door.inspect(mail, seconds=60)
    if not reading.parts or seen.problems:
        print(f"{name}: not read whole", file=sys.stderr)
    row = (took[0], median(took), took[int(len(took) * 0.99)], cpu, inside * 1e3)
    print(f"{name:<32}" + "".join(f"{figure:9.2f}" for figure in row[:4]) + f"{row[4]:11.2f}")


if __name__ == "__main__":
    main()
