"""Rulings: by the code that carries out those of the pages (`gateway.console.rulings`).

    If-Match ─▶ was this very ruling given before, under this Idempotency-Key? ─▶ carry out what is
    still held ─▶ nothing moved: somebody was quicker, 409

A key needs no memory of its own: it stands, hashed, in the event of the ruling that it came with,
in the transaction that moved the copies. So a program that never got its answer asks again and is
told what its first request did, and nothing leaves twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from pydantic import Field

from gateway.console import access, rulings
from gateway.console.access import Act
from gateway.console.api import held as told
from gateway.console.api import problem
from gateway.console.api.problem import Problem
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import HoldId, OneOf, Shape, Words, moment
from gateway.console.rulings import CODES, Ruling
from gateway.store.events import beside
from gateway.store.held import Held
from gateway.store.vault import CannotOpen

_MOST_AT_ONCE = 500  # mails
_KEY = 16  # characters of a key's hash
Decision = Annotated[str, OneOf(*CODES)]
Code = Annotated[str, OneOf(*(code for codes in CODES.values() for code in codes))]


class Asked(Shape):
    """code: one of the decision's own; see `GET /api/v1/rulings/codes`. words: why, sealed; some
    codes demand them."""

    decision: Decision
    code: Code
    words: Words = ""


class OneRuling(Asked):
    """recipients: positions of those that it is about; null: all that are still held."""

    recipients: tuple[Annotated[int, Field(ge=0, le=100_000)], ...] | None = Field(
        default=None, min_length=1, max_length=10_000
    )


class RulingOfSeveral(Asked):
    """Either holds, or series_of: that mail and those like it that wait."""

    holds: tuple[HoldId, ...] = Field(default=(), max_length=_MOST_AT_ONCE)
    series_of: HoldId | None = None


class Outcome(Shape):
    """recipients: how many copies it moved. again: it was done by an earlier request with the
    same Idempotency-Key; at: then."""

    hold: HoldId
    decision: Decision
    code: Code
    recipients: int
    at: datetime
    again: bool


class RulingRefused(Shape):
    """reason: the end of a problem's type: not-found, not-yours, already-decided, sealed…"""

    hold: HoldId
    reason: str


class Outcomes(Shape):
    decided: tuple[Outcome, ...]
    refused: tuple[RulingRefused, ...]


class RulingCodes(Shape):
    """Codes by decision, with their texts in the caller's language."""

    codes: dict[str, dict[str, str]]


async def rule(call: Call, body: OneRuling) -> Outcome:
    """Release or refuse one held mail, for all its recipients or for some."""
    held, ruling = await call.held(), _ruling(call, body)
    known = {copy.position for copy in held.copies}
    if not known.issuperset(body.recipients or ()):
        raise problem.wrong("body/recipients", call.say("Cette valeur n'est pas de la liste."))
    return await _decide(call, held, body, ruling, body.recipients)


async def rule_all(call: Call, body: RulingOfSeveral) -> Outcomes:
    """The same ruling on several held mails, each on its own."""
    ruling = _ruling(call, body)
    if bool(body.holds) == bool(body.series_of):
        raise problem.wrong("body/holds", call.say("Donnez holds, ou series_of."))
    ids = dict.fromkeys(body.holds or await _alike(call, body.series_of or ""))
    decided, refused = [], []
    for hold in ids:
        try:
            decided.append(await _decide(call, await _seen(call, hold), body, ruling))
        except Problem as why:
            refused.append(RulingRefused(hold=hold, reason=why.kind.slug))
        except CannotOpen:
            refused.append(RulingRefused(hold=hold, reason=problem.SEALED.slug))
    return Outcomes(decided=tuple(decided), refused=tuple(refused))


async def codes(call: Call) -> RulingCodes:
    """The reasons that a ruling may give."""
    return RulingCodes(
        codes={
            what: {c: call.say(text) for c, text in some.items()} for what, some in CODES.items()
        }
    )


def _ruling(call: Call, given: Asked) -> Ruling:
    ruling = rulings.checked(call.say, given.decision, given.code, given.words.strip())
    if isinstance(ruling, str):
        raise problem.wrong("body/code", ruling)
    return ruling


async def _seen(call: Call, hold: str) -> Held:
    found = await call.desk.holds.get(hold)
    if found is None or not access.sees(call.who, found):
        raise Problem(problem.NOT_FOUND)
    return found


async def _alike(call: Call, hold: str) -> list[str]:
    held = await _seen(call, hold)
    like = await call.desk.queue.like(held, call.who.compartments)
    return [held.id, *(one.id for one in like)]


async def _decide(
    call: Call, held: Held, given: Asked, ruling: Ruling, positions: Collection[int] | None = None
) -> Outcome:
    """Or what an earlier request with the same key came to."""
    if ruling.way not in rulings.ways(call.visit, held):
        raise Problem(problem.NOT_YOURS)
    key = _key(call, given, positions)
    earlier = await _earlier(call, held, given, key)
    if earlier:
        return earlier
    if call.given.get("If-Match", told.tag(held)) != told.tag(held):
        raise Problem(problem.CHANGED)
    if ruling.release and held.under_lock:  # no program has what an officer's sign-in unlocks
        raise Problem(problem.UNDER_LOCK)
    if complaint := await rulings.complaint(call.visit, held, ruling, positions):
        raise problem.wrong("body/decision", complaint)
    with beside(**({"key": key} if key else {})):
        moved = await rulings.carry_out(call.visit, held, ruling, positions)
    if moved:
        return _outcome(held, given, len(moved), call.desk.clock(), again=False)
    earlier = await _earlier(call, held, given, key)  # by a request at the same time
    if earlier:
        return earlier
    raise Problem(problem.DECIDED)


async def _earlier(call: Call, held: Held, given: Asked, key: str) -> Outcome | None:
    """From the record: a ruling of this account on this mail that came with the same key."""
    if not key:
        return None
    for event in await call.desk.holds.history(held.id):
        said = dict(word.partition("=")[::2] for word in event.detail.split())
        if event.who != call.who.name or said.get("key", "")[:_KEY] != key[:_KEY]:
            continue
        if said["key"] != key:
            raise Problem(problem.KEY_REUSED)
        return _outcome(held, given, int(said["recipients"]), event.at, again=True)
    return None


def _key(call: Call, given: Asked, positions: Collection[int] | None) -> str:
    """What stands in the event: the key, and what was asked with it. "" where none was given."""
    key = call.given.get("Idempotency-Key")
    if not key:
        return ""
    whom = "all" if positions is None else sorted(set(positions))
    asked = f"{given.decision} {given.code} {whom}"
    return f"{_hash(key)[:_KEY]}-{_hash(asked)[:8]}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _outcome(held: Held, given: Asked, recipients: int, at: float, *, again: bool) -> Outcome:
    return Outcome(
        hold=held.id,
        decision=given.decision,
        code=given.code,
        recipients=recipients,
        at=moment(at),
        again=again,
    )


_ONE = (
    problem.NOT_YOURS,
    problem.DECIDED,
    problem.CHANGED,
    problem.KEY_REUSED,
    problem.UNDER_LOCK,
)
_HEADERS = ("Idempotency-Key", "If-Match")
ROUTES = (
    Route("POST", "/v1/holds/{id}/rulings", Act.RULE, rule, problems=_ONE, headers=_HEADERS),
    Route(
        "POST",
        "/v1/rulings",
        Act.RULE,
        rule_all,
        problems=(problem.NOT_FOUND,),
        headers=("Idempotency-Key",),
    ),
    Route("GET", "/v1/rulings/codes", Act.SEE, codes),
)
