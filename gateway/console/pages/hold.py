"""One held mail: why, for whom, what was found and where (masked), what was done; the ruling.

One can decide without reading: values stay masked. To read the mail asks for a reason, which is
kept with the reader's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.act.wording import persons
from gateway.console import doubt, rulings, shown
from gateway.console.access import Act
from gateway.console.visit import Page, Visit
from gateway.decide.question import PARIS
from gateway.detect import table_plausibility
from gateway.language import later
from gateway.model import Coverage, Finding
from gateway.parse import words as encoded
from gateway.store.events import Event
from gateway.store.held import Held
from gateway.store.permits import Permit
from gateway.store.queue import Filter, Order
from gateway.store.vault import CannotOpen


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of one kind."""

    kind: str
    count: int
    findings: tuple[Finding, ...]


async def show(visit: Visit, complaint: str = "") -> Response:
    held = await visit.held()
    desk = visit.desk
    await desk.queue.see(held.id)
    try:
        dossier = held.dossier(desk.keys)
    except CannotOpen:
        return visit.page("refusal.html", 409, text=later("Aucune clé d'ici n'ouvre ce dossier."))
    seen = dossier.inspection
    sender, recipients = held.parties(desk.keys)
    return visit.page(
        "hold.html",
        422 if complaint else 200,
        held=held,
        title=visit.rule(held.rule),
        sender=sender,
        copies=tuple(zip_longest(held.copies, recipients, _known(visit, sender, recipients))),
        subject=encoded.text(dossier.subject),
        found=_found([one for one in seen.findings if one.kind != table_plausibility.KIND]),
        examined=[one for one in seen.findings if one.kind == table_plausibility.KIND],
        written=await desk.sight.letters.about(held.id),
        asked_permits=await _asked(visit, held),
        problems=seen.problems,
        unread=[part for part in seen.parts if part.coverage is not Coverage.WHOLE],
        parts=seen.parts,
        reading=shown.reading(visit.words, seen),
        persons=persons(seen),
        events=[_event(visit, one) for one in await desk.holds.history(held.id)],
        like=() if visit.narrow else await desk.queue.like(held, visit.who.compartments),
        panel=await desk.reviewing.votes.panel(held),
        mark=await desk.queue.mark(held.id),
        may_rule=rulings.allowed(visit, held),
        ways=rulings.ways(visit, held),
        locked=not held.unlocked_by(await visit.content_keys(held)),
        following=await _following(visit, held),
        codes=rulings.CODES,
        complaint=complaint,
        now=desk.clock(),
    )


def _known(visit: Visit, sender: str, recipients: Sequence[str]) -> tuple[doubt.Known, ...]:
    desk = visit.desk
    today = datetime.fromtimestamp(desk.clock(), PARIS).date()
    return doubt.of_all(sender, recipients, desk.bench.places, today, visit.words)


async def rule(visit: Visit) -> Response:
    held = await visit.held()
    if not rulings.ways(visit, held):
        raise HTTPException(403)
    ruling = rulings.read(visit)
    if isinstance(ruling, str):
        return await show(visit, ruling)
    positions = visit.positions(held)
    if positions == ():
        return await show(visit, visit.words("Choisissez au moins un destinataire."))
    if wrong := await rulings.complaint(visit, held, ruling, positions):
        return await show(visit, wrong)
    moved = await rulings.carry_out(visit, held, ruling, positions)
    if not moved:
        said = visit.words("Ce dossier était déjà décidé : rien n'a été fait.")
        return visit.away(f"/dossiers/{held.id}", said)
    said = visit.words("Le message ne part pas : l'expéditeur est prévenu.")
    if ruling.release:
        said = visit.words("Le message part.")
    if ruling.encrypted:
        said = visit.words("Le message part, chiffré.")
    return visit.away("/", f"{held.id} : {said}")


async def comment(visit: Visit) -> Response:
    held = await visit.held()
    if words := visit.given("mots"):
        await visit.desk.queue.comment(held.id, visit.who.name, words)
    return visit.away(f"/dossiers/{held.id}")


async def take(visit: Visit) -> Response:
    held = await visit.held()
    to = "" if visit.given("rendre") else visit.who.name
    await visit.desk.queue.assign(held.id, to, visit.who.name)
    return visit.away(f"/dossiers/{held.id}")


async def hand_on(visit: Visit) -> Response:
    held = await visit.held()
    await visit.desk.queue.ask_second(held.id, visit.who.name, visit.given("mots"))
    said = visit.words("Un second lecteur est demandé.")
    return visit.away(f"/dossiers/{held.id}", said)


async def _following(visit: Visit, held: Held) -> str:
    """The mail that comes after this one in the queue; "" after the last."""
    if visit.narrow:
        return ""
    waiting = Filter(visit.who.compartments)
    lines = await visit.desk.queue.page(waiting, Order.RISK, held.id, limit=1)
    return lines[0].held.id if lines else ""


def _found(findings: Sequence[Finding]) -> list[Found]:
    kinds = dict.fromkeys(one.kind for one in findings)
    found = []
    for kind in kinds:
        some = tuple(one for one in findings if one.kind == kind)
        found.append(Found(kind, sum(one.count for one in some), some))
    return sorted(found, key=lambda one: -max(f.likelihood for f in one.findings))


async def _asked(visit: Visit, held: Held) -> list[Permit]:
    """Others' requests to read it whole, that nobody answered yet."""
    permits = await visit.desk.sight.permits.of(held.id)
    return [one for one in permits if not one.granted_by and one.account != visit.who.name]


def _event(visit: Visit, event: Event) -> tuple[Event, str]:
    try:
        return event, event.reason(visit.desk.keys)
    except CannotOpen:
        return event, "…"


PAGES = (
    Page("GET", "/dossiers/{id}", Act.SEE, show),
    Page("POST", "/dossiers/{id}/decision", Act.RULE, rule),
    Page("POST", "/dossiers/{id}/note", Act.ADVISE, comment),
    Page("POST", "/dossiers/{id}/prendre", Act.ADVISE, take),
    Page("POST", "/dossiers/{id}/second", Act.ADVISE, hand_on),
)
