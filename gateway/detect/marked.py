"""Lines in which the reader of a health file says whom it is about (gateway/extract/about.py).

    [dicom: identifié] Nom : TEST Prénom : Anne, né(e) le 14/09/1985

A person named, or known by a national identity, is VERY_LIKELY; known by a number or a birth date
alone, LIKELY; what the file itself calls anonymous and the identities of tests are POSSIBLE. What
is shown is that word and never the person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.fold import Folded
from gateway.model import Likelihood, Match

_WORDS = {
    b"identifie": (Likelihood.VERY_LIKELY, "une personne identifiée"),
    b"designe": (Likelihood.LIKELY, "une personne désignée sans son nom"),
    b"anonyme": (Likelihood.POSSIBLE, "anonymisé, d'après le fichier"),
    b"essai": (Likelihood.POSSIBLE, "une identité d'essai"),
}
_LONGEST_WORD = 12  # bytes, with its bracket
_END = re.compile(rb"[\n\x7f]")  # short texts are searched as one, with signs between them
_LONGEST = 200  # bytes of what tells one person from another


def lines(folded: Folded, form: bytes) -> Iterator[Match]:
    """One match a line of this format."""
    if b"[" not in folded.data:  # sixty times as fast as a search for the mark
        return
    mark, at = b"[" + form + b": ", 0
    while (start := folded.data.find(mark, at)) >= 0:
        at = start + len(mark)
        word, bracket, _ = folded.data[at : at + _LONGEST_WORD].partition(b"]")
        if bracket and word in _WORDS:
            begin = at + len(word) + 1
            rest = _END.split(folded.cased[begin : begin + _LONGEST], 1)[0]
            who = rest.lower().strip().decode("latin-1")
            yield Match(start, begin + len(rest), _WORDS[word][0], f"{word.decode()}|{who}")


def mask(value: str) -> str:
    told = _WORDS.get(value.partition("|")[0].encode())
    return told[1] if told else "une personne"
