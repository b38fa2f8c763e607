"""Sessions of the console, on the server: the browser holds a random token and nothing else.

A session ends half an hour after the last click, twelve hours after the sign-in, with a change of
password, and whenever its person or an administrator says so.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from gateway.store.accounts import TOKEN_BYTES, hash_of
from gateway.store.database import Database
from gateway.store.schema import accounts, sessions

IDLE_SECONDS = 30 * 60.0
LONGEST_SECONDS = 12 * 3600.0
TOUCH_SECONDS = 60.0  # between two notes that it is still in use: not one write a page
_AGENT = 200  # characters


@dataclass(frozen=True, slots=True)
class Session:
    """id: the hash of its token. csrf: what its forms must bring back. way: by which it was
    opened, as in `Account.entered_by`."""

    id: str
    account: str
    created: float
    seen: float
    agent: str
    csrf: str = field(default="", repr=False)
    way: str = "local"


class Sessions:
    def __init__(
        self,
        database: Database,
        *,
        idle: float = IDLE_SECONDS,
        longest: float = LONGEST_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._idle, self._longest = idle, longest
        self._clock = clock

    async def open(self, account: str, agent: str, way: str = "local") -> tuple[str, Session]:
        """A fresh one, whatever token the browser came with, and its token. Stale ones go."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock()
        csrf = secrets.token_urlsafe(TOKEN_BYTES)
        shown = "".join(c for c in agent if c.isprintable())[:_AGENT]
        session = Session(hash_of(token), account, now, now, shown, csrf, way)
        row = {
            "token_hash": session.id,
            "account": account,
            "csrf": csrf,
            "created": now,
            "seen": now,
            "agent": session.agent,
            "way": way,
        }

        def work(connection: Connection) -> None:
            connection.execute(delete(sessions).where(or_(*self._stale(now))))
            connection.execute(insert(sessions).values(row))

        await self._database.write(work)
        return token, session

    async def find(self, token: str, *, used: bool = True) -> Session | None:
        """The session of this token, if it is alive and its account may still sign in. used: it
        is by a person that it is asked for, and lives on."""
        now = self._clock()
        query = (
            select(sessions)
            .join(accounts, accounts.c.name == sessions.c.account)
            .where(sessions.c.token_hash == hash_of(token), accounts.c.disabled.is_(False))
        )
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        if row is None or now - row.seen > self._idle or now - row.created > self._longest:
            return None
        if used and now - row.seen > TOUCH_SECONDS:
            seen = update(sessions).where(sessions.c.token_hash == row.token_hash).values(seen=now)
            await self._database.write(lambda c: c.execute(seen))
        return _session(row)

    async def of(self, account: str) -> tuple[Session, ...]:
        """Those alive, the latest first."""
        now = self._clock()
        query = select(sessions).where(sessions.c.account == account)
        query = query.where(*(~stale for stale in self._stale(now))).order_by(
            sessions.c.seen.desc()
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(_session(row) for row in rows)

    async def alive(self, ids: Collection[str]) -> frozenset[str]:
        """Those of these sessions that `find` would find."""
        now = self._clock()
        query = select(sessions.c.token_hash).join(accounts, accounts.c.name == sessions.c.account)
        query = query.where(sessions.c.token_hash.in_(ids), accounts.c.disabled.is_(False))
        query = query.where(*(~stale for stale in self._stale(now)))
        return await self._database.read(lambda c: frozenset(c.execute(query).scalars()))

    async def close(self, session: str, account: str) -> None:
        """By its id; only where it is this account's."""
        gone = delete(sessions).where(
            sessions.c.token_hash == session, sessions.c.account == account
        )
        await self._database.write(lambda c: c.execute(gone))

    def _stale(self, now: float) -> tuple[Any, Any]:
        return sessions.c.seen < now - self._idle, sessions.c.created < now - self._longest


def _session(row: Any) -> Session:
    return Session(row.token_hash, row.account, row.created, row.seen, row.agent, row.csrf, row.way)
