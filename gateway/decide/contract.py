"""What was agreed with a partner: what may be sent to him, of how many persons, how many mails a
day, until when.

Outside of it he is an unknown recipient like any other: after its last day, for a kind of data it
does not name, for more persons in one mail than it says, once as many mails as it says have left
that day (as far as the ledger knows: what left in the last seconds is not in it yet). Words about
persons (names, telephones, addresses) and numbers of houses and professionals are in every mail,
and need no contract.
"""

from __future__ import annotations

from collections import defaultdict

from gateway.decide.counting import distinct
from gateway.decide.places import Partner, Places
from gateway.decide.question import Question
from gateway.decide.words import glob
from gateway.model import Finding, Inspection, Likelihood

_ORDINARY = frozenset(
    (
        *("person", "phone", "address", "birth", "bic", "contact.bulk", "health.terms"),
        *("fr.adeli", "fr.finess", "fr.rpps"),
    )
)
_PERSONS = frozenset(["fr.nir", "fr.nir13", "fr.nia", "fr.ins", "fr.ipp", "table.persons"])


def within_contract(question: Question, places: Places, name: str | None = None) -> bool:
    """With the partner of this name; with any."""
    day = question.moment.date()
    return any(
        _agreed(partner, question.seen) and _has_room(partner, question.known.sent_today.get(known))
        for known, partner in places.partners_of(question.recipient, day, name)
    )


def _has_room(partner: Partner, sent: int | None) -> bool:
    return partner.mails_a_day is None or (sent or 0) < partner.mails_a_day


def _agreed(partner: Partner, seen: Inspection) -> bool:
    named = glob(partner.data)
    told = [f for f in seen.findings if f.likelihood >= Likelihood.LIKELY]
    if partner.data and not all(named(f.kind) for f in told if f.kind not in _ORDINARY):
        return False
    return partner.persons is None or _persons(told) <= partner.persons


def _persons(found: list[Finding]) -> int:
    """As many as the kind that tells of most."""
    by_kind: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.kind in _PERSONS:
            by_kind[finding.kind].append(finding)
    return max(map(distinct, by_kind.values()), default=0)
