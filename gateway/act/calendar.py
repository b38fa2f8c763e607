"""Working days of France, and dates in words.

Public holidays: Code du travail, L.3133-1; Alsace and Moselle: L.3134-13; those of a commune or of
an overseas department are given by hand. Easter: the Gregorian computus (Butcher's, valid from
1583). A deadline is told as a day and an hour, never as "within 24 h".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)  # days: Easter Monday, Ascension, Whit Monday
SATURDAY = 5


class WorkingDays:
    """timezone: "Europe/Paris". extra: further days off."""

    def __init__(
        self, timezone: str = "Europe/Paris", extra: Iterable[date] = (), *, alsace: bool = False
    ) -> None:
        self.zone = ZoneInfo(timezone)
        self._extra = frozenset(extra)
        self._alsace = alsace

    def is_working(self, day: date) -> bool:
        if day.weekday() >= SATURDAY or day in self._extra:
            return False
        return day not in holidays(day.year, self._alsace)

    def deadline(self, now: float, working_days: int, hour: int = 18) -> float:
        """That hour of the n-th working day after today; 0: of the first one still to come."""
        start = datetime.fromtimestamp(now, self.zone)
        day = start.date()
        if working_days == 0 and self._at(day, hour) <= now:
            day += timedelta(days=1)
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= self.is_working(day)
        while not self.is_working(day):
            day += timedelta(days=1)
        return self._at(day, hour)

    def after(self, now: float, seconds: float, hours: tuple[int, int]) -> float:
        """So many seconds on, counting those between the two hours of working days alone."""
        start, end = hours
        day, left = datetime.fromtimestamp(now, self.zone).date(), seconds
        while True:
            opened, shut = max(now, self._at(day, start)), self._at(day, end)
            if self.is_working(day) and opened < shut:
                if opened + left <= shut:
                    return opened + left
                left -= shut - opened
            day += timedelta(days=1)

    def in_words(self, epoch: float) -> str:
        """ "lundi 23 novembre 2026 à 14 h 32"; a full hour without its minutes."""
        when = datetime.fromtimestamp(epoch, self.zone)
        return f"{day_in_words(when.date())} à {self.hour_in_words(epoch)}"

    def hour_in_words(self, epoch: float) -> str:
        """ "9 h 05", "18 h"."""
        when = datetime.fromtimestamp(epoch, self.zone)
        return f"{when.hour} h {when.minute:02d}" if when.minute else f"{when.hour} h"

    def on(self, epoch: float, now: float) -> str:
        """ "aujourd'hui à 16 h", "jeudi 26 novembre 2026 à 18 h"."""
        same = self._day(epoch) == self._day(now)
        return f"aujourd'hui à {self.hour_in_words(epoch)}" if same else self.in_words(epoch)

    def by(self, epoch: float, now: float) -> str:
        """What follows "avant": "aujourd'hui 18 h", "le jeudi 26 novembre 2026 à 18 h"."""
        same = self._day(epoch) == self._day(now)
        return f"aujourd'hui {self.hour_in_words(epoch)}" if same else f"le {self.in_words(epoch)}"

    def zone_in_words(self) -> str:
        """ "heure de Paris"."""
        return f"heure de {self.zone.key.rpartition('/')[2].replace('_', ' ')}"

    def _day(self, epoch: float) -> date:
        return datetime.fromtimestamp(epoch, self.zone).date()

    def _at(self, day: date, hour: int) -> float:
        return datetime.combine(day, time(hour), self.zone).timestamp()


def age(seconds: float) -> str:
    """ "40 min", "3 h", "2 jours"."""
    minutes = max(1, int(seconds // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} jours"


def day_in_words(day: date) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    return f"{_DAYS[day.weekday()]} {number} {_MONTHS[day.month - 1]} {day.year}"


@lru_cache(maxsize=32)
def holidays(year: int, alsace: bool = False) -> frozenset[date]:
    sunday = easter(year)
    days = {date(year, month, day) for month, day in _FIXED}
    days |= {sunday + timedelta(days=after) for after in _AFTER_EASTER}
    if alsace:
        days |= {sunday - timedelta(days=2), date(year, 12, 26)}  # Good Friday, Saint Stephen
    return frozenset(days)


def easter(year: int) -> date:
    """Meeus, Jones and Butcher; the letters are theirs."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
