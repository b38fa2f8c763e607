"""The month's list of what officers sent in clear although they had written it themselves: in a
small practice nobody else may be there to rule. Codes, days, account names; nothing of a mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.act.calendar import WorkingDays
from gateway.act.letter import Block, Link, Rows, Words

PAGE = "/registre"


@dataclass(frozen=True, slots=True)
class Own:
    """One release. at: seconds since the epoch. who: the officer's account."""

    hold: str
    at: float
    who: str


def title(own: Sequence[Own], month: date) -> str:
    several = "s" if len(own) > 1 else ""
    return (
        f"[Quarantaine] {len(own)} envoi{several} en clair de ses propres messages, {month:%m/%Y}"
    )


def blocks(own: Sequence[Own], calendar: WorkingDays, url: str) -> Iterator[Block]:
    yield Words(
        "Ces messages étaient retenus. La personne qui les avait écrits les a envoyés en clair "
        "elle-même, en disant pourquoi :"
    )
    yield Rows(tuple((one.hold, _line(one, calendar)) for one in own), indent=2, wrap=False)
    yield Words("Les raisons sont au registre, avec le nom du compte. Relisez-les à plusieurs.")
    if url:
        yield Link(url + PAGE)


def _line(one: Own, calendar: WorkingDays) -> str:
    return f"{calendar.in_words(one.at)}, par {one.who}"
