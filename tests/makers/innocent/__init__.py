"""Innocent mail of French hospitals, funds, laboratories and their suppliers: nothing is held.

Two halves, of equal size: ordinary business, full of numbers that look like something, and mail
that has the words of health and tells nobody's. Frames of sentences are in frames/, words in
words.txt; a mail is put together from a dozen sentences drawn apart, so no two are alike. Persons
in them work, speak, sign, sell or give; none is ill, insured or assisted.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.makers.innocent.families import HALVES, Family, families
from tests.makers.innocent.letters import letter
from tests.makers.innocent.wrapping import message
from tests.makers.labelled import Labelled


def labelled(seed: int, count: int) -> Iterator[Labelled]:
    """The halves in turn."""
    series = [_of(half, seed, (count + 1) // 2) for half in HALVES]
    for number in range(count):
        yield next(series[number % len(series)])


def _of(half: str, seed: int, count: int) -> Iterator[Labelled]:
    known = families(half)
    for number in range(count):
        family = known[number % len(known)]
        medium = family.media[number // len(known) % len(family.media)]
        yield _one(f"innocent-{seed}-{half}-{number:05d}", family, medium)


def _one(name: str, family: Family, medium: str) -> Labelled:
    rng = Random(name)
    content = message(letter(family, rng), medium, rng)
    return Labelled(name, content, "pass", (), family.name, medium)
