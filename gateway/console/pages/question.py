"""The page of a question about a doubtful recipient, and of a mail that leaves in some minutes.

Reached from the letter by the sender's own ticket, like `gateway.console.pages.sender`, whose acts
it shares. Looking answers nothing: mail scanners follow links. No answer stands ready to be clicked
through: who keeps an address types the name in it, and a proposed one is a colleague's or one that
he has written to himself, as sealed when the mail was held. Each copy is answered for once.

A mail may be held several times, for others of its recipients: the link of the letter shows what is
asked first and leads to the rest; a form is about the hold that it was shown for, and no other.
"""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from gateway.act.correspondents import shown
from gateway.act.wording import why
from gateway.console import rulings
from gateway.console.access import Act
from gateway.console.named import bears
from gateway.console.pages import sender
from gateway.console.visit import Page, Visit
from gateway.language import later
from gateway.model import Disposition
from gateway.ports import Doubt
from gateway.store.dossier import Dossier
from gateway.store.events import SENDER
from gateway.store.held import Copy, Held
from gateway.store.schema import State

_KEPT = later("L'adresse est gardée : le message part.")
_ON = later(
    "L'adresse est gardée. La personne chargée de la quarantaine décide maintenant de l'envoi."
)
_NAME = later("Ce nom n'est pas dans l'adresse. Relisez-la : est-ce la bonne ?")


class _Wrong(Exception):
    """What is wrong with a form, in the visitor's language."""


async def show(visit: Visit) -> Response:
    return await _show(visit, visit.asked("t"))


async def act(visit: Visit) -> Response:
    ticket = visit.given("t")
    waiting = await _waiting(visit, ticket)
    held = next((one for one in waiting if one.id == visit.request.path_params["id"]), None)
    if held is None or held.awaits not in sender.ASKING:
        return await sender.elsewhere(visit, ticket)
    what = visit.given("quoi")
    if what not in _ACTS:
        return await _show(visit, ticket, visit.words("Choisissez ce que vous voulez faire."))
    try:
        said = await _ACTS[what](visit, held)
    except _Wrong as wrong:
        return await _show(visit, ticket, str(wrong))
    return visit.away(f"/q/{quote(_code(held))}?t={ticket}", visit.words(said))


async def keep(visit: Visit, held: Held) -> str:
    """Only of a question; a mail that leaves by itself is not hurried."""
    copy, dossier = _copy(visit, held), held.whole(visit.desk.keys)
    if copy is None or held.awaits != Disposition.CONFIRM:
        raise _Wrong(visit.words("Choisissez ce que vous voulez faire."))
    if not bears(dossier.envelope.addresses[copy.position], visit.given("nom")):
        raise _Wrong(visit.words(_NAME))
    protected = visit.given("voie") == "protegee" and copy.after is Disposition.PASS
    positions = (copy.position,)
    if protected and await rulings.unprotected(visit, held, positions):
        raise _Wrong(visit.words("Aucune voie protégée ne mène à cette adresse."))
    done = await visit.desk.waits.grant(
        held.id, "confirmed", SENDER, "", positions, protected=protected
    )
    if not done:
        return sender.LATE
    return _ON if copy.after is Disposition.QUARANTINE else _KEPT


async def instead(visit: Visit, held: Held) -> str:
    """One of the proposed addresses, by its number: no form brings one of its own here."""
    copy, given = _copy(visit, held), visit.given("lequel")
    if copy is None:
        return sender.LATE
    meant = _doubt(held.whole(visit.desk.keys), copy).instead
    by_number = {str(number): address for number, address in enumerate(meant)}
    if given not in by_number:
        raise _Wrong(visit.words("Choisissez une adresse."))
    return await sender.correct_to(visit, held, copy.position, by_number[given])


async def correct(visit: Visit, held: Held) -> str:
    if wrong := sender.wrong_correction(visit, held):
        raise _Wrong(visit.words(wrong))
    return await sender.correct(visit, held)


async def cancel(visit: Visit, held: Held) -> str:
    if visit.positions(held) == ():
        raise _Wrong(visit.words("Choisissez au moins un destinataire."))
    return await sender.cancel(visit, held)


_ACTS = {"annuler": cancel, "corriger": correct, "garder": keep, "plutot": instead}


async def _waiting(visit: Visit, ticket: str) -> list[Held]:
    """Every hold of this mail that waits still, if this is its sender's ticket and we can read it:
    what he is asked about first."""
    desk = visit.desk
    several = await desk.waits.of_mail(visit.request.path_params["id"])
    his = [
        held for held in several if desk.appeals.opens(held, ticket) and held.opens_to(desk.keys)
    ]
    return sorted(his, key=lambda held: held.awaits not in sender.ASKING)


async def _show(visit: Visit, ticket: str, complaint: str = "") -> Response:
    several = await _waiting(visit, ticket)
    if not several:
        return await sender.elsewhere(visit, ticket)
    held, *others = several
    if held.awaits not in sender.ASKING:
        return RedirectResponse(f"/m/{quote(held.id)}?t={quote(ticket)}", 303)
    dossier = await asyncio.to_thread(held.whole, visit.desk.keys)
    waited = await visit.desk.waits.of(held.id)
    addresses = dossier.envelope.addresses
    waiting = [copy for copy in held.copies if copy.state is State.HELD]
    return visit.page(
        "question.html",
        422 if complaint else 200,
        held=held,
        others=[other.id for other in others],
        code=_code(held),
        due=waited.due if waited else held.until,
        outcome=waited.unanswered if waited else "",
        ticket=ticket,
        asked=[
            (copy, shown(addresses[copy.position]), _proposed(visit, _doubt(dossier, copy)))
            for copy in waiting
        ],
        firsts=[copy.position for copy in waiting if _doubt(dossier, copy).first],
        why=why(dossier.inspection),
        urges=sender.may_urge(visit, dossier) and not held.under_lock,
        complaint=complaint,
    )


def _proposed(visit: Visit, doubt: Doubt) -> list[tuple[str, bool]]:
    """With whether it is a colleague's."""
    return [(shown(one), visit.desk.notices.ours(one)) for one in doubt.instead]


def _doubt(dossier: Dossier, copy: Copy) -> Doubt:
    return dossier.doubts[copy.position] if copy.position < len(dossier.doubts) else Doubt()


def _copy(visit: Visit, held: Held) -> Copy | None:
    given = visit.given("position")
    still = [copy for copy in held.copies if copy.state is State.HELD]
    return next((copy for copy in still if str(copy.position) == given), None)


def _code(held: Held) -> str:
    return held.id.partition(".")[0]


PAGES = (
    Page("GET", "/q/{id}", Act.SIGN_IN, show, by_ticket=True),
    Page("POST", "/q/{id}", Act.SIGN_IN, act, by_ticket=True),
)
