"""The accounts: what the client was told, what the sink has, what the store holds, by digest.

Each copy that a client was answered 2yz for must be at the sink byte for byte, at the sink sealed
with a secret that opens it and was told to the sender, in the store and openable, or told of as not
delivered. What is at the sink in clear and was to be stopped, without an officer's order, is
"silently unscanned". A copy more than one needs a reason that docs/custody.md allows.
"""

from __future__ import annotations

import email
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pikepdf

from gateway.model import Disposition
from gateway.store.memory import past_received
from tools.faults.sink import Taken
from tools.faults.traffic import Sent, digest

_SECRET = re.compile(rb"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b")  # as `act.sealed_pdf` makes it
ORIGINAL = "message.eml"

# Why there may be a second copy: docs/custody.md.
HOP = "next hop's answer lost"
CLIENT = "client had no answer"
STORE = "store away, another recipient waiting"
LEASE = "killed before the release was recorded"
CLOCK = "clock past the memory"
UNEXPLAINED = "unexplained"


@dataclass(slots=True)
class Told:
    """What a mail's client went through. replies: the last one for each recipient, "" for none.
    cut: tries that ended without an answer. later: tries answered 4yz."""

    sent: Sent
    replies: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    later: int = 0

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(a for a in self.sent.right if self.replies.get(a, "")[:1] not in ("2", "5"))

    def accepted(self, address: str) -> bool:
        return self.replies.get(address, "").startswith("2")


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy in the store. digest: of what opens with the officers' key; "" where nothing does."""

    address: str
    state: str
    digest: str


@dataclass(slots=True)
class Account:
    """Copies, not mails, but for `mails`. wrong: each failure in words, without content."""

    mails: int = 0
    accepted: int = 0
    refused: int = 0
    clear: int = 0
    sealed: int = 0
    held: int = 0
    released: int = 0
    reported: int = 0
    lost: int = 0
    unscanned: int = 0
    again: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Account) -> None:
        for name in FIGURES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.again += other.again
        self.wrong += other.wrong


FIGURES = (
    *("mails", "accepted", "refused", "clear", "sealed", "held", "released", "reported"),
    *("lost", "unscanned"),
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a fault may excuse. late: the next hop may have been given up on before it answered."""

    store_away: bool = False
    killed: bool = False
    clock: bool = False
    late: bool = False


class Books:
    """All that was taken and kept, by address."""

    def __init__(self, taken: Iterable[Taken], kept: Iterable[Kept]) -> None:
        self.taken: dict[str, list[Taken]] = defaultdict(list)
        for one in taken:
            for address in one.to:
                self.taken[address].append(one)
        self.kept: dict[str, list[Kept]] = defaultdict(list)
        for copy in kept:
            self.kept[copy.address].append(copy)

    def reckon(self, told: Iterable[Told], about: Circumstances) -> Account:
        account = Account()
        for one in told:
            account.mails += 1
            for address in one.sent.right:
                self._copy(one, address, about, account)
        return account

    def _copy(self, told: Told, address: str, about: Circumstances, account: Account) -> None:
        sent = told.sent
        taken = self.taken.get(address, [])
        clear = [one for one in taken if whole(one.content) == sent.digest]
        shown = [one for one in taken if _shows(one.content, sent.payload)]
        sealed = [one for one in taken if one not in clear and _document(one.content) is not None]
        kept = [one for one in self.kept.get(address, []) if one.digest == sent.digest]
        ordered = [one for one in kept if one.state in ("releasing", "released")]
        if sent.right[address] is not Disposition.PASS and (clear or shown) and not ordered:
            account.unscanned += 1
            account.wrong.append(f"unscanned: {sent.kind} {sent.name}")
        if told.accepted(address):
            account.accepted += 1
            self._accounted(told, address, clear, sealed, kept, account)
        elif told.replies.get(address, "").startswith("5"):
            account.refused += 1
        else:
            account.wrong.append(f"never answered for good: {sent.kind} {sent.name}")
        for copies in (clear, sealed):
            self._again(told, copies, ordered, about, account)
        if len(kept) > 1:
            why = CLOCK if about.clock else UNEXPLAINED
            account.again[why] += len(kept) - 1
            if why == UNEXPLAINED:
                account.wrong.append(f"held twice: {sent.kind} {sent.name}")

    def _accounted(
        self,
        told: Told,
        address: str,
        clear: Sequence[Taken],
        sealed: Sequence[Taken],
        kept: Sequence[Kept],
        account: Account,
    ) -> None:
        """Where an accepted copy is; each in one column."""
        states = {one.state for one in kept}
        if "held" in states:
            account.held += 1
        elif kept and not ("released" in states and (clear or self._opens(told.sent, sealed))):
            account.lost += 1
            account.wrong.append(f"lost in the store: {told.sent.name} {sorted(states)}")
        elif kept:
            account.released += 1
        elif clear:
            account.clear += 1
        elif sealed and self._opens(told.sent, sealed):
            account.sealed += 1
        elif self._reported(told.sent, address):
            account.reported += 1
        else:
            account.lost += 1
            what = "sealed without its secret" if sealed else "nowhere"
            account.wrong.append(f"lost: {told.sent.kind} {told.sent.name} {what}")

    def _opens(self, sent: Sent, sealed: Sequence[Taken]) -> bool:
        """Whether a secret told to the sender opens one of them, and the whole original is in."""
        letters = self.taken.get(sent.sender, [])
        secrets = {secret for letter in letters for secret in _secrets(letter.content)}
        return any(
            _original(_document(one.content) or b"", secret) == sent.digest
            for one in sealed
            for secret in sorted(secrets)
        )

    def _reported(self, sent: Sent, address: str) -> bool:
        return any(
            b"delivery-status" in one.content and address.encode() in one.content
            for one in self.taken.get(sent.sender, [])
        )

    def _again(
        self,
        told: Told,
        copies: Sequence[Taken],
        ordered: Sequence[Kept],
        about: Circumstances,
        account: Account,
    ) -> None:
        """Why there is more than one copy: one reason for each too many."""
        extra = len(copies) - 1
        if extra < 1:
            return
        reasons = [HOP] * sum(not one.heard for one in copies)
        if ordered:
            reasons += [LEASE] * (extra if about.killed or about.store_away else 0)
        else:
            reasons += [CLIENT] * told.cut
            reasons += [STORE] * (told.later if about.store_away else 0)
            reasons += [HOP] * (told.later if about.late else 0)
        reasons += [CLOCK] * (extra if about.clock else 0)
        for why in [*reasons, *[UNEXPLAINED] * extra][:extra]:
            account.again[why] += 1
            if why == UNEXPLAINED:
                account.wrong.append(f"twice: {told.sent.kind} {told.sent.name}")


def whole(content: bytes) -> str:
    """The digest of what came after our Received field and those of earlier hops."""
    return digest(content[past_received(content) :])


def _shows(content: bytes, payload: Sequence[bytes]) -> bool:
    return any(value in content for value in payload)


def _secrets(letter: bytes) -> set[str]:
    parts = email.message_from_bytes(letter).walk()
    texts = [part.get_payload(decode=True) or b"" for part in parts if not part.is_multipart()]
    return {found.decode() for text in texts for found in _SECRET.findall(bytes(text))}


def _document(content: bytes) -> bytes | None:
    if b"message-chiffre.pdf" not in content:
        return None
    for part in email.message_from_bytes(content).walk():
        if part.get_content_type() == "application/pdf":
            return bytes(part.get_payload(decode=True))
    return None


def _original(document: bytes, secret: str) -> str:
    try:
        with pikepdf.open(io.BytesIO(document), password=secret) as pdf:
            return whole(pdf.attachments[ORIGINAL].get_file().read_bytes())
    except (pikepdf.PasswordError, pikepdf.PdfError, KeyError):
        return ""


def as_line(account: Account) -> Mapping[str, object]:
    """For the journal."""
    figures = {name: getattr(account, name) for name in FIGURES}
    return figures | {"again": dict(account.again), "wrong": account.wrong}


def of_line(line: Mapping[str, object]) -> Account:
    figures = {name: int(str(line[name])) for name in FIGURES}
    again, wrong = line["again"], line["wrong"]
    assert isinstance(again, dict)
    assert isinstance(wrong, list)
    return Account(**figures, again=Counter(again), wrong=wrong)
