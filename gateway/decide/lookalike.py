"""Domains that are not one that is known, and look like it: one slip of the finger, another ending,
a letter of another alphabet, a digit in place of a letter.

Distance is Damerau's, in its restricted form (a slip inserts, drops, changes or swaps neighbours).
Short names are near to everything: below seven letters nothing but the ending is looked at.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_LEAST, _LONG = 7, 14  # letters of a domain from which one slip, and two, are a resemblance
_MOST = 64  # letters; longer ones are nobody's misspelling
_SHAPES = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s", "8": "b", "|": "l"})
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_ALIKE = str.maketrans("аеорсухіјѕһԁɡո", "aeopcyxijshdgn")  # as Cyrillic and others draw them


def resembled(domain: str, known: Iterable[str]) -> str:
    """The first of `known` that `domain` looks like and is not; "" for none. Both as
    `places.domain_of` gives them."""
    names = tuple(known)
    if not domain or len(domain) > _MOST or domain in names:
        return ""
    return next((one for one in names if _alike(domain, one)), "")


def _alike(domain: str, known: str) -> bool:
    if domain.endswith(f".{known}") or known.endswith(f".{domain}"):
        return False  # a branch of the same house
    seen, meant = _drawn(domain), _drawn(known)
    if seen == meant:
        return True
    name, _, ending = seen.rpartition(".")
    other, _, another = meant.rpartition(".")
    if name and name == other:
        return ending != another
    shorter = min(len(name), len(other))
    slips = 2 if shorter >= _LONG else 1
    return shorter >= _LEAST and ending == another and slips_between(name, other, slips) <= slips


def slips_between(one: str, other: str, most: int) -> int:
    """How many slips make one of the other; `most` + 1 where it takes more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        following = [at]
        for to, meant in enumerate(other, 1):
            cost = min(row[to] + 1, following[to - 1] + 1, row[to - 1] + (letter != meant))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == meant:
                cost = min(cost, before[to - 2] + 1)
            following.append(cost)
        if min(following) > most:
            return most + 1
        before, row = row, following
    return min(row[-1], most + 1)


def _drawn(domain: str) -> str:
    """As the eye takes it: without accents, letters for the digits that look like them."""
    try:
        shown = domain.encode("ascii").decode("idna") if "xn--" in domain else domain
    except UnicodeError:
        shown = domain
    apart = unicodedata.normalize("NFKD", shown.lower())
    bare = "".join(one for one in apart if not unicodedata.combining(one))
    bare = bare.translate(_ALIKE).translate(_SHAPES)
    for pair, letter in _PAIRS:
        bare = bare.replace(pair, letter)
    return bare
