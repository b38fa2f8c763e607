"""What the pages work with, built by `gateway.serve` and handed to them whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import structlog

from gateway.act.calendar import WorkingDays
from gateway.act.notice import Notices
from gateway.console import access
from gateway.console.bench import Bench
from gateway.console.coffer import Coffer
from gateway.console.exceptions import Exceptions
from gateway.console.sight import Sight
from gateway.console.ways.entrance import Entrance
from gateway.guard import Guard
from gateway.protect import WhyNot
from gateway.reviewing import Reviewing
from gateway.store.accounts import Account, Accounts
from gateway.store.appeals import Appeals
from gateway.store.figures import Figures
from gateway.store.health import Health
from gateway.store.holds import Holds
from gateway.store.incidents import Incidents
from gateway.store.keys import DEFAULT, OpeningKey
from gateway.store.monitored import Monitored
from gateway.store.parcel_sender import Senders
from gateway.store.queue import Queue
from gateway.store.sessions import Sessions
from gateway.store.tokens import Tokens
from gateway.store.waits import Waits


@dataclass(frozen=True, slots=True)
class Desk:
    """keys: the private halves, to show who wrote to whom and, with a reason, the mail itself.

    organisation: as staff know it. url: of the console as browsers see it, without a slash at the
    end; with https, cookies are for https alone. rule_title: of a rule by its id. separated: doors
    cannot read a private half. urges: whether a sender may send urgently. guard: against guessers.
    why_not: what keeps every protected way from a mail for a recipient. practice: officers may send
    what they wrote themselves. compartment_of: of a sender. undeclared: names of `declared` that
    are not done by that day.
    parcels: what waits on the portal; None where there is none.
    """

    holds: Holds
    waits: Waits
    reviewing: Reviewing
    queue: Queue
    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    entrance: Entrance
    appeals: Appeals
    coffer: Coffer
    sight: Sight
    exceptions: Exceptions
    figures: Figures
    health: Health
    monitored: Monitored
    incidents: Incidents
    bench: Bench
    notices: Notices
    keys: Sequence[OpeningKey]
    calendar: WorkingDays
    rule_title: Callable[[str], str]
    log: structlog.BoundLogger
    url: str = ""
    organisation: str = ""
    separated: bool = True
    urges: Callable[[str], bool] = lambda sender: False
    why_not: WhyNot = lambda mail, recipient: "aucune voie"
    practice: bool = False
    compartment_of: Callable[[str], str] = lambda sender: DEFAULT
    parcels: Senders | None = None
    undeclared: Callable[[date], Sequence[str]] = lambda day: ()
    guard: Guard = field(default_factory=Guard)
    clock: Callable[[], float] = time.time

    def sees_but_reviews(self, account: Account) -> bool:
        """Where groups of second readers are configured, their readers see no other mail."""
        return self.reviewing.votes.configured and access.reads_alone(account)

    @property
    def secure(self) -> bool:
        return self.url.startswith("https://")
