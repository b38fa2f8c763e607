"""What a detector is. Adding one is adding a file to this package with `DETECTOR = Detector(…)`.

A detector knows no mail, no rule and no other detector. It returns positions in folded bytes and
the value that makes two matches the same thing; it must be linear and is given untrusted text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.detect.fold import Folded
from gateway.model import Match


def no_preparation() -> None:
    """For detectors that load nothing."""


def nothing_in_texts(folded: Folded) -> Iterable[Match]:
    """For kinds that are told by the columns of a table, and by nothing in a text."""
    return ()


def nothing_besides(folded: Folded) -> Iterable[tuple[str, Match]]:
    """For detectors that tell of their own kind only."""
    return ()


@dataclass(frozen=True, slots=True)
class Detector:
    """kind:    as rules name it, "fr.nir".
    find:    matches in a folded text, in order of position.
    mask:    a value of this kind as it may be shown, "2 79 ** ** *** *** **".
    prepare: loads and compiles what `find` needs, once, before the first mail.
    besides: things of other kinds that only who knows the format can see: the name in the fifth
             field of a segment, a number glued to others in the columns of a record.
    """

    kind: str
    find: Callable[[Folded], Iterable[Match]]
    mask: Callable[[str], str]
    prepare: Callable[[], object] = no_preparation
    besides: Callable[[Folded], Iterable[tuple[str, Match]]] = nothing_besides
