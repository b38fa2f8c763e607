"""How one word was made of another by a slip of the finger, on a French keyboard."""

from __future__ import annotations

from itertools import groupby

_ROWS = ("azertyuiop", "qsdfghjklm", "wxcvbn")
_SHIFTS = (0.0, 0.25, 0.75)  # how far right of the row above it a row begins, in keys
_REACH = 1.3  # keys between the middles of two that a finger takes for each other


def _places() -> dict[str, tuple[float, float]]:
    rows = zip(_ROWS, _SHIFTS, strict=True)
    return {
        letter: (at + shift, float(line))
        for line, (row, shift) in enumerate(rows)
        for at, letter in enumerate(row)
    }


_PLACES = _places()


def slip(one: str, other: str) -> str:
    """Of two words that one slip parts at most: "doubled" letters, the "keyboard" (a key beside
    the right one), or simply a "letter", be it a sign between them."""
    if one != other and _single(one) == _single(other):
        return "doubled"
    parted = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    beside = len(one) == len(other) and len(parted) == 1 and _beside(*parted[0])
    return "keyboard" if beside else "letter"


def _single(word: str) -> str:
    return "".join(letter for letter, _ in groupby(word))


def _beside(key: str, other: str) -> bool:
    if key not in _PLACES or other not in _PLACES:
        return False
    (x, y), (u, v) = _PLACES[key], _PLACES[other]
    return (x - u) ** 2 + (y - v) ** 2 <= _REACH**2
