"""The nouns handed from room to room. Imports nothing of ours.

    door ──Mail──▶ inspection ──Reading─▶Inspection──▶ decide ──Verdict…──▶ act ──Receipt…──▶ Reply…
                  └ parse ─Part─▶ extract ─Text|Table|Part|Problem─▶ detect ─Match─▶ Hit ┘

Two nouns stand on either side of the wall of discretion: a `Reading` holds values in clear and
never leaves the memory of the process that asked for it; an `Inspection` holds only masked values
and keyed fingerprints, and may be decided upon, explained and stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Likelihood(IntEnum):
    """How sure a detector is; rules ask for "at least"."""

    POSSIBLE = 1
    LIKELY = 2
    VERY_LIKELY = 3

    @property
    def word(self) -> str:
        """The spelling of rules and JSON: "very_likely"."""
        return self.name.lower()


class Disposition(StrEnum):
    """What becomes of one recipient's copy, from the mildest to the strictest."""

    PASS = "pass"
    TAG = "tag"
    REDACT = "redact"
    ENCRYPT = "encrypt"
    DELAY = "delay"
    CONFIRM = "confirm"
    REVIEW = "review"
    QUARANTINE = "quarantine"
    REJECT = "reject"

    @property
    def strictness(self) -> int:
        return _STRICTNESS[self]

    @classmethod
    def strictest(cls, several: Iterable[Disposition]) -> Disposition:
        """The strictest of several; PASS of none."""
        return max(several, key=_STRICTNESS.__getitem__, default=cls.PASS)


class Coverage(StrEnum):
    """How much of a part, or of a message, was read."""

    WHOLE = "whole"
    PARTLY = "partly"
    UNREAD = "unread"

    @classmethod
    def worst(cls, several: Iterable[Coverage]) -> Coverage:
        return max(several, key=_GAPS.__getitem__, default=cls.WHOLE)


_STRICTNESS = {disposition: rank for rank, disposition in enumerate(Disposition)}
_GAPS = {coverage: rank for rank, coverage in enumerate(Coverage)}


class Medium(StrEnum):
    """What a text is: it says how far apart two things in it may stand and belong together."""

    BODY = "body"  # what one reads on opening the mail
    HEADER = "header"  # a decoded header field; what it names concerns the whole message
    NAME = "name"  # a file name; what it names concerns that file
    DOCUMENT = "document"  # the text of an attachment
    PICTURE = "picture"  # words read from a picture: some of its digits may have been letters
    CELLS = "cells"  # rows as lines, cells separated by tabs


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the message, in words a human can follow.

    part:   IMAP section number (RFC 9051, 6.4.5), "2.1"; members of an archive follow an
            exclamation mark: "2!paie/mai.xlsx". "" is the message's own header.
    inside: what the extractor calls the spot, "page 3", "sheet Paie", or "".

    File names may name persons: a Place is personal data, and reaches no log, notice or metric.
    """

    part: str
    inside: str = ""

    def __str__(self) -> str:
        if not self.part:
            return self.inside or "message"
        return f"part {self.part}, {self.inside}" if self.inside else f"part {self.part}"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the message in bytes, still to be read: a MIME leaf, a member of an archive…

    declared: media type claimed by the message, lower case ("" when nothing claims any).
    names:    every file name it goes by, decoded; the type is told by content, never by these.
    charset:  declared character set, lower case, or "".
    body:     whether a mail program shows it as the message itself rather than as a file.
    """

    path: str
    data: bytes = field(repr=False)
    declared: str = ""
    names: tuple[str, ...] = ()
    charset: str = ""
    body: bool = False
    passwords: tuple[str, ...] = field(default=(), repr=False)  # that the same mail may give


@dataclass(frozen=True, slots=True)
class Text:
    place: Place
    text: str = field(repr=False)
    medium: Medium


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells as stored, never as displayed. header: the labels of the columns, or () where
    none were recognised."""

    place: Place
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Trouble(StrEnum):
    """Why something was not read whole, or must not be believed; rules name these."""

    ENCRYPTED = "encrypted"
    OPENED = "opened"  # under a password that stands in the same mail: it was read with it
    DAMAGED = "damaged"
    TOO_BIG = "too_big"
    TOO_DEEP = "too_deep"
    TOO_MANY = "too_many"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    UNSUPPORTED = "unsupported"
    AMBIGUOUS = "ambiguous"
    CUT = "cut"  # the file ends too soon: what is there was read, nobody can read more
    SOUND = "sound"  # or film: nobody listens here
    NO_TEXT = "no_text"  # a scan or a picture: there may be words, but none we can read
    DETECTOR = "detector"  # one of our own detectors failed


@dataclass(frozen=True, slots=True)
class Problem:
    """What was not read whole. detail: for people, fixed wording, never quotes the message."""

    kind: Trouble
    place: Place
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Positions in a folded text. [start, end) in characters of the text that was searched.

    value: what makes two matches the same thing (digits only, upper case, a concept's name), so
           that distinct values can be counted. It is in clear: it stays with the Reading.
    """

    start: int
    end: int
    likelihood: Likelihood
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """One distinct value found at one place.

    near: kinds of other things found close to it (at least LIKELY), sorted: ("person",).
    """

    kind: str
    value: str = field(repr=False)
    likelihood: Likelihood
    place: Place
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartRead:
    """One part and how much of it was read. kind: what it is by content ("pdf", "text", …)."""

    place: Place
    kind: str
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read in one message, values in clear. Crosses the wall from worker to door.

    more: how many further hits were counted but not carried (limits of the wire), by kind.
    """

    hits: tuple[Hit, ...] = ()
    problems: tuple[Problem, ...] = ()
    parts: tuple[PartRead, ...] = ()
    more: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found, as it may be told: one kind, one place, one likelihood.

    count:        distinct values here; masked: one of them ("2 79 ** ** *** *** **").
    fingerprints: keyed hashes of the values (hex), to count distinct ones over several places.
                  Fewer than `count` where the wire's limit cut them.
    """

    kind: str
    count: int
    likelihood: Likelihood
    place: Place
    masked: str
    fingerprints: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    parts: tuple[PartRead, ...] = ()

    @property
    def coverage(self) -> Coverage:
        return Coverage.worst(part.coverage for part in self.parts)


@dataclass(frozen=True, slots=True)
class Client:
    """Who handed the mail over. name: what it said in EHLO; queue_id: its own id, where known."""

    address: str = ""
    port: int = 0
    name: str = ""
    tls: str = ""  # "TLSv1.3", or "" in clear
    queue_id: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """RFC 5321 forward-path without brackets. options: its RFC 3461 parameters as received,
    ("NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;a@b.fr")."""

    address: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """RFC 5321 envelope. sender: reverse-path without brackets, "" for the null sender.

    options: MAIL parameters to carry on, as received: ("BODY=8BITMIME", "SMTPUTF8", "RET=HDRS",
             "ENVID=…", "AUTH=<>"); SIZE is not among them, since ours differs.
    """

    sender: str
    recipients: tuple[Recipient, ...]
    options: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(recipient.address for recipient in self.recipients)


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as a door took it.

    id:       "7K2F-9QXD", the code quoted in replies and notices; never derived from the content.
    content:  the bytes as received, dots unstuffed, without our Received.
    trace:    our own Received field with its CRLF, to be put in front when the mail goes on as is.
    deadline: on the clock of asyncio's loop (seconds); no answer may come later.
    apart:    other recipients, served before, are left out of this envelope.
    """

    id: str
    door: str
    client: Client
    envelope: Envelope
    content: bytes = field(repr=False)
    trace: bytes
    deadline: float
    received: float  # seconds since the epoch
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one recipient.

    rule:      the rule that won; "" where none applied. notify: "sender", "officer".
    otherwise: what to do where no channel fits (verdict `encrypt`); together: with all the others.
    reasons:   sentences for operators; masked, but with places: never logged.
    monitored: rules in monitor mode that would have decided otherwise.
    after:     what becomes of a copy that waited, once it may go; also: who else makes it wait.
    first:     the sender never wrote there; instead: addresses of his that he may have meant.
    """

    recipient: str
    disposition: Disposition
    rule: str = ""
    reasons: tuple[str, ...] = ()
    otherwise: Disposition = Disposition.QUARANTINE
    notify: tuple[str, ...] = ()
    monitored: tuple[str, ...] = ()
    together: bool = False
    after: Disposition = Disposition.PASS
    also: tuple[str, ...] = ()
    first: bool = False
    instead: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Stay:
    """What a milter's MTA is asked to change in the mail that stays with it: fields (name and value
    without the space before it) put on top, the body (None: as it came)."""

    fields: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """One SMTP reply. text: lines, US-ASCII, without the codes.

    stay: the recipient stays with the MTA in front of us, which has the copy (milter); None: done.
    """

    code: int
    enhanced: str
    text: tuple[str, ...]
    stay: Stay | None = None

    @property
    def accepted(self) -> bool:
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        return 400 <= self.code < 500

    @property
    def refused(self) -> bool:
        return self.code >= 500

    def lines(self) -> tuple[str, ...]:
        """As sent, without line ends: ("550-5.7.1 Ce message", "550 5.7.1 ne part pas")."""
        enhanced = f"{self.enhanced} " if self.enhanced else ""
        *first, last = self.text or ("",)
        return (
            *(f"{self.code}-{enhanced}{line}" for line in first),
            f"{self.code} {enhanced}{last}",
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an order came to for one recipient. order: as carried out, after the choice of channel.
    reply: 2yz: its copy is safe outside this process; 4yz: it is not; 5yz: it never will be.
    detail: for the log: next hop and its reply code, free of personal data. channel: of ENCRYPT.
    """

    recipient: str
    order: Disposition
    reply: Reply
    detail: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one inspection. Sizes in bytes."""

    depth: int = 12  # containers within containers
    parts: int = 2_000
    bytes: int = 256 * 1024 * 1024  # decoded, in all
    member: int = 64 * 1024 * 1024  # decoded, one part
    ratio: int = 200  # decoded over encoded, beyond the first megabyte
    text: int = 64 * 1024 * 1024  # characters searched
    seconds: float = 45.0
    pictures: float = 30.0  # seconds after which no picture's words are looked for; 0: none's are
    hits: int = 20_000  # carried over the wire, in all


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Letter:
    """Something we send ourselves, waiting in the outbox: a notice, a report, a digest.

    kind:    "notice" (the only one that is bundled), "secret" (of a PDF), "bundle", "report",
             "digest", "weekly", "reminder".
    route:   "notices" (the internal way) or "default" (like any mail).
    about:   id of the mail it speaks of, or "".
    content: RFC 5322 bytes with CRLF; sealed at rest.
    """

    kind: str
    sender: str
    recipients: tuple[Recipient, ...]
    content: bytes = field(repr=False)
    route: str = "notices"
    about: str = ""
