"""For whom a CMS is: the content's key, enciphered to one certificate (RFC 5652, 6.2).

RSA by key transport, PKCS#1 v1.5 or OAEP (RFC 3560, RFC 4055); elliptic curves by a one-pass
Diffie-Hellman with a pair of its own for each recipient (RFC 5753: dhSinglePass-stdDH-sha256kdf,
AES-256 key wrap). A recipient is named by his certificate's issuer and number, both as the
certificate writes them: programs look their key up by those bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import x509 as raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate

from gateway.act import der

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_HASH_OIDS = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_RSA = der.algorithm("1.2.840.113549.1.1.1", der.NULL)
_OAEP, _MGF1 = "1.2.840.113549.1.1.7", "1.2.840.113549.1.1.8"
_EC = der.algorithm("1.2.840.10045.2.1")  # its curve is the recipient's: RFC 5753, 3.1.1
_ONE_PASS = "1.3.132.1.11.1"  # dhSinglePass-stdDH-sha256kdf-scheme
_WRAP = der.algorithm("2.16.840.1.101.3.4.1.45")  # id-aes256-wrap; RFC 3565: no parameters
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Reader:
    """A certificate, and what whoever has its key is known to read. oaep: a hash, or "" for
    PKCS#1 v1.5. gcm: authenticated encryption."""

    certificate: Certificate
    oaep: str = ""
    gcm: bool = False


def info(reader: Reader, content_key: bytes) -> bytes:
    """One RecipientInfo. ValueError for a key that is neither RSA nor on a curve of ours."""
    key = reader.certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return _transported(reader, key, content_key)
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        return _agreed(reader.certificate, key, content_key)
    raise ValueError("no key to encipher to")


def is_transported(info: bytes) -> bool:
    """Key transport is a bare sequence; every other way is tagged."""
    return info[0] == der.SEQUENCE


def _transported(reader: Reader, key: RSAPublicKey, content_key: bytes) -> bytes:
    if reader.oaep:
        chosen = HASHES[reader.oaep]
        sealed = key.encrypt(content_key, padding.OAEP(padding.MGF1(chosen), chosen, None))
        named = der.algorithm(_HASH_OIDS[reader.oaep], der.NULL)
        masked = der.algorithm(_MGF1, named)
        method = der.algorithm(_OAEP, der.sequence(der.explicit(0, named), der.explicit(1, masked)))
    else:
        sealed, method = key.encrypt(content_key, padding.PKCS1v15()), _RSA
    return der.sequence(der.integer(0), _named(reader.certificate), method, der.octets(sealed))


def _agreed(certificate: Certificate, key: ec.EllipticCurvePublicKey, content_key: bytes) -> bytes:
    pair = ec.generate_private_key(key.curve)
    shared = pair.exchange(ec.ECDH(), key)
    bits = der.octets((_KEY_BYTES * 8).to_bytes(4, "big"))
    about = der.sequence(_WRAP, der.explicit(2, bits))  # ECC-CMS-SharedInfo
    wrapping = X963KDF(hashes.SHA256(), _KEY_BYTES, about).derive(shared)
    point = pair.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    originator = der.explicit(1, _EC + der.bits(point))
    return der.explicit(
        1,
        der.integer(3)
        + der.explicit(0, originator)
        + der.algorithm(_ONE_PASS, _WRAP)
        + der.sequence(
            der.sequence(_named(certificate), der.octets(aes_key_wrap(wrapping, content_key)))
        ),
    )


def _named(certificate: Certificate) -> bytes:
    """IssuerAndSerialNumber."""
    fields = raw.Certificate.load(certificate.public_bytes(Encoding.DER))["tbs_certificate"]
    return der.sequence(fields["issuer"].dump(), fields["serial_number"].dump())
