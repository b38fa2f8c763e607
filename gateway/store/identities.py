"""Persons as a directory or a provider of identities tells of them, and the accounts they enter.

An account is entered under its name. Where the provider has an identifier that never changes hands
(OpenID Connect's `sub`), the first sign-in binds the account to it: another person who is given
the same name later is refused. Accounts that come into being here get their roles anew at each
sign-in; accounts that an administrator made keep those he gave.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from gateway.store.database import Database
from gateway.store.events import SENDER, note
from gateway.store.keyrings import drop_grants
from gateway.store.keys import address_hashes
from gateway.store.schema import accounts, sessions, tokens


@dataclass(frozen=True, slots=True)
class Person:
    """way: "oidc" or "ldap". subject: what never changes hands; "" where there is none.
    address: of the person's own mails. roles, compartments: those that the person's groups give;
    () where they give none, and no account comes into being."""

    way: str
    name: str
    subject: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    roles: tuple[str, ...] = ()
    compartments: tuple[str, ...] = ()


class Identities:
    def __init__(
        self, database: Database, hmac_key: bytes, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._hmac_key = hmac_key
        self._clock = clock

    async def admit(self, person: Person) -> str:
        """Make the account ready for this person. Why not: "unknown", "disabled", "way",
        "another", "roles", "address"; "" for ready."""
        now = self._clock()

        def work(connection: Connection) -> str:
            query = select(accounts).where(accounts.c.name == person.name)
            row = connection.execute(query).one_or_none()
            refusal = _refusal(row, person) or self._kept(connection, row, person, now)
            if refusal and row is not None:
                counts = {"way": person.way, "why": refusal}
                note(connection, "sign-in failed", now, who=person.name, counts=counts)
            return refusal

        return await self._database.write(work)

    async def forget(self, name: str, who: str) -> None:
        """Unbind the account: the next person whom the provider calls so is bound to it."""
        now = self._clock()

        def work(connection: Connection) -> None:
            one = accounts.c.name == name
            connection.execute(update(accounts).where(one).values(subject=None))
            note(connection, "identity forgotten", now, who=who, counts={"account": name})

        await self._database.write(work)

    def _hash_of(self, row: Any, address: str) -> str:
        """As it stands where the address is the same, under whatever key: so it stands in holds."""
        hashed = address_hashes(self._hmac_key, address)
        stands = row is not None and row.address_hash in hashed
        return str(row.address_hash) if stands else hashed[0]

    def _kept(self, connection: Connection, row: Any, person: Person, now: float) -> str:
        """Make or renew the account as the person's groups want it; why not, or ""."""
        ours = row is not None and not row.origin  # its roles are not the groups' to say
        if not ours and not person.roles:
            for table in (sessions, tokens):
                connection.execute(delete(table).where(table.c.account == person.name))
            return "unknown" if row is None else "roles"
        if not ours and not person.address:
            return "address"  # nobody could tell his own mails from others'
        values: dict[str, Any] = {"subject": _subject(person)} if person.subject else {}
        if not ours:
            values |= {
                "roles": json.dumps(list(person.roles)),
                "compartments": json.dumps(list(person.compartments)),
                "address_hash": self._hash_of(row, person.address),
            }
        if row is None:
            _add(connection, person, values, now)
        elif values:
            _renew(connection, row, values, now)
        return ""


def _refusal(row: Any, person: Person) -> str:
    if person.name == SENDER:
        return "unknown"
    if row is None:
        return ""
    if row.disabled:
        return "disabled"
    if row.origin not in ("", person.way):
        return "way"  # who tells its roles must be asked at each sign-in
    if person.subject and row.subject and row.subject != _subject(person):
        return "another"
    return ""


def _subject(person: Person) -> str:
    return hashlib.sha256(f"{person.way}\0{person.subject}".encode()).hexdigest()


def _add(connection: Connection, person: Person, values: dict[str, Any], now: float) -> None:
    row = {
        "name": person.name,
        "origin": person.way,
        "failures": 0,
        "locked_until": 0.0,
        "disabled": False,
        "created": now,
    }
    connection.execute(insert(accounts).values(row | values))
    counts = {"account": person.name, "way": person.way}
    note(connection, "account added", now, who=person.name, counts=counts)


def _renew(connection: Connection, row: Any, values: dict[str, Any], now: float) -> None:
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return
    connection.execute(update(accounts).where(accounts.c.name == row.name).values(changed))
    if "compartments" in changed:
        drop_grants(connection, row.name, tuple(json.loads(changed["compartments"])))
    if changed.keys() & {"roles", "compartments"}:
        note(connection, "roles set", now, who=row.name, counts={"account": row.name})
    if "subject" in changed:
        note(connection, "identity bound", now, who=row.name, counts={"account": row.name})
