"""Conditions that rest on the ledger of who writes to whom (`gateway.acquaintance`).

Where it was not asked, or could not be, nothing is said and none of them holds: a store that is
down stops no mail.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.acquaintance import Acquaintance, Likeness
from gateway.decide import told
from gateway.decide.question import Question, Reasons, Test, once
from gateway.decide.salutation import another


def recipient_in_history(word: str) -> Test:
    """word: one of `words.HISTORY`."""
    if word == "salutation_mismatch":
        return _greeted_another

    def ask(question: Question) -> Reasons:
        known = question.known
        if not known.told or not _HOLDS[word](known.of(question.recipient)):
            return None
        return told.history(word, known.of(question.recipient), question.domain)

    return ask


def _own_mailbox(likeness: Likeness) -> bool:
    return likeness.colleague and likeness.how == "twin"


_HOLDS: dict[str, Callable[[Acquaintance], bool]] = {
    "first_time": lambda known: not known.met,
    "never_seen": lambda known: not (known.met or known.met_by_house),
    "lookalike": lambda known: bool(known.alike),
    "twin": lambda known: any(map(_own_mailbox, known.alike)),
    "out_of_place": lambda known: known.out_of_place,
    "machine_flow": lambda known: known.new_in_flow,
}


def _greeted_another(question: Question) -> Reasons:
    """Where the sender has a correspondent of that name, or has never written to this address; by
    a first name alone, only the former."""
    known, here = question.known, question.recipient
    if not known.told or _greets_another[bool(known.greeted)](question) is None:
        return None
    if not known.greeted and known.of(here).met:
        return None
    return told.greeted(known.greeted, question.domain)


def _greeting(informal: bool) -> Test:
    def asked(question: Question) -> Reasons:
        mail = question.mail
        return () if another(mail.content, mail.envelope.addresses, informal=informal) else None

    return once(("greets another", informal), asked)


_greets_another = {informal: _greeting(informal) for informal in (False, True)}
