"""Accounts as a scanner's engine misreads them: a letter taken for a digit, or one figure too many.

    9127O561134    read as 91270561134
    2593073830     read as 25930738303

Where letters may stand among digits, the engine's look of a sign decides, and often wrongly. So in
texts that were read from a picture, and there alone, an account is also what it becomes when one
sign is put right, if then its key is right. In typed text a wrong key stays a wrong key.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect.figures import meant
from gateway.detect.fold import Folded

_KNOWN = "read from a picture"
_LETTERS = {  # that are taken for a digit, or for a mark
    b"0": b"odq", b"1": b"ijl", b"2": b"z", b"4": b"aj", b"5": b"s", b"6": b"g", b"7": b"zt",
    b"8": b"b", b"9": b"jqg", b"/": b"j",
}  # fmt: skip
LENGTH = 11  # characters of a French account


def note(folded: Folded) -> None:
    """This text was read from a picture."""
    folded.shared[_KNOWN] = True


def noted(folded: Folded) -> bool:
    return _KNOWN in folded.shared


def accounts(written: bytes) -> Iterator[bytes]:
    """What an account of eleven signs, or twelve, may have been: first as it is, then with one sign
    put right. written: folded, without blanks."""
    return filter(bytes.isalnum, _readings(written))


def _readings(written: bytes) -> Iterator[bytes]:
    if len(written) == LENGTH + 1:
        whole = meant(written)
        yield from (whole[:i] + whole[i + 1 :] for i in range(len(whole)))
    if len(written) != LENGTH:
        return
    for plain in dict.fromkeys((meant(written), written)):
        yield plain
        for i in range(LENGTH):
            for letter in _LETTERS.get(plain[i : i + 1], b""):
                yield plain[:i] + bytes((letter,)) + plain[i + 1 :]
