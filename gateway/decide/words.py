"""The values that conditions take: lists, globs, comparisons, hours. Each refuses what would never
hold, since a rule that cannot fire is worse than none.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from fnmatch import fnmatchcase, translate
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationInfo

from gateway.decide.complaint import remedy_for
from gateway.decide.marked import Refusal, Refused, unknown
from gateway.model import Coverage, Likelihood, Trouble

HISTORY = (  # asked of the ledger
    *("first_time", "never_seen", "lookalike", "twin", "out_of_place", "machine_flow"),
    *("blocked_pair", "salutation_mismatch"),
)
RECIPIENTS = ("internal", "external", "mssante", "webmail", "partner", "mixed", *HISTORY)
SENDERS = ("internal", "external", "<>")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_COMPARISON = re.compile(r"(>=|<=|==|>|<)\s*(\d{1,12})\s*([A-Za-z]{0,2})", re.ASCII)
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_UNITS = {"": 1, "b": 1, "o": 1} | {
    f"{letter}{byte}": 1024**power
    for power, letter in enumerate("kmg", start=1)
    for byte in "bo"  # bytes, octets
}
_OPERATORS: dict[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


def glob(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a word is one of these, where * and ? stand for anything. Case counts."""
    plain = frozenset(p for p in patterns if not _is_glob(p))
    shapes = [re.compile(translate(p)) for p in patterns if _is_glob(p)]
    return lambda word: word in plain or any(shape.match(word) for shape in shapes)


def _is_glob(pattern: str) -> bool:
    return not frozenset("*?[").isdisjoint(pattern)


@dataclass(frozen=True, slots=True)
class Comparison:
    """ ">= 10": a number is compared with another."""

    written: str
    compare: Callable[[int, int], bool]
    number: int

    def holds(self, number: int) -> bool:
        return self.compare(number, self.number)


@dataclass(frozen=True, slots=True)
class Hours:
    """Days of the week and hours of the day; "20:00-06:00" goes on after midnight, and what comes
    after midnight belongs to the day on which it comes."""

    days: frozenset[int]
    since: time
    until: time  # excluded; 00:00 is the end of the day

    def holds(self, moment: datetime) -> bool:
        if moment.weekday() not in self.days:
            return False
        now = moment.time()
        if self.until == time(0):
            return now >= self.since
        if self.since < self.until:
            return self.since <= now < self.until
        return now >= self.since or now < self.until


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _recipient(word: str, info: ValidationInfo) -> str:
    if word.startswith("partner:"):
        partners = (info.context or {}).get("partners")
        name = word.removeprefix("partner:")
        if partners is not None and name not in partners:
            raise unknown("partner", name, [f"partner:{known}" for known in partners] or ["none"])
        return word
    if word in RECIPIENTS or word.startswith("domain:") or "@" in word:
        return word
    raise _unknown_address("recipient", word, RECIPIENTS)


def _sender(word: str) -> str:
    if word in SENDERS or word.startswith("domain:") or "@" in word:
        return word
    raise _unknown_address("sender", word, SENDERS)


def _unknown_address(noun: str, word: str, known: Collection[str]) -> Refused:
    if "." in word:
        return Refused(Refusal(f'unknown {noun} "{word}"', f'did you mean "domain:{word}"?'))
    shapes = ("domain:GLOB", "ADDRESS") if noun == "sender" else ("domain:GLOB", "partner:NAME")
    return unknown(noun, word, (*known, *shapes))


def _kind(word: str, info: ValidationInfo) -> str:
    kinds: Collection[str] | None = (info.context or {}).get("kinds")
    if kinds is None or word in kinds:
        return word
    if not _is_glob(word):
        raise unknown("kind of finding", word, kinds)
    if not any(fnmatchcase(kind, word) for kind in kinds):
        wrong = f'no kind of finding is like "{word}"'
        raise Refused(Refusal(wrong, remedy_for(word.rstrip(".*?"), kinds)))
    return word


def _trouble(word: str) -> str:
    known = (*(trouble.value for trouble in Trouble), "any")
    if word not in known:
        raise unknown("problem", word, known)
    return word


def _likelihood(word: Any) -> Likelihood:
    known = {level.word: level for level in Likelihood}
    if word not in known:
        raise unknown("likelihood", str(word), known)
    return known[word]


def _coverage(word: Any) -> Coverage:
    known = (Coverage.PARTLY.value, Coverage.UNREAD.value)  # everything is at least whole
    if word not in known:
        raise unknown("coverage", str(word), known)
    return Coverage(word)


def _count(value: Any) -> Comparison:
    return _comparison(value, {"": 1}, '">= 10"')


def _size(value: Any) -> Comparison:
    return _comparison(value, _UNITS, '">= 10 MB"')


def _comparison(value: Any, units: dict[str, int], example: str) -> Comparison:
    found = _COMPARISON.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or found[3].lower() not in units:
        raise Refused(Refusal("this is no comparison", f"write for example {example}"))
    number = int(found[2]) * units[found[3].lower()]
    if (found[1], number) in ((">=", 0), ("<", 0), ("<", 1), ("==", 0), ("<=", 0)):
        raise Refused(
            Refusal("this always holds, or never", 'for "none at all", put the condition under not')
        )
    return Comparison(value, _OPERATORS[found[1]], number)


def _hours(value: Any) -> Hours:
    if not isinstance(value, dict) or not value:
        raise Refused(Refusal("this is no time", _TIME))
    refusals = [
        Refusal(f'unknown key "{key}"', remedy_for(key, ("days", "hours")), (key,), on_key=True)
        for key in value
        if key not in ("days", "hours")
    ]
    days = _listed(value.get("days", list(DAYS)))
    for number, day in enumerate(days if isinstance(days, list) else [days]):
        if day not in DAYS:
            refusals.append(
                Refusal(f'unknown day "{day}"', remedy_for(str(day), DAYS), ("days", number))
            )
    hours = _HOURS.fullmatch(str(value.get("hours", "00:00-24:00")))
    if hours is None:
        refusals.append(Refusal("these are no hours", _TIME, ("hours",)))
    if refusals or hours is None:
        raise Refused(*refusals)
    return Hours(
        frozenset(DAYS.index(day) for day in days),
        time(int(hours[1]), int(hours[2])),
        time(int(hours[3]) % 24, int(hours[4])),
    )


_TIME = 'write for example: time: {days: [sat, sun], hours: "20:00-06:00"}'

Listed = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]
Recipients = Annotated[
    tuple[Annotated[str, AfterValidator(_recipient)], ...],
    BeforeValidator(_listed),
    Field(min_length=1),
]
Senders = Annotated[
    tuple[Annotated[str, AfterValidator(_sender)], ...],
    BeforeValidator(_listed),
    Field(min_length=1),
]
Kinds = Annotated[
    tuple[Annotated[str, AfterValidator(_kind)], ...],
    BeforeValidator(_listed),
    Field(min_length=1),
]
Troubles = Annotated[
    tuple[Annotated[str, AfterValidator(_trouble)], ...],
    BeforeValidator(_listed),
    Field(min_length=1),
]
AtLeast = Annotated[Likelihood, PlainValidator(_likelihood)]
CoverageAtWorst = Annotated[Coverage, PlainValidator(_coverage)]
Count = Annotated[Comparison, PlainValidator(_count)]
Size = Annotated[Comparison, PlainValidator(_size)]
When = Annotated[Hours, PlainValidator(_hours)]
