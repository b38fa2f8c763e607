"""The organisation's signature, put under what is then enciphered (RFC 8551, 3.7).

Opaque (the signed mail within the CMS), so that no program on the way can touch what was signed,
and no boundary has to be found. It says that the organisation's gateway sent this, not who wrote
it: programs tell that its address is not the author's.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    pkcs7,
)

from gateway.act.certificate_use import DAMAGED
from gateway.errors import Misconfigured

_MIME = (
    b'Content-Type: application/pkcs7-mime; smime-type=signed-data;\r\n name="smime.p7m"\r\n'
    b"Content-Transfer-Encoding: base64\r\n"
    b'Content-Disposition: attachment; filename="smime.p7m"\r\n\r\n'
)


@dataclass(frozen=True, slots=True)
class Signer:
    """chain: authorities that travel with it."""

    certificate: x509.Certificate
    key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)
    chain: tuple[x509.Certificate, ...] = ()

    def __call__(self, inside: bytes) -> bytes:
        builder = pkcs7.PKCS7SignatureBuilder().set_data(inside)
        builder = builder.add_signer(self.certificate, self.key, SHA256())
        for authority in self.chain:
            builder = builder.add_certificate(authority)
        signed = builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])
        return _MIME + base64.encodebytes(signed).replace(b"\n", b"\r\n")


def load(certificate: Path, key: Path) -> Signer:
    """certificate: PEM, the authorities after it. Misconfigured where they do not fit;
    PermissionError for whoever may not sign."""
    try:
        first, *chain = x509.load_pem_x509_certificates(certificate.read_bytes())
    except PermissionError:
        raise
    except (OSError, *DAMAGED):
        raise Misconfigured(f"{certificate}: no certificate in PEM") from None
    try:
        private = load_pem_private_key(key.read_bytes(), None)
    except PermissionError:
        raise
    except (OSError, TypeError, *DAMAGED):
        raise Misconfigured(f"{key}: no private key in PEM, without a passphrase") from None
    if not isinstance(private, RSAPrivateKey | EllipticCurvePrivateKey):
        raise Misconfigured(f"{key}: neither RSA nor an elliptic curve")
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*form) != first.public_key().public_bytes(*form):
        raise Misconfigured(f"{key}: not the key of {certificate}")
    return Signer(first, private, tuple(chain))
