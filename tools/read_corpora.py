"""Read every message below directories behind the wall, and tell in a table how far each was read.

    .venv/bin/python -m tools.read_corpora DIR… [--files DIR…] [--malformed FILE] [--out FILE]

For collections of test mails, which have no place in this repository. Messages are what is named
*.eml, *.raw, *.msg, *.txt or *.mbox; with --files, each file whatsoever is read as an attachment. A
row is a folder; where a manifest.tsv names the repository that a path comes from, it is told by
that. --malformed lists messages that are broken on purpose, and how (tests/corpus/malformed.tsv).
Exit status 1 when a message crashed the reader, took too long or ended without a coverage.
Milliseconds are those of one run on one machine: they say which folder holds the slow ones.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import csv
import os
import platform
import resource
import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from gateway.cli.messages import messages
from gateway.model import DEFAULT_LIMITS, Coverage, Reading, Trouble
from gateway.sandbox.wall import SandboxWall

SUFFIXES = (".eml", ".raw", ".msg", ".txt", ".mbox")
MANIFEST = "manifest.tsv"
FAILURES = (Trouble.CRASHED, Trouble.TIMED_OUT)


@dataclass(frozen=True, slots=True)
class Source:
    """One message. name: its path below the directory given, for --malformed."""

    name: str
    folder: str
    content: bytes = field(repr=False)


@dataclass(slots=True)
class Row:
    """What was read in one folder. ambiguous: not counting what is malformed on purpose."""

    messages: int = 0
    coverages: Counter[str] = field(default_factory=Counter)
    malformed: int = 0
    ambiguous: int = 0
    ambiguous_malformed: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def add(self, reading: Reading, malformed: bool, ms: float) -> None:
        kinds = {problem.kind for problem in reading.problems}
        self.messages += 1
        self.malformed += malformed
        self.coverages[_coverage(reading)] += 1
        if Trouble.AMBIGUOUS in kinds:
            self.ambiguous += not malformed
            self.ambiguous_malformed += malformed
        self.problems.update(kind.value for kind in kinds if kind is not Trouble.AMBIGUOUS)
        self.findings.update({hit.kind for hit in reading.hits})
        self.slowest = max(self.slowest, ms)

    def __iadd__(self, other: Row) -> Row:
        self.messages += other.messages
        self.coverages += other.coverages
        self.malformed += other.malformed
        self.ambiguous += other.ambiguous
        self.ambiguous_malformed += other.ambiguous_malformed
        self.problems += other.problems
        self.findings += other.findings
        self.slowest = max(self.slowest, other.slowest)
        return self

    @property
    def share(self) -> float:
        """Ambiguous, of what is not malformed on purpose, in percent."""
        return 100 * self.ambiguous / max(1, self.messages - self.malformed)

    @property
    def failed(self) -> bool:
        return bool(self.coverages["none"] or any(self.problems[kind] for kind in FAILURES))


def _coverage(reading: Reading) -> str:
    """ "none" is a fault of ours: every message ends with one."""
    if not reading.parts:
        return "none"
    return Coverage.worst(part.coverage for part in reading.parts).value


def sources(folder: Path, *, files: bool) -> Iterator[Source]:
    """Every message below, or every file as the attachment of one."""
    named = origins(folder)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST):
        name = str(path.relative_to(folder))
        label = f"{named[name]}, {path.parent.name}" if name in named else path.parent.name
        if files:
            yield Source(name, label, attached(path.name, path.read_bytes()))
        elif path.suffix.lower() in SUFFIXES:
            for _, content in messages([str(path)], lambda *_: None):
                yield Source(name, label, content)


def origins(folder: Path) -> dict[str, str]:
    """Repository and version by path, as the manifest says."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return {}
    with manifest.open(newline="", encoding="utf-8") as lines:
        return {row["path"]: row["repo"] for row in csv.DictReader(lines, delimiter="\t")}


def attached(name: str, data: bytes) -> bytes:
    """A mail that carries the file."""
    named = base64.b64encode(name.encode()).decode()
    header = (
        "From: a@reader.example\r\nTo: b@mail.example\r\nSubject: \r\nMIME-Version: 1.0\r\n"
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="=?utf-8?B?{named}?="\r\n\r\n'
    )
    return header.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n")


def patterns(path: Path | None) -> list[str]:
    """The first column of each line; the second says what is wrong with them."""
    if path is None:
        return []
    lines = path.read_text("utf-8").splitlines()
    return [line.partition("\t")[0] for line in lines if line and not line.startswith("#")]


def is_malformed(name: str, wanted: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in wanted)


async def read_all(found: Sequence[Source], malformed: Sequence[str]) -> dict[str, Row]:
    """One after the other, so that their times mean something."""
    rows: dict[str, Row] = {}
    console = Console(stderr=True)
    wall = SandboxWall(workers=1)
    await wall.start()
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            for source in bar.track(found, description="reading"):
                started = time.perf_counter()
                reading = await wall.read(
                    source.content, DEFAULT_LIMITS, seconds=DEFAULT_LIMITS.seconds
                )
                ms = (time.perf_counter() - started) * 1000
                row = rows.setdefault(source.folder, Row())
                row.add(reading, is_malformed(source.name, malformed), ms)
    finally:
        await wall.close()
    return rows


def table(rows: dict[str, Row]) -> str:
    total = Row()
    for row in rows.values():
        total += row
    head = (
        "| collection | messages | whole | partly | unread | ambiguous | malformed on purpose:"
        " ambiguous | other problems | findings | slowest, ms |\n"
        "|---|--:|--:|--:|--:|--:|--:|---|---|--:|\n"
    )
    lines = [_line(name, row) for name, row in rows.items()]
    summary = (
        f"\nAmbiguous outside what is malformed on purpose: {total.ambiguous} of "
        f"{total.messages - total.malformed} ({total.share:.1f} %). "
        f"Crashes: {total.problems['crashed']}. Out of time: {total.problems['timed_out']}. "
        f"Without a coverage: {total.coverages['none']}.\n"
    )
    return head + "".join([*lines, _line("**all**", total)]) + summary


def _line(name: str, row: Row) -> str:
    covered = " | ".join(str(row.coverages[coverage.value]) for coverage in Coverage)
    return (
        f"| {name} | {row.messages} | {covered} | {row.ambiguous} | "
        f"{row.ambiguous_malformed} of {row.malformed} | {_told(row.problems)} | "
        f"{_told(row.findings)} | {row.slowest:.0f} |\n"
    )


def _told(counted: Counter[str]) -> str:
    """Messages that have each, the commonest first."""
    return ", ".join(f"{kind} {number}" for kind, number in counted.most_common()) or "–"


def page(rows: dict[str, Row], command: str) -> str:
    """The document: what, by which command, on what, when."""
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    machine += f", Python {platform.python_version()}"
    return (
        "# Public test mails, read\n\n"
        "Collections of other projects, kept outside this repository, each message read behind the "
        "wall with the default limits. A message counts once for each kind of problem or finding. "
        "What is malformed on purpose is listed in tests/corpus/malformed.tsv with the reason. "
        "Written by a command; do not edit.\n\n"
        f"`{command}`, {datetime.now(UTC):%d %B %Y}, {machine}. The largest process of the sandbox "
        f"took {largest} MB, libraries included.\n\n"
        f"{table(rows)}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR")
    parser.add_argument("--files", nargs="*", type=Path, default=[], metavar="DIR")
    parser.add_argument("--malformed", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, metavar="FILE")
    asked = parser.parse_args()
    missing = [str(folder) for folder in (*asked.folders, *asked.files) if not folder.is_dir()]
    if missing or not (asked.folders or asked.files):
        parser.error(f"no such directory: {', '.join(missing)}" if missing else "name a directory")
    found = [one for folder in asked.folders for one in sources(folder, files=False)]
    found += [one for folder in asked.files for one in sources(folder, files=True)]
    rows = asyncio.run(read_all(found, patterns(asked.malformed)))
    named = ["make corpora", f"DIR={shlex.quote(' '.join(f.name for f in asked.folders))}"]
    named += [f"FILES={shlex.quote(' '.join(f.name for f in asked.files))}"] * bool(asked.files)
    written = page(rows, " ".join(named))
    if asked.out:
        asked.out.write_text(written, "utf-8")
    sys.stdout.write(written)
    return int(any(row.failed for row in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
