"""Tokens for programs, made by a person for what his roles allow or less, and shown once.

To make one asks for the password again, like all that would outlast a browser left open; an
account that has none must have signed in a moment ago.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from starlette.responses import Response

from gateway.console import access
from gateway.console.access import Act
from gateway.console.pages import account
from gateway.console.visit import Page, Visit
from gateway.decide.question import PARIS
from gateway.language import later
from gateway.store.tokens import LONGEST_DAYS, NAME, TooMany

_DEFAULT_DAYS = 90


async def show(visit: Visit, complaint: str = "", secret: str = "") -> Response:
    today = _today(visit)
    return visit.page(
        "tokens.html",
        422 if complaint else 200,
        tokens=await visit.desk.tokens.of(visit.who.name),
        acts=access.lends(visit.who),
        chosen=_acts(visit),
        given=visit.given,
        soonest=(today + timedelta(days=1)).isoformat(),
        proposed=(today + timedelta(days=_DEFAULT_DAYS)).isoformat(),
        latest=(today + timedelta(days=LONGEST_DAYS)).isoformat(),
        complaint=visit.words(complaint) if complaint else "",
        secret=secret,
    )


async def make(visit: Visit) -> Response:
    name, acts, until = visit.given("name"), _acts(visit), _until(visit)
    if not NAME.fullmatch(name):
        wrong = later("Un nom de jeton : lettres sans accent, chiffres, points, tirets.")
        return await show(visit, wrong)
    if not acts:
        return await show(visit, later("Choisissez au moins un acte."))
    if until is None:
        return await show(visit, later("Donnez une date de fin, d'ici un an au plus."))
    if unproven := await account.complaint(visit):
        return await show(visit, unproven)
    try:
        secret, _ = await visit.desk.tokens.make(visit.who.name, name, acts, until)
    except TooMany:
        return await show(visit, later("Vous avez trop de jetons : révoquez-en un."))
    return await show(visit, secret=secret)


async def revoke(visit: Visit) -> Response:
    done = await visit.desk.tokens.revoke(visit.given("jeton"), visit.who.name)
    return visit.away("/compte/jetons", visit.words("Le jeton est révoqué.") if done else "")


def _acts(visit: Visit) -> tuple[Act, ...]:
    given = {str(one) for one in visit.form.getlist("acte")}
    return tuple(act for act in access.lends(visit.who) if act in given)


def _until(visit: Visit) -> float | None:
    """The end of that day."""
    try:
        day = date.fromisoformat(visit.given("fin"))
    except ValueError:
        return None
    if not _today(visit) < day <= _today(visit) + timedelta(days=LONGEST_DAYS):
        return None
    return datetime.combine(day, time.max, PARIS).timestamp()


def _today(visit: Visit) -> date:
    return datetime.fromtimestamp(visit.desk.clock(), PARIS).date()


PAGES = (
    Page("GET", "/compte/jetons", Act.BE_SIGNED_IN, show),
    Page("POST", "/compte/jetons", Act.BE_SIGNED_IN, make),
    Page("POST", "/compte/jetons/revoquer", Act.BE_SIGNED_IN, revoke),
)
