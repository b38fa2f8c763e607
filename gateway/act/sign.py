"""DKIM (RFC 6376) for mails we wrote or changed; a mail passed untouched keeps its own signature.

RSA-SHA256, relaxed/simple: the next hop may refold a header field, but has no reason to touch a
body in seven bits, and "simple" costs half. A domain with a key is never sent unsigned: a failure
is Temporary. Keys are read and checked at start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from gateway.errors import Misconfigured, Temporary

MIN_BITS = 1024  # RFC 8301, 3.2: verifiers treat a shorter key as no signature
# RFC 6376, 5.4.1, those that our mails have; From twice, so that none can be added.
SIGNED = (
    b"from",
    b"from",
    b"to",
    b"cc",
    b"date",
    b"message-id",
    b"subject",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
)


@dataclass(frozen=True, slots=True)
class DkimKey:
    """private_key: PEM, RSA, without a passphrase."""

    domain: str
    selector: str
    private_key: bytes = field(repr=False)


class Signer:
    def __init__(self, keys: Sequence[DkimKey]) -> None:
        self._keys = {key.domain.lower(): (key.selector, _pkcs1(key)) for key in keys}

    def sign(self, message: bytes, domain: str) -> bytes:
        """The message with DKIM-Signature in front; as it is when no key is for that domain."""
        domain = domain.lower()
        if domain not in self._keys:
            return message
        selector, private = self._keys[domain]
        try:
            signature: bytes = dkim.sign(
                message,
                selector.encode("ascii"),
                domain.encode("idna"),
                private,
                canonicalize=(b"relaxed", b"simple"),
                include_headers=list(SIGNED),
            )
        except (dkim.DKIMException, ValueError) as error:
            raise Temporary("DKIM signing failed") from error
        return signature + message


def _pkcs1(key: DkimKey) -> bytes:
    """The form that dkimpy reads; complains of a key that could not sign."""
    where = f"dkim key of {key.domain} (selector {key.selector})"
    try:
        private = serialization.load_pem_private_key(key.private_key, None)
    except (ValueError, TypeError) as error:
        raise Misconfigured(f"{where}: no PEM private key without a passphrase") from error
    if not isinstance(private, RSAPrivateKey):
        raise Misconfigured(f"{where}: not an RSA key")
    if private.key_size < MIN_BITS:
        raise Misconfigured(f"{where}: {private.key_size} bits, at least {MIN_BITS} are needed")
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
