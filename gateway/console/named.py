"""Whether somebody who keeps an address has read it: he types the name in it, not the one he had in
mind. Who meant marie.dupont and types "Dupont" learns that the address says dupond."""

from __future__ import annotations

import re
import unicodedata

_LEAST = 3  # letters of a part of a word: two are in every address
_WORD = re.compile(r"[a-z0-9]+", re.ASCII)


def bears(address: str, typed: str) -> bool:
    """One word at least of what was typed is one of the address, or stands in it: "Durand" in
    j.durand@ and in jdurand@, "Martin" in contact@cabinet-martin. An initial alone is none."""
    name, _, domain = address.rpartition("@")
    house = _words(domain.rpartition(".")[0])
    own, whole = {*_words(name), *house}, "".join(_words(name))
    said = [word for word in _words(typed) if len(word) > 1]
    return any(word in own or (len(word) >= _LEAST and word in whole) for word in said)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text[:254])
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)).lower())
