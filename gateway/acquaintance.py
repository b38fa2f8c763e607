"""What is known of who writes to whom: the nouns between the ledger of correspondents and the
rules. Imports nothing of ours. All of it is of one mail's sender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another address, that this one resembles.

    address:   as the sender knows it: a colleague's, or one he has written to himself.
    how:       in a word of `gateway.decide.lookalike`; "greeted" of whom a mail calls by name.
    colleague: one of ours.
    """

    address: str = field(repr=False)
    how: str
    colleague: bool


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Of the sender with one recipient.

    met: he has written to this address. met_by_house: somebody of ours has. domain_met: somebody
    of ours has written to its domain. alike: of an address not met. out_of_place: it never went
    with the others of this mail, and they go together. new_in_flow: a series sent by software,
    always to the same few addresses, which never went there before. blocked: mail of this sender
    to this address reached somebody else, and no officer has said since that it may go on.
    misspelt: nobody of ours has written to its domain, which is one slip from a provider's, from
    our own, or from one that ours often write to.
    """

    met: bool = False
    met_by_house: bool = False
    domain_met: bool = False
    alike: tuple[Likeness, ...] = ()
    out_of_place: bool = False
    new_in_flow: bool = False
    blocked: bool = False
    misspelt: bool = False


NOTHING = Acquaintance()


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Of one mail. told: False where the ledger was not asked, or could not be: then no condition
    that rests on it holds, save that a pair is blocked. greeted: others whom the mail greets, by
    `gateway.decide.salutation`; none where it greets one of its recipients, or nobody by name.
    sent_today: mails of everybody here to each partner of theirs whose contract says how many."""

    told: bool = False
    by_recipient: Mapping[str, Acquaintance] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )
    greeted: tuple[Likeness, ...] = ()
    sent_today: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, recipient: str) -> Acquaintance:
        return self.by_recipient.get(recipient, NOTHING)


UNTOLD = Correspondence()
