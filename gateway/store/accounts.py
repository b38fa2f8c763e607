"""The console's accounts: who may sign in, as what, for which compartments.

Passwords come here as Argon2id hashes and leave as such; a second factor's secret is sealed to the
officers' keys. Five failures lock an account for a minute, each further one for twice as long, up
to an hour: the account alone counts, since all of a hospital may stand behind one address.
Invitations are links for a first sign-in: single use, kept as hashes.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.store import vault
from gateway.store.database import Database
from gateway.store.events import SENDER, note
from gateway.store.keyrings import Wrapped, drop_grants, put_wrapped
from gateway.store.keyrings import drop as drop_keyring
from gateway.store.keys import OpeningKey, SealingKey, address_hash
from gateway.store.schema import accounts, invitations, sessions, tokens

FREE_FAILURES = 5
FIRST_LOCK_SECONDS = 60.0
LONGEST_LOCK_SECONDS = 3600.0
INVITATION_SECONDS = 24 * 3600.0
TOKEN_BYTES = 32
_CONTEXT = b"second factor"


@dataclass(frozen=True, slots=True)
class Account:
    """compartments: () is every one. address_hash: of the mails that the person sends himself.
    only: the acts that a token leaves of what the roles allow; None: all of them.
    origin: who tells its roles, "oidc" or "ldap"; "": we do. subject: whom the provider of
    identities means (`gateway.store.identities`). entered, entered_by: the last sign-in, its way.
    """

    name: str
    roles: tuple[str, ...]
    compartments: tuple[str, ...] = ()
    address_hash: str = ""
    disabled: bool = False
    locked_until: float = 0.0
    failures: int = 0
    totp_used: int = 0
    password: str = field(default="", repr=False)
    sealed_totp: bytes = field(default=b"", repr=False)
    only: tuple[str, ...] | None = None
    origin: str = ""
    subject: str = field(default="", repr=False)
    entered: float = 0.0
    entered_by: str = ""

    @property
    def has_second_factor(self) -> bool:
        return bool(self.sealed_totp)

    def totp(self, keys: Sequence[OpeningKey]) -> str:
        """The secret in base 32; "" where there is none. Raises CannotOpen."""
        if not self.sealed_totp:
            return ""
        return vault.open_sealed(self.sealed_totp, keys, _CONTEXT).decode("ascii")


class Accounts:
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

    async def get(self, name: str) -> Account | None:
        query = select(accounts).where(accounts.c.name == name)
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        return _account(row) if row else None

    async def list(self) -> tuple[Account, ...]:
        query = select(accounts).order_by(accounts.c.name)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(_account(row) for row in rows)

    async def add(
        self,
        name: str,
        roles: Sequence[str],
        compartments: Sequence[str] = (),
        *,
        address: str = "",
        who: str = "",
    ) -> str:
        """A new account and its invitation's token; ValueError where the name is taken."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock()
        row = {
            "name": name,
            "roles": json.dumps(list(roles)),
            "compartments": json.dumps(list(compartments)),
            "address_hash": address_hash(self._hmac_key, address) if address else None,
            "origin": "",
            "failures": 0,
            "locked_until": 0.0,
            "disabled": False,
            "created": now,
        }

        def work(connection: Connection) -> None:
            taken = select(func.count()).where(accounts.c.name == name)
            if name == SENDER or connection.execute(taken).scalar():
                raise ValueError("name taken")
            connection.execute(insert(accounts).values(row))
            _invite(connection, name, token, now)
            note(connection, "account added", now, who=who, counts={"account": name})

        await self._database.write(work)
        return token

    async def invite(self, name: str, who: str = "") -> str:
        """A new link in place of any other; what the account could do without it, it still can."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock()

        def work(connection: Connection) -> None:
            _invite(connection, name, token, now)
            note(connection, "account invited", now, who=who, counts={"account": name})

        await self._database.write(work)
        return token

    async def invited(self, token: str) -> str:
        """Whose link it is; "" for none. Looking uses nothing up."""
        query = select(invitations.c.account).where(
            invitations.c.token_hash == hash_of(token), invitations.c.expires > self._clock()
        )
        found = await self._database.read(lambda c: c.execute(query).scalar_one_or_none())
        return str(found or "")

    async def redeem(self, token: str, password: str) -> str:
        """Set the password (a hash), once; the account's name, or "" where the link is spent. A
        pair that the account had is lost: nobody here knows what it was under."""
        now = self._clock()

        def work(connection: Connection) -> str:
            spent = (
                delete(invitations)
                .where(invitations.c.token_hash == hash_of(token), invitations.c.expires > now)
                .returning(invitations.c.account)
            )
            name = connection.execute(spent).scalar_one_or_none()
            if not name:
                return ""
            _set_password(connection, name, password)
            note(connection, "password set", now, who=name)
            return str(name)

        return await self._database.write(work)

    async def set_password(self, name: str, password: str, wrapped: Wrapped | None = None) -> None:
        """password: a hash. wrapped: the account's own pair under the new password; without it the
        pair is lost. Every session of the account ends."""
        now = self._clock()

        def work(connection: Connection) -> None:
            _set_password(connection, name, password, wrapped)
            note(connection, "password set", now, who=name)

        await self._database.write(work)

    async def set_totp(self, name: str, secret: str) -> None:
        """secret: in base 32; "" takes the second factor away."""
        sealed = vault.seal(secret.encode("ascii"), self._keys, _CONTEXT) if secret else None
        values = {"totp": sealed, "totp_used": None}
        await self._change(name, values, "second factor set" if secret else "second factor removed")

    async def set_roles(
        self, name: str, roles: Sequence[str], compartments: Sequence[str], who: str
    ) -> None:
        """Content keys of compartments that it sees no more are taken from it, for good."""
        values = {"roles": json.dumps(list(roles)), "compartments": json.dumps(list(compartments))}
        now, one = self._clock(), update(accounts).where(accounts.c.name == name)

        def work(connection: Connection) -> None:
            connection.execute(one.values(values))
            drop_grants(connection, name, tuple(compartments))
            note(connection, "roles set", now, who=who, counts={"account": name})

        await self._database.write(work)

    async def disable(self, name: str, disabled: bool, who: str) -> None:
        """Its sessions, its tokens and the content keys that it was given end with it."""
        now = self._clock()

        def work(connection: Connection) -> None:
            one = accounts.c.name == name
            connection.execute(update(accounts).where(one).values(disabled=disabled))
            connection.execute(delete(sessions).where(sessions.c.account == name))
            connection.execute(delete(tokens).where(tokens.c.account == name))
            if disabled:
                drop_grants(connection, name)
            kind = "account disabled" if disabled else "account enabled"
            note(connection, kind, now, who=who, counts={"account": name})

        await self._database.write(work)

    async def failed(self, name: str, way: str = "local") -> None:
        """A wrong password or code. Nothing happens for a name that is nobody's."""
        now = self._clock()

        def work(connection: Connection) -> None:
            one = accounts.c.name == name
            row = connection.execute(select(accounts.c.failures).where(one)).one_or_none()
            if row is None:
                return
            failures = row.failures + 1
            values = {"failures": failures, "locked_until": now + _lock_seconds(failures)}
            connection.execute(update(accounts).where(one).values(values))
            counts = {"way": way, "failures": failures}
            note(connection, "sign-in failed", now, who=name, counts=counts)

        await self._database.write(work)

    async def succeeded(self, name: str, step: int = 0, way: str = "local") -> bool:
        """Signed in. step: of the second factor's code. way: "local", "ldap", "oidc", "passkey".
        False where that very code was used already."""
        now = self._clock()

        def work(connection: Connection) -> bool:
            one = update(accounts).where(accounts.c.name == name)
            if step:
                fresh = func.coalesce(accounts.c.totp_used, 0) < step
                one = one.where(fresh).values(totp_used=step)
            done = connection.execute(one.values(failures=0, locked_until=0.0))
            if not done.rowcount:
                return False
            values = {"entered": now, "entered_by": way}
            connection.execute(update(accounts).where(accounts.c.name == name).values(values))
            note(connection, "signed in", now, who=name, counts={"way": way})
            return True

        return await self._database.write(work)

    async def _change(self, name: str, values: dict[str, Any], kind: str) -> None:
        now = self._clock()

        def work(connection: Connection) -> None:
            connection.execute(update(accounts).where(accounts.c.name == name).values(values))
            note(connection, kind, now, who=name, counts={"account": name})

        await self._database.write(work)


def hash_of(token: str) -> str:
    """Of a random token: there is nothing to guess, so a plain hash will do."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _lock_seconds(failures: int) -> float:
    if failures < FREE_FAILURES:
        return 0.0
    doubled = min(failures - FREE_FAILURES, 16)
    return min(FIRST_LOCK_SECONDS * 2.0**doubled, LONGEST_LOCK_SECONDS)


def _invite(connection: Connection, name: str, token: str, now: float) -> None:
    connection.execute(delete(invitations).where(invitations.c.account == name))
    row = {"token_hash": hash_of(token), "account": name, "expires": now + INVITATION_SECONDS}
    connection.execute(insert(invitations).values(row))


def _set_password(
    connection: Connection, name: str, password: str, wrapped: Wrapped | None = None
) -> None:
    if wrapped:
        put_wrapped(connection, name, wrapped)
    else:
        drop_keyring(connection, name)
    values = {"password": password, "failures": 0, "locked_until": 0.0}
    connection.execute(update(accounts).where(accounts.c.name == name).values(values))
    connection.execute(delete(sessions).where(sessions.c.account == name))


def _account(row: Any) -> Account:
    return Account(
        row.name,
        tuple(json.loads(row.roles)),
        tuple(json.loads(row.compartments)),
        row.address_hash or "",
        row.disabled,
        row.locked_until,
        row.failures,
        row.totp_used or 0,
        row.password or "",
        bytes(row.totp or b""),
        origin=row.origin,
        subject=row.subject or "",
        entered=row.entered or 0.0,
        entered_by=row.entered_by or "",
    )
