"""The sender's own page, reached from the notice: what became of his mail, and what he can do.

The ticket in the link stands for a sign-in (`gateway.store.tickets`). Looking changes nothing, not
even "seen": mail scanners follow links. He is shown what he knows already and why in words of a
closed list; neither subject nor content nor what was found. Each act is carried out once, and a
wrong ticket, an old one and a hold that never was are answered alike.

An address is not corrected here: what leaves would no longer be what was written and signed.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from gateway.act.correspondents import shown
from gateway.act.urgency import MOST_PERSONS, is_bulk
from gateway.act.wording import why
from gateway.clockwork import case_of
from gateway.console.access import Act
from gateway.console.visit import Page, Visit
from gateway.console.words import later
from gateway.store.dossier import Dossier
from gateway.store.events import SENDER
from gateway.store.holds import Held
from gateway.store.schema import State
from gateway.store.vault import CannotOpen

LONGEST_WORDS = 500  # characters: "in a sentence"
_READ = {
    "previewed": later("la personne chargée de la quarantaine a vu un aperçu du message"),
    "revealed": later(
        "la personne chargée de la quarantaine a lu le message ; la raison est gardée"
    ),
}
_TOLD = _READ | {
    "asked": later("vous avez demandé l'envoi"),
    "urgent release": later("vous l'avez envoyé en urgence"),
}
_LATE = later("C'était déjà fait, ou décidé : voyez l'état de votre message.")


async def show(visit: Visit) -> Response:
    return await _show(visit, visit.asked("t"))


async def act(visit: Visit) -> Response:
    ticket = visit.given("t")
    held = await _opened(visit, ticket)
    if held is None:
        return _nothing(visit)
    complaint = _complaint(visit, held)
    if complaint:
        return await _show(visit, ticket, complaint)
    said = await _ACTS[visit.given("quoi")](visit, held)
    return visit.away(f"/m/{quote(held.id)}?t={ticket}", visit.words(said))


async def cancel(visit: Visit, held: Held) -> str:
    positions = _still_held(held, visit.positions(held))
    letter = visit.desk.notices.withdrawn(
        case_of(held, visit.desk.keys, positions), visit.desk.clock()
    )
    letters = [letter] if letter else []
    done = await visit.desk.holds.reject(held.id, SENDER, "", positions, letters, code="withdrawn")
    return later("L'envoi est annulé.") if done else _LATE


async def ask(visit: Visit, held: Held) -> str:
    done = await visit.desk.appeals.ask(held.id, visit.given("mots")[:LONGEST_WORDS])
    return later("Votre demande est transmise.") if done else _LATE


async def urge(visit: Visit, held: Held) -> str:
    words = visit.given("mots")[:LONGEST_WORDS]
    positions = _still_held(held, visit.positions(held))
    done = await visit.desk.appeals.urge(held.id, words, positions)
    return later("Le message part.") if done else _LATE


_ACTS = {"annuler": cancel, "demander": ask, "urgent": urge}


def _complaint(visit: Visit, held: Held) -> str:
    """What is wrong with the form, or with asking for this."""
    what = visit.given("quoi")
    if what not in _ACTS:
        return visit.words("Choisissez ce que vous voulez faire.")
    if what != "annuler" and not visit.given("mots"):
        return visit.words("Dites pourquoi en une phrase.")
    if what != "demander" and visit.positions(held) == ():
        return visit.words("Choisissez au moins un destinataire.")
    if what == "urgent" and not _may_urge(visit, _dossier(visit, held)):
        return visit.words("L'envoi urgent n'est pas ouvert pour ce message.")
    return ""


def _may_urge(visit: Visit, dossier: Dossier | None) -> bool:
    if dossier is None or not visit.desk.urges(dossier.envelope.sender):
        return False
    return not is_bulk(dossier.inspection)


async def _opened(visit: Visit, ticket: str) -> Held | None:
    """The hold that this ticket opens. Whoever tries many is not looked for any more."""
    desk, client = visit.desk, visit.request.client
    place, now = client.host if client else "", desk.clock()
    if desk.guard.is_shut(place, now):
        return None
    held = await desk.holds.get(visit.request.path_params["id"])
    if desk.appeals.opens(held, ticket):
        return held
    desk.guard.wrong(place, now)
    return None


async def _show(visit: Visit, ticket: str, complaint: str = "") -> Response:
    held = await _opened(visit, ticket)
    dossier = _dossier(visit, held) if held else None
    if held is None or dossier is None:
        return _nothing(visit)
    events = await visit.desk.holds.history(held.id)
    addresses = dossier.envelope.addresses
    return visit.page(
        "sender.html",
        422 if complaint else 200,
        held=held,
        ticket=ticket,
        copies=[(copy, shown(addresses[copy.position])) for copy in held.copies],
        waiting=any(copy.state is State.HELD for copy in held.copies),
        why=why(dossier.inspection),
        told=[(event.at, _TOLD[event.kind]) for event in events if event.kind in _TOLD],
        read=any(event.kind in _READ for event in events),
        asked=any(event.kind == "asked" for event in events),
        urges=visit.desk.urges(dossier.envelope.sender),
        may_urge=_may_urge(visit, dossier),
        most_persons=MOST_PERSONS,
        longest=LONGEST_WORDS,
        complaint=complaint,
    )


def _nothing(visit: Visit) -> Response:
    return visit.page("no_ticket.html", 404)


def _dossier(visit: Visit, held: Held) -> Dossier | None:
    """None: no key here opens it."""
    try:
        return held.dossier(visit.desk.keys)
    except CannotOpen:
        return None


def _still_held(held: Held, chosen: tuple[int, ...] | None) -> tuple[int, ...]:
    waiting = (copy.position for copy in held.copies if copy.state is State.HELD)
    return tuple(one for one in waiting if chosen is None or one in chosen)


PAGES = (
    Page("GET", "/m/{id}", Act.SIGN_IN, show, by_ticket=True),
    Page("POST", "/m/{id}", Act.SIGN_IN, act, by_ticket=True),
)
