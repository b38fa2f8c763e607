"""What the link in a notice carries, so that the sender's page asks for no account.

An HMAC over the hold and whoever sent the mail: nothing of it is kept, nobody guesses it, and no
address is in it. The time of the mail goes in as well, since a code may be given again when its
hold is long erased. It has no date of its own: it is good until the hold's deadline, which may be
put off.
"""

from __future__ import annotations

from gateway.store.keys import keyed

_DIGITS = 32  # hexadecimal: 128 bits


def ticket(hmac_key: bytes, hold: str, sender_hash: str, received: float) -> str:
    """sender_hash: as `keys.address_hash` has it. received: seconds since the epoch. A mail that is
    held twice, for others of its recipients ("….2"), has one ticket."""
    parts = (hold.partition(".")[0], sender_hash, float(received).hex())
    return keyed(hmac_key, "ticket", *(part.encode() for part in parts))[:_DIGITS]
