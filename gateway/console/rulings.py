"""A ruling as a form gives it: release or refuse, with a reason from a closed list and in words.

The closed list is what figures are made of: how often a rule was wrong (`false_alarm`). Once only:
the store moves copies that are still held and no others, whoever clicks twice or at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from gateway.clockwork import case_of
from gateway.console import access
from gateway.console.shown import plain
from gateway.language import later
from gateway.protect import unfit
from gateway.store.held import Held
from gateway.store.own import mark
from gateway.store.vault import CannotOpen

if TYPE_CHECKING:
    from gateway.console.visit import Visit
    from gateway.language import Words

CODES = {
    "release": {
        "false_alarm": "Fausse alerte : rien de sensible",
        "legitimate": "Envoi légitime à la bonne personne",
        "agreed": "Accord de la personne concernée",
        "urgent": "Urgence de soins",
    },
    "encrypted": {
        "legitimate": "Envoi légitime à la bonne personne",
        "agreed": "Accord de la personne concernée",
        "urgent": "Urgence de soins",
    },
    "reject": {
        "wrong_recipient": "Mauvais destinataire",
        "wrong_content": "Mauvaise pièce jointe, ou trop de données",
        "insecure": "À renvoyer par une voie protégée",
        "other": "Autre raison",
    },
}


LOCKED = later("Déverrouillez d'abord votre coffre : ce message ne s'ouvre que par vous.")


def texts() -> tuple[str, ...]:
    """The reasons, for the catalogues."""
    return tuple(text for reasons in CODES.values() for text in reasons.values())


@dataclass(frozen=True, slots=True)
class Ruling:
    """encrypted: a release by the protected way that fits each recipient."""

    release: bool
    code: str
    words: str
    encrypted: bool = False

    @property
    def way(self) -> str:
        if self.encrypted:
            return access.ENCRYPTED
        return access.RELEASE if self.release else access.REJECT


def read(visit: Visit) -> Ruling | str:
    """What the form asks for, or what is wrong with it, in the visitor's language."""
    what = visit.given("quoi")
    return checked(visit.words, what, visit.given(f"motif_{what}"), visit.given("mots"))


def checked(say: Words, what: str, code: str, words: str) -> Ruling | str:
    if what not in CODES:
        return say("Choisissez : envoyer ou refuser.")
    if code not in CODES[what]:
        return say("Choisissez un motif.")
    if code in ("other", "urgent") and not words:
        return say("Dites pourquoi en quelques mots.")
    return Ruling(what != access.REJECT, code, words, what == access.ENCRYPTED)


def allowed(visit: Visit, held: Held) -> bool:
    """Whether another's mail is his to rule on, as he likes."""
    return access.may_rule_on(visit.who, held) and not held.hidden


def ways(visit: Visit, held: Held) -> tuple[str, ...]:
    return access.ways(visit.who, held, practice=visit.desk.practice)


async def complaint(
    visit: Visit, held: Held, ruling: Ruling, positions: Collection[int] | None = None
) -> str:
    """Why this may not or cannot be done with this mail; "" where it can."""
    if ruling.way not in ways(visit, held):
        return visit.words("Cette décision n'est pas ouverte pour ce dossier.")
    if ruling.way == access.RELEASE and access.is_own(visit.who, held) and not ruling.words:
        return visit.words("C'est votre propre message : dites pourquoi il doit partir en clair.")
    if ruling.release and not held.unlocked_by(await visit.content_keys(held)):
        return visit.words(LOCKED)
    if not ruling.encrypted:
        return ""
    try:
        without = await unprotected(visit, held, positions)
    except CannotOpen:
        return visit.words("Aucune clé d'ici n'ouvre ce dossier.")
    if not without:
        return ""
    return visit.words(
        "Aucune voie protégée ne mène à {whom} ({why}).",
        whom=", ".join(map(plain, without)),
        why=next(iter(without.values())),
    )


async def unprotected(
    visit: Visit, held: Held, positions: Collection[int] | None
) -> dict[str, str]:
    """Whom no protected way leads to, and why not. In a thread: headers are searched, for
    milliseconds. Raises CannotOpen."""
    keys = (*visit.desk.keys, *await visit.content_keys(held))
    opened = await visit.desk.holds.open(held.id, keys, unseen=True)
    if opened is None:
        return {}
    return await asyncio.to_thread(unfit, visit.desk.why_not, opened, positions)


async def carry_out(
    visit: Visit, held: Held, ruling: Ruling, positions: Collection[int] | None = None
) -> tuple[int, ...]:
    """() where nothing was held any more: somebody was quicker."""
    desk, who, words, code = visit.desk, visit.who.name, ruling.words, ruling.code
    if ruling.way not in ways(visit, held):
        raise HTTPException(403)
    if ruling.release:
        own = ruling.way == access.RELEASE and access.is_own(visit.who, held)
        about = mark(held.compartment) if own else {}
        moved = await desk.holds.release(
            held.id,
            who,
            words,
            positions,
            code=code,
            encrypted=ruling.encrypted,
            unlocking=await visit.content_keys(held),
            **about,
        )
    else:
        letter = desk.notices.rejected(case_of(held, desk.keys, positions), desk.clock())
        letters = [letter] if letter else []
        moved = await desk.holds.reject(held.id, who, words, positions, letters, code=code)
    desk.queue.forget()
    return moved
