"""docs/reliability.md, from the journal of a campaign."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TypedDict

from tools.faults.account import UNEXPLAINED, Account, of_line

REAL = "real processes"


class Line(TypedDict):
    """A batch's faults of one family. struck: how many, by name."""

    family: str
    store: str
    struck: dict[str, int]
    account: Mapping[str, object]


class Batch(TypedDict):
    number: int
    how: str
    at: str
    lines: list[Line]


_HEAD = """\
# Reliability

Made by `make faults`, which writes this page from its journal. What the words mean, and which
copies may come twice: [custody.md](custody.md).

**{struck} faults struck: {lost} copies lost, {unscanned} silently unscanned, {unexplained} twice
without a reason.** Of {mails} mails, {accepted} copies were answered 2yz; each was looked for by
digest at the client, at the next hop and in the store.

- Command: `{command}`; it goes on where it was left
- Seeds: {seed}, with each batch's number
- When: {first} to {last} (UTC)
- Machine: {machine}

## How it is done

Each mail has a right verdict that is known beforehand, a sender and recipients of its own, and is
brought as a mail server does: again and again, until each recipient has 2yz or 5yz. An officer
releases about every second mail held, some of them by a protected way; what waits for its hour
(`delay`) leaves by the clock. Then all that is due later is sent, and the accounts are made:

- **in clear**: at the next hop, byte for byte but for Received fields, and allowed to be
- **sealed**: at the next hop as a document, which opens with the secret that its sender was told,
  and has the whole original in it
- **held**: in the store, and opens with the officers' key to the very bytes; **released**: at the
  next hop after an officer's order, or once its hour was over
- **told**: refused by the next hop for good, and the sender has a report of it
- **twice**: copies more than one, each with a reason that custody.md allows
- **lost**: answered 2yz and nowhere; **unscanned**: in clear at the next hop, though it was to be
  stopped or delayed and neither an officer nor the clock had it released

Only faults that struck are counted. Those in one process are put to the real journey, release and
store at their boundary: errors of the disk's calls given to the writer of contents, SQLite's own
limits, a way to PostgreSQL that cuts, delays and refuses, a next hop that misbehaves at each of its
replies, limits of the kernel, a clock that jumps, a child killed at its n-th step. Real processes
are gateways as `vaguemestre serve` starts them, with all that is below them, under SMTP and LMTP
traffic; whoever is struck there is chosen by the seed, the instant is the machine's.

Not in it: the power failing (what the kernel had is kept, PostgreSQL runs without fsync), a disk
that answers wrongly without an error, contents kept in S3 or in the database, the milter door
(its custody: `tests/custody`), a successor of PostgreSQL that lacks the last commits.
"""
_COLUMNS = (
    *("faults", "mails", "accepted", "in clear", "sealed", "held", "released", "told", "twice"),
    *("lost", "unscanned"),
)


def page(done: Sequence[Batch], command: str) -> str:
    lines = [line for batch in done for line in batch["lines"]]
    total = _summed(lines)
    when = [batch["at"] for batch in done] or ["-"]
    again = total.again
    head = _HEAD.format(
        struck=f"{_count(lines):,}",
        lost=total.lost,
        unscanned=total.unscanned,
        unexplained=again[UNEXPLAINED],
        mails=f"{total.mails:,}",
        accepted=f"{total.accepted:,}",
        command=command,
        seed=command.rpartition("=")[2],
        first=when[0],
        last=when[-1],
        machine=machine(),
    )
    parts = [head, "## Faults in one process\n", *_table(lines, real=False), ""]
    parts += ["## Real processes\n", *_table(lines, real=True), "", *_strikes(lines), ""]
    parts += ["## Copies that came twice, and why\n", "| why | copies |", "|---|--:|"]
    parts += [f"| {why} | {again[why]} |" for why in sorted(again)]
    if total.wrong:
        parts += ["", "## What went wrong\n", *(f"- {one}" for one in total.wrong)]
    return "\n".join(parts) + "\n"


def machine() -> str:
    """What it ran on, without its name."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{os.cpu_count()} processors, {pages:.0f} GiB, Linux {platform.release().split('-')[0]},"
        f" Python {platform.python_version()}, SQLAlchemy {version('sqlalchemy')}"
    )


def _table(lines: Sequence[Line], *, real: bool) -> list[str]:
    some = [line for line in lines if line["family"].startswith(REAL) is real]
    rows = sorted({(line["family"], line["store"]) for line in some})
    written = [
        f"| fault | store | {' | '.join(_COLUMNS)} |",
        f"|---|---|{'--:|' * len(_COLUMNS)}",
    ]
    for family, store in rows:
        those = [line for line in some if (line["family"], line["store"]) == (family, store)]
        written.append(_row(family, store, those))
    return [*written, _row("**all**", "", some)]


def _row(family: str, store: str, lines: Sequence[Line]) -> str:
    one = _summed(lines)
    figures = (
        *(_count(lines), one.mails, one.accepted, one.clear, one.sealed, one.held, one.released),
        *(one.reported, one.again.total(), one.lost, one.unscanned),
    )
    return f"| {family} | {store} | {' | '.join(f'{n:,}' for n in figures)} |"


def _strikes(lines: Sequence[Line]) -> list[str]:
    found: Counter[str] = Counter()
    for line in lines:
        if line["family"].startswith(REAL):
            found += Counter(line["struck"])
    rows = [f"| {what} | {found[what]} |" for what in sorted(found)]
    return ["| struck | times |", "|---|--:|", *rows, f"| **all** | {found.total()} |"]


def _count(lines: Sequence[Line]) -> int:
    return sum(sum(line["struck"].values()) for line in lines)


def _summed(lines: Sequence[Line]) -> Account:
    total = Account()
    for line in lines:
        total.add(of_line(line["account"]))
    return total
