"""What we send later ourselves: letters (notices, reports, reminders) and releases of held mail.

An item is committed with its cause, leased for a while, and done, put off or given up. A lease
that runs out puts the item back: its process was killed, or so slow that a second copy is possible
(the fixed Message-ID tells them apart). Nothing here sends; `gateway.release` does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update

from gateway.model import Letter, Reply
from gateway.store import codec, vault
from gateway.store.copies import lock_again, move
from gateway.store.database import Database
from gateway.store.events import note
from gateway.store.keys import OpeningKey, SealingKey
from gateway.store.schema import Post, State, holds, outbox

RELEASE = "release"
IN_CLEAR = "default"  # routes of a release
ENCRYPTED = "encrypted"  # by the channel that fits each recipient
PARKED_SECONDS = 300.0  # longer than a mail's deadline: by then its door is dead or gave up
FIRST_BACK_OFF_SECONDS = 60.0
LONGEST_BACK_OFF_SECONDS = 3600.0
GIVE_UP_SECONDS = 5 * 86400.0  # Postfix's maximal_queue_lifetime
RESPITE_SECONDS = 3 * 86400.0  # an officer's time to rule again on a release that failed
OWNER_CHARACTERS = 64  # of the column; the end of "host:pid" tells processes apart
_CONTEXT = b"letter"
_INSERT = outbox.insert()


@dataclass(frozen=True, slots=True)
class Item:
    """positions: recipients still to be served, as indices into the letter's recipients, or for a
    release into the envelope of the opened hold. attempt: from 1."""

    id: int
    kind: str
    route: str
    about: str
    hold: str  # of a release; "" for a letter
    positions: tuple[int, ...]
    created: float
    attempt: int
    sealed: bytes = field(repr=False)

    @property
    def is_release(self) -> bool:
        return self.kind == RELEASE

    def letter(self, keys: Sequence[OpeningKey]) -> Letter:
        """Whole: `positions` says which of its recipients are left. Raises CannotOpen."""
        return codec.load(Letter, vault.open_sealed(self.sealed, keys, _CONTEXT))

    def next_try(self, now: float) -> float | None:
        """When to try again after a failure; None once it is time to give up."""
        after = now + back_off(self.attempt)
        return after if after < self.created + GIVE_UP_SECONDS else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """For metrics. oldest: seconds since the epoch, None where nothing waits."""

    waiting: int
    oldest: float | None
    given_up: int


class Outbox:
    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def post(self, letters: Sequence[Letter], keys: Sequence[SealingKey]) -> None:
        """Letters without a mail under way: digests, reminders. Durable on return."""
        rows = sealed_letters(letters, keys)
        now = self._clock()
        await self._database.write(lambda connection: put_letters(connection, rows, now))

    async def lease(self, n: int, now: float, owner: str, seconds: float) -> tuple[Item, ...]:
        """At most n due items, ours alone for that long; the longest due first."""
        free = and_(
            outbox.c.state == Post.WAITING, outbox.c.due <= now, outbox.c.leased_until <= now
        )
        due = (
            select(outbox.c.id)
            .where(free)
            .order_by(outbox.c.due, outbox.c.id)
            .limit(n)
            .with_for_update(skip_locked=True)  # PostgreSQL only; SQLite has one writer at a time
            .cte("due")
        )
        taken = (
            update(outbox)
            .where(outbox.c.id.in_(select(due.c.id)))
            .values(
                owner=owner[-OWNER_CHARACTERS:],
                leased_until=now + seconds,
                attempts=outbox.c.attempts + 1,
            )
            .returning(outbox)
        )

        def work(connection: Connection) -> tuple[Item, ...]:
            rows = connection.execute(taken).all()
            return tuple(_item(row) for row in sorted(rows, key=lambda row: (row.due, row.id)))

        return await self._database.write(work)

    async def done(
        self,
        item: Item,
        reply: Reply,
        positions: Collection[int] | None = None,
        letters: Sequence[Letter] = (),
        keys: Sequence[SealingKey] = (),
        *,
        queued: str = "",
    ) -> bool:
        """These recipients (all, by default) are served. Whether nobody is left.
        queued: the next hop's id for it.

        Counts even when the lease was lost meanwhile: what was sent was sent.
        letters: what tells of it, posted in the same transaction, sealed to `keys`.
        """
        now = self._clock()
        rows = sealed_letters(letters, keys)

        def work(connection: Connection) -> bool:
            row = connection.execute(
                select(outbox.c.positions, outbox.c.state)
                .where(outbox.c.id == item.id)
                .with_for_update()
            ).one_or_none()
            if row is None or row.state != Post.WAITING:
                return True
            left = set(json.loads(row.positions))
            served = left.intersection(item.positions if positions is None else positions)
            left -= served
            values: dict[str, Any] = {"positions": _written(left), "cause": _cause(reply)}
            if not left:
                values |= {"state": Post.DONE, "finished": now, "sealed": None, "owner": None}
            connection.execute(update(outbox).where(outbox.c.id == item.id).values(values))
            if item.is_release and served:
                move(connection, item.hold, State.RELEASING, State.RELEASED, now, served)
                counts = {"recipients": len(served), "reply": _cause(reply)}
                counts |= {"queued": queued} if queued else {}
                note(connection, "released", now, item.hold, counts=counts)
            if served:
                put_letters(connection, rows, now)
            return not left

        return await self._database.write(work)

    async def retry(self, item: Item, after: float, reply: Reply) -> None:
        """Put off until `after` (seconds since the epoch); see `Item.next_try`."""
        values = {"due": after, "leased_until": 0.0, "owner": None, "cause": _cause(reply)}
        again = update(outbox).where(_ours(item)).values(values)
        await self._database.write(lambda connection: connection.execute(again))

    async def give_up(
        self,
        item: Item,
        reply: Reply,
        letters: Sequence[Letter] = (),
        keys: Sequence[SealingKey] = (),
        *,
        positions: Collection[int] | None = None,
    ) -> None:
        """These recipients (all who are left, by default) are not tried again; the cause is kept.
        What a release gives up goes back to the officer, held as before.

        letters: what tells of it, posted in the same transaction, sealed to `keys`.
        """
        now = self._clock()
        rows = sealed_letters(letters, keys)

        def work(connection: Connection) -> None:
            ours = select(outbox.c.positions).where(_ours(item)).with_for_update()
            row = connection.execute(ours).one_or_none()
            if row is None:
                return  # the lease was lost: somebody else is trying
            left = set(json.loads(row.positions))
            lost = left if positions is None else left.intersection(positions)
            values: dict[str, Any] = {"cause": _cause(reply)}
            if left - lost:
                values["positions"] = _written(left - lost)
            else:
                values |= {"state": Post.GIVEN_UP, "finished": now, "owner": None}
            connection.execute(update(outbox).where(outbox.c.id == item.id).values(values))
            put_letters(connection, rows, now)
            if item.is_release:
                _hand_back(connection, item.hold, lost, _cause(reply), now)

        await self._database.write(work)

    async def counts(self) -> Waiting:
        columns = select(outbox.c.state, func.count(), func.min(outbox.c.created))
        grouped = columns.where(outbox.c.state != Post.DONE).group_by(outbox.c.state)

        def work(connection: Connection) -> Waiting:
            found = {state: (n, oldest) for state, n, oldest in connection.execute(grouped)}
            waiting, oldest = found.get(Post.WAITING, (0, None))
            return Waiting(waiting, oldest, found.get(Post.GIVEN_UP, (0, None))[0])

        return await self._database.read(work)


def back_off(attempt: int) -> float:
    """Seconds after the attempt of that number (from 1): 1 min doubling to 1 h."""
    return min(FIRST_BACK_OFF_SECONDS * 2.0 ** min(attempt - 1, 10), LONGEST_BACK_OFF_SECONDS)


def sealed_letters(
    letters: Sequence[Letter], keys: Sequence[SealingKey]
) -> tuple[dict[str, Any], ...]:
    """Rows but for their times. Sealing takes time: not to be done within a transaction."""
    return tuple(
        {
            "kind": letter.kind,
            "route": letter.route,
            "about": letter.about,
            "positions": _written(range(len(letter.recipients))),
            "sealed": vault.seal(codec.dump(letter), keys, _CONTEXT),
        }
        for letter in letters
    )


def put_letters(connection: Connection, rows: Sequence[dict[str, Any]], now: float) -> None:
    if rows:
        connection.execute(_INSERT, [row | _fresh(now) for row in rows])


def park_letters(
    connection: Connection, rows: Sequence[dict[str, Any]], now: float
) -> tuple[int, ...]:
    """Ids, for `drop_parked`."""
    parked = _fresh(now) | {"due": now + PARKED_SECONDS}
    insert = _INSERT.returning(outbox.c.id)
    return tuple(connection.execute(insert, row | parked).scalar_one() for row in rows)


def drop_parked(connection: Connection, ids: Collection[int]) -> None:
    """Never one that was taken up meanwhile: it was sent, perhaps."""
    if ids:
        connection.execute(delete(outbox).where(outbox.c.id.in_(ids), outbox.c.attempts == 0))


def put_release(
    connection: Connection,
    hold: str,
    positions: Collection[int],
    now: float,
    route: str = IN_CLEAR,
    key: bytes = b"",
) -> None:
    """key: the content's, wrapped for whoever sends it, of a mail under lock. Raises UnderLock
    rather than order what could never be opened."""
    lent = update(holds).where(holds.c.id == hold, holds.c.content_key.is_not(None))
    if connection.execute(lent.values(release_key=key or None)).rowcount and not key:
        raise vault.UnderLock("no officer's sign-in unlocks it here")
    release = {
        "kind": RELEASE,
        "route": route,
        "about": hold,
        "hold_id": hold,
        "positions": _written(positions),
    }
    connection.execute(_INSERT, release | _fresh(now))


def _hand_back(
    connection: Connection, hold: str, positions: Collection[int], cause: str, now: float
) -> None:
    back = move(connection, hold, State.RELEASING, State.HELD, now, positions)
    if not back:
        return
    anew = {"remind": now, "reminded": None, "awaits": ""}  # theirs, whoever had let it go
    connection.execute(update(holds).where(holds.c.id == hold).values(anew))
    lock_again(connection, hold)
    connection.execute(
        update(holds)
        .where(holds.c.id == hold, holds.c.until < now + RESPITE_SECONDS)
        .values(until=now + RESPITE_SECONDS)
    )
    counts = {"recipients": len(back), "reply": cause}
    note(connection, "release failed", now, hold, counts=counts)


def _ours(item: Item) -> Any:
    """Still leased by the one who holds this item: every lease counts the attempt up."""
    return and_(
        outbox.c.id == item.id,
        outbox.c.state == Post.WAITING,
        outbox.c.attempts == item.attempt,
    )


def _fresh(now: float) -> dict[str, Any]:
    times = {"created": now, "due": now, "leased_until": 0.0}
    return times | {"attempts": 0, "state": Post.WAITING, "cause": ""}


def _item(row: Any) -> Item:
    return Item(
        row.id,
        row.kind,
        row.route,
        row.about,
        row.hold_id or "",
        tuple(json.loads(row.positions)),
        row.created,
        row.attempts,
        bytes(row.sealed or b""),
    )


def _written(positions: Collection[int]) -> str:
    return json.dumps(sorted(positions))


def _cause(reply: Reply) -> str:
    """Codes only: a next hop's text may quote an address."""
    return f"{reply.code} {reply.enhanced}".strip()[:64]
