"""Whether a password is worth choosing: a document can be tried for ever, by whoever has it."""

from __future__ import annotations

from itertools import pairwise

from gateway.language import later
from gateway.store.agreed import LEAST, MOST

_LEAST_FIGURES = 20  # of a password of figures alone: dates and telephone numbers are shorter
_LEAST_DIFFERENT = 6  # characters
_LEAST_REST = 8  # characters beside what everybody writes
_EVERYBODYS = (
    *("motdepasse", "mot de passe", "password", "passwort", "azerty", "qwerty", "qwertz"),
    *("123456789", "12345678", "1234567", "123456", "abcdef", "000000", "bonjour", "soleil"),
    *("iloveyou", "jetaime", "doudou", "chouchou", "marseille", "letmein", "welcome"),
)

_LENGTH = later("Prenez entre {least} et {most} caractères.")
_SIGNS = later("Prenez des lettres sans accent, des chiffres et des signes seulement.")
_EASY = later("Ce mot de passe se devine. Prenez plutôt quatre mots sans rapport entre eux.")
_TWICE = later("Les deux saisies ne sont pas les mêmes.")


def complaint(secret: str, again: str) -> tuple[str, dict[str, int]] | None:
    """In French, with what stands in its fields; None: it may be taken."""
    if not LEAST <= len(secret) <= MOST:
        return _LENGTH, {"least": LEAST, "most": MOST}
    if not (secret.isascii() and secret.isprintable()):
        return _SIGNS, {}
    if is_easy(secret):
        return _EASY, {}
    return None if secret == again else (_TWICE, {})


def is_easy(secret: str) -> bool:
    rest = secret.lower()
    for known in _EVERYBODYS:
        rest = rest.replace(known, "")
    short = len(rest) < _LEAST_REST
    plain = "".join(c for c in secret if c.isalnum())
    figures = plain.isdigit() and len(plain) < _LEAST_FIGURES
    return short or figures or len(set(rest)) < _LEAST_DIFFERENT or _is_a_run(rest)


def _is_a_run(text: str) -> bool:
    """ "abcdefghijkl": each character follows the one before it."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return len(steps) == 1
