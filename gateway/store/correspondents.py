"""Who writes to whom, as it was learnt from what left: sender and recipient, domains, who stands
beside whom, series that software sends; and what may be asked of it about one mail.

    a day, a sender, recipients ─▶ rows under keyed hashes: weight, last day, forgotten after

Nobody reads a correspondent off the disk: a pair is two keyed hashes, and the recipient's address
is under a key made of ours and of the sender's address, so that whoever knows a sender can be told
of his own correspondents, and of nobody else's. Domains stand in clear. A weight counts mails and
halves every so many days; what has faded is forgotten.
"""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Select, Table, bindparam, delete, func, select

from gateway.store import known_domains
from gateway.store.database import Database, insert
from gateway.store.history_tables import domains, flows, learnt, pairs, together
from gateway.store.hmac_key import honoured
from gateway.store.keys import keyed
from gateway.store.turn import take_turn

BEGUN = "begun"
MOST_BESIDE = 10  # recipients of a mail that go together; of more, a list is their reason
_CHUNK = 500  # rows asked for at once
_FAINT = 0.25  # of a mail: what weighs less is forgotten
_MOST_READERS = 50  # of a series: more, and it goes to everybody
_HASH_DIGITS = 32  # hex, 128 bits


@dataclass(frozen=True, slots=True)
class Fading:
    """Both in days. most: after the last mail, whatever the weight."""

    half_life: float = 180.0
    most: int = 400

    def weighed(self, weight: float, days: int) -> float:
        return weight * math.pow(0.5, max(days, 0) / self.half_life)

    def end(self, weight: float, day: int) -> int:
        lasts = self.half_life * math.log2(max(weight, _FAINT) / _FAINT)
        return day + min(self.most, math.ceil(lasts))


@dataclass(frozen=True, slots=True)
class Lesson:
    """One mail that left. day: an ordinal. series: what it is one of, "" for a person's mail.
    partners: to whom it went, of those whose mails are counted by the day."""

    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    day: int
    series: str = field(default="", repr=False)
    partners: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """Of one mail: addresses that its sender knows, that somebody of ours knows; domains that are
    known; those that never went with the others; those new in the series it belongs to. since: the
    day of the first lesson, None before that."""

    met: frozenset[str] = field(repr=False)
    domains: frozenset[str]
    apart: frozenset[str] = field(repr=False)
    new: frozenset[str] = field(repr=False)
    since: int | None


@dataclass(slots=True)
class _Gain:
    """What a row gains. day: the latest."""

    columns: dict[str, Any]
    mails: int = 0
    day: int = 0

    def add(self, day: int) -> None:
        self.mails += 1
        self.day = max(self.day, day)


class Correspondents:
    def __init__(self, database: Database, hmac_key: bytes, fading: Fading = Fading()) -> None:
        self._database = database
        self._keys = honoured(hmac_key)
        self._fading = fading

    async def learn(self, lessons: Sequence[Lesson], source: str = "") -> None:
        """Durable on return. source: what they are of, where that may be learnt only once."""
        gains = self._gains(lessons)
        first = min((one.day for one in lessons), default=None)

        def work(connection: Connection) -> None:
            take_turn(connection, "correspondents")
            if first is not None:
                _note(connection, BEGUN, first)
            if source:
                _note(connection, source, first or 0)
            for table, several in gains.items():
                self._gain(connection, table, several)

        await self._database.write(work)

    async def is_learnt(self, source: str) -> bool:
        query = select(learnt.c.day).where(learnt.c.what == source)
        return await self._database.read(lambda c: c.execute(query).first() is not None)

    async def told(
        self, sender: str, recipients: Sequence[str], series: str, today: int, least: int
    ) -> Told:
        """least: mails that make a series."""

        def work(connection: Connection) -> Told:
            return Told(
                met=self._met(connection, sender, recipients, today),
                domains=_domains(connection, recipients, today),
                apart=self._apart(connection, recipients, today),
                new=self._new(connection, sender, recipients, series, today, least),
                since=connection.execute(_BEGUN).scalar(),
            )

        return await self._database.read(work)

    async def known_by_house(self, recipients: Sequence[str], today: int) -> frozenset[str]:
        """To whom somebody of ours writes."""
        if not recipients:
            return frozenset()
        asked = {f"of_{number}": self._hashes(one) for number, one in enumerate(recipients)}
        query = _by_house(len(recipients))
        values = asked | {"today": today}
        (row,) = await self._database.read(lambda c: c.execute(query, values).all())
        return frozenset(a for a, found in zip(recipients, row, strict=True) if found)

    async def frequented(self, some: Iterable[str], today: int) -> bool:
        return await self._database.read(lambda c: known_domains.frequented(c, some, today))

    async def sent(self, partners: Iterable[str], today: int) -> dict[str, int]:
        return await self._database.read(lambda c: known_domains.sent(c, partners, today))

    async def book(self, sender: str, today: int, limit: int) -> tuple[str, ...]:
        """Whom he writes to, the latest first."""
        query = select(pairs.c.sender, pairs.c.recipient, pairs.c.sealed).where(
            pairs.c.sender.in_(self._hashes(sender)), pairs.c.until >= today
        )
        query = query.order_by(pairs.c.day.desc()).limit(limit)
        rows = await self._database.read(lambda c: c.execute(query).all())
        keys = {_hash(key, "writer", sender): _aead(key, sender) for key in self._keys}
        opened = (_opened(keys[row.sender], row.recipient, row.sealed) for row in rows)
        return tuple(dict.fromkeys(address for address in opened if address))

    async def writers(self, recipient: str, today: int) -> int:
        """How many of ours write to this address."""
        query = select(func.count()).where(
            pairs.c.recipient.in_(self._hashes(recipient)), pairs.c.until >= today
        )
        return await self._database.read(lambda c: int(c.execute(query).scalar_one()))

    async def forget(self, address: str) -> int:
        """All that is known of an address, as sender and as recipient; how many rows."""
        mine = self._hashes(address)
        columns = (
            *(pairs.c.sender, pairs.c.recipient, together.c.one, together.c.other),
            *(flows.c.sender, flows.c.recipient),
        )
        gone = [delete(column.table).where(column.in_(mine)) for column in columns]
        count = await self._database.write(
            lambda c: sum(c.execute(statement).rowcount for statement in gone)
        )
        await self._database.scrub()
        return count

    def _gains(self, lessons: Iterable[Lesson]) -> dict[Table, dict[str, _Gain]]:
        key, *_ = self._keys
        gains: dict[Table, dict[str, _Gain]] = {table: {} for table in _FADING}

        def gain(table: Table, row: str, day: int, **columns: Any) -> None:
            gains[table].setdefault(row, _Gain(columns)).add(day)

        for lesson in lessons:
            sender, day = _hash(key, "writer", lesson.sender), lesson.day
            several = dict.fromkeys(map(str.lower, lesson.recipients))
            hashes = {address: _hash(key, "writer", address) for address in several}
            for address, hashed in hashes.items():
                row = _joined(key, sender, hashed)
                gain(
                    pairs,
                    row,
                    day,
                    sender=sender,
                    recipient=hashed,
                    sealed=(lesson.sender, address),
                )
            for domain in {_domain(address) for address in several} - {""}:
                gain(domains, domain, day)
            for name in lesson.partners:
                gain(domains, known_domains.of_day(name, day), day, until=day)
            for one, other in _couples(hashes.values()):
                gain(together, _joined(key, one, other), day, one=one, other=other)
            if lesson.series:
                flow = _flow(key, sender, lesson.series)
                for hashed in ("", *hashes.values()):
                    row = _joined(key, flow, hashed) if hashed else flow
                    gain(flows, row, day, flow=flow, sender=sender, recipient=hashed)
        return gains

    def _gain(self, connection: Connection, table: Table, gains: Mapping[str, _Gain]) -> None:
        """In one order everywhere, lest two processes wait for each other."""
        ids = sorted(gains)
        for start in range(0, len(ids), _CHUNK):
            some = ids[start : start + _CHUNK]
            query = select(table).where(table.c.id.in_(some))
            before = {row.id: row for row in connection.execute(query)}
            rows = [self._row(one, gains[one], before.get(one)) for one in some]
            if table is pairs:
                rows = [self._sealed(row, before.get(row["id"])) for row in rows]
            if table is flows:
                rows = [row | {"mails": _mails(gains, before, row["id"])} for row in rows]
            statement = insert(connection.dialect.name, table)
            names = ("weight", "day", "until", *(("mails",) if table is flows else ()))
            new = {name: statement.excluded[name] for name in names}
            statement = statement.on_conflict_do_update(index_elements=["id"], set_=new)
            connection.execute(statement, rows)

    def _row(self, row: str, gain: _Gain, before: Any) -> dict[str, Any]:
        fading, weight, day = self._fading, float(gain.mails), gain.day
        if before is not None:
            day = max(gain.day, before.day)
            weight = fading.weighed(before.weight, day - before.day) + fading.weighed(
                weight, day - gain.day
            )
        until = fading.end(weight, day)
        return {"id": row, "weight": weight, "day": day, "until": until} | gain.columns

    def _sealed(self, row: dict[str, Any], before: Any) -> dict[str, Any]:
        if before is not None:
            return row | {"sealed": before.sealed}
        sender, address = row["sealed"]
        nonce = os.urandom(12)
        told = _aead(self._keys[0], sender).encrypt(
            nonce, _bytes(address), row["recipient"].encode()
        )
        return row | {"sealed": nonce + told}

    def _hashes(self, address: str) -> tuple[str, ...]:
        """Under every key that is honoured."""
        return tuple(_hash(key, "writer", address) for key in self._keys)

    def _met(
        self, connection: Connection, sender: str, recipients: Sequence[str], today: int
    ) -> frozenset[str]:
        ids = {
            _joined(key, _hash(key, "writer", sender), _hash(key, "writer", address)): address
            for key in self._keys
            for address in recipients
        }
        return frozenset(ids[one] for one in _standing(connection, pairs, ids, today))

    def _apart(
        self, connection: Connection, recipients: Sequence[str], today: int
    ) -> frozenset[str]:
        """Of three or more, whoever stood beside none of the others, who all stood beside some."""
        several = tuple(dict.fromkeys(map(str.lower, recipients)))
        if not 3 <= len(several) <= MOST_BESIDE:
            return frozenset()
        couples: dict[str, tuple[str, str]] = {}
        for key in self._keys:
            hashes = {_hash(key, "writer", address): address for address in several}
            for one, other in _couples(hashes):
                couples[_joined(key, one, other)] = hashes[one], hashes[other]
        beside: dict[str, set[str]] = defaultdict(set)
        for found in _standing(connection, together, couples, today):
            one, other = couples[found]
            beside[one].add(other)
            beside[other].add(one)
        alone = [address for address in several if not beside[address]]
        if len(alone) != 1:
            return frozenset()  # of several, nobody can say which is out of place
        return frozenset(a for a in recipients if a.lower() == alone[0])

    def _new(
        self,
        connection: Connection,
        sender: str,
        recipients: Sequence[str],
        series: str,
        today: int,
        least: int,
    ) -> frozenset[str]:
        """Where the series goes to a few, each of whom has had it several times."""
        if not series:
            return frozenset()
        for key in self._keys:
            flow = _flow(key, _hash(key, "writer", sender), series)
            stands = (flows.c.flow == flow, flows.c.until >= today)
            query = select(flows.c.id, flows.c.mails).where(*stands).limit(_MOST_READERS + 2)
            mails = {row.id: row.mails for row in connection.execute(query)}
            sent, readers = mails.pop(flow, 0), len(mails)
            if sent >= least and readers <= _MOST_READERS and readers * 3 <= sent:
                ids = {a: _joined(key, flow, _hash(key, "writer", a)) for a in recipients}
                return frozenset(a for a, row in ids.items() if row not in mails)
        return frozenset()


_FADING = (pairs, domains, together, flows)

# Built once: to build one takes as long as to ask it.
_BEGUN = select(learnt.c.day).where(learnt.c.what == BEGUN)
_STANDING = {
    table: select(table.c.id).where(
        table.c.id.in_(bindparam("ids", expanding=True)), table.c.until >= bindparam("today")
    )
    for table in (pairs, domains, together)
}


@cache
def _by_house(many: int) -> Select[Any]:
    """Of so many recipients, a pair each, if there is one."""
    there = (
        select(pairs.c.id)
        .where(
            pairs.c.recipient.in_(bindparam(f"of_{number}", expanding=True)),
            pairs.c.until >= bindparam("today"),
        )
        .limit(1)
        .scalar_subquery()
        for number in range(many)
    )
    return select(*there)


def _mails(gains: Mapping[str, _Gain], before: Mapping[str, Any], row: str) -> int:
    known = before.get(row)
    return gains[row].mails + (known.mails if known is not None else 0)


def _note(connection: Connection, what: str, day: int) -> None:
    """The earliest day stands."""
    statement = insert(connection.dialect.name, learnt).values(what=what, day=day)
    earlier = statement.excluded.day < learnt.c.day
    new = {"day": statement.excluded.day}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["what"], set_=new, where=earlier)
    )


def _standing(
    connection: Connection, table: Table, ids: Iterable[str], today: int
) -> frozenset[str]:
    """Which of these rows there are."""
    wanted = list(ids)
    found: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        values = {"ids": wanted[start : start + _CHUNK], "today": today}
        found |= set(connection.execute(_STANDING[table], values).scalars())
    return frozenset(found)


def _domains(connection: Connection, recipients: Sequence[str], today: int) -> frozenset[str]:
    return _standing(connection, domains, {_domain(one) for one in recipients}, today)


def _couples(hashes: Iterable[str]) -> Iterable[tuple[str, str]]:
    several = sorted(hashes)
    return combinations(several, 2) if len(several) <= MOST_BESIDE else ()


def _hash(key: bytes, purpose: str, address: str) -> str:
    """Not the hash that holds and the log have: the two tell nothing together."""
    return keyed(key, purpose, _bytes(address.lower()))[:_HASH_DIGITS]


def _joined(key: bytes, *hashes: str) -> str:
    return keyed(key, "correspondents", *map(str.encode, hashes))[:_HASH_DIGITS]


def _flow(key: bytes, sender: str, series: str) -> str:
    return keyed(key, "series", sender.encode(), _bytes(series))[:_HASH_DIGITS]


def _aead(key: bytes, sender: str) -> AESGCM:
    return AESGCM(bytes.fromhex(keyed(key, "correspondents of", _bytes(sender.lower()))))


def _opened(aead: AESGCM, recipient: str, sealed: bytes) -> str:
    """ "" where it is damaged: one that is not known."""
    sealed = bytes(sealed or b"")
    try:
        return aead.decrypt(sealed[:12], sealed[12:], recipient.encode()).decode(
            "utf-8", "surrogatepass"
        )
    except (InvalidTag, ValueError):
        return ""


def _domain(address: str) -> str:
    return address.lower().rpartition("@")[2].rstrip(".")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
