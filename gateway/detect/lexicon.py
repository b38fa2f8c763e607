"""The word lists beside this module, loaded once and kept as the matchers want them.

    curated.txt     concepts written by hand: concept, weight, terms with {a|b} alternatives
    terms.tsv.gz    concepts derived from public classifications by tools/build_lexicons.py
    names.tsv.gz    first names and surnames, likewise
    cues.txt        what tells whether health is said of one person or of the world, likewise
    documents.txt   titles and fields of the papers of health and social security, likewise
    ambiguous.txt   words that score nothing alone: no single term may be one of them
    not_names.txt   words that are part of no person's name
    at_work.txt     whom a text names at work: read by work_words.py, as patterns

Each file names its sources and licences in its head lines. Read through importlib.resources, so
that a zipped or frozen installation works, and so that no code of this room opens a path.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import product
from typing import NamedTuple

from gateway.detect.fold import fold

_CHOICE = re.compile(r"\{([^{}]*)\}")  # our own files only
_PATTERN = re.compile(r"(?:[^{}|]|\{[^{}]*\})+")  # up to a bar that stands outside braces
_OTHERS = bytes(set(range(256)) - set(b"abcdefghijklmnopqrstuvwxyz0123456789\x9c\xe6\xfe"))
_SPACES = bytes.maketrans(_OTHERS, b" " * len(_OTHERS))
_SPACES_IN_LINES = _SPACES[:10] + b"\n" + _SPACES[11:]  # the same, where a line end stays one
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_EACH = ("signe:", "soin:", "médicament:")  # of these, each term is a concept of its own
_TITLE = 5  # the weight of what a paper calls itself
_SHORTEST_PLURAL = 5  # letters: of shorter words and of abbreviations it is another word
_TOLERATED = 8  # letters: in a shorter word, one edit too often makes another word


class Concept(NamedTuple):
    """What a term stands for. name: "sujet:vih". weight: how telling it is, 1 to 6."""

    name: str
    weight: int


class Names(NamedTuple):
    first: frozenset[bytes]
    last: frozenset[bytes]


def spaced(data: bytes) -> bytes:
    """Folded bytes where all that is neither letter nor digit is a space: "l'état" is "l etat"."""
    return data.translate(_SPACES)


def expanded(pattern: str) -> Iterator[str]:
    """Every reading of a term with {a|b} alternatives, and of its word marked ~ for tolerance; the
    blanks are as they come."""
    pieces = _CHOICE.split(pattern)
    choices = [piece.split("|") if i % 2 else [piece] for i, piece in enumerate(pieces)]
    readings = map("".join, product(*choices))
    if "~" not in pattern:
        yield from readings
        return
    for term in readings:
        before, tolerant, after = term.partition("~")
        if tolerant:
            word, blank, rest = after.partition(" ")
            for written in one_edit(fold(word).data.decode("latin-1")):
                yield f"{before}{written}{blank}{rest}"
        else:
            yield term


def one_edit(word: str) -> set[str]:
    """The word and all that one wrong, missing, added or swapped letter makes of it."""
    cuts = [(word[:i], word[i:]) for i in range(1, len(word) + 1)]  # people get the first one right
    if len(word) < _TOLERATED:
        return {word}
    return (
        {word}
        | {a + b[1:] for a, b in cuts if b}
        | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
        | {a + letter + b[1:] for a, b in cuts if b for letter in _LETTERS}
        | {a + letter + b for a, b in cuts for letter in _LETTERS}
    )


@lru_cache(maxsize=1)
def terms() -> dict[bytes, Concept]:
    """Every term, folded and spaced, and its concept; what was written by hand, and first, wins."""
    known = _derived()
    by_hand: dict[bytes, Concept] = {}
    for name, weight, patterns in _written("curated.txt"):
        for pattern, spelled in _spelled(patterns):
            concept = Concept(f"{name}:{pattern}" if name.startswith(_EACH) else name, weight)
            for spelling in spelled:
                by_hand.setdefault(spelling, concept)
    plurals = {
        word + b"s": concept
        for word, concept in by_hand.items()
        if len(word) > _SHORTEST_PLURAL and word.isalpha() and word[-1:] not in b"sxz"
    }
    skipped = known.keys() | ambiguous()
    return known | {w: what for w, what in plurals.items() if w not in skipped} | by_hand


def _derived() -> dict[bytes, Concept]:
    """What the public classifications gave; few of its concepts differ."""
    known: dict[bytes, Concept] = {}
    concepts: dict[str, Concept] = {}
    for line in _lines("terms.tsv.gz"):
        term, _, told = line.partition("\t")
        concept = concepts.get(told)
        if concept is None:
            name, _, weight = told.partition("\t")
            concept = concepts[told] = Concept(name, int(weight))
        if "œ" in term:
            known[term.replace("œ", "\x9c").encode("latin-1")] = concept
            term = term.replace("œ", "oe")
        known[term.encode("latin-1")] = concept
    return known


@lru_cache(maxsize=1)
def cues() -> tuple[tuple[bytes, Concept], ...]:
    """Every cue with its class and weight: "indice:collectif:formation", 3."""
    return tuple(
        (spelling, Concept(f"indice:{kind}:{pattern}", weight))
        for kind, weight, patterns in _written("cues.txt")
        for pattern, spelled in _spelled(patterns)
        for spelling in spelled
    )


@lru_cache(maxsize=1)
def documents() -> tuple[tuple[bytes, Concept], ...]:
    """Titles, "titre:ordonnance", and fields, "champ:ordonnance:qsp", of each family."""
    known: list[tuple[bytes, Concept]] = []
    for line in _lines("documents.txt"):
        family, role, patterns = line.split("\t")
        title = Concept(f"titre:{family}", _TITLE)
        for pattern, spelled in _spelled(patterns):
            concept = title if role == "titre" else Concept(f"champ:{family}:{pattern}", 0)
            known += [(spelling, concept) for spelling in spelled]
    return tuple(known)


def _written(name: str) -> Iterator[tuple[str, int, str]]:
    for line in _lines(name):
        concept, weight, patterns = line.split("\t")
        yield concept, int(weight), patterns


def _spelled(patterns: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each of these patterns and its spellings. Folded in one go, since there are thousands, and of
    some words four hundred spellings."""
    several = _PATTERN.findall(patterns)
    terms = "|".join("\n".join(expanded(pattern)) for pattern in several)
    for pattern, folded in zip(several, fold(terms.lower()).cased.split(b"|"), strict=True):
        yield pattern.strip(), _spellings(folded)


def _spellings(folded: bytes) -> Iterator[bytes]:
    """Each line, a term, as it stands in folded, spaced text, with œ and with oe."""
    lines = folded.translate(_SPACES_IN_LINES).split(b"\n")
    spelled = (b" ".join(line.split()) for line in lines)
    if b"\x9c" not in folded:
        return spelled
    return (one for term in spelled for one in {term, term.replace(b"\x9c", b"oe")})


@lru_cache(maxsize=1)
def names() -> Names:
    """First names and surnames, folded."""
    first: list[bytes] = []
    last: list[bytes] = []
    for line in _lines("names.tsv.gz"):
        kind, _, name = line.partition("\t")
        (first if kind == "first" else last).append(name.encode("latin-1"))
    return Names(frozenset(first), frozenset(last))


@lru_cache(maxsize=1)
def ambiguous() -> frozenset[bytes]:
    return _set("ambiguous.txt")


@lru_cache(maxsize=1)
def not_names() -> frozenset[bytes]:
    return _set("not_names.txt")


def load() -> None:
    """Everything at once: a worker behind the wall may open no file."""
    for loader in (terms, cues, documents, names, ambiguous, not_names):
        loader()


def _set(name: str) -> frozenset[bytes]:
    words = "\n".join(word for line in _lines(name) for word in line.split())
    return frozenset(_spellings(fold(words.lower()).cased))


def _lines(name: str) -> Iterator[str]:
    data = files("gateway.detect").joinpath("lexicons", name).read_bytes()
    if name.endswith(".gz"):
        data = gzip.decompress(data)
    for line in data.decode("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
