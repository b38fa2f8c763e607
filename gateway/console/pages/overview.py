"""Where leaks come from and how the control does: pictures of the last days, by rule and by team.

A team is the domain that a mail was sent from: coaching, not policing. No figure is about one
person, nor about less than five (`store.teams`). What passed and what could not be read is counted
by the doors, for the whole organisation: shown to those who see all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from starlette.responses import Response

from gateway.console import pictures, shown
from gateway.console.access import Act
from gateway.console.pictures import Picture, Series
from gateway.console.visit import Page, Visit
from gateway.model import Trouble
from gateway.store.figures import WITHIN, Over
from gateway.store.teams import SMALL

_PERIODS = (7, 30, 90)  # days
_MOST_NAMES = 12  # lines of a picture
_MOST_RULES = 20  # of the table of false alarms
_OLDEST = 5


async def show(visit: Visit) -> Response:
    figures, mine = visit.desk.figures, visit.who.compartments
    asked = visit.asked("jours")
    days = int(asked) if asked in map(str, _PERIODS) else 30
    today = figures.today()
    over = await figures.over(today - timedelta(days=days - 1), today, mine)
    standing = await visit.desk.queue.standing(mine)
    oldest = await figures.oldest(_OLDEST, mine)
    return visit.page(
        "overview.html",
        days=days,
        periods=_PERIODS,
        over=over,
        standing=standing,
        oldest=oldest,
        past=await visit.desk.holds.history(oldest[0].hold) if oldest else (),
        half=_within(visit, over, 0.5),
        most=_within(visit, over, 0.9),
        alarms=_alarms(visit, over),
        pictures=[
            *_everybodys(visit, over),
            *await _by_team(visit, over),
            *([] if mine else _of_doors(visit, over)),
        ],
        now=visit.desk.clock(),
    )


def _everybodys(visit: Visit, over: Over) -> list[Picture]:
    say, days = visit.words, over.days
    held = over.total("held")
    ruled = [
        Series(say("envoyés"), "released", over.series("released")),
        Series(say("refusés"), "refused", over.series("refused")),
        Series(say("annulés, délai passé"), "expired", over.series("expired")),
        Series(say("réglés par l'expéditeur"), "passed", over.series("settled")),
    ]
    return [
        pictures.by_day(
            "held",
            say("Retenus, par jour"),
            say.many(
                "{count} message retenu en {days} jours.",
                "{count} messages retenus en {days} jours.",
                held,
                days=len(days),
            ),
            say("Jour"),
            days,
            [Series(say("retenus"), "held", over.series("held"))],
        ),
        pictures.by_day(
            "ruled",
            say("Décisions, par jour"),
            say(
                "{released} envoyés, {refused} refusés, {expired} annulés faute de décision.",
                **{what: over.total(what) for what in ("released", "refused", "expired")},
            ),
            say("Jour"),
            days,
            ruled,
        ),
        _held_by_rule(visit, over),
    ]


def _held_by_rule(visit: Visit, over: Over) -> Picture:
    say, found = visit.words, over.names("held", "rule")[:_MOST_NAMES]
    names = [_title(visit, name) for name, _ in found]
    first = say("D'abord : {name}.", name=names[0]) if names else ""
    held = Series(say("retenus"), "held", tuple(count for _, count in found))
    return pictures.by_name(
        "by-rule", say("Retenus, par règle"), first, say("Règle"), names, [held]
    )


async def _by_team(visit: Visit, over: Over) -> list[Picture]:
    """Of what is marked as personal, too: a team that marks everything would be seen here."""
    say, figures = visit.words, visit.desk.figures
    held = await figures.by_team(over, "held")
    hidden = await figures.by_team(over, "personal")
    said = say("Les équipes de moins de cinq personnes sont ensemble.")
    drawn = [_teams(visit, "by-team", say("Retenus, par équipe"), said, held)]
    if hidden:
        told = say("Retenus, et cachés parce que leur objet les dit personnels.")
        title = say("Marqués personnels, par équipe")
        drawn.append(_teams(visit, "personal", title, told, hidden))
    return drawn


def _teams(
    visit: Visit, key: str, title: str, said: str, found: Sequence[tuple[str, int]]
) -> Picture:
    say, some = visit.words, found[:_MOST_NAMES]
    small = say("moins de cinq personnes")
    names = [small if name == SMALL else name or "<>" for name, _ in some]
    held = Series(say("retenus"), "held", tuple(count for _, count in some))
    return pictures.by_name(key, title, said, say("Domaine de l'expéditeur"), names, [held])


def _of_doors(visit: Visit, over: Over) -> list[Picture]:
    say = visit.words
    hours = tuple(round(seconds / 3600) for seconds in over.series("oldest"))
    troubles = [one for one in over.names("problem", "kind") if one[0] in tuple(Trouble)]
    return [
        pictures.by_day(
            "left",
            say("Partis aussitôt, par jour"),
            say(
                "{passed} partis en clair, {encrypted} par voie chiffrée, {unread} sans avoir été "
                "lus en entier.",
                passed=over.total("pass"),
                encrypted=over.total("encrypt"),
                unread=over.total("unread"),
            ),
            say("Jour"),
            over.days,
            [
                Series(say("en clair"), "passed", over.series("pass")),
                Series(say("par voie chiffrée"), "encrypted", over.series("encrypt")),
            ],
        ),
        pictures.by_day(
            "oldest",
            say("Attente la plus longue, par jour"),
            say("En heures ; au plus {hours} h.", hours=max(hours, default=0)),
            say("Jour"),
            over.days,
            [Series(say("heures"), "expired", hours)],
        ),
        pictures.by_name(
            "unread",
            say("Ce qui n'a pas pu être lu en entier"),
            say("Messages, retenus ou partis, dont une partie l'a été mal ou pas du tout."),
            say("Raison"),
            [say(shown.trouble(Trouble(kind))) for kind, _ in troubles],
            [Series(say("messages"), "unread", tuple(count for _, count in troubles))],
        ),
    ]


def _alarms(visit: Visit, over: Over) -> Sequence[tuple[str, int, int, int]]:
    """(title, held, rulings, false alarms) of the rules that were wrong most often."""
    rules = {name for what in ("released", "refused") for name, _ in over.names(what, "rule")}
    found = [
        (
            _title(visit, rule),
            over.of("held", "rule", rule),
            over.rulings(rule),
            over.of("false_alarm", "rule", rule),
        )
        for rule in rules
    ]
    return sorted(found, key=lambda one: (-one[3], -one[2], one[0]))[:_MOST_RULES]


def _within(visit: Visit, over: Over, share: float) -> str:
    bound = over.within(share)
    if bound is None:
        return "–"
    sign, seconds = ("<", bound) if bound else (">", WITHIN[-1])
    return f"{sign} {_span(visit, seconds)}"


def _span(visit: Visit, seconds: int) -> str:
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days >= 2:
        return visit.words("{count} j", count=days)
    return f"{hours} h" if hours else f"{minutes} min"


def _title(visit: Visit, rule: str) -> str:
    return visit.rule(rule) if rule else visit.words("règle inconnue")


PAGES = (Page("GET", "/apercu", Act.SEE, show),)
