"""A second reader says that he is away, until when, and who reads in his place."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from starlette.responses import Response

from gateway.console.access import Act
from gateway.console.pages import account
from gateway.console.visit import Page, Visit
from gateway.language import later
from gateway.reviewers import Absence

LONGEST = timedelta(days=366)
_DATE = later("Donnez le dernier jour de votre absence : aujourd'hui ou plus tard, dans l'année.")


async def leave(visit: Visit) -> Response:
    votes, who = visit.desk.reviewing.votes, visit.who.name
    until = _end(visit, visit.given("jusqu"))
    if until is None:
        return await account.show(visit, _DATE)
    instead = visit.given("suppleant")
    if instead and instead not in await votes.stand_ins(who):
        return await account.show(visit, later("Cette personne ne peut pas lire pour vous."))
    await votes.leave(Absence(who, until, instead))
    return visit.away("/compte", visit.words("Votre absence est notée."))


async def come_back(visit: Visit) -> Response:
    await visit.desk.reviewing.votes.leave(Absence(visit.who.name, visit.desk.clock()))
    return visit.away("/compte", visit.words("Vous êtes de retour : les messages vous reviennent."))


def _end(visit: Visit, given: str) -> float | None:
    """Of that day, seconds since the epoch."""
    zone = visit.desk.calendar.zone
    today = datetime.fromtimestamp(visit.desk.clock(), zone).date()
    try:
        last = date.fromisoformat(given)
    except ValueError:
        return None
    if not today <= last <= today + LONGEST:
        return None
    return datetime.combine(last + timedelta(days=1), time(), zone).timestamp()


PAGES = (
    Page("POST", "/compte/absence", Act.REVIEW, leave),
    Page("POST", "/compte/absence/retour", Act.REVIEW, come_back),
)
