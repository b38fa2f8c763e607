"""A directory (LDAP) as judge of passwords, and of what groups somebody is in.

    reader binds ─▶ search for the one entry of that name ─▶ bind as that entry, with the password
    or, with a template: bind as the name that it makes, and look at one's own entry

What is sought is an account's name, so no other character than theirs ever reaches the directory;
neither does an empty password. Asked by a few at a time, and by nobody who is locked out here.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.console.ways.groups import Grant, account_name, granted
from gateway.console.ways.ldap_wire import Away, Connection, Entry, Security
from gateway.store.identities import Person

WAY = "ldap"
SECONDS = 10.0  # for all of it
_AT_ONCE = 4  # connections
_MOST_GROUPS = 200


@dataclass(frozen=True, slots=True)
class Terms:
    """base: where persons are. reader, password: who may search; "": anybody may. template: the
    name to bind by, "uid={},ou=people,dc=chu,dc=example"; "": search first. account, address,
    groups: attributes. group_base: where to search for groups of which somebody is a `member`;
    "": persons name theirs in `groups`. equal: what else must hold of the entry."""

    name: str
    host: str
    port: int
    security: Security
    base: str
    reader: str = ""
    password: str = field(default="", repr=False)
    template: str = ""
    account: str = "uid"
    address: str = "mail"
    groups: str = "memberOf"
    group_base: str = ""
    equal: tuple[tuple[str, str], ...] = ()
    grants: Mapping[str, Grant] = field(default_factory=dict)


class Directory:
    """away: when it was last found away; 0.0 while it answers."""

    def __init__(
        self, terms: Terms, context: ssl.SSLContext, clock: Callable[[], float] = time.time
    ) -> None:
        self.terms = terms
        self.away = 0.0
        self._context = context
        self._clock = clock
        self._turn = asyncio.Semaphore(_AT_ONCE)

    @property
    def makes_accounts(self) -> bool:
        return bool(self.terms.grants)

    async def recognise(self, typed: str, password: str) -> Person | None:
        """None for a wrong name or password. Raises Away."""
        name = account_name(typed)
        if not name or not password:
            return None
        try:
            async with asyncio.timeout(SECONDS), self._turn:
                person = await self._asked(name, password)
        except TimeoutError:
            self.away = self._clock()
            raise Away("timeout") from None
        except Away:
            self.away = self._clock()
            raise
        self.away = 0.0
        return person

    async def _asked(self, name: str, password: str) -> Person | None:
        terms = self.terms
        connection = await Connection.open(terms.host, terms.port, terms.security, self._context)
        try:
            if terms.template:
                found = await self._bound(connection, terms.template.replace("{}", name), password)
                groups = await self._groups(connection, found) if found else ()
                return self._person(name, found, groups) if found else None
            if terms.reader and not await connection.bind(terms.reader, terms.password):
                raise Away("reader refused")
            found = await self._sought(connection, name)
            if found is None:
                return None
            groups = await self._groups(connection, found)
            if not await connection.bind(found.name, password):
                return None
            return self._person(name, found, groups)
        finally:
            await connection.close()

    async def _bound(self, connection: Connection, dn: str, password: str) -> Entry | None:
        """One's own entry, once bound as it."""
        if not await connection.bind(dn, password):
            return None
        equal = self.terms.equal
        found = await connection.search(dn, equal, self._wanted(), most=1, below=False)
        return found[0] if found else None

    async def _sought(self, connection: Connection, name: str) -> Entry | None:
        """The one entry of that name; two are nobody."""
        terms = self.terms
        equal = ((terms.account, name), *terms.equal)
        found = await connection.search(terms.base, equal, self._wanted(), most=2)
        return found[0] if len(found) == 1 else None

    async def _groups(self, connection: Connection, entry: Entry) -> tuple[str, ...]:
        terms = self.terms
        if not terms.grants:
            return ()
        told = entry.attributes.get(terms.groups.lower(), ())
        if not terms.group_base:
            return told
        member = (("member", entry.name),)
        found = await connection.search(terms.group_base, member, ("1.1",), most=_MOST_GROUPS)
        return (*told, *(one.name for one in found))

    def _wanted(self) -> tuple[str, ...]:
        return self.terms.address, self.terms.groups

    def _person(self, name: str, entry: Entry, groups: tuple[str, ...]) -> Person:
        addresses = entry.attributes.get(self.terms.address.lower(), ())
        grant = granted(groups, self.terms.grants)
        address = addresses[0] if addresses else ""
        return Person(WAY, name, "", address, grant.roles, grant.compartments)
