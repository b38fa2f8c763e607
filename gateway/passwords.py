"""Passwords are kept as Argon2id (RFC 9106, second recommended choice), whoever asks for them."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)


def hashed(password: str) -> str:
    return _hasher.hash(password)


def fits(stored: str, password: str) -> bool:
    """Takes as long for an account that is not there, or has no password yet: some 0.1 s."""
    try:
        return _hasher.verify(stored or _nobodys(), password) and bool(stored)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe())
