"""Where leaks come from and how the control does: pictures of the last days, by rule and by team.

A team is the domain that a mail was sent from: coaching, not policing. No figure is about one
person. What passed and what could not be read is counted by the doors, for the whole organisation:
shown to those who see all of it.
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
        pictures=[*_everybodys(visit, over), *([] if mine else _of_doors(visit, over))],
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
        _held_by(visit, over, "rule", say("Retenus, par règle"), say("Règle")),
        _held_by(visit, over, "team", say("Retenus, par équipe"), say("Domaine de l'expéditeur")),
        *_personal(visit, over),
    ]


def _personal(visit: Visit, over: Over) -> list[Picture]:
    """Marks that hide a mail from its officers: a team that marks everything would be seen here."""
    found = over.names("personal", "team")[:_MOST_NAMES]
    if not found:
        return []
    say = visit.words
    return [
        pictures.by_name(
            "personal",
            say("Marqués personnels, par équipe"),
            say("Retenus, et cachés parce que leur objet les dit personnels."),
            say("Domaine de l'expéditeur"),
            [name or "<>" for name, _ in found],
            [Series(say("retenus"), "held", tuple(count for _, count in found))],
        )
    ]


def _held_by(visit: Visit, over: Over, by: str, title: str, head: str) -> Picture:
    found = over.names("held", by)[:_MOST_NAMES]
    names = [_title(visit, name) if by == "rule" else name or "<>" for name, _ in found]
    first = visit.words("D'abord : {name}.", name=names[0]) if names else ""
    held = Series(visit.words("retenus"), "held", tuple(count for _, count in found))
    return pictures.by_name(f"by-{by}", title, first, head, names, [held])


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
