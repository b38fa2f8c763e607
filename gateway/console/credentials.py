"""What is asked of a new password, and second factors: TOTP (RFC 6238)."""

from __future__ import annotations

import time

import pyotp

from gateway.language import later

SHORTEST, LONGEST = 12, 256  # characters of a password
STEP_SECONDS = 30


def complaint(password: str, name: str) -> str:
    """What is wrong with a new password, in French; "" for nothing."""
    if len(password) < SHORTEST:
        return later("Le mot de passe doit avoir au moins 12 caractères.")
    if len(password) > LONGEST:
        return later("Le mot de passe doit avoir au plus 256 caractères.")
    if name.lower() in password.lower() or len(set(password)) < 5:
        return later("Ce mot de passe se devine : une phrase de quelques mots est plus sûre.")
    return ""


def new_secret() -> str:
    return pyotp.random_base32()


def uri(secret: str, name: str, issuer: str) -> str:
    """For the telephone's camera."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step_of(secret: str, code: str, now: float | None = None) -> int:
    """The step of thirty seconds that a code belongs to, one either way allowed; 0 for none."""
    typed = "".join(code.split())
    current = int((time.time() if now is None else now) // STEP_SECONDS)
    for step in (current, current - 1, current + 1):
        if pyotp.utils.strings_equal(pyotp.TOTP(secret).at(step * STEP_SECONDS), typed):
            return step
    return 0
