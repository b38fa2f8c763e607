"""What a directory has for an address, of the attributes that somebody wants: nobody's password is
judged, and what it answers proves nothing."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.ldap.wire import Away, Connection, Entry, Security

SECONDS = 10.0  # for all of it; a mail does not wait as long
_MOST_ENTRIES = 4  # a person may be there twice
_AT_ONCE = 4  # connections


@dataclass(frozen=True, slots=True)
class Terms:
    """base: below which persons are. reader, password: who may search; "": anybody may."""

    host: str
    port: int
    security: Security
    base: str
    reader: str = ""
    password: str = field(default="", repr=False)
    address: str = "mail"


class Lookup:
    def __init__(self, terms: Terms, context: ssl.SSLContext) -> None:
        self._terms = terms
        self._context = context
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def of(self, address: str, wanted: Sequence[str]) -> tuple[Entry, ...]:
        """Raises Away."""
        try:
            async with asyncio.timeout(SECONDS), self._turn:
                return await self._asked(address, wanted)
        except TimeoutError:
            raise Away("timeout") from None
        except (ValueError, IndexError):
            raise Away("broken answer") from None

    async def _asked(self, address: str, wanted: Sequence[str]) -> tuple[Entry, ...]:
        terms = self._terms
        connection = await Connection.open(terms.host, terms.port, terms.security, self._context)
        try:
            if terms.reader and not await connection.bind(terms.reader, terms.password):
                raise Away("reader refused")
            equal = ((terms.address, address),)
            return await connection.search(terms.base, equal, wanted, most=_MOST_ENTRIES)
        finally:
            await connection.close()
