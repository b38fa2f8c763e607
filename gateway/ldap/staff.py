"""All addresses that a directory has, a page at a time: who works here."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.ldap.wire import Away, Connection, Entry, Security

SECONDS = 300.0  # for all of it: 50 000 people are a hundred pages
_MOST = 200_000  # entries


@dataclass(frozen=True, slots=True)
class Terms:
    """base: below which persons are. reader, password: who may search; "": anybody may. addresses:
    attributes; who has not the first is nobody's address. equal: what else must hold of an entry,
    `employeeType` say."""

    host: str
    port: int
    security: Security
    base: str
    reader: str = ""
    password: str = field(default="", repr=False)
    addresses: tuple[str, ...] = ("mail", "proxyAddresses")
    equal: tuple[tuple[str, str], ...] = ()


async def addresses(terms: Terms, context: ssl.SSLContext) -> frozenset[str]:
    """In small letters, of whatever domain. Raises Away, for half a list, too."""
    try:
        async with asyncio.timeout(SECONDS):
            return frozenset(_of(await _entries(terms, context), terms.addresses))
    except TimeoutError:
        raise Away("timeout") from None
    except (ValueError, IndexError):
        raise Away("broken answer") from None


async def _entries(terms: Terms, context: ssl.SSLContext) -> tuple[Entry, ...]:
    connection = await Connection.open(terms.host, terms.port, terms.security, context)
    try:
        if terms.reader and not await connection.bind(terms.reader, terms.password):
            raise Away("reader refused")
        present, wanted = terms.addresses[0], terms.addresses
        return await connection.every(terms.base, terms.equal, present, wanted, most=_MOST)
    finally:
        await connection.close()


def _of(entries: Iterable[Entry], names: Iterable[str]) -> Iterator[str]:
    """`proxyAddresses` says by what it goes: "SMTP:a@b", "x500:…"."""
    wanted = [name.lower() for name in names]
    for entry in entries:
        for name in wanted:
            for value in entry.attributes.get(name, ()):
                kind, colon, address = value.strip().rpartition(":")
                if "@" in address[1:] and (not colon or kind.lower() == "smtp"):
                    yield address.lower()
