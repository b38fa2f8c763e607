"""Passkeys (WebAuthn): public keys of authenticators, each somebody's, under a name of his own.

What is kept of one opens nothing: its private half never leaves the authenticator. The name is free
text, so it is sealed.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.store import vault
from gateway.store.database import Database
from gateway.store.events import note
from gateway.store.hmac_key import honoured
from gateway.store.keys import OpeningKey, SealingKey
from gateway.store.schema import passkeys

MOST = 10  # of one account
LONGEST_LABEL = 60  # characters
_CONTEXT = b"passkey"


@dataclass(frozen=True, slots=True)
class Passkey:
    """id: to speak of it in pages. credential: its id, as the authenticator made it. counter: of
    its last use; 0 for authenticators that do not count. used: 0.0 for never."""

    id: str
    account: str
    credential: bytes
    public_key: bytes
    counter: int
    added: float
    used: float
    sealed_label: bytes = field(repr=False)

    def label(self, keys: Sequence[OpeningKey]) -> str:
        """Raises CannotOpen."""
        return vault.open_sealed(self.sealed_label, keys, _CONTEXT).decode("utf-8")


class Passkeys:
    def __init__(
        self,
        database: Database,
        keys: Sequence[SealingKey],
        hmac_key: bytes,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._keys = tuple(keys)
        self._hmac_key = hmac_key
        self._clock = clock

    def handle(self, account: str) -> bytes:
        """What an authenticator keeps in place of the account's name: tells nobody anything."""
        return self.handles(account)[0]

    def handles(self, account: str) -> tuple[bytes, ...]:
        """The same, and what one that was registered before a rotation of the key keeps."""
        name = f"passkey\0{account}".encode()
        return tuple(hmac.digest(key, name, "sha256") for key in honoured(self._hmac_key))

    async def of(self, account: str) -> tuple[Passkey, ...]:
        query = select(passkeys).where(passkeys.c.account == account).order_by(passkeys.c.added)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(map(_passkey, rows))

    async def find(self, credential: bytes) -> Passkey | None:
        query = select(passkeys).where(passkeys.c.id_hash == _hash(credential))
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        return _passkey(row) if row else None

    async def counts(self) -> dict[str, int]:
        """How many each account has."""
        query = select(passkeys.c.account, func.count().label("many")).group_by(passkeys.c.account)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return {row.account: row.many for row in rows}

    async def add(
        self, account: str, credential: bytes, public_key: bytes, counter: int, label: str
    ) -> bool:
        """False where the account has too many, or the credential is somebody's already."""
        now = self._clock()
        row = {
            "id_hash": _hash(credential),
            "account": account,
            "credential": credential,
            "public_key": public_key,
            "counter": counter,
            "label": vault.seal(label[:LONGEST_LABEL].encode(), self._keys, _CONTEXT),
            "added": now,
        }

        def work(connection: Connection) -> bool:
            mine = select(func.count()).where(passkeys.c.account == account)
            same = select(func.count()).where(passkeys.c.id_hash == row["id_hash"])
            full = connection.execute(mine).scalar_one() >= MOST
            if full or connection.execute(same).scalar_one():
                return False
            connection.execute(insert(passkeys).values(row))
            note(connection, "passkey added", now, who=account)
            return True

        return await self._database.write(work)

    async def used(self, passkey: Passkey, counter: int) -> bool:
        """False where it is gone, or a copy of the authenticator was used meanwhile."""
        same = (passkeys.c.id_hash == passkey.id) & (passkeys.c.counter == passkey.counter)
        one = update(passkeys).where(same).values(counter=counter, used=self._clock())
        return await self._database.write(lambda c: bool(c.execute(one).rowcount))

    async def refused(self, passkey: Passkey, why: str) -> None:
        """why: a code. Locks nothing: there is nothing to guess."""
        counts = {"way": "passkey", "why": why}
        now = self._clock()
        await self._database.write(
            lambda c: note(c, "sign-in failed", now, who=passkey.account, counts=counts)
        )

    async def remove(self, id_: str, account: str) -> None:
        """Only where it is this account's."""
        now = self._clock()

        def work(connection: Connection) -> None:
            mine = (passkeys.c.id_hash == id_) & (passkeys.c.account == account)
            if connection.execute(delete(passkeys).where(mine)).rowcount:
                note(connection, "passkey removed", now, who=account)

        await self._database.write(work)

    async def forget(self, account: str, who: str) -> int:
        """All of an account's; how many there were."""
        now = self._clock()

        def work(connection: Connection) -> int:
            gone = connection.execute(
                delete(passkeys).where(passkeys.c.account == account)
            ).rowcount
            counts = {"account": account, "passkeys": gone}
            note(connection, "passkey removed", now, who=who, counts=counts)
            return int(gone)

        return await self._database.write(work)


def _hash(credential: bytes) -> str:
    return hashlib.sha256(credential).hexdigest()


def _passkey(row: Any) -> Passkey:
    return Passkey(
        row.id_hash,
        row.account,
        bytes(row.credential),
        bytes(row.public_key),
        row.counter,
        row.added,
        row.used or 0.0,
        bytes(row.label),
    )
