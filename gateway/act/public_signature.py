"""Whether a signature is a key's: RSA (PKCS#1 v1.5 and PSS) and ECDSA over SHA-2. Nothing older."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

MIN_BITS = 2048


def is_strong(chosen: HashAlgorithm | None) -> bool:
    return isinstance(chosen, SHA256 | SHA384 | SHA512)


def verifies(
    key: object, signature: bytes, data: bytes, chosen: HashAlgorithm | None, *, pss: bool = False
) -> bool:
    """False for a key or a hash that is not one of ours, too."""
    if chosen is None or not is_strong(chosen):
        return False
    try:
        if isinstance(key, RSAPublicKey) and key.key_size >= MIN_BITS:
            spread = padding.PSS(padding.MGF1(chosen), padding.PSS.AUTO)
            key.verify(signature, data, spread if pss else padding.PKCS1v15(), chosen)
        elif isinstance(key, EllipticCurvePublicKey) and not pss:
            key.verify(signature, data, ECDSA(chosen))
        else:
            return False
    except InvalidSignature:
        return False
    return True
