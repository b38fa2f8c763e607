"""Base64 as programs read it that do not mind: what is no letter of it is skipped, and padding in
the middle ends nothing (the standard library stops there, and would not see the rest)."""

from __future__ import annotations

import base64

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NO_LETTERS = bytes(set(range(256)) - set(_LETTERS) - set(b"="))


def decode(data: bytes) -> bytes:
    """Never fails."""
    runs = data.translate(None, _NO_LETTERS).split(b"=")
    return b"".join(_run(run) for run in runs if len(run) > 1)


def _run(run: bytes) -> bytes:
    spare = len(run) % 4
    if spare == 1:
        return base64.b64decode(run[:-1])
    return base64.b64decode(run + b"=" * (-spare % 4))
