"""Identifiers of one organisation, told by its configuration: "site.dossier", a pattern, a check.

A pattern is linear (RE2) and searched in folded text, whatever its case, never within a longer word
or number. A right check makes it VERY_LIKELY. Where words of context are given, one of them must
stand within two lines, or it is POSSIBLE.

They are learnt as a process starts, before the first search, and the same in every process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

from gateway.detect.check_digits import luhn
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded, fold
from gateway.detect.pattern import Pattern, linear
from gateway.model import Likelihood, Match

_AROUND = 120  # bytes: two lines of a letter
_MARKS = str.maketrans("", "", " .-/_")
_learnt: list[Identifier] = []


@dataclass(frozen=True, slots=True)
class Identifier:
    """kind: "site.dossier". words: of context, as anybody writes them. check: one of CHECKS, or "".
    shown: how many of its first characters may be told."""

    kind: str
    pattern: str
    words: tuple[str, ...] = ()
    check: str = ""
    shown: int = 0


def _mod97_key(digits: str) -> bool:
    """97 less the rest of the others, in two digits, as in French numbers."""
    return len(digits) > 2 and 97 - int(digits[:-2]) % 97 == int(digits[-2:])


CHECKS: dict[str, Callable[[str], bool]] = {
    "luhn": luhn,
    "mod97": _mod97_key,
    "mod97-10": lambda digits: int(digits) % 97 == 1,  # ISO 7064
}


def learn(told: str) -> None:
    """What `tell` says: for the process that searches behind the wall."""
    know(Identifier(**one | {"words": tuple(one["words"])}) for one in json.loads(told))


def tell(identifiers: Sequence[Identifier]) -> str:
    return json.dumps([asdict(identifier) for identifier in identifiers])


def know(identifiers: Iterable[Identifier]) -> None:
    """Instead of those known before."""
    _learnt[:] = identifiers


def known() -> tuple[Identifier, ...]:
    return tuple(_learnt)


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Pattern:
    """May raise re2.error."""
    return linear(b"(?i)(?:^|[^a-z0-9])(" + pattern.encode("latin-1") + b")(?:[^a-z0-9]|$)")


def detector(identifier: Identifier) -> Detector:
    pattern = compiled(identifier.pattern)
    words = _words(identifier.words)

    def find(folded: Folded) -> Iterator[Match]:
        at = 0
        while found := pattern.search(folded.data, at):
            start, end = found.span(1)
            at = max(end, found.start() + 1)
            value = folded.data[start:end].decode("latin-1").upper().translate(_MARKS)
            if value and (sure := _likelihood(identifier, value)):
                near = not words or words.search(
                    folded.data, max(0, start - _AROUND), end + _AROUND
                )
                yield Match(start, end, sure if near else Likelihood.POSSIBLE, value)

    def mask(value: str) -> str:
        return value[: identifier.shown] + "*" * max(3, len(value) - identifier.shown)

    return Detector(identifier.kind, find, mask)


def _likelihood(identifier: Identifier, value: str) -> Likelihood | None:
    if not identifier.check:
        return Likelihood.LIKELY
    digits = "".join(filter(str.isdigit, value))
    right = bool(digits) and CHECKS[identifier.check](digits)
    return Likelihood.VERY_LIKELY if right else None


def _words(words: Sequence[str]) -> re.Pattern[bytes] | None:
    if not words:
        return None
    folded = b"|".join(re.escape(fold(word).data) for word in words)
    return re.compile(rb"(?<![a-z0-9])(?:" + folded + rb")(?![a-z0-9])")
