"""Values that are no finding (our own accounts, test numbers): their fingerprints, in a file.

    allowed.txt    beside `hmac.key`, without which they mean nothing: one "KIND FINGERPRINT" a line

Read by doors as they start. Nobody learns from it what the values are.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from gateway.errors import Misconfigured
from gateway.store.keys import HMAC_FILE

FILE = "allowed.txt"


def read(directory: Path) -> frozenset[str]:
    return frozenset(fingerprint for _, fingerprint in _lines(directory))


def count(directory: Path) -> Counter[str]:
    """How many of each kind."""
    return Counter(kind for kind, _ in set(_lines(directory)))


def add(directory: Path, kind: str, fingerprint: str) -> None:
    """Readable to whoever may read the key."""
    path, key = directory / FILE, directory / HMAC_FILE
    try:
        with path.open("a", encoding="ascii") as file:
            file.write(f"{kind} {fingerprint}\n")
        path.chmod(key.stat().st_mode | 0o200)
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from error


def _lines(directory: Path) -> list[tuple[str, str]]:
    path = directory / FILE
    try:
        written = path.read_text("ascii").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeError) as error:
        raise Misconfigured(f"{path}: {type(error).__name__}") from error
    found = []
    for number, line in enumerate(written, 1):
        kind, _, fingerprint = line.strip().partition(" ")
        if not fingerprint:
            raise Misconfigured(f'{path}:{number}: not "KIND FINGERPRINT"; `allow add` writes them')
        found.append((kind, fingerprint))
    return found
