"""How good verdicts are: precision and recall of a labelled collection, by kind, family and medium.

A mail is stopped when anything but "pass" or "tag" becomes of it. A kind is found in a mail when
some finding of it is at least as sure as asked. Every share comes with its 95 % interval after
Wilson (1927), which, unlike the usual one, says something of 0 and of 100 % too: 4,000 innocent
mails of which none is held still leave room for one in 1,000.

Pure: reading, judging and showing are the business of `gateway.cli.evaluate` and `tools.accuracy`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt

from gateway.model import Disposition, Finding, Likelihood

EXPECTED = ("stop", "pass")
GOES_OUT = frozenset({Disposition.PASS, Disposition.TAG})
_Z = 1.959964  # standard deviations that hold 95 % of a normal law


@dataclass(frozen=True, slots=True)
class Case:
    """What the manifest says of one file. name: relative to its directory. kinds: to be found.

    sender, to: of the envelope; "" and () leave them to the headers.
    """

    name: str
    expect: str
    kinds: frozenset[str] = frozenset()
    family: str = ""
    medium: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case. rules: those that won for some recipient."""

    case: Case
    disposition: Disposition
    rules: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), repr=False)

    @property
    def stopped(self) -> bool:
        return self.disposition not in GOES_OUT

    @property
    def as_expected(self) -> bool:
        return self.stopped == (self.case.expect == "stop")

    def found(self, least: Likelihood) -> frozenset[str]:
        return frozenset(one.kind for one in self.findings if one.likelihood >= least)

    def missing(self, least: Likelihood) -> frozenset[str]:
        return self.case.kinds - self.found(least)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """0 to 1; of nothing, 1: nothing was missed."""
        return self.hits / self.of if self.of else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        share, square = self.value, _Z * _Z / self.of
        middle = share + square / 2
        reach = _Z * sqrt(share * (1 - share) / self.of + square / (4 * self.of))
        low, high = (middle - reach) / (1 + square), (middle + reach) / (1 + square)
        return (0.0 if not self.hits else low), (1.0 if self.hits == self.of else high)


@dataclass(frozen=True, slots=True)
class Score:
    """Mails rightly stopped, stopped for nothing, let through by mistake, rightly let through."""

    stopped: int = 0
    false_alarms: int = 0
    missed: int = 0
    passed: int = 0

    @property
    def mails(self) -> int:
        return self.stopped + self.false_alarms + self.missed + self.passed

    @property
    def precision(self) -> Share:
        return Share(self.stopped, self.stopped + self.false_alarms)

    @property
    def recall(self) -> Share:
        return Share(self.stopped, self.stopped + self.missed)

    @property
    def held(self) -> Share:
        """Of the innocent ones."""
        return Share(self.false_alarms, self.false_alarms + self.passed)

    @property
    def f1(self) -> tuple[float, float, float]:
        """With its interval. F1 is 2J/(1+J), where J, the right alarms among all that is or ought
        to be one, is a share; so the interval of J gives that of F1."""
        right = Share(self.stopped, self.stopped + self.false_alarms + self.missed)
        value, low, high = (2 * j / (1 + j) for j in (right.value, *right.interval))
        return value, low, high


@dataclass(frozen=True, slots=True)
class OfKind:
    """found: of the mails that hold this kind. false: of the innocent mails, those in which it was
    found nevertheless; for a person or a telephone that is no fault."""

    found: Share
    false: Share


def score(outcomes: Iterable[Outcome]) -> Score:
    met = Counter((one.case.expect, one.stopped) for one in outcomes)
    return Score(met["stop", True], met["pass", True], met["stop", False], met["pass", False])


def by(outcomes: Sequence[Outcome], label: Callable[[Case], str]) -> dict[str, Score]:
    """A score for each family or medium that is named, in the order of their names."""
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        if name := label(one.case):
            groups.setdefault(name, []).append(one)
    return {name: score(groups[name]) for name in sorted(groups)}


def by_kind(outcomes: Sequence[Outcome], least: Likelihood) -> dict[str, OfKind]:
    """Of each kind that a case asks for, or that was found in an innocent mail."""
    asked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    false: Counter[str] = Counter()
    innocent = 0
    for one in outcomes:
        seen = one.found(least)
        asked.update(one.case.kinds)
        found.update(one.case.kinds & seen)
        if one.case.expect == "pass":
            innocent += 1
            false.update(seen - one.case.kinds)
    return {
        kind: OfKind(Share(found[kind], asked[kind]), Share(false[kind], innocent))
        for kind in sorted(asked.keys() | false.keys())
    }


def confused(outcomes: Iterable[Outcome], least: Likelihood) -> list[Outcome]:
    """Wrong verdicts first, then right ones for which a kind was not found."""
    wrong = [one for one in outcomes if not one.as_expected or one.missing(least)]
    return sorted(wrong, key=lambda one: one.as_expected)
