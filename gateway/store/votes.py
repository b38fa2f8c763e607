"""Second readers of held mail: who they are at this moment, what each said, who was told.

Groups are written in the configuration, by address; an account belongs to one by the address that
it has for its own. What was said of a mail is a row each, once and for good, with its event; what
follows from it is `settle`, done by whoever spoke last and, should he have been killed meanwhile,
by the clock. An absence stands with its account.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, literal, or_, select, update

from gateway.model import Disposition, Letter
from gateway.reviewers import Absence, End, Group, Reads, Vote, could_ever, end_of
from gateway.reviewers import readers as able
from gateway.store.database import Database, insert
from gateway.store.events import note, sealed_reason
from gateway.store.held import Held
from gateway.store.keys import DEFAULT, SealingKey, address_hashes, of_compartment
from gateway.store.outbox import put_letters, sealed_letters
from gateway.store.schema import accounts, desk, holds, readers, waits
from gateway.store.sealing import keys_about

ROLE = "reviewer"  # `gateway.console.access.Role.REVIEWER`, which no account may read without
EVERY = ""  # the group of all reviewers
MOST = 2_000  # mails a round of the clock
REMIND_SECONDS = 3600.0  # before the end, by the clock: who was told in that hour is not told again
_WAITING = holds.c.awaits == Disposition.REVIEW.value


@dataclass(frozen=True, slots=True)
class Panel:
    """Of one mail, at this moment. group: its name, or names. readers: whose word counts. members:
    of the groups, whoever may read. quorum: how many must agree, of each group. unanswered: what
    becomes of it at the end, in a word of `gateway.decide.terms`."""

    rule: str
    group: str
    members: frozenset[str]
    readers: frozenset[str]
    votes: tuple[Vote, ...]
    absences: tuple[Absence, ...]
    quorum: int
    due: float
    unanswered: str
    end: End | None

    @property
    def asked(self) -> frozenset[str]:
        """Who has still to say something."""
        return self.readers - {vote.who for vote in self.votes}


@dataclass(frozen=True, slots=True)
class _Person:
    """reads: may be a second reader at all. whose: his address, or its hash where no group has it:
    an account that was told it before a new key has another hash than one told since."""

    name: str
    address_hash: str
    whose: str
    reads: bool
    absence: Absence | None


@dataclass(frozen=True, slots=True)
class Summons:
    """A letter to one reader that tells him of these mails, for the first time or again. until: for
    each, the moment before which he must have had the last."""

    account: str
    address: str = field(repr=False)
    until: Mapping[str, float]
    again: bool = False


class Votes:
    """groups: by name, of addresses. keys: public ones, to seal words and letters."""

    def __init__(
        self,
        database: Database,
        keys: Sequence[SealingKey],
        hmac_key: bytes,
        groups: Mapping[str, Group],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._keys = tuple(keys)
        self._hmac_key = hmac_key
        self._groups = groups
        self._clock = clock
        addresses = {a for group in groups.values() for a in group.members | group.delegates}
        self._owners = {
            hashed: address for address in addresses for hashed in address_hashes(hmac_key, address)
        }

    @property
    def configured(self) -> bool:
        """Whether there are groups: then a reviewer sees what waits for his, and nothing else."""
        return bool(self._groups)

    async def panel(self, held: Held) -> Panel | None:
        """None where it does not wait for second readers."""
        if held.awaits != Disposition.REVIEW:
            return None
        return await self._database.read(lambda c: self._panel(c, held.id))

    async def reads(self, account: str) -> Reads:
        return await self._database.read(lambda c: self._reads(c, account))

    async def stand_ins(self, account: str) -> tuple[str, ...]:
        """Who may read in its place. Of the group of all reviewers, each reads for himself."""

        def work(connection: Connection) -> tuple[str, ...]:
            people = self._people(connection)
            found: set[str] = set()
            for name in self._groups:
                group = self._named(name, people)
                if account in group.members:
                    found |= group.members | group.delegates
            return tuple(sorted(found - {account}))

        return await self._database.read(work)

    async def absence(self, account: str) -> Absence | None:
        """None where it is here."""
        query = select(accounts.c.name, accounts.c.away_until, accounts.c.stand_in)
        query = query.where(accounts.c.name == account)
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        found = _absence(row) if row else None
        return found if found and self._clock() < found.until else None

    async def leave(self, absence: Absence) -> None:
        """From now on; one that ends now or before is his return."""
        now = self._clock()
        away = absence.until > now
        values = {"away_until": absence.until, "stand_in": absence.delegate or None}
        one = update(accounts).where(accounts.c.name == absence.who)
        one = one.values(values if away else dict.fromkeys(values))
        counts = {"to": absence.delegate or "-"} if away else {}

        def work(connection: Connection) -> None:
            connection.execute(one)
            kind = "reader away" if away else "reader back"
            note(connection, kind, now, who=absence.who, counts=counts)

        await self._database.write(work)

    async def cast(
        self, hold: str, who: str, agrees: bool, words: str, authors: Collection[str] = ()
    ) -> bool:
        """Once a person. authors: addresses of who else wrote it, beside its sender. False where
        his word does not count, or not any more."""
        now = self._clock()
        sealed = sealed_reason(words, await keys_about(self._database, self._keys, hold))
        said = {"voted": now, "agrees": agrees}
        wrote = {one for author in authors for one in address_hashes(self._hmac_key, author)}

        def work(connection: Connection) -> bool:
            connection.execute(select(holds.c.id).where(holds.c.id == hold).with_for_update())
            panel = self._panel(connection, hold, wrote)
            if panel is None or panel.end or who not in panel.asked:
                return False
            connection.execute(
                insert(connection.dialect.name, readers)
                .values({"hold_id": hold, "account": who} | said)
                .on_conflict_do_update(index_elements=["hold_id", "account"], set_=said)
            )
            kind = "reader agrees" if agrees else "reader refuses"
            note(connection, kind, now, hold, who=who, reason=sealed)
            return True

        return await self._database.write(work)

    async def open(self) -> dict[str, Panel]:
        """Mails that wait for second readers, the first due first."""
        query = select(holds.c.id).join(waits, waits.c.hold_id == holds.c.id).where(_WAITING)
        query = query.order_by(waits.c.due, holds.c.id).limit(MOST)

        def work(connection: Connection) -> dict[str, Panel]:
            people, ids = self._people(connection), connection.execute(query).scalars().all()
            found = ((one, self._panel(connection, one, (), people)) for one in ids)
            return {one: panel for one, panel in found if panel}

        return await self._database.read(work)

    async def untold(self, waiting: Mapping[str, Panel]) -> tuple[Summons, ...]:
        """Readers of these whom no letter told yet; or not again, an hour before the end."""
        query = select(readers.c.hold_id, readers.c.account, readers.c.told).join(holds)
        query = query.where(_WAITING, readers.c.told.is_not(None))
        now = self._clock()

        def work(connection: Connection) -> tuple[Summons, ...]:
            told = {(row.hold_id, row.account): row.told for row in connection.execute(query)}
            owed: dict[tuple[str, bool], dict[str, float]] = {}
            for hold, panel in waiting.items():
                last = panel.due - REMIND_SECONDS
                for name in sorted(() if panel.end else panel.asked):
                    before = told.get((hold, name))
                    if before is None or before < last <= now:
                        owed.setdefault((name, before is not None), {})[hold] = last
            known = {p.name: self._owners.get(p.address_hash, "") for p in self._people(connection)}
            found = (
                Summons(name, known[name], some, again) for (name, again), some in owed.items()
            )
            return tuple(one for one in found if one.address)

        return await self._database.read(work)

    async def tell(self, summons: Summons, letter: Letter) -> bool:
        """Post it, once. False where another process has told him of one of these meanwhile: ask
        anew."""
        now = self._clock()
        rows = sealed_letters([letter], of_compartment(self._keys, DEFAULT))
        told = {"account": summons.account, "told": now}

        def work(connection: Connection) -> bool:
            with connection.begin_nested() as savepoint:
                for hold, last in summons.until.items():
                    statement = (
                        insert(connection.dialect.name, readers)
                        .values(told | {"hold_id": hold})
                        .on_conflict_do_update(
                            index_elements=["hold_id", "account"],
                            set_={"told": now},
                            where=or_(readers.c.told.is_(None), readers.c.told < last)
                            if summons.again
                            else readers.c.told.is_(None),
                        )
                        .returning(readers.c.hold_id)
                    )
                    if connection.execute(statement).first() is None:
                        savepoint.rollback()
                        return False
                put_letters(connection, rows, now)
                return True

        return await self._database.write(work)

    def _people(self, connection: Connection) -> list[_Person]:
        """Whoever has no address could have written anything, so he reads nothing; of two accounts
        of one address one reads, since a quorum counts persons."""
        told = (accounts.c.roles, accounts.c.disabled, accounts.c.away_until, accounts.c.stand_in)
        query = select(accounts.c.name, accounts.c.address_hash, *told).order_by(accounts.c.name)
        taken = {""}
        found = []
        for row in connection.execute(query):
            hashed = row.address_hash or ""
            whose = self._whose(hashed)
            reads = ROLE in json.loads(row.roles) and not row.disabled and whose not in taken
            taken |= {whose} if reads else set()
            found.append(_Person(row.name, hashed, whose, reads, _absence(row)))
        return found

    def _whose(self, hashed: str) -> str:
        return self._owners.get(hashed, hashed)

    def _panel(
        self,
        connection: Connection,
        hold: str,
        authors: Collection[str] = (),
        people: Sequence[_Person] | None = None,
    ) -> Panel | None:
        query = select(holds.c.rule, holds.c.sender_hash, holds.c.hidden, waits).join(waits)
        row = connection.execute(query.where(holds.c.id == hold, _WAITING)).one_or_none()
        if row is None:
            return None
        now, people = self._clock(), people or self._people(connection)
        names = [row.reviewers, *((row.further or "").split(",") if row.further else [])]
        groups = [self._named(name, people) for name in names]
        quorum = max(row.quorum, *(group.quorum for group in groups))
        groups = [replace(group, quorum=quorum) for group in groups]
        by = set(map(self._whose, {row.sender_hash, *authors})) - {""}
        wrote = {p.name for p in people if p.whose in by}
        absences = tuple(p.absence for p in people if p.absence and now < p.absence.until)
        may = {p.name for p in people if p.reads and not row.hidden}
        reads = frozenset().union(*(able(group, wrote, absences, now) for group in groups)) & may
        votes = _votes(connection, hold)
        several = [group.members | group.delegates for group in groups] if groups[1:] else ()
        end = end_of(votes, quorum, row.due, now, several)
        able_ever = all(could_ever(group, wrote) for group in groups)
        if end in (None, End.OVERDUE) and (row.hidden or not able_ever):
            end = End.NOBODY
        return Panel(
            row.rule,
            ", ".join(names),
            frozenset().union(*(group.members for group in groups)),
            reads,
            votes,
            absences,
            quorum,
            row.due,
            row.unanswered,
            end,
        )

    def _reads(self, connection: Connection, account: str) -> Reads:
        now, people = self._clock(), self._people(connection)
        absences = [p.absence for p in people if p.absence]
        mine = tuple(
            name
            for name in (*self._groups, EVERY)
            if account in able(self._named(name, people), (), absences, now)
        )
        replaced = {a.who for a in absences if a.delegate == account and now < a.until}
        whose = {p.whose for p in people if p.name == account or p.name in replaced} - {""}
        own = {p.address_hash for p in people if p.whose in whose}
        never = own | {hashed for hashed, address in self._owners.items() if address in whose}
        return Reads(mine, tuple(sorted(never)))

    def _named(self, name: str, people: Sequence[_Person]) -> Group:
        """Of accounts. Nobody is in a group that is configured no more."""
        if name == EVERY:
            return Group(frozenset(p.name for p in people if p.reads))
        written = self._groups.get(name, Group(frozenset()))
        owned = {p.name: self._owners.get(p.address_hash, "") for p in people if p.reads}

        def named(addresses: frozenset[str]) -> frozenset[str]:
            return frozenset(n for n, address in owned.items() if address in addresses)

        return Group(named(written.members), named(written.delegates), written.quorum)


def to_read(reads: Reads) -> ColumnElement[bool]:
    """Of `holds`: what waits for this reader, whoever else is asked."""
    further = literal(",") + waits.c.further + ","
    groups = (further.contains(f",{name},", autoescape=True) for name in reads.groups if name)
    named = or_(waits.c.reviewers.in_(reads.groups), *groups)
    asked = select(waits.c.hold_id).where(named)
    others = holds.c.sender_hash.not_in(reads.never)
    own = and_(_WAITING, holds.c.id.in_(asked), holds.c.hidden == "", others)
    handed = select(desk.c.hold_id).where(desk.c.second.is_(True))
    return or_(own, holds.c.id.in_(handed)) if reads.handed else own


def _absence(row: Any) -> Absence | None:
    return Absence(row.name, row.away_until, row.stand_in or "") if row.away_until else None


def _votes(connection: Connection, hold: str) -> tuple[Vote, ...]:
    said = select(readers).where(readers.c.hold_id == hold, readers.c.voted.is_not(None))
    rows = connection.execute(said.order_by(readers.c.voted, readers.c.account))
    return tuple(Vote(row.account, row.agrees) for row in rows)
