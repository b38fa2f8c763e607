"""Each account's own pair of keys, and the content keys that it was given.

    passphrase ─Argon2id─▶ the pair's private half ─HPKE─▶ content keys, one grant each

What is kept opens nothing without the passphrase, which is the password of an account that has one
here. To change it wraps the same pair anew; whoever resets it gets another pair and is given the
keys again by somebody who has them. No console and no administrator can give what nobody unlocked.

Not here: what a session unlocked, which lives in the console's memory alone.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, select, update

from gateway.store import vault
from gateway.store.database import Database, insert
from gateway.store.events import note
from gateway.store.keys import OpeningKey, opening_key, sealing_key
from gateway.store.schema import grants, keyrings

COST = (3, 64 * 1024, 4)  # passes, KiB, lanes: RFC 9106, second recommended choice; 0.1 s a guess
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A pair's private half under a passphrase. kdf: "argon2id", the cost and the salt."""

    kdf: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keyring:
    account: str
    public: bytes
    wrapped: Wrapped
    made: float


@dataclass(frozen=True, slots=True)
class Grant:
    """by: whose doing, an account or a user of the command line."""

    account: str
    key: str
    compartment: str
    by: str
    at: float
    sealed: bytes = field(repr=False)

    def opened(self, private: X25519PrivateKey) -> OpeningKey:
        """The content key, with the account's private half. Raises CannotOpen."""
        own = opening_key(private.private_bytes_raw(), "")
        key = opening_key(
            vault.open_sealed(self.sealed, [own], _context(self.account, self.key)),
            self.compartment,
        )
        if key.id != self.key:
            raise vault.CannotOpen("another key than it is said to be")
        return key


class Keyrings:
    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def of(self, account: str) -> Keyring | None:
        query = select(keyrings).where(keyrings.c.account == account)
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        return _keyring(row) if row else None

    async def accounts(self) -> frozenset[str]:
        """Those that have a pair, and can be given keys."""
        query = select(keyrings.c.account)
        return await self._database.read(lambda c: frozenset(c.execute(query).scalars()))

    async def make(
        self, account: str, passphrase: str, *, instead: bool = False
    ) -> X25519PrivateKey | None:
        """Its private half; None where the account has a pair already. instead: of that one, with
        which all goes that was given to it."""
        private, now = X25519PrivateKey.generate(), self._clock()
        wrapped = await asyncio.to_thread(wrap, account, private, passphrase)
        row = {
            "account": account,
            "public": private.public_key().public_bytes_raw(),
            "kdf": wrapped.kdf,
            "sealed": wrapped.sealed,
            "made": now,
        }

        def work(connection: Connection) -> bool:
            if instead:
                drop(connection, account)
            adding = insert(connection.dialect.name, keyrings).values(row)
            adding = adding.on_conflict_do_nothing().returning(keyrings.c.account)
            done = connection.execute(adding).first() is not None
            if done:
                note(connection, "vault made", now, who=account)
            return done

        return private if await self._database.write(work) else None

    async def rewrap(self, account: str, wrapped: Wrapped) -> None:
        now = self._clock()

        def work(connection: Connection) -> None:
            put_wrapped(connection, account, wrapped)
            note(connection, "vault passphrase set", now, who=account)

        await self._database.write(work)

    async def unlocked(self, account: str) -> None:
        """For the record."""
        now = self._clock()
        await self._database.write(lambda c: note(c, "vault unlocked", now, who=account))

    async def grants(
        self, *, account: str | None = None, compartments: Collection[str] | None = None
    ) -> tuple[Grant, ...]:
        query = select(grants).order_by(grants.c.compartment, grants.c.account, grants.c.at)
        if account is not None:
            query = query.where(grants.c.account == account)
        if compartments is not None:
            query = query.where(grants.c.compartment.in_(compartments))
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(map(_grant, rows))

    async def give(self, key: OpeningKey, account: str, who: str) -> bool:
        """False where the account has no pair, or has this key already."""
        ring, now = await self.of(account), self._clock()
        if ring is None:
            return False
        raw, context = key.private.private_bytes_raw(), _context(account, key.id)
        row = {
            "account": account,
            "key_id": key.id,
            "compartment": key.compartment,
            "sealed": vault.seal(raw, [sealing_key(ring.public)], context),
            "granted_by": who,
            "at": now,
        }
        current = select(keyrings.c.public).where(keyrings.c.account == account).with_for_update()

        def work(connection: Connection) -> bool:
            if connection.execute(current).scalar_one_or_none() != ring.public:
                return False  # it was reset meanwhile: what was sealed opens to nobody
            adding = insert(connection.dialect.name, grants).values(row)
            adding = adding.on_conflict_do_nothing().returning(grants.c.account)
            done = connection.execute(adding).first() is not None
            if done:
                counts = {"account": account, "compartment": key.compartment, "key": key.id}
                note(connection, "vault key given", now, who=who, counts=counts)
            return done

        return await self._database.write(work)

    async def take(self, account: str, compartment: str, who: str) -> bool:
        now = self._clock()
        theirs = (grants.c.account == account) & (grants.c.compartment == compartment)

        def work(connection: Connection) -> bool:
            done = bool(connection.execute(delete(grants).where(theirs)).rowcount)
            if done:
                counts = {"account": account, "compartment": compartment}
                note(connection, "vault key taken", now, who=who, counts=counts)
            return done

        return await self._database.write(work)


def wrap(account: str, private: X25519PrivateKey, passphrase: str) -> Wrapped:
    salt = os.urandom(_SALT_BYTES)
    kdf = "$".join(("argon2id", *map(str, COST), base64.b64encode(salt).decode()))
    # A fresh salt makes a fresh key, so that the constant nonce serves once.
    cipher = AESGCM(_stretched(kdf, passphrase))
    return Wrapped(kdf, cipher.encrypt(bytes(12), private.private_bytes_raw(), account.encode()))


def unwrap(ring: Keyring, passphrase: str) -> X25519PrivateKey | None:
    """None for another passphrase, and where the public half is not its own: somebody who writes
    into the database would have the next key given to himself. Takes some 0.1 s."""
    cipher = AESGCM(_stretched(ring.wrapped.kdf, passphrase))
    try:
        private = cipher.decrypt(bytes(12), ring.wrapped.sealed, ring.account.encode())
    except InvalidTag:
        return None
    pair = X25519PrivateKey.from_private_bytes(private)
    return pair if pair.public_key().public_bytes_raw() == ring.public else None


def put_wrapped(connection: Connection, account: str, wrapped: Wrapped) -> None:
    """Within somebody's transaction."""
    one = update(keyrings).where(keyrings.c.account == account)
    connection.execute(one.values(kdf=wrapped.kdf, sealed=wrapped.sealed))


def drop(connection: Connection, account: str) -> None:
    """The pair, and all that was given to it."""
    connection.execute(delete(keyrings).where(keyrings.c.account == account))


def drop_grants(
    connection: Connection, account: str, keeping: tuple[str, ...] | None = None
) -> None:
    """keeping: compartments of which it keeps those that it has; () is every one, None is none."""
    theirs = grants.c.account == account
    if keeping:
        theirs &= grants.c.compartment.not_in(keeping)
    if keeping != ():
        connection.execute(delete(grants).where(theirs))


def _stretched(kdf: str, passphrase: str) -> bytes:
    _, passes, memory, lanes, salt = kdf.split("$")
    return hash_secret_raw(
        passphrase.encode("utf-8", "surrogatepass"),
        base64.b64decode(salt),
        time_cost=int(passes),
        memory_cost=int(memory),
        parallelism=int(lanes),
        hash_len=32,
        type=Type.ID,
    )


def _context(account: str, key: str) -> bytes:
    """Binds a grant to whom it is for and to what it says it opens."""
    return f"grant {account} {key}".encode()


def _keyring(row: Any) -> Keyring:
    return Keyring(row.account, bytes(row.public), Wrapped(row.kdf, bytes(row.sealed)), row.made)


def _grant(row: Any) -> Grant:
    return Grant(
        row.account, row.key_id, row.compartment, row.granted_by, row.at, bytes(row.sealed)
    )
