"""A small grammar of French sentences: a frame is a sentence with choices and slots.

    {Merci|Un grand merci} d'avoir lu{| si vite}   one of several, one of them nothing
    <service>, <date>                              what stands in words.py
    <personne:1>                                   the same one each time in this mail
    \\n                                             the end of a line

Choices may hold choices and slots. What French contracts is contracted afterwards ("de le" is
"du", "de hôpital" is "d'hôpital"), so that any noun may follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random

Slot = Callable[[Random], str]

_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")
_SLOT = re.compile(r"<([a-z0-9_]+)(?::([0-9]))?>")
_ELIDED = re.compile(
    r"\b([DdLl]|[Qq]u|[Jj]usqu)(?:e|a) "
    r"(?=[aeiouéèêâîôœAEIOUÉÈÊÎŒ]|[hH](?:ôpi|éma|épa|ygi|isto|eur|ébe|ospi))"
)
_CONTRACTED = (
    (re.compile(r"\bde le (?=[\wÀ-ÿ])"), "du "),
    (re.compile(r"\bde les (?=[\wÀ-ÿ])"), "des "),
    (re.compile(r"\bà le (?=[\wÀ-ÿ])"), "au "),
    (re.compile(r"\bà les (?=[\wÀ-ÿ])"), "aux "),
)


class Speaker:
    """Says frames for one mail, and remembers the slots that have a number."""

    def __init__(self, rng: Random, slots: Mapping[str, Slot]) -> None:
        self.rng = rng
        self._slots = slots
        self._known: dict[tuple[str, str], str] = {}

    def say(self, frame: str) -> str:
        text = frame
        while found := _CHOICE.search(text):  # innermost first
            chosen = self.rng.choice(found[1].split("|"))
            text = text[: found.start()] + chosen + text[found.end() :]
        text = _SLOT.sub(self._slot, text)
        text = _ELIDED.sub(r"\1'", text)
        for pattern, instead in _CONTRACTED:
            text = pattern.sub(instead, text)
        return " ".join(text.split(" ")).replace("\\n", "\n").strip()

    def _slot(self, found: re.Match[str]) -> str:
        name, number = found.groups()
        if name not in self._slots:  # an element of XML
            return found[0]
        if number is None:
            return self._slots[name](self.rng)
        if (name, number) not in self._known:
            self._known[name, number] = self._slots[name](self.rng)
        return self._known[name, number]
