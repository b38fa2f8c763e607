"""Which mails come, and when: over the hours of a working day, and in series of one application."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from tools.simulation.figures import HOURS, KINDS, Figures, Kind

HOUR = 3600.0
DAY = 24 * HOUR
PEAK = max(HOURS) / sum(HOURS)  # of a day's mails, in the busiest hour
_SHARES = tuple(kind.share for kind in KINDS)
_BUSIEST = HOURS.index(max(HOURS))


@dataclass(slots=True)
class Mail:
    """order: what becomes of it: "passed", "held", "encrypted" or "rejected". read_ms: processor
    time of opening and searching it, in a worker."""

    kind: Kind
    size_kb: float
    read_ms: float
    order: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """a_day: mails that all nodes together get. part: of these that are looked at, each mail by
    lot. peak: the busiest hour and nothing else, for as long as asked."""

    a_day: float
    part: float
    peak: bool
    figures: Figures

    @property
    def series(self) -> int:
        """A small house sends no series of five hundred: a twentieth of its day at most."""
        return max(1, min(self.figures.series, int(self.a_day / 20)))

    def mails(self, rng: Random, seconds: float) -> list[tuple[float, Mail]]:
        """By the instant at which each comes."""
        alone = 1 - self.figures.in_series
        found = [(at, self._mail(rng)) for at in self._instants(rng, seconds, alone * self.part)]
        share = self.figures.in_series / self.series
        for begin in self._instants(rng, seconds, share, before=self.figures.series_seconds):
            found += self._series(rng, begin, seconds)
        found.sort(key=lambda one: one[0])
        return found

    def _instants(
        self, rng: Random, seconds: float, share: float, before: float = 0.0
    ) -> Iterator[float]:
        """Of a Poisson process at that share of all mails, thinned by the hour of the day."""
        rate = self.a_day * PEAK * share / HOUR
        at = -before
        while rate and (at := at + rng.expovariate(rate)) < seconds:
            if self.peak or rng.random() * HOURS[_BUSIEST] < HOURS[int(at % DAY // HOUR)]:
                yield at

    def _series(self, rng: Random, begin: float, seconds: float) -> Iterator[tuple[float, Mail]]:
        """All alike, and all judged alike."""
        kind, order = self._kind(rng), self._order(rng)
        for _ in range(self.series):
            if self.part < 1 and rng.random() >= self.part:
                continue
            at = begin + rng.random() * self.figures.series_seconds
            if 0 <= at < seconds:
                yield at, self._mail(rng, kind, order)

    def _mail(self, rng: Random, kind: Kind | None = None, order: str | None = None) -> Mail:
        kind = kind or self._kind(rng)
        size = kind.size_kb * math.exp(rng.gauss(0, kind.spread))
        read = kind.read_ms * math.exp(rng.gauss(0, self.figures.content_spread))
        return Mail(kind, min(size, 50 * 1024), read, order or self._order(rng))

    def _kind(self, rng: Random) -> Kind:
        return rng.choices(KINDS, cum_weights=_CUMULATED)[0]

    def _order(self, rng: Random) -> str:
        drawn = rng.random()
        for order, share in shares(self.figures).items():
            if (drawn := drawn - share) < 0:
                return order
        return "passed"


_CUMULATED = tuple(accumulate(_SHARES))


def shares(figures: Figures) -> dict[str, float]:
    """Of what does not simply pass."""
    return {
        "held": figures.held,
        "encrypted": figures.encrypted,
        "rejected": figures.rejected,
    }


def processor_ms(figures: Figures) -> float:
    """What a mail costs a node in the mean, all kinds and orders taken together."""
    content = math.exp(figures.content_spread**2 / 2)
    total = figures.door_ms + figures.held * (figures.seal_ms + figures.sql_ms)
    for kind in KINDS:
        size = kind.size_kb * math.exp(kind.spread**2 / 2)
        total += kind.share * size * figures.door_ms_kb
        if kind.walled:
            total += kind.share * (figures.worker_ms + kind.read_ms * content)
    return total
