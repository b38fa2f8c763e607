"""DANE: certificates that the DNS answers for (RFC 6698), as mail uses them (RFC 7672).

Of the four usages mail knows two: 3, this very certificate or key, whatever its dates and names
say; 2, an authority of the hop's own choice, whose certificate stands in the chain (or whole in the
DNS) and vouches for the name. Usages 0 and 1 lean on public authorities and are not used
(RFC 7672, 3.1.3); nor are records that nobody can match. It looks nothing up, see `destination`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

TA, EE = 2, 3
CERTIFICATE, KEY = 0, 1
WHOLE, SHA256, SHA512 = 0, 1, 2
_DIGEST_OCTETS = {SHA256: 32, SHA512: 64}
_MOST_CERTIFICATES = 10  # of a chain; they cost time


@dataclass(frozen=True, slots=True)
class Tlsa:
    usage: int
    selector: int
    matching: int
    data: bytes

    @property
    def usable(self) -> bool:
        if self.usage not in (TA, EE) or self.selector not in (CERTIFICATE, KEY) or not self.data:
            return False
        return self.matching == WHOLE or len(self.data) == _DIGEST_OCTETS.get(self.matching)


@dataclass(frozen=True, slots=True)
class Dane:
    """records: usable ones. names: what a certificate under an authority of usage 2 must bear one
    of."""

    records: tuple[Tlsa, ...]
    names: tuple[str, ...]

    def vouches(self, chain: Sequence[bytes]) -> bool:
        """chain: as the hop showed it, its own certificate first, in DER."""
        chain = chain[:_MOST_CERTIFICATES]
        try:
            if any(_matches(record, der) for record in self._of(EE) for der in chain[:1]):
                return True
            anchors = [der for record in self._of(TA) for der in _anchors(record, chain[1:])]
            return any(self._leads_to(der, chain) for der in dict.fromkeys(anchors))
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
            return False  # no certificate that one can read

    def _of(self, usage: int) -> Iterable[Tlsa]:
        return (record for record in self.records if record.usage == usage)

    def _leads_to(self, anchor: bytes, chain: Sequence[bytes]) -> bool:
        leaf, *others = (x509.load_der_x509_certificate(der) for der in chain)
        store = Store([x509.load_der_x509_certificate(anchor)])
        builder = PolicyBuilder().store(store).extension_policies(ca_policy=_CA, ee_policy=_NAMED)
        for name in self.names:
            try:
                builder.build_server_verifier(x509.DNSName(name)).verify(leaf, others)
            except VerificationError:
                continue
            return True
        return False


def _signs_certificates(
    policy: Policy, certificate: x509.Certificate, constraints: x509.BasicConstraints
) -> None:
    if not constraints.ca:
        raise ValueError("no authority")


def _may_sign_certificates(
    policy: Policy, certificate: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("no authority")


# What RFC 5280 asks of a chain, without the rules for public authorities: mail servers have others.
_CA = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _signs_certificates)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign_certificates)
)
_NAMED = ExtensionPolicy.permit_all().require_present(
    x509.SubjectAlternativeName, Criticality.AGNOSTIC, None
)


def _anchors(record: Tlsa, chain: Sequence[bytes]) -> list[bytes]:
    """The certificates that the record means: of the chain, or the record's own."""
    if record.selector == CERTIFICATE and record.matching == WHOLE:
        return [record.data]
    return [der for der in chain if _matches(record, der)]


def _matches(record: Tlsa, der: bytes) -> bool:
    shown = der
    if record.selector == KEY:
        key = x509.load_der_x509_certificate(der).public_key()
        shown = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if record.matching == SHA256:
        shown = hashlib.sha256(shown).digest()
    elif record.matching == SHA512:
        shown = hashlib.sha512(shown).digest()
    return shown == record.data
