"""The sender's own page, reached from the notice: what became of his mail, and what he can do.

The ticket in the link stands for a sign-in (`gateway.store.tickets`). Looking changes nothing, not
even "seen": mail scanners follow links. He is shown what he knows already and why in words of a
closed list; neither subject nor content nor what was found. Each act is carried out once, and a
wrong ticket, an old one and a hold that never was are answered alike.

He may correct an address: the copy then goes to the new one at once if the rules let the mail pass
there, else nothing changes and he is told so. What leaves is byte for byte what he wrote: its
header goes on naming the address he mistyped.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from gateway.act.correspondents import shown
from gateway.act.urgency import MOST_PERSONS, is_bulk
from gateway.act.wording import why
from gateway.clockwork import case_of
from gateway.console import rulings
from gateway.console.access import Act
from gateway.console.visit import Page, Visit
from gateway.decide.places import normal_domain
from gateway.language import later
from gateway.model import Disposition
from gateway.store.dossier import Dossier
from gateway.store.events import SENDER
from gateway.store.held import Held
from gateway.store.outbox import ENCRYPTED, IN_CLEAR
from gateway.store.schema import Hidden, State
from gateway.store.vault import CannotOpen

ASKING = (Disposition.CONFIRM, Disposition.DELAY)  # whose page is `question`'s
_LONGEST = 254  # octets of an address: RFC 5321, 4.5.3.1.3
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
    "corrected release": later("vous avez corrigé une adresse"),
    "protected release": later("vous l'avez envoyé par une voie protégée"),
    "confirmed": later("vous avez gardé une adresse"),
    "delay over": later("le délai est passé, il part"),
    "unanswered": later("la réponse n'est pas venue à temps"),
    "approved": later("une autre personne a relu et approuvé l'envoi"),
    "review refused": later("une autre personne a relu, et n'est pas d'accord avec l'envoi"),
    "escalated": later("la personne chargée de la quarantaine en décide"),
    "opened by sender": later("vous avez permis de le lire"),
}
_LOCAL = re.compile(r"[A-Za-z0-9#$&'*+/=?^_`{|}~.-]{1,64}", re.ASCII)  # no route: % and ! lead on
_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,20}[a-z0-9-]{2,63}", re.ASCII)
_BLOCKED = "recipient/blocked-pair"  # the rule
_LOCKED = later("Rien n'en part sans la personne chargée de la quarantaine : demandez l'envoi.")
LATE = later("C'était déjà fait, ou décidé : voyez l'état de votre message.")


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
    return later("L'envoi est annulé.") if done else LATE


async def ask(visit: Visit, held: Held) -> str:
    done = await visit.desk.appeals.ask(held.id, visit.given("mots")[:LONGEST_WORDS])
    return later("Votre demande est transmise.") if done else LATE


async def urge(visit: Visit, held: Held) -> str:
    words = visit.given("mots")[:LONGEST_WORDS]
    positions = _still_held(held, visit.positions(held))
    done = await visit.desk.appeals.urge(held.id, words, positions)
    return later("Le message part.") if done else LATE


async def correct(visit: Visit, held: Held) -> str:
    position = _position(visit)
    if position is None:
        return LATE
    return await correct_to(visit, held, position, address_given(visit.given("adresse")))


async def correct_to(visit: Visit, held: Held, position: int, to: str) -> str:
    """Only what rules let pass to the new address leaves, in clear or encrypted as they say;
    anything else stays as it was."""
    desk = visit.desk
    opened = await desk.holds.open(held.id, desk.keys, unseen=True)
    if opened is None or not _still_held(held, (position,)):
        return LATE
    mail = opened.mail
    verdict = await asyncio.to_thread(desk.bench.anew, mail, opened.inspection, to)
    if verdict is None:
        return later("L'adresse ne peut pas être vérifiée pour le moment. Rien n'a changé.")
    if await desk.incidents.blocked(mail.envelope.sender, [to]):  # the bench asks no ledger
        verdict = replace(verdict, disposition=Disposition.QUARANTINE, rule=_BLOCKED)
    ways = {Disposition.PASS: IN_CLEAR, Disposition.ENCRYPT: ENCRYPTED}
    delayed = verdict.disposition is Disposition.DELAY  # as it was until now, or would have been
    order = verdict.after if delayed else verdict.disposition
    if order not in ways:
        return visit.words(
            "Rien n'a changé : le message serait retenu pour cette adresse aussi ({rule}).",
            rule=visit.rule(verdict.rule),
        )
    was, sealed = mail.envelope.addresses[position], held.corrected(to, desk.keys)
    way = ways[order]
    done = await desk.appeals.correct(held, position, was, to, sealed, way)
    return later("L'adresse est corrigée, le message part.") if done else LATE


async def protect(visit: Visit, held: Held) -> str:
    positions = _still_held(held, visit.positions(held))
    if without := await rulings.unprotected(visit, held, positions):
        return visit.words(
            "Aucune voie protégée ne mène à {whom}. Rien n'est parti.",
            whom=", ".join(map(shown, without)),
        )
    done = await visit.desk.appeals.protect(held.id, positions)
    return later("Le message part par une voie protégée.") if done else LATE


async def open_up(visit: Visit, held: Held) -> str:
    done = await visit.desk.appeals.open_up(held.id)
    return later("La personne chargée de la quarantaine peut le lire.") if done else LATE


_ACTS = {
    "annuler": cancel,
    "corriger": correct,
    "demander": ask,
    "ouvrir": open_up,
    "proteger": protect,
    "urgent": urge,
}


def _complaint(visit: Visit, held: Held) -> str:
    """What is wrong with the form, or with asking for this."""
    what = visit.given("quoi")
    if what not in _ACTS:
        return visit.words("Choisissez ce que vous voulez faire.")
    if held.awaits and what in ("demander", "ouvrir", "proteger"):
        return visit.words("Ce message attend d'abord une réponse : personne ne peut en décider.")
    if held.under_lock and what in ("corriger", "proteger", "urgent"):
        return visit.words(_LOCKED)
    if what == "corriger":
        return visit.words(wrong_correction(visit, held))
    if what == "proteger" and not _may_protect(visit, held, _dossier(visit, held)):
        return visit.words("L'envoi par une voie protégée n'est pas ouvert pour ce message.")
    if what == "demander" and held.hidden:
        return visit.words("Permettez d'abord de le lire : sans cela, personne ne peut en décider.")
    if what in ("demander", "urgent") and not visit.given("mots"):
        return visit.words("Dites pourquoi en une phrase.")
    if what not in ("demander", "ouvrir") and visit.positions(held) == ():
        return visit.words("Choisissez au moins un destinataire.")
    if what == "urgent" and not may_urge(visit, _dossier(visit, held)):
        return visit.words("L'envoi urgent n'est pas ouvert pour ce message.")
    return ""


def wrong_correction(visit: Visit, held: Held) -> str:
    """With the address given in place of a mistyped one; "" where nothing is, or it is too late."""
    to, dossier = address_given(visit.given("adresse")), _dossier(visit, held)
    position = _position(visit)
    if position is None or dossier is None:
        return later("Choisissez l'adresse à corriger.")
    if not _still_held(held, (position,)):
        return ""  # a second click finds its own address among the recipients
    if not to:
        return later("Écrivez une adresse entière, sans accent, par exemple a@exemple.fr.")
    if to.lower() in (address.lower() for address in dossier.envelope.addresses):
        return later("Cette adresse est déjà parmi les destinataires.")
    return ""


def _position(visit: Visit) -> int | None:
    """Of the recipient whose address is corrected."""
    given = visit.given("position")
    return int(given) if re.fullmatch("[0-9]{1,4}", given, re.ASCII) else None


def address_given(given: str) -> str:
    """As an envelope takes it, the domain in A-labels; "" for what is none."""
    local, _, domain = given.rpartition("@")
    domain = normal_domain(domain)
    plain = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and len(given) <= _LONGEST
    return f"{local}@{domain}" if plain else ""


def may_urge(visit: Visit, dossier: Dossier | None) -> bool:
    if dossier is None or not visit.desk.urges(dossier.envelope.sender):
        return False
    return not is_bulk(dossier.inspection)


def _may_protect(visit: Visit, held: Held, dossier: Dossier | None) -> bool:
    """Where nobody else may decide, or everybody may of his own; never a whole file."""
    free = visit.desk.practice or held.hidden == Hidden.COMPARTMENT
    free = free and not held.under_lock
    return free and dossier is not None and not is_bulk(dossier.inspection)


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


async def elsewhere(visit: Visit, ticket: str) -> Response:
    """What became of a mail about which nothing is asked any more."""
    return await _show(visit, ticket, asked=False)


async def _show(visit: Visit, ticket: str, complaint: str = "", *, asked: bool = True) -> Response:
    held = await _opened(visit, ticket)
    if held and asked and held.awaits in ASKING:
        return RedirectResponse(f"/q/{quote(held.id)}?t={quote(ticket)}", 303)
    dossier = _dossier(visit, held) if held else None
    if held is None or dossier is None:
        return _nothing(visit)
    events = await visit.desk.holds.history(held.id)
    addresses = dossier.envelope.addresses
    copies = [(copy, shown(addresses[copy.position])) for copy in held.copies]
    return visit.page(
        "sender.html",
        422 if complaint else 200,
        held=held,
        ticket=ticket,
        copies=copies,
        waiting=[(copy, address) for copy, address in copies if copy.state is State.HELD],
        why=why(dossier.inspection),
        told=[(event.at, _TOLD[event.kind]) for event in events if event.kind in _TOLD],
        read=any(event.kind in _READ for event in events),
        asked=any(event.kind == "asked" for event in events),
        urges=visit.desk.urges(dossier.envelope.sender) and not held.under_lock,
        may_urge=may_urge(visit, dossier),
        may_protect=_may_protect(visit, held, dossier),
        most_persons=MOST_PERSONS,
        longest=LONGEST_WORDS,
        complaint=complaint,
    )


def _nothing(visit: Visit) -> Response:
    return visit.page("no_ticket.html", 404)


def _dossier(visit: Visit, held: Held) -> Dossier | None:
    """None: no key here opens it."""
    try:
        return held.whole(visit.desk.keys)
    except CannotOpen:
        return None


def _still_held(held: Held, chosen: tuple[int, ...] | None) -> tuple[int, ...]:
    waiting = (copy.position for copy in held.copies if copy.state is State.HELD)
    return tuple(one for one in waiting if chosen is None or one in chosen)


PAGES = (
    Page("GET", "/m/{id}", Act.SIGN_IN, show, by_ticket=True),
    Page("POST", "/m/{id}", Act.SIGN_IN, act, by_ticket=True),
)
