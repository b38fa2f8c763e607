"""The code of one mail: short enough to be read out over the telephone, "7K2F-9QXD".

Crockford's base 32 (no I, L, O, U: nobody mistakes them), 40 bits from the system's generator: a
million mails a day share a code about once in two days of each other, which a log search bears.
Never derived from the content, so it tells nothing about it. Not a secret: no right hangs on it.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_HALF_BITS = 20
_HALVES = ["".join(ALPHABET[number >> shift & 31] for shift in (5, 0)) for number in range(1 << 10)]


def new_id() -> str:
    number = secrets.randbits(2 * _HALF_BITS)
    pairs = [_HALVES[number >> shift & 1023] for shift in (30, 20, 10, 0)]
    return f"{pairs[0]}{pairs[1]}-{pairs[2]}{pairs[3]}"
