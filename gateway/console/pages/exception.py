"""A reasoned exception from a held mail: its rule, for this domain or this sender, until a day.

Written among the site's rules where the console may write there; else the text is shown, to be
handed to whoever keeps the rules. Reason, person, rule and end are on record before it counts.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.console import rulings
from gateway.console.access import Act
from gateway.console.exceptions import LONGEST_DAYS, MAX_OWNER, Draft, Scope, enact, invalid
from gateway.console.visit import Page, Visit
from gateway.decide.places import domain_of
from gateway.decide.question import PARIS
from gateway.errors import Misconfigured
from gateway.language import later
from gateway.store.held import Held
from gateway.store.vault import CannotOpen


async def show(visit: Visit, complaint: str = "", draft: Draft | None = None) -> Response:
    held = await _theirs(visit)
    try:
        sender = held.dossier(visit.desk.keys).envelope.sender
    except CannotOpen:
        return visit.page("refusal.html", 409, text=later("Aucune clé d'ici n'ouvre ce dossier."))
    today = _today(visit)
    return visit.page(
        "exception.html",
        422 if complaint else 200,
        held=held,
        title=visit.rule(held.rule),
        sender=sender,
        domains=_domains(held),
        given=visit.given,
        soonest=(today + timedelta(days=1)).isoformat(),
        latest=(today + timedelta(days=LONGEST_DAYS)).isoformat(),
        complaint=visit.words(complaint) if complaint else "",
        draft=draft,
    )


async def add(visit: Visit) -> Response:
    held = await _theirs(visit)
    until = _until(visit)
    if until is None:
        return await show(visit, later("Donnez une date de fin, d'ici un an au plus."))
    owner = visit.given("responsable")[:MAX_OWNER]
    if not owner or not visit.given("mots"):
        return await show(visit, later("Dites qui en répond, et pourquoi."))
    scope = _scope(visit, held)
    exceptions = visit.desk.exceptions
    if refusal := exceptions.refusal(scope):
        return await show(visit, refusal)
    title = visit.desk.rule_title(held.rule) or held.rule
    try:
        draft = exceptions.draft(held.rule, title, held.id, scope, owner, until)
    except Misconfigured as refused:
        return await show(visit, invalid(refused))
    who, words = visit.who.name, visit.given("mots")
    if not await enact(exceptions, visit.desk.holds, held, draft, who, words, until):
        return await show(visit, draft=draft)
    said = visit.words("Exception ajoutée, jusqu'au {day} compris.", day=until.strftime("%d/%m/%Y"))
    return visit.away(f"/dossiers/{held.id}", said)


async def _theirs(visit: Visit) -> Held:
    """Of a mail that this account may rule on: nobody excepts himself."""
    held = await visit.held()
    if not rulings.allowed(visit, held):
        raise HTTPException(403)
    return held


def _scope(visit: Visit, held: Held) -> Scope:
    """By what the form chose among this mail's own: nothing else can be written in it."""
    what, domain = visit.given("pour"), visit.given("domaine")
    sender = held.parties(visit.desk.keys)[0] if what in ("sender", "both") else ""
    wanted = domain if what in ("domain", "both") and domain in _domains(held) else ""
    if what == "both" and not (sender and wanted):
        return Scope()
    return Scope(sender, wanted)


def _domains(held: Held) -> tuple[str, ...]:
    return tuple(dict.fromkeys(domain_of(f"@{copy.domain}") for copy in held.copies if copy.domain))


def _until(visit: Visit) -> date | None:
    try:
        day = date.fromisoformat(visit.given("fin"))
    except ValueError:
        return None
    today = _today(visit)
    return day if today < day <= today + timedelta(days=LONGEST_DAYS) else None


def _today(visit: Visit) -> date:
    """Where rules are judged."""
    return datetime.fromtimestamp(visit.desk.clock(), PARIS).date()


PAGES = (
    Page("GET", "/dossiers/{id}/exception", Act.RULE, show),
    Page("POST", "/dossiers/{id}/exception", Act.RULE, add),
)
