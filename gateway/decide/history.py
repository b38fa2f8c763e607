"""Conditions that rest on the ledger of who writes to whom (`gateway.acquaintance`).

Where it was not asked, or could not be, nothing is said and none of them holds: a store that is
down stops no mail. Whether a pair is blocked is known of senders without a history, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from gateway.acquaintance import Acquaintance, Likeness
from gateway.decide import told
from gateway.decide.question import Question, Reasons, Test, once
from gateway.decide.salutation import another, beside_one_word, says_names


def recipient_in_history(word: str) -> Test:
    """word: one of `words.HISTORY`."""
    if word == "salutation_mismatch":
        return _greeted_another

    def ask(question: Question) -> Reasons:
        known = question.known
        if not (known.told or word == "blocked_pair"):
            return None
        if not _HOLDS[word](known.of(question.recipient)):
            return None
        return told.history(word, known.of(question.recipient), question.domain)

    return ask


def _own_mailbox(likeness: Likeness) -> bool:
    return likeness.colleague and likeness.how == "twin"


_HOLDS: dict[str, Callable[[Acquaintance], bool]] = {
    "first_time": lambda known: not known.met,
    "never_seen": lambda known: not (known.met or known.met_by_house),
    "lookalike": lambda known: bool(known.alike) or known.misspelt,
    "twin": lambda known: any(map(_own_mailbox, known.alike)),
    "out_of_place": lambda known: known.out_of_place,
    "machine_flow": lambda known: known.new_in_flow,
    "blocked_pair": lambda known: known.blocked,
}


def _greeted_another(question: Question) -> Reasons:
    """Where the sender has a correspondent of that name, or has never written to this address; by
    a first name alone, only the former; beside an address of one word, both."""
    known, here = question.known, question.recipient
    if not known.told:
        return None
    met = known.of(here).met
    if not says_names(here):
        doubted = known.greeted and not met and _beside_one_word(question) is not None
    elif known.greeted:
        doubted = _informally(question) is not None
    else:
        doubted = not met and _formally(question) is not None
    return told.greeted(known.greeted, question.domain) if doubted else None


def _greeting(name: str, names: Callable[[bytes, Sequence[str]], frozenset[str]]) -> Test:
    def asked(question: Question) -> Reasons:
        return () if names(question.mail.content, question.mail.envelope.addresses) else None

    return once(("greets another", name), asked)


_formally = _greeting("formally", another)
_informally = _greeting("informally", partial(another, informal=True))
_beside_one_word = _greeting("beside one word", beside_one_word)
