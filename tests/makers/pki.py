"""Authorities, the certificates that they issue, and what they say of revocation. Fictitious."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from tests.makers.sealing import RECEIVED, ec_key, rsa_key

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
NOW = datetime.datetime.fromtimestamp(RECEIVED, datetime.UTC)
DAY = datetime.timedelta(days=1)
CAPABILITIES = x509.ObjectIdentifier("1.2.840.113549.1.9.15")
READS_GCM = bytes.fromhex("300d300b060960864801650304012e")  # aes256-GCM and nothing else


def named(common: str, key: Key, authority: Authority | None, days=(-10, 10), now=NOW, written=()):
    """written: addresses in the subject itself."""
    mails = [x509.NameAttribute(NameOID.EMAIL_ADDRESS, one) for one in written]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common), *mails])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.certificate.subject if authority else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
    )


def usage(**allowed: bool) -> x509.KeyUsage:
    every = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**dict.fromkeys(every, False) | allowed)


@dataclass
class Authority:
    """crl, responder: addresses that its certificates name."""

    name: str = "Autorité fictive"
    above: Authority | None = None
    crl: str = ""
    responder: str = ""
    permitted: str = ""
    extended: x509.ObjectIdentifier | None = None
    days: tuple[int, int] = (-100, 100)
    now: datetime.datetime = NOW
    key: Key = field(init=False)
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        self.key = ec_key(f"authority {self.name}")
        built = named(self.name, self.key, self.above, self.days, self.now)
        built = built.add_extension(x509.BasicConstraints(True, None), True)
        built = built.add_extension(usage(key_cert_sign=True, crl_sign=True), True)
        if self.permitted:
            only = x509.NameConstraints([x509.RFC822Name(self.permitted)], None)
            built = built.add_extension(only, True)
        if self.extended:
            built = built.add_extension(x509.ExtendedKeyUsage([self.extended]), False)
        if self.above:
            built = self.above.pointed(built)
        signing = self.above.key if self.above else self.key
        self.certificate = built.sign(signing, hashes.SHA256())

    def pointed(self, built: x509.CertificateBuilder) -> x509.CertificateBuilder:
        if self.crl:
            where = [x509.UniformResourceIdentifier(self.crl)]
            point = x509.DistributionPoint(where, None, None, None)
            built = built.add_extension(x509.CRLDistributionPoints([point]), False)
        if self.responder:
            where = x509.UniformResourceIdentifier(self.responder)
            access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where)
            built = built.add_extension(x509.AuthorityInformationAccess([access]), False)
        return built

    def issue(
        self,
        *addresses: str,
        key: Key | None = None,
        days: tuple[int, int] = (-10, 10),
        extended: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
        allowed: dict[str, bool] | None = None,
        capabilities: bytes = b"",
        critical: bool = False,
        in_subject: bool = False,
    ) -> x509.Certificate:
        """in_subject: the address stands there alone, as it did of old."""
        key = key or rsa_key(addresses[0])
        mean = "key_encipherment" if isinstance(key, rsa.RSAPrivateKey) else "key_agreement"
        allowed = {"digital_signature": True, mean: True} if allowed is None else allowed
        written = addresses if in_subject else ()
        built = named("Personne fictive", key, self, days, self.now, written)
        if not in_subject:
            alternative = x509.SubjectAlternativeName([x509.RFC822Name(one) for one in addresses])
            built = built.add_extension(alternative, False)
        built = self.pointed(built)
        built = built.add_extension(usage(**allowed), True)
        named_by = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        built = built.add_extension(named_by, False)
        built = built.add_extension(x509.ExtendedKeyUsage([extended]), False)
        if capabilities:
            told = x509.UnrecognizedExtension(CAPABILITIES, capabilities)
            built = built.add_extension(told, False)
        if critical:
            private = x509.ObjectIdentifier("1.3.6.1.4.1.99999.1")
            built = built.add_extension(x509.UnrecognizedExtension(private, b"\5\0"), True)
        return built.sign(self.key, hashes.SHA256())

    def revoking(
        self,
        *revoked: x509.Certificate,
        days: tuple[float, float] = (-1, 6),
        key: Key | None = None,
        scope: x509.IssuingDistributionPoint | None = None,
        delta: bool = False,
    ) -> bytes:
        """A list in DER. key: who signs in its place."""
        built = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        built = built.last_update(self.now + days[0] * DAY).next_update(self.now + days[1] * DAY)
        for one in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number)
            built = built.add_revoked_certificate(entry.revocation_date(self.now - DAY).build())
        if scope:
            built = built.add_extension(scope, True)
        if delta:
            built = built.add_extension(x509.DeltaCRLIndicator(1), True)
        return built.sign(key or self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def answering(
        self,
        about: x509.Certificate,
        status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
        *,
        days: tuple[float, float | None] = (-1, 1),
        by: tuple[x509.Certificate, Key] | None = None,
        issuer: x509.Certificate | None = None,
    ) -> bytes:
        """An OCSP answer in DER. by: a delegate who signs it."""
        revoked = status is ocsp.OCSPCertStatus.REVOKED
        built = ocsp.OCSPResponseBuilder().add_response(
            about,
            issuer or self.certificate,
            hashes.SHA1(),
            status,
            self.now + days[0] * DAY,
            None if days[1] is None else self.now + days[1] * DAY,
            self.now - DAY if revoked else None,
            None,
        )
        certificate, key = by or (self.certificate, self.key)
        built = built.responder_id(ocsp.OCSPResponderEncoding.HASH, certificate)
        if by:
            built = built.certificates([certificate])
        return built.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
