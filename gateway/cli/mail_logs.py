"""What left, as mail servers wrote it down: Postfix's log, plain or from the journal, and the
message tracking of Exchange.

    Postfix    a queue id: from=<…>, then each to=<…> with status=sent, then "removed"
    journal    the same, `journalctl -o json`
    Exchange   #Fields: …, then CSV; SEND to the outside, DELIVER within

A line of any other kind, half written or damaged, is passed over. Dates of the old kind have no
year: it is the last that the file's own date allows.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import IO, cast

MAX_LINE = 1 << 16  # characters
_MOST_OPEN = 100_000  # mails of which no end was seen: the log was cut
_MAGIC = b"\x1f\x8b"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_POSTFIX = re.compile(r"postfix[\w.-]*(?:/[\w.-]+)*/(?:qmgr|smtp|lmtp|local|virtual|pipe|relay)\[")
_QUEUED = re.compile(r"\]: ([0-9A-Za-z]{6,20}): (.*)")
_FROM, _TO = re.compile(r"from=<([^<>\s]{1,320})>"), re.compile(r"to=<([^<>\s]{1,320})>")
_HERE = ("relay=127.", "relay=[::1]", "relay=localhost")  # a filter: it comes back from there
_SENT = ("SEND", "SENDEXTERNAL", "DELIVER")  # of Exchange


@dataclass(frozen=True, slots=True)
class Left:
    """One mail. day: an ordinal."""

    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    day: int


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """What is in it, where it is packed. file: at its beginning."""
    packed = file.read(len(_MAGIC)) == _MAGIC
    file.seek(0)
    return cast(IO[bytes], gzip.GzipFile(fileobj=file)) if packed else file


def mails(lines: Iterable[str], written: date) -> Iterator[Left]:
    """written: when the file was, for dates that have no year."""
    under_way: OrderedDict[str, list[str]] = OrderedDict()
    fields: list[str] = []
    for line in lines:
        if line.startswith("#Fields:"):
            fields = [name.strip() for name in line.partition(":")[2].split(",")]
        elif fields:
            yield from _exchange(line, fields)
        elif line.startswith("{"):
            told = _of_journal(line)
            yield from _postfix(*told, under_way) if told else ()
        else:
            day = _day(line, written)
            yield from _postfix(line, day, under_way) if day else ()


def _postfix(line: str, day: int, under_way: OrderedDict[str, list[str]]) -> Iterator[Left]:
    """under_way: queue id -> sender and recipients."""
    found = _QUEUED.search(line) if _POSTFIX.search(line) else None
    if found is None:
        return
    queue_id, said = found.groups()
    if said == "removed":
        sender, *recipients = under_way.pop(queue_id, [""])
        if sender and recipients:
            yield Left(sender, tuple(recipients), day)
    elif begun := _FROM.match(said):
        under_way.setdefault(queue_id, [begun[1]])
        if len(under_way) > _MOST_OPEN:
            under_way.popitem(last=False)
    elif queue_id in under_way and (to := _TO.match(said)) and _is_sent(said):
        under_way[queue_id].append(to[1])


def _is_sent(said: str) -> bool:
    return "status=sent" in said and not any(relay in said for relay in _HERE)


def _of_journal(line: str) -> tuple[str, int] | None:
    try:
        told = json.loads(line)
        name = f"{told['SYSLOG_IDENTIFIER']}[{told.get('_PID', '')}]: {told['MESSAGE']}"
        day = datetime.fromtimestamp(int(told["__REALTIME_TIMESTAMP"]) / 1e6, UTC).date()
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return name, day.toordinal()


def _exchange(line: str, fields: list[str]) -> Iterator[Left]:
    try:
        (row,) = csv.reader([line])
        told = dict(zip(fields, row, strict=True))
        day = date.fromisoformat(told["date-time"][:10]).toordinal()
    except (ValueError, KeyError, csv.Error):
        return
    recipients = tuple(filter(None, told.get("recipient-address", "").split(";")))
    if told.get("event-id") in _SENT and "@" in told.get("sender-address", "") and recipients:
        yield Left(told["sender-address"], recipients, day)


def _day(line: str, written: date) -> int | None:
    head = line[:16]
    try:
        if head[:4].isdigit():
            return date.fromisoformat(line[:10]).toordinal()
        month, number = _MONTHS.index(head[:3]) + 1, int(head[4:6])
        found = date(written.year, month, number)
        return (found if found <= written else date(written.year - 1, month, number)).toordinal()
    except (ValueError, IndexError):
        return None
