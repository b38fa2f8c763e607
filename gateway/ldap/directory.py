"""A directory (LDAP) as judge of passwords, and what it tells of a person.

    reader binds ─▶ search for the one entry of that name ─▶ bind as that entry, with the password
    or, with a template: bind as the name that it makes, and look at one's own entry

Asked by a few at a time. An empty password never reaches it; what a name may be made of is its
callers' to say: with a template, it becomes part of a distinguished name.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.ldap.wire import Away, Connection, Entry, Security

SECONDS = 10.0  # for all of it
_AT_ONCE = 4  # connections
_MOST_GROUPS = 200


@dataclass(frozen=True, slots=True)
class Terms:
    """base: where persons are. reader, password: who may search; "": anybody may. template: the
    name to bind by, "uid={},ou=people,dc=chu,dc=example"; "": search first. account, addresses,
    groups: attributes; groups "": nobody asks. group_base: where to search for groups of which
    somebody is a `member`; "": persons name theirs. equal: what else must hold of the entry."""

    host: str
    port: int
    security: Security
    base: str
    reader: str = ""
    password: str = field(default="", repr=False)
    template: str = ""
    account: str = "uid"
    addresses: tuple[str, ...] = ("mail",)
    groups: str = ""
    group_base: str = ""
    equal: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody whose password was right. addresses, groups: as the directory has them."""

    addresses: tuple[str, ...]
    groups: tuple[str, ...]


class Directory:
    """away: when it was last found away; 0.0 while it answers."""

    def __init__(
        self, terms: Terms, context: ssl.SSLContext, clock: Callable[[], float] = time.time
    ) -> None:
        self.away = 0.0
        self._terms = terms
        self._context = context
        self._clock = clock
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def find(self, name: str, password: str) -> Found | None:
        """None for a wrong name or password. Raises Away."""
        if not name or not password:
            return None
        try:
            async with asyncio.timeout(SECONDS), self._turn:
                found = await self._asked(name, password)
        except TimeoutError:
            self.away = self._clock()
            raise Away("timeout") from None
        except Away:
            self.away = self._clock()
            raise
        self.away = 0.0
        return found

    async def _asked(self, name: str, password: str) -> Found | None:
        terms = self._terms
        connection = await Connection.open(terms.host, terms.port, terms.security, self._context)
        try:
            if terms.template:
                entry = await self._bound(connection, terms.template.replace("{}", name), password)
                groups = await self._groups(connection, entry) if entry else ()
                return self._found(entry, groups) if entry else None
            if terms.reader and not await connection.bind(terms.reader, terms.password):
                raise Away("reader refused")
            entry = await self._sought(connection, name)
            if entry is None:
                return None
            groups = await self._groups(connection, entry)
            if not await connection.bind(entry.name, password):
                return None
            return self._found(entry, groups)
        finally:
            await connection.close()

    async def _bound(self, connection: Connection, dn: str, password: str) -> Entry | None:
        """One's own entry, once bound as it."""
        if not await connection.bind(dn, password):
            return None
        equal = self._terms.equal
        found = await connection.search(dn, equal, self._wanted(), most=1, below=False)
        return found[0] if found else None

    async def _sought(self, connection: Connection, name: str) -> Entry | None:
        """The one entry of that name; two are nobody."""
        terms = self._terms
        equal = ((terms.account, name), *terms.equal)
        found = await connection.search(terms.base, equal, self._wanted(), most=2)
        return found[0] if len(found) == 1 else None

    async def _groups(self, connection: Connection, entry: Entry) -> tuple[str, ...]:
        terms = self._terms
        if not terms.groups:
            return ()
        told = entry.attributes.get(terms.groups.lower(), ())
        if not terms.group_base:
            return told
        member = (("member", entry.name),)
        found = await connection.search(terms.group_base, member, ("1.1",), most=_MOST_GROUPS)
        return (*told, *(one.name for one in found))

    def _wanted(self) -> tuple[str, ...]:
        groups = self._terms.groups
        return (*self._terms.addresses, *([groups] if groups else []))

    def _found(self, entry: Entry, groups: tuple[str, ...]) -> Found:
        several = [entry.attributes.get(name.lower(), ()) for name in self._terms.addresses]
        return Found(tuple(address for some in several for address in some), groups)
