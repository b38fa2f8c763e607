"""Mails that reached somebody else: said by whoever got them, qualified by an officer.

    "not for me" ─▶ Report ─▶ a row, open ─▶ officers told ─▶ qualified: an Outcome
                              └▶ the pair blocked ──────────▶ lifted by an officer

Who wrote to whom is sealed to the officers of the sender's compartment; the pair is known to doors
by a keyed hash, another than the ledger's. Said again of the same pair while nobody has ruled,
it is the same incident. Protected mailboxes have incidents, and no pair: nothing of theirs is
stopped. Nothing of the mail itself is here, nor of what its reader wrote to say so. Anybody may
write to the address for it, under any name: of what nobody is sure of, so many a day are rows of
their own, and the rest is counted with the last of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, update

from gateway.model import Letter
from gateway.store import codec, vault
from gateway.store.database import Database
from gateway.store.events import note
from gateway.store.hmac_key import honoured
from gateway.store.keys import OpeningKey, SealingKey, address_hash, keyed, of_compartment
from gateway.store.outbox import put_letters, sealed_letters
from gateway.store.schema import incidents
from gateway.store.turn import take_turn

PAGE = 50  # rows
MOST_UNSURE = 50  # by mail, a day and compartment: more than that, somebody plays with the address
_DAY = 86400.0  # seconds
_CONTEXT = b"incident"
_CHUNK = 500  # pairs asked for at once
_TURN = "incidents"
_open = incidents.c.qualified.is_(None)
_is_blocked = (incidents.c.blocked.is_not(None), incidents.c.lifted.is_(None))
_BLOCKED = select(incidents.c.pair).where(  # built once: that takes as long as to ask it
    incidents.c.pair.in_(bindparam("pairs", expanding=True)), *_is_blocked
)


class Kind(StrEnum):
    """By which way it was said."""

    PORTAL = "portal"  # the link of a message that waits there, never read
    PORTAL_READ = "portal_read"  # after it was read
    MAIL = "mail"  # to the address for it
    HEARD = "heard"  # in an answer to one of ours, where doors listen for it
    OFFICER = "officer"  # who was told of it, on the telephone say


_UNSURE = (Kind.MAIL, Kind.HEARD)  # anybody may write


class Outcome(StrEnum):
    DISCLOSURE = "disclosure"  # of personal data, to somebody who must not know them
    NO_RISK = "no_risk"
    MISTAKE = "mistake"  # it was for him


@dataclass(frozen=True, slots=True)
class Report:
    """about: the mail's code, "" where it is not known; quoted: as it was given. sure: that this
    sender wrote to this recipient; else nothing is blocked but by an officer."""

    kind: Kind
    at: float
    about: str
    compartment: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    sure: bool
    quoted: str = ""


@dataclass(frozen=True, slots=True)
class Parties:
    """ "" where nobody could tell. quoted: the code that was given, known here or not."""

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    quoted: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """at, last: of the first and the last of its reports. paired: it can be blocked. outcome: ""
    until somebody has qualified it."""

    id: int
    kind: str
    at: float
    last: float
    reports: int
    about: str
    compartment: str
    sender_hash: str
    paired: bool
    blocked: float | None
    lifted: float | None
    qualified: float | None
    outcome: str
    who: str
    sealed: bytes = field(repr=False)
    note: bytes = field(repr=False)

    @property
    def stops(self) -> bool:
        return self.blocked is not None and self.lifted is None

    def parties(self, keys: Sequence[OpeningKey]) -> Parties:
        """Raises CannotOpen."""
        return codec.load(Parties, vault.open_sealed(self.sealed, keys, _CONTEXT))

    def words(self, keys: Sequence[OpeningKey]) -> str:
        """Of whoever qualified it; "" where nobody has. Raises CannotOpen."""
        written = vault.open_sealed(self.note, keys, _CONTEXT) if self.note else b""
        return written.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Untold:
    """Of one compartment: open incidents that its officers have no letter about. since: the first
    of them; before: when they had the last letter."""

    compartment: str
    ids: tuple[int, ...]
    since: float
    before: float


@dataclass(frozen=True, slots=True)
class Standing:
    """by_kind: of all there are. oldest: when the oldest open one was said, None for none."""

    by_kind: Mapping[str, int]
    open: int
    oldest: float | None


class Incidents:
    """keys: the officers' public ones. protected: mailboxes whose pairs are not kept."""

    def __init__(
        self,
        database: Database,
        keys: Sequence[SealingKey],
        hmac_key: bytes,
        protected: Callable[[str], bool] = lambda address: False,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._keys, self._hmac_key = database, tuple(keys), hmac_key
        self._protected, self._clock = protected, clock

    def sealed(self, report: Report) -> dict[str, Any]:
        """A row for `put`; not within a transaction, since to seal takes its time."""
        both = (report.sender, report.recipient)
        no_pair = not all(both) or any(map(self._protected, both))
        officers = of_compartment(self._keys, report.compartment)
        return {
            "kind": report.kind,
            "at": report.at,
            "last": report.at,
            "reports": 1,
            "about": report.about,
            "compartment": report.compartment,
            "sender_hash": address_hash(self._hmac_key, report.sender) if report.sender else "",
            "pair": "" if no_pair else _pair(self._hmac_key, *map(str.lower, both)),
            "blocked": report.at if report.sure and not no_pair else None,
            "sealed": vault.seal(codec.dump(Parties(*both, report.quoted)), officers, _CONTEXT),
            "outcome": "",
            "who": "",
        }

    def put(self, connection: Connection, row: Mapping[str, Any]) -> None:
        """A new incident, or one report more of the same."""
        take_turn(connection, _TURN)
        same = (incidents.c.pair == row["pair"], _open, incidents.c.lifted.is_(None))
        found = None
        if row["pair"]:
            found = connection.execute(select(incidents.c.id).where(*same).limit(1)).scalar()
        if found is None and row["kind"] in _UNSURE and row["blocked"] is None:
            found = _last_of_too_many(connection, row)
        if found is None:
            connection.execute(incidents.insert(), dict(row))
        else:
            blocked = func.coalesce(incidents.c.blocked, row["blocked"])
            more = {"reports": incidents.c.reports + 1, "last": row["at"], "blocked": blocked}
            connection.execute(update(incidents).where(incidents.c.id == found).values(more))
        counts = {"by": row["kind"], "again": int(found is not None)}
        note(connection, "incident", row["at"], row["about"], counts=counts)

    async def open(self, report: Report) -> None:
        """Durable on return."""
        row = await asyncio.to_thread(self.sealed, report)
        await self._database.write(lambda connection: self.put(connection, row))

    async def blocked(self, sender: str, recipients: Iterable[str]) -> frozenset[str]:
        """Whom he may not write to for now."""
        asked: dict[str, list[str]] = {}  # two spellings of an address are one pair
        for one in recipients:
            for key in honoured(self._hmac_key):
                asked.setdefault(_pair(key, sender.lower(), one.lower()), []).append(one)
        every = list(asked)

        def work(connection: Connection) -> frozenset[str]:
            found: set[str] = set()
            for start in range(0, len(every), _CHUNK):
                some = {"pairs": every[start : start + _CHUNK]}
                found |= set(connection.execute(_BLOCKED, some).scalars())
            return frozenset(one for pair in found for one in asked[pair])

        return await self._database.read(work)

    async def page(
        self, compartments: Collection[str] = (), *, done: bool = False, before: int | None = None
    ) -> tuple[Incident, ...]:
        """The newest first: those to qualify, or those that are. before: an id."""
        query = select(incidents).where(~_open if done else _open, *_of(compartments))
        if before is not None:
            query = query.where(incidents.c.id < before)
        query = query.order_by(incidents.c.id.desc()).limit(PAGE)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(map(_incident, rows))

    async def get(self, number: int) -> Incident | None:
        query = select(incidents).where(incidents.c.id == number)
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        return None if row is None else _incident(row)

    async def qualify(self, one: Incident, outcome: Outcome, words: str, who: str) -> bool:
        """Once. A mistake ends its block, too. False where somebody has been faster."""
        now, officers = self._clock(), of_compartment(self._keys, one.compartment)
        told = {
            "qualified": now,
            "outcome": outcome,
            "who": who,
            "note": vault.seal(words.encode("utf-8", "replace"), officers, _CONTEXT),
        }
        said = update(incidents).where(incidents.c.id == one.id, _open).values(told)

        def work(connection: Connection) -> bool:
            done = bool(connection.execute(said).rowcount)
            if done:
                counts = {"incident": one.id, "as": outcome}
                note(connection, "incident qualified", now, one.about, who=who, counts=counts)
                if outcome is Outcome.MISTAKE:
                    _lift(connection, one, who, now)
            return done

        return await self._database.write(work)

    async def lift(self, one: Incident, who: str) -> bool:
        """The pair may write again, whatever incidents it was blocked for."""
        now = self._clock()
        return await self._database.write(lambda c: _lift(c, one, who, now))

    async def block(self, one: Incident, who: str) -> bool:
        """Where nobody could be sure of the pair, an officer is."""
        now = self._clock()
        can = (incidents.c.id == one.id, incidents.c.pair != "", incidents.c.blocked.is_(None))
        begun = update(incidents).where(*can).values(blocked=now)

        def work(connection: Connection) -> bool:
            done = bool(connection.execute(begun).rowcount)
            if done:
                counts = {"incident": one.id}
                note(connection, "pair blocked", now, one.about, who=who, counts=counts)
            return done

        return await self._database.write(work)

    async def untold(self) -> tuple[Untold, ...]:
        query = select(incidents.c.compartment, incidents.c.id, incidents.c.at).where(
            _open, incidents.c.told.is_(None)
        )
        letters = select(incidents.c.compartment, func.max(incidents.c.told)).group_by(
            incidents.c.compartment
        )

        def work(connection: Connection) -> tuple[Untold, ...]:
            waiting: dict[str, list[Any]] = {}
            for row in connection.execute(query.order_by(incidents.c.id)):
                waiting.setdefault(row.compartment, []).append(row)
            last = dict(connection.execute(letters).all()) if waiting else {}
            return tuple(
                Untold(name, tuple(r.id for r in rows), rows[0].at, last.get(name) or 0.0)
                for name, rows in waiting.items()
            )

        return await self._database.read(work)

    async def tell(self, several: Untold, letters: Sequence[Letter]) -> bool:
        """Once, with the letters that do. False where another process has, or they are others by
        now. Not by their ids: a flood has more of them than a statement takes."""
        now = self._clock()
        rows = sealed_letters(letters, of_compartment(self._keys, several.compartment))
        whose = incidents.c.compartment == several.compartment
        these = (whose, _open, incidents.c.told.is_(None), incidents.c.id <= several.ids[-1])

        def work(connection: Connection) -> bool:
            take_turn(connection, _TURN)
            waiting = select(func.count()).select_from(incidents).where(*these)
            if connection.execute(waiting).scalar_one() != len(several.ids):
                return False
            connection.execute(update(incidents).where(*these).values(told=now))
            put_letters(connection, rows, now)
            return True

        return await self._database.write(work)

    async def standing(self) -> Standing:
        number = func.count()
        kinds = select(incidents.c.kind, number).group_by(incidents.c.kind)
        waiting = select(number, func.min(incidents.c.at)).where(_open)

        def work(connection: Connection) -> Standing:
            by_kind: dict[str, int] = dict(connection.execute(kinds).all())
            many, oldest = connection.execute(waiting).one()
            return Standing(by_kind, many, oldest)

        return await self._database.read(work)


def _last_of_too_many(connection: Connection, row: Mapping[str, Any]) -> int | None:
    unsure = (incidents.c.kind.in_(_UNSURE), incidents.c.blocked.is_(None), _open)
    same = (incidents.c.compartment == row["compartment"], incidents.c.at > row["at"] - _DAY)
    query = select(incidents.c.id).where(*unsure, *same).order_by(incidents.c.id.desc())
    several = connection.execute(query.limit(MOST_UNSURE)).scalars().all()
    return several[0] if len(several) == MOST_UNSURE else None


def _lift(connection: Connection, one: Incident, who: str, now: float) -> bool:
    pair = select(incidents.c.pair).where(incidents.c.id == one.id).scalar_subquery()
    same = (incidents.c.pair == pair, incidents.c.pair != "", *_is_blocked)
    done = bool(connection.execute(update(incidents).where(*same).values(lifted=now)).rowcount)
    if done:
        note(connection, "block lifted", now, one.about, who=who, counts={"incident": one.id})
    return done


def _pair(key: bytes, sender: str, recipient: str) -> str:
    """Of addresses in small letters."""
    told = (one.encode("utf-8", "surrogatepass") for one in (sender, recipient))
    return keyed(key, "blocked pair", *told)


def _of(compartments: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (incidents.c.compartment.in_(compartments),) if compartments else ()


def _incident(row: Any) -> Incident:
    return Incident(
        row.id,
        row.kind,
        row.at,
        row.last,
        row.reports,
        row.about,
        row.compartment,
        row.sender_hash,
        bool(row.pair),
        row.blocked,
        row.lifted,
        row.qualified,
        row.outcome,
        row.who,
        bytes(row.sealed),
        bytes(row.note or b""),
    )
