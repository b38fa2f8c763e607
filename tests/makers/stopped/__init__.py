"""Mails to be stopped: identifiers in every spelling and medium, files of persons, incidents.

Each is drawn from the seed and its number alone, but for the time of day that libraries write into
Office files. Families come in turn, and the media of a family in turn as the family comes back;
spelling, label, prose and person are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from tests.makers.labelled import Labelled
from tests.makers.stopped import carriers, leaks, several, tables

_SCAN_EVERY = 100  # mails: the words of a picture take seconds to read
_IDENTIFIERS = 3  # times that each comes for once that a table or an incident does

Made = tuple[str, tuple[str, ...], str, bytes]  # family, kinds, medium, content
Maker = Callable[[Random, int], Made]  # the number: how often the family has come before


def labelled(seed: int, count: int) -> Iterator[Labelled]:
    makers = _makers()
    for number in range(count):
        rng = Random(f"{seed} {number}")
        make = _scanned if number % _SCAN_EVERY == _SCAN_EVERY - 1 else makers[number % len(makers)]
        family, kinds, medium, content = make(rng, number // len(makers))
        name = f"stopped-{seed}-{number:05d}"
        yield Labelled(name, content, "stop", kinds, family, medium)


def _makers() -> list[Maker]:
    """One a family, those of one sort apart, so that each stretch of the series has all sorts."""
    names, themes = list(leaks.FAMILIES) * _IDENTIFIERS, list(tables.THEMES)
    sorts = [
        [_one(name, first) for first, name in enumerate(names)],
        [_file(name, first) for first, name in enumerate(themes)],
        [_incident(name) for name in several.SEVERAL],
    ]
    placed = [
        ((place + 0.5) / len(sort), maker) for sort in sorts for place, maker in enumerate(sort)
    ]
    return [maker for _, maker in sorted(placed, key=lambda pair: pair[0])]


def _one(name: str, first: int) -> Maker:
    """first: the medium to begin with, so that a short series has all of them."""
    family = leaks.FAMILIES[name]
    media = list(carriers.media(family).items())

    def make(rng: Random, turn: int) -> Made:
        medium, carrier = media[(first + turn) % len(media)]
        return name, family.kinds, medium, carrier(rng, family)

    return make


def _file(name: str, first: int) -> Maker:
    theme = tables.THEMES[name]

    def make(rng: Random, turn: int) -> Made:
        form = tables.FORMS[(first + turn) % len(tables.FORMS)]
        return name, theme.kinds, form, tables.table(theme, form, rng)

    return make


def _incident(name: str) -> Maker:
    maker, kinds = several.SEVERAL[name]
    return lambda rng, _: (name, kinds, "mail", maker(rng))


def _scanned(rng: Random, _: int) -> Made:
    name = rng.choice(carriers.SCANNED)
    family = leaks.FAMILIES[name]
    return name, family.kinds, "scan", carriers.scan(rng, family)
