"""The language of pages: French as written in them, English by a catalogue (`locale/en.po` of the
console and of the portal, each its own).

French puts a space before : ; ? ! » % and after «, at which no line may break. Sources have a plain
one, which people can type and search for; what is shown has U+00A0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("fr", "en")
_FRENCH_SPACES = re.compile(r"(?<=«) | (?=[:;?!»%](?:\W|$))")


@dataclass(frozen=True, slots=True)
class Words:
    """One language. known: French -> translated, by (singular,) or (singular, plural)."""

    language: str
    known: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __call__(self, french: str, **fields: object) -> str:
        said = self.known[(french,)][0] if (french,) in self.known else _set(french)
        return said.format(**fields) if fields else said

    def many(self, one: str, several: str, count: int, **fields: object) -> str:
        """French says "0 message", English "0 messages"."""
        forms = self.known.get((one, several))
        if forms:
            return forms[count != 1].format(count=count, **fields)
        return _set(several if count > 1 else one).format(count=count, **fields)


def later(french: str) -> str:
    """Marks a text for the catalogue that is translated where it is shown."""
    return french


def of(accepted: str, folder: Path) -> Words:
    """By the browser's Accept-Language: the first of ours that it names, else French."""
    for preference in accepted.split(","):
        language = preference.partition(";")[0].strip().lower()[:2]
        if language in LANGUAGES:
            return _read(folder, language)
    return _read(folder, LANGUAGES[0])


@cache
def _set(french: str) -> str:
    """As a printer sets it."""
    return _FRENCH_SPACES.sub("\u00a0", french)


@cache
def _read(folder: Path, language: str) -> Words:
    path = folder / f"{language}.po"
    if not path.exists():
        return Words(language)
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return Words(
        language,
        {
            _tuple(message.id): _tuple(message.string)
            for message in catalogue
            if message.id and all(_tuple(message.string))
        },
    )


def _tuple(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
