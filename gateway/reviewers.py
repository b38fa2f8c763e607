"""Second readers: who may say whether a mail leaves, and what becomes of it by what they say.

    asked ── enough agree ──▶ agreed: it leaves
          ── one refuses ───▶ refused  ┐
          ── nobody in time ▶ overdue  ├ an officer rules on it, as on any held mail
          ── nobody could ──▶ nobody   ┘

Pure: persons are names of accounts, times are seconds since the epoch. Nobody has a say in a mail
that he wrote, nor has whoever stands in for its author while he is away. Whoever is away has no say
either: his stand-in has it, chosen among those that the group allows; a stand-in who is away
himself has none. A quorum counts persons, so one who stands in for three is still one. What was
said holds, whoever comes back or goes away afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class End(StrEnum):
    """How a review ended."""

    AGREED = "agreed"
    REFUSED = "refused"
    OVERDUE = "overdue"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Group:
    """members: who is asked. delegates: who else may stand in for one of them. quorum: how many
    must agree."""

    members: frozenset[str]
    delegates: frozenset[str] = frozenset()
    quorum: int = 1


@dataclass(frozen=True, slots=True)
class Absence:
    """until: the moment from which he is back. delegate: "" for nobody."""

    who: str
    until: float
    delegate: str = ""


@dataclass(frozen=True, slots=True)
class Reads:
    """What one person reads. groups: as a member or in somebody's place. never: senders (keyed
    hashes) whose mails he does not, himself and whoever he stands in for. handed: also what
    officers hand to a second reader."""

    groups: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    handed: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    who: str
    agrees: bool


def readers(
    group: Group, authors: Collection[str], absences: Iterable[Absence], now: float
) -> frozenset[str]:
    """Whose word counts now."""
    away = {one.who: one.delegate for one in absences if now < one.until}
    standing_in = {away[member] for member in group.members if member in away}
    able = group.members | (standing_in & group.delegates)
    return able - away.keys() - _own(authors, away)


def could_ever(group: Group, authors: Collection[str]) -> bool:
    """Whether enough of them are no authors of it, were nobody away."""
    return len((group.members | group.delegates).difference(authors)) >= group.quorum


def end_of(
    votes: Sequence[Vote],
    quorum: int,
    due: float,
    now: float,
    several: Sequence[Collection[str]] = (),
) -> End | None:
    """None while it is open. votes: as they were given, each by somebody whose word counted then;
    a person's first one stands. several: the persons of each group, where more than one is asked:
    as many of each must agree."""
    said: dict[str, bool] = {}
    for vote in votes:
        said.setdefault(vote.who, vote.agrees)
        if not said[vote.who]:
            return End.REFUSED
        groups = [set(said) & set(persons) for persons in several] or [set(said)]
        if all(len(agreed) >= quorum for agreed in groups):
            return End.AGREED
    return End.OVERDUE if now >= due else None


def _own(authors: Collection[str], away: dict[str, str]) -> set[str]:
    """Authors, and who stands in for one."""
    return {*authors, *(away[author] for author in authors if author in away)}
