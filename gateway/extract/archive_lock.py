"""Archives under a password that stands in the same mail, or under an empty one.

The library that reads archives opens none, so the lock is taken off first, by format. A password
counts as right when a member comes out whole.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.extract import libarchive, rar5, rar5_lock, seven_lock
from gateway.model import Limits, Part, Trouble

_GUESSES = 8  # of those that the mail gives, likeliest first: each takes up to a third of a second


def closed(data: bytes) -> bool:
    """Whether it asks for a password and is of a kind that can be unlocked here."""
    return _way(data) is not None


def opened(part: Part, formats: tuple[str, ...], limits: Limits) -> tuple[bytes, str] | None:
    """The archive without its lock, and the password; None if it stays closed."""
    unlock = _way(part.data)
    if unlock is None:
        return None
    for password in ("", *part.passwords[:_GUESSES]):
        data = unlock(part.data, password)
        if data and _comes_out(data, formats, limits):
            return data, password
    return None


def _way(data: bytes) -> Callable[[bytes, str], bytes | None] | None:
    if data.startswith(seven_lock.SIGNATURE) and seven_lock.locked(data):
        return seven_lock.opened
    if data.startswith(rar5.SIGNATURE) and rar5.read(data).closed:
        return rar5_lock.opened
    return None


def _comes_out(data: bytes, formats: tuple[str, ...], limits: Limits) -> bool:
    """Whether its first file does. An archive of empty files and folders has nothing to try."""
    try:
        with libarchive.opened(data, formats) as archive:
            for entry in archive.entries():
                if entry.regular:
                    content, trouble = archive.read(limits.member)
                    if content or trouble:
                        return trouble in (None, Trouble.TOO_BIG)
    except libarchive.Unreadable:
        return False
    return True
