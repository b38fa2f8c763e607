"""An address that the sender of a held mail mended: sealed beside the dossier, and laid over it.

The dossier itself is never written anew: what was sealed when the mail was held stays as it was,
and a second text under the same key and nonces would open both. Each correction has a key of its
own, derived from the hold's with a salt; to erase the hold's key erases it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import replace

from gateway.model import Envelope, Recipient
from gateway.store import vault

_SALT_BYTES = 16


def seal(address: str, key: bytes) -> bytes:
    salt = os.urandom(_SALT_BYTES)
    return salt + b"".join(vault.encrypt(key, _purpose(salt), address.encode()))


def applied(envelope: Envelope, sealed: Mapping[int, bytes], key: bytes) -> Envelope:
    """With these addresses, by position, in place of those it was held with. Raises CannotOpen."""
    recipients = list(envelope.recipients)
    for position, one in sealed.items():
        stream = io.BytesIO(one[_SALT_BYTES:])
        address = vault.decrypt(key, _purpose(one[:_SALT_BYTES]), stream).decode()
        recipients[position] = Recipient(address, _kept(recipients[position].options))
    return replace(envelope, recipients=tuple(recipients))


def _purpose(salt: bytes) -> bytes:
    return b"address " + salt


def _kept(options: tuple[str, ...]) -> tuple[str, ...]:
    """Without the original recipient, who he is not (RFC 3461, 4.2)."""
    return tuple(one for one in options if not one.upper().startswith("ORCPT="))
