"""Sign-ins and registrations under way: what a browser was asked, until it answers, once.

The browser holds a random token; a state, a nonce or a challenge stays here. Each is taken away by
the answer, right or wrong, so that nothing can be answered twice, and dies after ten minutes.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, delete, func, insert, select

from gateway.errors import Temporary
from gateway.store.accounts import TOKEN_BYTES, hash_of
from gateway.store.database import Database
from gateway.store.schema import attempts

ATTEMPT_SECONDS = 600.0  # to find the telephone, and the card that is in the other coat
MOST = 2_000  # at once: anybody may begin one


class Attempts:
    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, way: str, asked: Mapping[str, str]) -> str:
        """Its token. Temporary where too many are under way."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        row = {
            "token_hash": hash_of(token),
            "way": way,
            "asked": json.dumps(dict(asked)),
            "expires": now + ATTEMPT_SECONDS,
        }

        def work(connection: Connection) -> bool:
            connection.execute(delete(attempts).where(attempts.c.expires <= now))
            count = connection.execute(select(func.count()).select_from(attempts)).scalar_one()
            if count < MOST:
                connection.execute(insert(attempts).values(row))
            return bool(count < MOST)

        if not await self._database.write(work):
            raise Temporary("too many sign-ins under way")
        return token

    async def end(self, way: str, token: str) -> dict[str, str] | None:
        """What was asked; None where the token is unknown, too old, or was used."""
        mine = (attempts.c.token_hash == hash_of(token)) & (attempts.c.way == way)
        gone = delete(attempts).where(mine).returning(attempts.c.asked, attempts.c.expires)
        row = await self._database.write(lambda c: c.execute(gone).one_or_none())
        if row is None or row.expires <= self._clock():
            return None
        return {str(name): str(value) for name, value in json.loads(row.asked).items()}
