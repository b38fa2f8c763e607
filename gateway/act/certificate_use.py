"""What a certificate may be used for, and what its owner's program reads.

To encrypt mail: valid now; a key of RSA (2048 bits at least) or on P-256, P-384 or P-521; a key
usage that lets it encipher or agree on keys, and an extended usage of mail, where it limits them.
RSA-PSS is for signatures alone, and X25519 is left out: openssl 3.0 does not read it in a CMS.

What a program reads is said by SMIMECapabilities (RFC 8551, 2.5.2): an attribute of what it signs,
or an extension of its certificate (RFC 4262).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from asn1crypto import algos, core
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, PublicKeyAlgorithmOID

from gateway.act.cms_recipient import CURVES, HASHES

MIN_BITS = 2048  # ANSSI, Guide des mécanismes cryptographiques: RSA below it is no longer fit
DAMAGED = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
CAPABILITIES = "1.2.840.113549.1.9.15"
MAX_CAPABILITIES = 8 * 1024  # bytes; a program lists a dozen
_AES256_GCM, _OAEP = "2.16.840.1.101.3.4.1.46", "1.2.840.113549.1.1.7"
MAIL_USES = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)


class Standing(StrEnum):
    """Whether a certificate is used, or why not."""

    USED = "used"
    EXPIRED = "expired"
    NOT_YET = "not yet valid"
    UNFIT = "not fit to encrypt mail"
    NO_PATH = "no path to an anchor"
    REVOKED = "revoked"
    UNKNOWN = "revocation unknown"


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """One certificate and what came with it. capabilities: DER, b"" for none told. chain: of
    authorities, in no order."""

    certificate: x509.Certificate
    capabilities: bytes = b""
    chain: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Reads:
    """oaep: a hash, or ""."""

    gcm: bool = False
    oaep: str = ""


class _Capability(core.Sequence):  # type: ignore[misc]
    _fields = [("id", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]  # noqa: RUF012


class _Capabilities(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Capability


def standing(certificate: x509.Certificate, now: datetime) -> Standing:
    """Of the certificate by itself."""
    try:
        if now < certificate.not_valid_before_utc:
            return Standing.NOT_YET
        if now > certificate.not_valid_after_utc:
            return Standing.EXPIRED
        fit = _may_encrypt(certificate)
    except DAMAGED:
        fit = False
    return Standing.USED if fit else Standing.UNFIT


def _may_encrypt(certificate: x509.Certificate) -> bool:
    if certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS:
        return False
    if any(
        one.critical and isinstance(one.value, x509.UnrecognizedExtension)
        for one in certificate.extensions
    ):
        return False  # RFC 5280, 4.2
    key = certificate.public_key()
    usage = extension(certificate, x509.KeyUsage)
    extended = extension(certificate, x509.ExtendedKeyUsage)
    if isinstance(key, RSAPublicKey):
        fit = key.key_size >= MIN_BITS and (usage is None or usage.key_encipherment)
    elif isinstance(key, EllipticCurvePublicKey):
        fit = isinstance(key.curve, CURVES) and (usage is None or usage.key_agreement)
    else:
        return False
    return fit and (extended is None or bool(MAIL_USES & set(extended)))


def is_authority(certificate: x509.Certificate) -> bool:
    try:
        constraints = extension(certificate, x509.BasicConstraints)
    except DAMAGED:
        return False
    return constraints is not None and constraints.ca


def addresses(certificate: x509.Certificate) -> list[str]:
    """Whose it is: rfc822Name, else the address in its subject (RFC 8550, 3); in lower case."""
    try:
        names = extension(certificate, x509.SubjectAlternativeName)
        if names is not None:
            return [one.lower() for one in names.get_values_for_type(x509.RFC822Name)]
        subject = certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
    except DAMAGED:
        return []
    return [str(attribute.value).lower() for attribute in subject]


def reads(known: Known) -> Reads:
    """By what it told of itself; nothing for what cannot be understood."""
    told = known.capabilities or _in(known.certificate)
    if not told or len(told) > MAX_CAPABILITIES:
        return Reads()
    gcm, oaep = False, ""
    try:
        for one in _Capabilities.load(told, strict=True):
            name = one["id"].dotted
            if name == _AES256_GCM:
                gcm = True
            elif name == _OAEP and not oaep:
                oaep = _hash(one["parameters"])
    except (ValueError, TypeError, KeyError):
        return Reads()
    return Reads(gcm, oaep)


def extension(certificate: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _in(certificate: x509.Certificate) -> bytes:
    wanted = x509.ObjectIdentifier(CAPABILITIES)
    try:
        found = certificate.extensions.get_extension_for_oid(wanted).value
    except (x509.ExtensionNotFound, *DAMAGED):
        return b""
    return found.value if isinstance(found, x509.UnrecognizedExtension) else b""


def _hash(parameters: core.Any) -> str:
    """Of OAEP, where it is one of ours and masks by the same; SHA-1, the default, is not."""
    read = parameters.parse(algos.RSAESOAEPParams)
    chosen = str(read["hash_algorithm"]["algorithm"].native)
    masks = str(read["mask_gen_algorithm"]["parameters"]["algorithm"].native)
    return chosen if chosen == masks and chosen in HASHES else ""


def longest(several: Sequence[Known]) -> Known | None:
    return max(several, key=lambda one: one.certificate.not_valid_after_utc, default=None)
