"""One recipient's copy of a held mail moves from state to state: the only place where it does.

    held ─┬─ releasing ─┬─ released
          │      └──────┴─ held            (the next hop did not take it: back to the officer)
          ├─ rejected
          └─ expired

A move names the state it starts from, so that of two officers, nodes or clocks only one moves a
copy. Functions on a connection: they run within somebody's transaction.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, exists, select, update

from gateway.store.schema import PENDING, State, copies, holds


def move(
    connection: Connection,
    hold: str,
    source: State,
    target: State,
    now: float,
    positions: Collection[int] | None = None,
) -> tuple[int, ...]:
    """Positions of the copies that moved, in order; () where there was none to move."""
    # PostgreSQL: two that decide the last two copies at once must each see the other's.
    connection.execute(select(holds.c.id).where(holds.c.id == hold).with_for_update())
    which = and_(copies.c.hold_id == hold, copies.c.state == source)
    if positions is not None:
        which = and_(which, copies.c.position.in_(positions))
    moved = connection.execute(
        update(copies).where(which).values(state=target, changed=now).returning(copies.c.position)
    ).scalars()
    done = tuple(sorted(moved))
    if done:
        _wait(connection, hold)
        lock_again(connection, hold)
    if done and not target.pending:
        _decide(connection, hold, now)
    return done


def _wait(connection: Connection, hold: str) -> None:
    """Whether somebody must still rule on it: the queue asks a hundred thousand holds at once.
    Where nobody must, it waits for nobody else either."""
    left = exists().where(copies.c.hold_id == hold, copies.c.state == State.HELD)
    connection.execute(update(holds).where(holds.c.id == hold).values(waiting=left))
    over = and_(holds.c.id == hold, holds.c.waiting.is_(False), holds.c.awaits != "")
    connection.execute(update(holds).where(over).values(awaits=""))


def lock_again(connection: Connection, hold: str) -> None:
    """What a ruling gave `release` to open goes once no copy is on its way any more, nor may leave
    without a ruling."""
    left = exists().where(copies.c.hold_id == hold, copies.c.state == State.RELEASING)
    lent = and_(holds.c.id == hold, holds.c.release_key.is_not(None), ~left)
    lent = and_(lent, holds.c.awaits == "")
    connection.execute(update(holds).where(lent).values(release_key=None))


def _decide(connection: Connection, hold: str, now: float) -> None:
    """Once no copy is in our care any more, the retention of the hold begins."""
    left = exists().where(copies.c.hold_id == hold, copies.c.state.in_(PENDING))
    over = and_(holds.c.id == hold, ~left)
    connection.execute(update(holds).where(over).values(decided=now))
