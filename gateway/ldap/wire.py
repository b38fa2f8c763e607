"""LDAP version 3 (RFC 4511), as much of it as a password needs: StartTLS, simple bind, search.

A client of our own: the libraries at hand are C extensions that want a compiler, LGPL, or twenty
thousand lines. A filter is built of elements, never of text, so there is nothing in a value to
escape. References to other servers are not followed. After StartTLS, numbers of messages begin at
random: an answer that was slipped in before the encryption fits no question.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.ldap import ber
from gateway.ldap.ber import Element

MOST_BYTES = 1024 * 1024  # of one message: somebody in thousands of groups
_REFERENCES = 20  # to other servers, which one search may bring beside entries
_BIND, _BIND_ANSWER = 0x60, 0x61
_SEARCH, _ENTRY, _REFERENCE, _SEARCH_DONE = 0x63, 0x64, 0x73, 0x65
_EXTENDED, _EXTENDED_ANSWER, _UNBIND = 0x77, 0x78, 0x42
_SIMPLE, _OID, _AND, _EQUAL, _PRESENT = 0x80, 0x80, 0xA0, 0xA3, 0x87
_CONTROLS, _PAGED = 0xA0, "1.2.840.113556.1.4.319"
_PAGE = 500  # entries; Active Directory gives 1000 at most
_START_TLS = "1.3.6.1.4.1.1466.20037"
_VERSION = 3
_SUCCESS, _SIZE_LIMIT = 0, 4
# Results of a bind that are about the person: no such entry, a broken name, a wrong or empty
# password, an account that is locked or closed. Any other is about the directory.
_REFUSALS = frozenset({19, 32, 34, 48, 49, 50, 53})

Security = Literal["implicit", "starttls", "none"]


class Away(Exception):
    """The directory cannot be asked, or answers what nobody asked. code: a word for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Entry:
    """attributes: by name in small letters; octets: the same, as they came."""

    name: str
    attributes: Mapping[str, tuple[str, ...]]
    octets: Mapping[str, tuple[bytes, ...]]


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._number = 0
        self._cookie = b""  # of the last answer: where the next page begins

    @classmethod
    async def open(
        cls, host: str, port: int, security: Security, context: ssl.SSLContext
    ) -> Connection:
        """Encrypted, unless security is "none". Raises Away."""
        tls = context if security == "implicit" else None
        try:
            self = cls(*await asyncio.open_connection(host, port, ssl=tls))
            if security == "starttls":
                await self._encrypt(host, context)
        except ssl.SSLError:
            raise Away("tls") from None
        except OSError:
            raise Away("unreachable") from None
        return self

    async def bind(self, name: str, password: str) -> bool:
        """Whether that is the password. An empty one is nobody's: a directory would take it for a
        wish to stay anonymous, and say yes (RFC 4513, 5.1.2)."""
        if not name or not password or "\0" in password:
            return False
        credentials = ber.octets(password, _SIMPLE)
        asked = ber.element(_BIND, ber.integer(_VERSION), ber.octets(name), credentials)
        (answer,) = await self._ask(asked, _BIND_ANSWER)
        code = _result(answer)
        if code not in _REFUSALS | {_SUCCESS}:
            raise Away(f"bind {code}")
        return code == _SUCCESS

    async def search(
        self,
        base: str,
        equal: Sequence[tuple[str, str]],
        wanted: Sequence[str],
        *,
        most: int,
        below: bool = True,
    ) -> tuple[Entry, ...]:
        """Entries of which all that is in `equal` holds. below: not the base alone."""
        asked = _search(base, equal, "objectClass", wanted, most, below=below)
        *found, done = await self._ask(asked, _SEARCH_DONE, most)
        code = _result(done)
        if code not in (_SUCCESS, _SIZE_LIMIT, 32):  # 32: there is no such base
            raise Away(f"search {code}")
        return tuple(_entry(one) for one in found if one.tag == _ENTRY)

    async def every(
        self,
        base: str,
        equal: Sequence[tuple[str, str]],
        present: str,
        wanted: Sequence[str],
        *,
        most: int,
    ) -> tuple[Entry, ...]:
        """All entries that have an attribute, a page at a time (RFC 2696): a server gives no more
        at once than it likes. Half a list is Away: nobody can tell it from a whole one."""
        asked = _search(base, equal, present, wanted, 0)
        every: list[Entry] = []
        cookie = b""
        while True:
            page = ber.element(ber.SEQUENCE, ber.integer(_PAGE), ber.octets(cookie))
            control = ber.element(ber.SEQUENCE, ber.octets(_PAGED), ber.octets(page))
            *found, done = await self._ask(
                asked, _SEARCH_DONE, most, ber.element(_CONTROLS, control)
            )
            if _result(done) != _SUCCESS:
                raise Away(f"search {_result(done)}")
            every += (_entry(one) for one in found if one.tag == _ENTRY)
            cookie = self._cookie
            if len(every) > most:
                raise Away("too many answers")
            if not cookie:
                return tuple(every)

    async def close(self) -> None:
        self._writer.close()  # an unbind says no more than that

    async def _encrypt(self, host: str, context: ssl.SSLContext) -> None:
        """A connection that is not encrypted is nobody's: whatever was in the way, it is closed."""
        try:
            await self._start_tls(host, context)
        except BaseException:
            await self.close()
            raise

    async def _start_tls(self, host: str, context: ssl.SSLContext) -> None:
        asked = ber.element(_EXTENDED, ber.octets(_START_TLS, _OID))
        (answer,) = await self._ask(asked, _EXTENDED_ANSWER)
        if _result(answer) != _SUCCESS:
            raise Away("starttls refused")
        self._number = secrets.randbelow(2**30)
        await self._writer.start_tls(context, server_hostname=host)

    async def _ask(
        self, operation: bytes, last: int, most: int = 0, controls: bytes = b""
    ) -> list[Element]:
        """The answers, up to the one with that tag. most: entries before it."""
        self._number += 1
        message = ber.element(ber.SEQUENCE, ber.integer(self._number), operation, controls)
        try:
            self._writer.write(message)
            await self._writer.drain()
            found: list[Element] = []
            while len(found) <= most + _REFERENCES:
                found.append(await self._answer())
                if found[-1].tag == last:
                    return found
                if found[-1].tag not in (_ENTRY, _REFERENCE):
                    raise Away("unexpected answer")
        except (OSError, EOFError, ValueError, IndexError):
            raise Away("broken answer") from None
        raise Away("too many answers")

    async def _answer(self) -> Element:
        head = await self._reader.readexactly(2)
        if head[0] != ber.SEQUENCE:
            raise Away("not LDAP")
        if head[1] > 0x80:
            head += await self._reader.readexactly(min(head[1] & 0x7F, 4))
        size, length = ber.size_of(head)
        if length > MOST_BYTES:
            raise Away("too big")
        message, _ = ber.read(head[:size] + await self._reader.readexactly(length))
        number, operation, *controls = message.inner
        if number.number != self._number:
            raise Away("unexpected answer")
        self._cookie = _cookie(controls)
        return operation


def _search(
    base: str,
    equal: Sequence[tuple[str, str]],
    present: str,
    wanted: Sequence[str],
    most: int,
    *,
    below: bool = True,
) -> bytes:
    filters = [ber.element(_EQUAL, ber.octets(k), ber.octets(v)) for k, v in equal]
    if not filters or present != "objectClass":  # which every entry has: an "and" of nothing is new
        filters.append(ber.octets(present, _PRESENT))
    return ber.element(
        _SEARCH,
        ber.octets(base),
        ber.integer(2 if below else 0, ber.ENUMERATED),
        ber.integer(0, ber.ENUMERATED),  # aliases are not followed
        ber.integer(most),
        ber.integer(5),  # seconds that it may take over there
        ber.element(ber.BOOLEAN, b"\0"),
        ber.element(_AND, *filters),
        ber.element(ber.SEQUENCE, *map(ber.octets, wanted)),
    )


def _cookie(controls: Sequence[Element]) -> bytes:
    """Of the answer's page; b"" after the last, and of a server that gave all at once."""
    for control in controls[0].inner if controls else ():
        name, *_, value = control.inner
        if name.content == _PAGED.encode():
            _, cookie = ber.read(value.content)[0].inner
            return cookie.content
    return b""


def _result(answer: Element) -> int:
    return answer.inner[0].number


def _entry(found: Element) -> Entry:
    name, attributes = found.inner
    several = (one.inner for one in attributes.inner)
    octets = {
        _text(key).lower(): tuple(value.content for value in values.inner)
        for key, values in several
    }
    told = {key: tuple(map(_decoded, values)) for key, values in octets.items()}
    return Entry(_text(name), told, octets)


def _text(value: Element) -> str:
    return _decoded(value.content)


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "replace")
