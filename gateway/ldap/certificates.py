"""Certificates that a directory has for an address (RFC 4523): userCertificate, and
userSMIMECertificate (RFC 2798), which is a signature without anything signed.

What it answers proves nothing: a certificate is used only if it bears the address and leads to an
anchor, which is for its callers.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import pkcs7

from gateway.ldap.lookup import Lookup, Terms
from gateway.ldap.wire import Entry

_CERTIFICATE = "userCertificate;binary"
_SIGNATURES = "userSMIMECertificate;binary", "userSMIMECertificate"  # OpenLDAP knows the latter
_MOST_CERTIFICATES = 8  # of one attribute


class CertificateDirectory:
    def __init__(self, terms: Terms, context: ssl.SSLContext) -> None:
        self._lookup = Lookup(terms, context)

    async def of(self, address: str) -> tuple[x509.Certificate, ...]:
        """Raises Away."""
        entries = await self._lookup.of(address, (_CERTIFICATE, *_SIGNATURES))
        return tuple(one for entry in entries for one in _certificates(entry))


def _certificates(entry: Entry) -> Iterator[x509.Certificate]:
    """What can be read of what is there."""
    for raw in entry.octets.get(_CERTIFICATE.lower(), ())[:_MOST_CERTIFICATES]:
        try:
            yield x509.load_der_x509_certificate(raw)
        except (ValueError, x509.InvalidVersion):
            continue
    signatures = [raw for name in _SIGNATURES for raw in entry.octets.get(name.lower(), ())]
    for raw in signatures[:_MOST_CERTIFICATES]:
        try:
            yield from pkcs7.load_der_pkcs7_certificates(raw)
        except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
            continue
