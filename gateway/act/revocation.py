"""Whether a certificate was revoked, by lists (RFC 5280, 6.3) and answers (OCSP, RFC 6960) that lie
on disk: nobody is asked here.

    <kept>/<hash of its address>.crl           fetched by `revocation_fetch`
    <kept>/<hash of the certificate>.ocsp      the same
    <crls>/*.crl, *.pem                        laid there by the operator

What bears the signature of the authority that issued the certificate is believed, for as long as it
says; that a certificate was revoked, for ever. Delta lists and lists of another authority's
certificates (indirect ones) are not read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from gateway.act import public_signature
from gateway.act.certificate_use import DAMAGED, extension, is_authority

MAX_BYTES = 32 * 1024 * 1024  # the longest public list has some 10 MB
WITHOUT_END = timedelta(days=1)  # an answer that does not say until when it holds
MAX_ADDRESSES = 4  # of lists or responders, of one certificate
_READABLE = {
    x509.CRLNumber.oid,
    x509.AuthorityKeyIdentifier.oid,
    x509.IssuingDistributionPoint.oid,
    x509.IssuerAlternativeName.oid,
    x509.AuthorityInformationAccess.oid,
    x509.FreshestCRL.oid,
}


class State(StrEnum):
    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(slots=True, repr=False)
class Revocations:
    kept: Path | None
    crls: Path | None = None
    _lists: dict[Path, tuple[int, x509.CertificateRevocationList | None]] = field(
        default_factory=dict
    )

    def of_path(self, path: Sequence[x509.Certificate], now: datetime) -> State:
        """Of a certificate and the authorities above it; its anchor is trusted as it is."""
        states = [self.of(one, issuer, now) for one, issuer in pairwise(path)]
        if State.REVOKED in states:
            return State.REVOKED
        return State.UNKNOWN if State.UNKNOWN in states else State.GOOD

    def of(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> State:
        found = {by_list(one, certificate, issuer, now) for one in self._relevant(certificate)}
        if self.kept:
            answer = _bytes(self.kept / ocsp_name(certificate))
            found.add(by_answer(answer, certificate, issuer, now))
        if State.REVOKED in found:
            return State.REVOKED
        return State.GOOD if State.GOOD in found else State.UNKNOWN

    def _relevant(self, certificate: x509.Certificate) -> Iterator[x509.CertificateRevocationList]:
        paths: list[Path] = []
        if self.kept:
            paths += [self.kept / crl_name(url) for url in crl_addresses(certificate)]
        if self.crls and self.crls.is_dir():
            paths += sorted(p for p in self.crls.iterdir() if p.suffix in (".crl", ".pem"))
        for path in paths:
            listed = self._list(path)
            if listed is not None and listed.issuer == certificate.issuer:
                yield listed

    def _list(self, path: Path) -> x509.CertificateRevocationList | None:
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            return None
        known = self._lists.get(path)
        if known is None or known[0] != stamp:
            known = self._lists[path] = (stamp, load_list(_bytes(path)))
        return known[1]


def crl_name(url: str) -> str:
    return f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.crl"


def ocsp_name(certificate: x509.Certificate) -> str:
    return f"{certificate.fingerprint(hashes.SHA256()).hex()[:32]}.ocsp"


def crl_addresses(certificate: x509.Certificate) -> list[str]:
    """Over HTTP, of lists that its own issuer signs."""
    return [name.value for name in _points(certificate) if _is_fetched(name)][:MAX_ADDRESSES]


def _points(certificate: x509.Certificate) -> list[x509.GeneralName]:
    """Where those lists are, by any way."""
    try:
        points = extension(certificate, x509.CRLDistributionPoints) or ()
    except DAMAGED:
        return []
    return [
        name
        for point in points
        if point.crl_issuer is None and point.reasons is None
        for name in point.full_name or ()
    ]


def ocsp_addresses(certificate: x509.Certificate) -> list[str]:
    try:
        access = extension(certificate, x509.AuthorityInformationAccess) or ()
    except DAMAGED:
        return []
    return [
        one.access_location.value
        for one in access
        if one.access_method == AuthorityInformationAccessOID.OCSP
        and _is_fetched(one.access_location)
    ][:MAX_ADDRESSES]


def load_list(written: bytes) -> x509.CertificateRevocationList | None:
    try:
        if written.startswith(b"-----"):
            return x509.load_pem_x509_crl(written)
        return x509.load_der_x509_crl(written)
    except DAMAGED:
        return None


def by_list(
    listed: x509.CertificateRevocationList,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    now: datetime,
) -> State:
    """Who stands in a list of long ago is revoked all the same; who does not may be by now."""
    try:
        if listed.issuer != certificate.issuer or not _may_list(issuer):
            return State.UNKNOWN
        if not public_signature.is_strong(listed.signature_hash_algorithm):
            return State.UNKNOWN
        if not listed.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
            return State.UNKNOWN
        if listed.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
            return State.REVOKED
        until = listed.next_update_utc
        fresh = listed.last_update_utc <= now and until is not None and now <= until
        return State.GOOD if fresh and _covers(listed, certificate) else State.UNKNOWN
    except (TypeError, *DAMAGED):
        return State.UNKNOWN


def by_answer(
    written: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> State:
    """b"" for no answer."""
    try:
        answer = ocsp.load_der_ocsp_response(written)
        if answer.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            return State.UNKNOWN
        if not _is_about(answer, certificate, issuer) or not _is_signed(answer, issuer, now):
            return State.UNKNOWN
        if answer.certificate_status == ocsp.OCSPCertStatus.REVOKED:
            return State.REVOKED
        until = answer.next_update_utc or answer.this_update_utc + WITHOUT_END
        good = answer.certificate_status == ocsp.OCSPCertStatus.GOOD
        return State.GOOD if good and answer.this_update_utc <= now <= until else State.UNKNOWN
    except (InvalidSignature, TypeError, *DAMAGED):
        return State.UNKNOWN


def _may_list(issuer: x509.Certificate) -> bool:
    usage = extension(issuer, x509.KeyUsage)
    return usage is None or usage.crl_sign


def _covers(listed: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Whether a certificate would stand in this list, were it revoked."""
    if any(one.critical and one.oid not in _READABLE for one in listed.extensions):
        return False  # a delta list among them
    try:
        scope = listed.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return True
    if scope.indirect_crl or scope.only_some_reasons or scope.only_contains_attribute_certs:
        return False
    if scope.only_contains_ca_certs and not is_authority(certificate):
        return False
    if scope.only_contains_user_certs and is_authority(certificate):
        return False
    if scope.full_name is None and scope.relative_name is None:
        return True
    return any(name in _points(certificate) for name in scope.full_name or ())


def _is_about(
    answer: ocsp.OCSPResponse, certificate: x509.Certificate, issuer: x509.Certificate
) -> bool:
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, answer.hash_algorithm)
    meant = asked.build()
    return (
        answer.serial_number == certificate.serial_number
        and answer.issuer_key_hash == meant.issuer_key_hash
        and answer.issuer_name_hash == meant.issuer_name_hash
    )


def _is_signed(answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> bool:
    """By the issuer, or by whom it charged with it (RFC 6960, 4.2.2.2)."""
    if _signed_by(answer, issuer):
        return True
    for delegate in answer.certificates[:MAX_ADDRESSES]:
        extended = extension(delegate, x509.ExtendedKeyUsage)
        if extended is None or ExtendedKeyUsageOID.OCSP_SIGNING not in extended:
            continue
        if not delegate.not_valid_before_utc <= now <= delegate.not_valid_after_utc:
            continue
        delegate.verify_directly_issued_by(issuer)
        if _signed_by(answer, delegate):
            return True
    return False


def _signed_by(answer: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    return public_signature.verifies(
        signer.public_key(),
        answer.signature,
        answer.tbs_response_bytes,
        answer.signature_hash_algorithm,
    )


def _is_fetched(name: x509.GeneralName) -> bool:
    return isinstance(name, x509.UniformResourceIdentifier) and name.value.startswith(
        ("http://", "https://")
    )


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError:
        return b""
