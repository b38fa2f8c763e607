"""How long a mail waits for somebody, and what follows: the keys beside `confirm`, `delay` and
`review` in a rule.

    then: confirm          then: review               then: delay
    within: "3 h"          within: "4 h"              for: "10 min"
    unanswered: cancel     unanswered: quarantine
                           reviewers: data-protection
                           quorum: 1

`within` counts the hours in which people work, `for` those of the clock.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo

from gateway.decide.marked import Refusal, Refused, unknown
from gateway.model import Disposition

WAITS = (Disposition.DELAY, Disposition.CONFIRM, Disposition.REVIEW)
MOST_HOURS = 90  # two working weeks; by the clock, what a mail program keeps trying for
_LENGTH = re.compile(r"([1-9][0-9]{0,3}) ?(min|h)", re.ASCII)
_SECONDS = {"min": 60.0, "h": 3600.0}


class Unanswered(StrEnum):
    """What becomes of a mail at the end of its wait; the most careful first."""

    QUARANTINE = "quarantine"
    CANCEL = "cancel"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one rule. seconds: until the end, of working hours or by the clock. reviewers: the name of
    a group, "" for all of them; quorum: how many must agree."""

    seconds: float
    working: bool
    unanswered: Unanswered
    reviewers: str = ""
    quorum: int = 1


USUAL: Mapping[Disposition, Terms] = MappingProxyType(
    {
        Disposition.CONFIRM: Terms(3 * 3600.0, True, Unanswered.CANCEL),
        Disposition.REVIEW: Terms(4 * 3600.0, True, Unanswered.QUARANTINE),
        Disposition.DELAY: Terms(600.0, False, Unanswered.SEND),
    }
)
_ASKING = (Disposition.CONFIRM, Disposition.REVIEW)
OF: Mapping[str, tuple[Disposition, ...]] = MappingProxyType(
    {
        "within": _ASKING,
        "unanswered": _ASKING,
        "for": (Disposition.DELAY,),
        "reviewers": (Disposition.REVIEW,),
        "quorum": (Disposition.REVIEW,),
    }
)


def _length(value: Any) -> float:
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    seconds = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not 0 < seconds <= MOST_HOURS * 3600:
        remedy = f'write "30 min" or "3 h", {MOST_HOURS} h at most'
        raise Refused(Refusal("this is no length of time", remedy))
    return seconds


Length = Annotated[float, PlainValidator(_length)]


def known_group(name: str, info: ValidationInfo) -> str:
    """Of second readers, where it is known which there are."""
    groups = (info.context or {}).get("reviewers")
    if groups is not None and name not in groups:
        raise unknown("group", name, sorted(groups) or ["none"])
    return name


def misplaced(then: Disposition, keys: Collection[str]) -> Iterator[Refusal]:
    """What stands beside an order that it does not belong to."""
    for key, orders in OF.items():
        if key in keys and then not in orders:
            wrong = f'"{key}" has no effect with "then: {then.value}"'
            remedy = f'it belongs to "then: {" or ".join(orders)}"; remove it'
            yield Refusal(wrong, remedy, (key,), on_key=True)
