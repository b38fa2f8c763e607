"""Who works here: addresses of our own, in clear, and under which keys each is filed, so that one
of fifty thousand is found by what it resembles without a list of all in memory.

They come from a file or a directory, which replaces what came from there before, or are learnt of
those who write; who was learnt, and writes no more, goes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from sqlalchemy import Connection, bindparam, delete, func, select

from gateway.store.database import Database, insert
from gateway.store.history_tables import staff, staff_keys
from gateway.store.turn import take_turn

_CHUNK = 200  # addresses a transaction: 50 ms, for which doors wait
_MOST_ALIKE = 50  # candidates: enough to find whom somebody meant

# Built once: to build one takes as long as to ask it.
_AMONG = select(staff.c.address).where(staff.c.address.in_(bindparam("addresses", expanding=True)))
_FILED = select(staff_keys.c.staff_id).where(
    staff_keys.c.key.in_(bindparam("keys", expanding=True))
)
_NEAR = select(staff.c.address).where(staff.c.id.in_(_FILED)).limit(bindparam("most"))


class Source(StrEnum):
    FILE = "file"
    LDAP = "ldap"
    LEARNT = "learnt"


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does, or would."""

    found: int
    added: int
    gone: int


class Staff:
    """keys: of an address, `gateway.likeness.keys`."""

    def __init__(self, database: Database, keys: Callable[[str], Collection[str]]) -> None:
        self._database = database
        self._keys = keys

    async def replace(
        self, addresses: Iterable[str], source: Source, *, dry: bool = False
    ) -> Change:
        """All that this source has: who is not among them goes. dry: only say what would. Some at
        a time, since doors write, too: killed on the way, the next time does the rest."""
        wanted = set(map(str.lower, addresses))
        there = await self._sources()
        gone = {one for one, of in there.items() if of == source} - wanted
        # What was learnt is told from now on by whoever keeps the list.
        learnt = {one for one in wanted if there.get(one) == Source.LEARNT}
        new = wanted - there.keys()
        if not dry:
            for some in _chunks(sorted(gone | learnt)):
                await self._database.write(partial(_remove, addresses=some))
            for some in _chunks(sorted(new | learnt)):
                await self._database.write(partial(self._take, addresses=some, source=source))
        return Change(len(wanted), len(new), len(gone))

    async def _sources(self) -> dict[str, str]:
        known = select(staff.c.address, staff.c.source)
        rows = await self._database.read(lambda c: c.execute(known).all())
        return {row.address: row.source for row in rows}

    def _take(self, connection: Connection, addresses: Sequence[str], source: Source) -> None:
        """Those that another process did not take meanwhile."""
        take_turn(connection, "staff")
        known = select(staff.c.address).where(staff.c.address.in_(addresses))
        there = set(connection.execute(known).scalars())
        self._add(connection, [one for one in addresses if one not in there], source, None)

    async def learn(self, addresses: Collection[str], until: int) -> None:
        """That these write. until: the day, an ordinal, until which that is worth something."""
        wanted = set(map(str.lower, addresses))
        known = select(staff.c.address).where(staff.c.address.in_(wanted))
        again = staff.update().where(
            staff.c.address.in_(wanted), staff.c.source == Source.LEARNT, staff.c.until < until
        )

        def work(connection: Connection) -> None:
            take_turn(connection, "staff")
            there = set(connection.execute(known).scalars())
            self._add(connection, wanted - there, Source.LEARNT, until)
            connection.execute(again.values(until=until))

        await self._database.write(work)

    async def among(self, addresses: Collection[str]) -> frozenset[str]:
        """Those that somebody here has."""
        wanted = {"addresses": sorted(set(map(str.lower, addresses)))}
        return await self._database.read(lambda c: frozenset(c.execute(_AMONG, wanted).scalars()))

    async def near(self, addresses: Collection[str]) -> tuple[str, ...]:
        """Whom these may be mistaken for, and more."""
        keys = sorted({key for address in addresses for key in self._keys(address)})
        wanted = {"keys": keys, "most": _MOST_ALIKE * len(addresses)}
        return await self._database.read(lambda c: tuple(c.execute(_NEAR, wanted).scalars()))

    async def list(
        self, words: str = "", *, after: str = "", limit: int = 1000
    ) -> tuple[tuple[str, str], ...]:
        """(address, source), those that have these letters."""
        query = select(staff.c.address, staff.c.source).where(staff.c.address > after)
        if words:
            query = query.where(staff.c.address.contains(words.lower(), autoescape=True))
        query = query.order_by(staff.c.address).limit(limit)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple((row.address, row.source) for row in rows)

    async def count(self) -> int:
        query = select(func.count()).select_from(staff)
        return await self._database.read(lambda c: int(c.execute(query).scalar_one()))

    async def forget(self, address: str) -> int:
        gone = delete(staff).where(staff.c.address == address.lower())
        return await self._database.write(lambda c: c.execute(gone).rowcount)

    def _add(
        self, connection: Connection, addresses: Collection[str], source: Source, until: int | None
    ) -> None:
        if not addresses:
            return
        rows = [{"address": one, "source": source, "until": until} for one in sorted(addresses)]
        connection.execute(insert(connection.dialect.name, staff), rows)
        query = select(staff.c.id, staff.c.address).where(staff.c.address.in_(addresses))
        filed = [
            {"key": key, "staff_id": row.id}
            for row in connection.execute(query).all()
            for key in sorted(self._keys(row.address))
        ]
        if filed:
            connection.execute(insert(connection.dialect.name, staff_keys), filed)


def _remove(connection: Connection, addresses: Sequence[str]) -> None:
    connection.execute(delete(staff).where(staff.c.address.in_(addresses)))


def _chunks(several: Sequence[str]) -> Iterable[Sequence[str]]:
    return (several[start : start + _CHUNK] for start in range(0, len(several), _CHUNK))
