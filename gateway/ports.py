"""What the rooms ask of the furniture: the only way `act` and `receive` reach store and network.

Protocols, and the nouns that only they hand over. The real ones live in `store`, `sandbox` and
`act.relay`; tests give their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.acquaintance import UNTOLD, Correspondence
from gateway.model import (
    Disposition,
    Envelope,
    Inspection,
    Letter,
    Limits,
    Mail,
    Reading,
    Receipt,
    Recipient,
    Reply,
    Verdict,
)
from gateway.parcel import Parcel

Process = Callable[[Mail], Awaitable[Mapping[str, Reply]]]
"""The journey of one message: one reply per recipient address. Never raises."""

Answered = Callable[[Mail, bool], Coroutine[None, None, None] | None]
"""Told by a door once the transaction was answered 2yz, or its answer lost.

True: the client went on afterwards, so it has our answer. False: nobody knows.
What it returns is what takes time to note; of most mails, nothing is written."""

Ahead = Callable[[Mail], Awaitable[None]]
"""Looks up, beside the inspection, what channels may need to know of the recipients. Bounded by
itself. Never raises for what the mail is."""

Login = Callable[[str, str], Awaitable[Sequence[str] | None]]
"""User and password -> the addresses in whose name that user may send ("@domain" for all of a
domain), or None. Takes as long for a user who is not there. Raises Temporary where whoever judges
passwords cannot be asked."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the next hop said of one recipient. hop: "host:port", for the log."""

    reply: Reply
    hop: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """About one recipient, for the sender's eyes alone. first: he never wrote there. instead:
    addresses that he may have meant, his own correspondents' or colleagues'."""

    first: bool = False
    instead: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """What a held mail waits for before it is an officer's. kind: CONFIRM, DELAY or REVIEW.

    due: seconds since the epoch. unanswered: what becomes of it then, in a word of
    `gateway.decide.terms`. after: by recipient, what becomes of a copy that may go; doubts: the
    same of what its sender is asked. reviewers, quorum: who says so, and how many.
    further: groups beside that one, commas between them.
    """

    kind: Disposition
    due: float
    unanswered: str
    after: tuple[Disposition, ...]
    doubts: tuple[Doubt, ...] = ()
    reviewers: str = ""
    quorum: int = 1
    further: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """One mail to keep until an officer rules on it, for some of its recipients.

    until:   seconds since the epoch: when it is cancelled and the sender told, if nobody ruled.
    remind:  seconds since the epoch: when the officer is reminded.
    grave:   the officer is told at once rather than by the digest.
    compartment: whose officers may open it. hidden: why not even they ("" where they may).
    wait: whom it waits for before them, if for anybody.
    """

    recipients: tuple[Recipient, ...]
    rule: str
    inspection: Inspection
    until: float
    remind: float
    grave: bool = False
    compartment: str = "default"
    hidden: str = ""
    wait: Wait | None = None


class Relay(Protocol):
    async def send(
        self,
        envelope: Envelope,
        content: Sequence[bytes],
        *,
        deadline: float,
        route: str = "default",
    ) -> dict[str, Delivery]:
        """Hand the concatenation of `content` over; one delivery for each recipient, never raises.

        The next hop is chosen per recipient domain. `route`: "default"; "sealed" for what we
        encrypted (its own routes first); "notices" for the internal way; "mssante" for that space,
        which no other leads into.
        Failures of our side or of the network are 4yz deliveries. No final dot goes out
        when less than 10 s are left before `deadline` (loop clock).
        """


class Memory(Protocol):
    """Orders carried out, by sender, recipient and content less its topmost Received fields."""

    async def recall(self, mail: Mail) -> dict[str, Receipt]:
        """Receipts of this very mail's earlier tries, by recipient; empty for a new mail."""

    async def remember(self, mail: Mail, receipts: Iterable[Receipt], *, answered: bool) -> None:
        """Durable on return. answered: 2yz is about to be sent for all; kept one hour from now.
        Otherwise kept until the client's retries end."""

    async def forget(self, mail: Mail) -> None:
        """The client has our 2yz: the same bytes are a new mail from now on."""


class Custody(Protocol):
    async def hold(
        self, mail: Mail, hold: Hold, letters: Sequence[Letter], receipts: Sequence[Receipt]
    ) -> None:
        """Keep a copy, with its letters and the memory of it: all durable on return, or none."""

    async def post(
        self,
        mail: Mail,
        letters: Sequence[Letter],
        receipts: Sequence[Receipt],
        instead_of: Sequence[int] = (),
    ) -> None:
        """Put letters into the outbox, with the memory of their cause: all durable, or none.
        instead_of: what was parked for them."""

    async def park(self, letters: Sequence[Letter]) -> Sequence[int]:
        """Letters about what is about to be done: durable on return, sent only if no `post`
        takes their place within a few minutes, as when we are killed meanwhile."""


class Pickup(Protocol):
    """Where parcels wait (`gateway.parcel`)."""

    async def keep(self, parcel: Parcel) -> None:
        """Durable on return. Raises Temporary."""

    async def sent(self, parcel: Parcel) -> None:
        """The mail with its link was taken. Never raises: at worst its sender is not reminded."""

    async def withdraw(self, parcel: Parcel) -> None:
        """It was refused, and a retry makes another. Never raises: at worst it waits for its day
        with a link that nobody has."""

    def letter(self, parcel: Parcel) -> Letter:
        """That tells its sender the code."""


class Wall(Protocol):
    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        """Read one message in a sandbox worker. Never raises for what the message does: a killed
        or lying worker is a Problem."""


class Inspector(Protocol):
    async def inspect(self, content: bytes, *, seconds: float) -> Inspection:
        """Read, mask, fingerprint. Raises Temporary when it could not be done in time."""


class Judge(Protocol):
    def wants(self, seen: Inspection) -> bool:
        """Whether a rule that may hold asks about the sender's correspondents."""

    def decide(
        self, mail: Mail, seen: Inspection, known: Correspondence = UNTOLD
    ) -> tuple[Verdict, ...]:
        """One verdict per recipient, in the order of the envelope, after the choice of channel."""


class Ledger(Protocol):
    async def correspondence(self, mail: Mail) -> Correspondence:
        """Of the sender with each recipient. Never raises and takes two seconds at most: what
        cannot be looked up is not told."""


class Action(Protocol):
    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        """Carry one order out; one receipt per verdict. A 2yz receipt means that the copy is safe.

        Raises Temporary (nothing done), Permanent (refused for all) or NoChannel."""


class Journal(Protocol):
    """The log, the metrics and the audit trail, free of personal data."""

    def judged(
        self,
        mail: Mail,
        verdicts: Sequence[Verdict],
        seen: Inspection,
        receipts: Mapping[str, Receipt],
        seconds: float,
    ) -> None:
        """One mail's journey ended."""

    def failed(self, mail: Mail, what: str) -> None:
        """A mail is deferred by our own failure. what: fixed wording."""
