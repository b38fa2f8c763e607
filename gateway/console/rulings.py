"""A ruling as a form gives it: release or refuse, with a reason from a closed list and in words.

The closed list is what figures are made of: how often a rule was wrong (`false_alarm`). Once only:
the store moves copies that are still held and no others, whoever clicks twice or at the same time.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.clockwork import case_of
from gateway.console import access
from gateway.store.holds import Held

if TYPE_CHECKING:
    from gateway.console.visit import Visit

CODES = {
    "release": {
        "false_alarm": "Fausse alerte : rien de sensible",
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


def texts() -> tuple[str, ...]:
    """The reasons, for the catalogues."""
    return tuple(text for reasons in CODES.values() for text in reasons.values())


@dataclass(frozen=True, slots=True)
class Ruling:
    release: bool
    code: str
    words: str


def read(visit: Visit) -> Ruling | str:
    """What the form asks for, or what is wrong with it, in the visitor's language."""
    what = visit.given("quoi")
    if what not in CODES:
        return visit.words("Choisissez : envoyer ou refuser.")
    code = visit.given(f"motif_{what}")
    if code not in CODES[what]:
        return visit.words("Choisissez un motif.")
    if code in ("other", "urgent") and not visit.given("mots"):
        return visit.words("Dites pourquoi en quelques mots.")
    return Ruling(what == "release", code, visit.given("mots"))


def allowed(visit: Visit, held: Held) -> bool:
    return access.may_rule_on(visit.who, held)


async def carry_out(
    visit: Visit, held: Held, ruling: Ruling, positions: Collection[int] | None = None
) -> tuple[int, ...]:
    """() where nothing was held any more: somebody was quicker."""
    desk, who, words, code = visit.desk, visit.who.name, ruling.words, ruling.code
    if ruling.release:
        moved = await desk.holds.release(held.id, who, words, positions, code=code)
    else:
        letter = desk.notices.rejected(case_of(held, desk.keys, positions), desk.clock())
        letters = [letter] if letter else []
        moved = await desk.holds.reject(held.id, who, words, positions, letters, code=code)
    desk.queue.forget()
    return moved
