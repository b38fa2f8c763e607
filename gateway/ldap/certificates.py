"""Certificates that a directory has for an address (RFC 4523): userCertificate, and
userSMIMECertificate (RFC 2798), which is a signature without anything signed.

What it answers proves nothing: a certificate is used only if it bears the address and leads to an
anchor, which is for its callers.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs7

from gateway.ldap.wire import Away, Connection, Entry, Security

_CERTIFICATE = "userCertificate;binary"
_SIGNATURES = "userSMIMECertificate;binary", "userSMIMECertificate"  # OpenLDAP knows the latter
SECONDS = 10.0  # for all of it; a mail does not wait as long
_MOST_ENTRIES = 4  # a person may be there twice
_MOST_CERTIFICATES = 8  # of one attribute
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


class CertificateDirectory:
    def __init__(self, terms: Terms, context: ssl.SSLContext) -> None:
        self._terms = terms
        self._context = context
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def of(self, address: str) -> tuple[x509.Certificate, ...]:
        """Raises Away."""
        try:
            async with asyncio.timeout(SECONDS), self._turn:
                entries = await self._asked(address)
        except TimeoutError:
            raise Away("timeout") from None
        except (ValueError, IndexError):
            raise Away("broken answer") from None
        return tuple(one for entry in entries for one in _certificates(entry))

    async def _asked(self, address: str) -> tuple[Entry, ...]:
        terms = self._terms
        connection = await Connection.open(terms.host, terms.port, terms.security, self._context)
        try:
            if terms.reader and not await connection.bind(terms.reader, terms.password):
                raise Away("reader refused")
            wanted = (_CERTIFICATE, *_SIGNATURES)
            equal = ((terms.address, address),)
            return await connection.search(terms.base, equal, wanted, most=_MOST_ENTRIES)
        finally:
            await connection.close()


def _certificates(entry: Entry) -> Iterator[x509.Certificate]:
    """What can be read of what is there."""
    for raw in entry.octets.get(_CERTIFICATE.lower(), ())[:_MOST_CERTIFICATES]:
        try:
            yield x509.load_der_x509_certificate(raw)
        except ValueError:
            continue
    signatures = [raw for name in _SIGNATURES for raw in entry.octets.get(name.lower(), ())]
    for raw in signatures[:_MOST_CERTIFICATES]:
        try:
            yield from pkcs7.load_der_pkcs7_certificates(raw)
        except (ValueError, UnsupportedAlgorithm):
            continue
