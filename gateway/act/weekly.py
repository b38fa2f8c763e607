"""The week in figures, for the officers: counts of rules and of rulings, nothing about a mail and
nobody's name. What the pictures of the console show, by mail on Monday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gateway.act.calendar import WorkingDays, age, day_in_words
from gateway.act.letter import Block, Link, Rows, Words
from gateway.act.wording import number

_MOST_RULES = 5
PAGE = "/apercu"


@dataclass(frozen=True, slots=True)
class Week:
    """Of these days, both included.

    half, most: seconds in which half and nine tenths of the rulings were given; 0: more than
    `longest`; None: nothing was ruled on. passed, encrypted: mails that left at once. waiting,
    oldest: of the moment; the oldest by its code and since when. wrong: (title of a rule, false
    alarms, rulings), the worst first.
    """

    since: date
    until: date
    held: int
    released: int
    refused: int
    expired: int
    passed: int
    encrypted: int
    waiting: int
    oldest: tuple[str, float] | None
    half: int | None
    most: int | None
    longest: int
    wrong: tuple[tuple[str, int, int], ...]


def title(week: Week) -> str:
    days = f"{week.since:%d/%m} au {week.until:%d/%m/%Y}"
    return f"[Quarantaine] Semaine du {days} : {_many(week.held, 'message')} {_held(week)}"


def blocks(week: Week, calendar: WorkingDays, url: str, now: float) -> Iterator[Block]:
    since, until = day_in_words(week.since), day_in_words(week.until)
    yield Words(f"Du {since} au {until} ({calendar.zone_in_words()})")
    yield Rows(tuple(_rows(week, now)))
    if week.wrong:
        yield Words("Règles qui se sont le plus souvent trompées, d'après vos décisions :")
        yield Rows(tuple(_wrong(*one) for one in week.wrong[:_MOST_RULES]), indent=2, wrap=False)
    else:
        yield Words("Aucune fausse alerte n'a été signalée cette semaine.")
    if url:
        yield Words("Les images et le détail :")
        yield Link(url + PAGE)
    yield Words(
        "Ces chiffres parlent des règles et des services. Ils ne comptent personne en particulier "
        "et servent à régler le contrôle et à aider ceux qui envoient."
    )


def within(seconds: int, longest: int) -> str:
    """ "moins de 4 h"; 0 is more than the longest."""
    return f"moins de {age(seconds)}" if seconds else f"plus de {age(longest)}"


def _rows(week: Week, now: float) -> Iterator[tuple[str, str]]:
    yield "Retenus", number(week.held)
    yield (
        "Décidés",
        f"{number(week.released + week.refused)} : {_many(week.released, 'envoyé')}, "
        f"{_many(week.refused, 'refusé')}",
    )
    if week.expired:
        yield "Annulés", f"{number(week.expired)}, faute de décision avant la date prévue"
    if week.half is not None and week.most is not None:
        yield (
            "Délai",
            f"la moitié des décisions en {within(week.half, week.longest)}, "
            f"9 sur 10 en {within(week.most, week.longest)}",
        )
    if week.passed or week.encrypted:
        yield (
            "Partis",
            f"{number(week.passed)} en clair, {number(week.encrypted)} par voie chiffrée",
        )
    yield "En attente", number(week.waiting)
    if week.oldest:
        code, held = week.oldest
        yield "Le plus ancien", f"depuis {age(now - held)} (dossier {code})"


def _wrong(title: str, alarms: int, rulings: int) -> tuple[str, str]:
    return title, f"{_many(alarms, 'fausse alerte', 'fausses alertes')} sur {number(rulings)}"


def _held(week: Week) -> str:
    return "retenus" if week.held > 1 else "retenu"


def _many(count: int, one: str, several: str = "") -> str:
    return f"{number(count)} {(several or one + 's') if count > 1 else one}"
