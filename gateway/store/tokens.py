"""Tokens of the console's API: random, kept as hashes, shown once to whoever makes them.

A token acts for the account that made it, as far as that account's roles still go and no further
than the acts it was made for. It ends on its day, when it is revoked, and with the account.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.store.accounts import TOKEN_BYTES, hash_of
from gateway.store.database import Database
from gateway.store.events import note
from gateway.store.schema import accounts, tokens
from gateway.store.sessions import TOUCH_SECONDS

PREFIX = "vgm_"  # so that scanners of repositories know one where somebody left it
LONGEST_DAYS = 366
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}", re.ASCII)  # it stands in the record
MOST = 20  # alive at a time, of one account
_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Token:
    """acts: as `gateway.console.access.Act` writes them. used: when last, None: never."""

    id: str
    account: str
    name: str
    acts: tuple[str, ...]
    created: float
    expires: float
    used: float | None = None


class TooMany(Exception):
    """An account has as many tokens as one may have."""


class Tokens:
    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def make(
        self, account: str, name: str, acts: Sequence[str], expires: float, who: str = ""
    ) -> tuple[str, Token]:
        """The token as it is never shown again, and what is kept of it. Those that ended go."""
        secret, now = PREFIX + secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        made = Token(secrets.token_hex(_ID_BYTES), account, name, tuple(acts), now, expires)
        row = {
            "id": made.id,
            "token_hash": hash_of(secret),
            "account": account,
            "name": name,
            "acts": json.dumps(list(acts)),
            "created": now,
            "expires": expires,
        }
        alive = select(func.count()).where(tokens.c.account == account)

        def work(connection: Connection) -> None:
            connection.execute(delete(tokens).where(tokens.c.expires <= now))
            if connection.execute(alive).scalar_one() >= MOST:
                raise TooMany
            connection.execute(insert(tokens).values(row))
            counts = {"account": account, "made": made.id, "name": name}
            note(connection, "token made", now, who=who or account, counts=counts)

        await self._database.write(work)
        return secret, made

    async def find(self, secret: str) -> Token | None:
        """What this token may, if it is alive and its account open. Its hash is looked up, so the
        time it takes tells nothing of any other token."""
        now = self._clock()
        query = (
            select(tokens)
            .join(accounts, accounts.c.name == tokens.c.account)
            .where(
                tokens.c.token_hash == hash_of(secret),
                tokens.c.expires > now,
                accounts.c.disabled.is_(False),
            )
        )
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        if row is None:
            return None
        if row.used is None or now - row.used > TOUCH_SECONDS:
            used = update(tokens).where(tokens.c.id == row.id).values(used=now)
            await self._database.write(lambda c: c.execute(used))
        return _token(row)

    async def of(self, account: str) -> tuple[Token, ...]:
        """Those alive, the latest first."""
        query = select(tokens).where(tokens.c.account == account, tokens.c.expires > self._clock())
        query = query.order_by(tokens.c.created.desc(), tokens.c.id)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(map(_token, rows))

    async def revoke(self, token: str, account: str, who: str = "") -> bool:
        """By its id; only where it is this account's."""
        now = self._clock()
        gone = delete(tokens).where(tokens.c.id == token, tokens.c.account == account)

        def work(connection: Connection) -> bool:
            if not connection.execute(gone).rowcount:
                return False
            counts = {"account": account, "revoked": token}
            note(connection, "token revoked", now, who=who or account, counts=counts)
            return True

        return await self._database.write(work)


def _token(row: Any) -> Token:
    acts = tuple(json.loads(row.acts))
    return Token(row.id, row.account, row.name, acts, row.created, row.expires, row.used)
