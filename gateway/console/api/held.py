"""A held mail as the API tells it: what its page shows, in JSON. Found values are masked."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from pydantic import Field

from gateway.act.wording import persons, why
from gateway.console import doubt, rulings
from gateway.console.api.route import Call
from gateway.console.api.shape import HoldId, Shape, moment, moment_or_none
from gateway.decide.question import PARIS
from gateway.model import Coverage, Finding, Place, Problem, Trouble
from gateway.parse import words as encoded
from gateway.store.dossier import Dossier
from gateway.store.held import Held
from gateway.store.queue import Mark
from gateway.store.schema import Post, State


class Recipient(Shape):
    """position: by which rulings name it. address: "…@domain" where no key here opens it."""

    position: int
    address: str
    domain: str
    state: State


class RecipientKnown(Shape):
    """Of one of the first hundred. whose: the house, a partner, MSSanté, a webmail, outside; in
    words, as the doubts."""

    position: int
    whose: str
    doubts: tuple[str, ...]


class Marks(Shape):
    """assigned: who works on it. seen: when anybody first opened its page. second: a second reader
    is asked. asked: the sender asks for release. review: he sent it urgently, nobody looked yet."""

    assigned: str
    seen: datetime | None
    second: bool
    asked: bool
    review: bool


class Hold(Shape):
    """rank: 0 is the gravest. until: when it is cancelled, if nobody rules. size: octets. hidden:
    why not even its officers may look into it, "" where they may. awaits: whom it waits for before
    its officers: "confirm" (its sender), "delay" (some minutes), "review" (a second reader), ""."""

    id: HoldId
    state: State
    awaits: str
    held: datetime
    received: datetime
    until: datetime
    decided: datetime | None
    rule: str
    title: str
    compartment: str
    grave: bool
    rank: int
    size: int
    hidden: str
    sender: str
    recipients: tuple[Recipient, ...]
    marks: Marks


class Spot(Shape):
    """part: IMAP section; members of an archive follow "!". inside: "page 3"."""

    part: str
    inside: str


class Found(Shape):
    """number: by which `reveals` name it. count: distinct values here. masked: one of them."""

    number: int
    kind: str
    count: int
    likelihood: str = Field(description="possible, likely, very_likely")
    place: Spot
    masked: str
    near: tuple[str, ...]


class Unread(Shape):
    kind: Trouble
    place: Spot
    detail: str


class PartSeen(Shape):
    place: Spot
    kind: str
    coverage: Coverage


class Posted(Shape):
    """A letter of ours about this mail: a notice to the sender, a reminder to officers."""

    kind: str
    state: Post
    created: datetime
    finished: datetime | None


class WholeHold(Hold):
    """why: what the sender is told, in French. persons: about how many it speaks of; 0: nothing
    tells. similar: others that wait, of the same sender under the same rule. decisions: those
    that this account may take. version: for If-Match, within quotation marks."""

    known: tuple[RecipientKnown, ...]
    subject: str
    why: str
    persons: int
    coverage: Coverage
    findings: tuple[Found, ...]
    problems: tuple[Unread, ...]
    parts: tuple[PartSeen, ...]
    letters: tuple[Posted, ...]
    similar: tuple[HoldId, ...]
    decisions: tuple[str, ...]
    version: str


def line(call: Call, held: Held, mark: Mark) -> Hold:
    return Hold(**_outside(call, held, mark))


async def whole(call: Call, held: Held) -> WholeHold:
    """Raises CannotOpen."""
    desk = call.desk
    dossier = held.dossier(desk.keys)
    written = await desk.sight.letters.about(held.id)
    like = await desk.queue.like(held, call.who.compartments)
    return WholeHold(
        **_outside(call, held, await desk.queue.mark(held.id)),
        **_inside(dossier),
        known=_known(call, held),
        letters=tuple(
            Posted(
                kind=one.kind,
                state=one.state,
                created=moment(one.created),
                finished=moment_or_none(one.finished),
            )
            for one in written
        ),
        similar=tuple(one.id for one in like),
        decisions=rulings.ways(call.visit, held),
        version=version(held),
    )


def _known(call: Call, held: Held) -> tuple[RecipientKnown, ...]:
    desk = call.desk
    sender, recipients = held.parties(desk.keys)
    today = datetime.fromtimestamp(desk.clock(), PARIS).date()
    told = doubt.of_all(sender, recipients, desk.bench.places, today, call.say)
    return tuple(
        RecipientKnown(position=copy.position, whose=one.whose, doubts=one.doubts)
        for copy, one in zip(held.copies, told, strict=False)
    )


def version(held: Held) -> str:
    """Changes with what became of its copies, and with nothing else: a note that somebody adds
    meanwhile stops no ruling."""
    states = " ".join(f"{copy.position}={copy.state}" for copy in held.copies)
    return hashlib.sha256(f"{held.id} {states}".encode()).hexdigest()[:16]


def tag(held: Held) -> str:
    """As ETag and If-Match have it."""
    return f'"{version(held)}"'


def spot(place: Place) -> Spot:
    return Spot(part=place.part, inside=place.inside)


def unread(one: Problem) -> Unread:
    return Unread(kind=one.kind, place=spot(one.place), detail=one.detail)


def title(call: Call, rule: str) -> str:
    return call.desk.rule_title(rule) or rule


def found(number: int, finding: Finding) -> Found:
    return Found(
        number=number,
        kind=finding.kind,
        count=finding.count,
        likelihood=finding.likelihood.word,
        place=spot(finding.place),
        masked=finding.masked,
        near=finding.near,
    )


def _outside(call: Call, held: Held, mark: Mark) -> dict[str, Any]:
    sender, addresses = held.parties(call.desk.keys)
    return {
        "id": held.id,
        "state": held.state,
        "awaits": held.awaits,
        "held": moment(held.held),
        "received": moment(held.received),
        "until": moment(held.until),
        "decided": moment_or_none(held.decided),
        "rule": held.rule,
        "title": title(call, held.rule),
        "compartment": held.compartment,
        "grave": held.grave,
        "rank": held.rank,
        "size": held.size,
        "hidden": held.hidden,
        "sender": sender,
        "recipients": tuple(
            Recipient(position=c.position, address=address, domain=c.domain, state=c.state)
            for c, address in zip(held.copies, addresses, strict=True)
        ),
        "marks": Marks(
            assigned=mark.assigned,
            seen=moment_or_none(mark.seen),
            second=mark.second,
            asked=mark.asked,
            review=mark.review,
        ),
    }


def _inside(dossier: Dossier) -> dict[str, Any]:
    seen = dossier.inspection
    return {
        "subject": encoded.text(dossier.subject),
        "why": why(seen),
        "persons": persons(seen),
        "coverage": seen.coverage,
        "findings": tuple(found(number, one) for number, one in enumerate(seen.findings)),
        "problems": tuple(map(unread, seen.problems)),
        "parts": tuple(
            PartSeen(place=spot(one.place), kind=one.kind, coverage=one.coverage)
            for one in seen.parts
        ),
    }
