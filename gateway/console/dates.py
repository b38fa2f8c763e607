"""Dates in the language of a page: the French of the notices, and an English beside it."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date, format_datetime

from gateway.act.calendar import WorkingDays


def in_words(epoch: float, calendar: WorkingDays, language: str) -> str:
    """ "lundi 23 novembre 2026 à 14 h 32", "Monday 23 November 2026 at 14:32"."""
    if language == "fr":
        return calendar.in_words(epoch)
    when = datetime.fromtimestamp(epoch, calendar.zone)
    return format_datetime(when, "EEEE d MMMM y 'at' HH:mm", locale="en_GB")


def day_in_words(day: date, language: str) -> str:
    """ "22 décembre 2026", "22 December 2026"."""
    return format_date(day, "long", locale="fr" if language == "fr" else "en_GB")
