"""Fingerprints of what was found in a mail under lock, sealed one by one with its content's key.

They are keyed hashes, and their key lies on the machine: whoever takes both could try every number
that a NIR can be. Equal ones stay equal, since persons are counted by them (AES-SIV, RFC 5297).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from gateway.model import Inspection
from gateway.store import vault

_PURPOSE = b"fingerprints"


def veiled(seen: Inspection, key: bytes) -> Inspection:
    cipher = AESSIV(vault.derived(key, _PURPOSE))
    return _each(seen, lambda one: cipher.encrypt(one, None))


def unveiled(seen: Inspection, key: bytes) -> Inspection:
    """Raises CannotOpen."""
    cipher = AESSIV(vault.derived(key, _PURPOSE))
    try:
        return _each(seen, lambda one: cipher.decrypt(one, None))
    except (InvalidTag, ValueError):
        raise vault.CannotOpen("the sealed fingerprints are damaged") from None


def _each(seen: Inspection, change: Callable[[bytes], bytes]) -> Inspection:
    findings = (
        replace(one, fingerprints=tuple(change(bytes.fromhex(p)).hex() for p in one.fingerprints))
        for one in seen.findings
    )
    return replace(seen, findings=tuple(findings))
