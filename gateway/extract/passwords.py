"""Words of a mail that may be the password of what is attached to it.

A locked file whose key lies beside it is locked for nobody but the control. What stands after "mot
de passe", "mdp", "password" or "code" comes first, then words that look like a secret; locked
files are tried with them in this order. A guess costs time, so there are few. Not here: secrets
that the recipient knows anyway, such as a date of birth, and those of an earlier mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gateway.extract import characters, html, kind
from gateway.model import Medium, Part, Text

OPENED = "opened with a password that stands in the same mail"  # the detail of Trouble.OPENED
MOST = 20  # guesses; a zip takes 1 ms for each, an Office file a third of a second
_LONGEST = 64  # characters of a password
_TEXT = 16 * 1024  # characters of one text that are looked at
_WINDOW = 160  # characters after the word that announces one
_LEADS = 40  # announcements looked at in one text

_SURE = re.compile(
    r"mots? de passe|mdp|passwords?|passwort|passwd|pwd|pass ?phrase|phrase de passe|passcode", re.I
)
_PERHAPS = re.compile(r"\b(?:codes?|cl[ée]f?s?|key|pass|pin|secret)\b", re.I)
_TRACES = ("passe", "mdp", "pass", "pwd", "code", "clé", "clef", "key", "pin", "secret")
_SAID = (re.compile("[:=→]"), re.compile(r"\b(?:est|sera|is)\b", re.I))  # between the two
_QUOTED = re.compile(
    r"«([^«»]{1,64})»|“([^“”]{1,64})”|\"([^\"]{1,64})\"|'([^']{1,64})'|`([^`]{1,64})`"
)
_AROUND = "«»“”\"'`()[]<>*_ \u00a0\u202f\t"
_BEFORE = ":=→\r\n" + _AROUND
_AFTER = ".,;:!?…" + _AROUND
_NUMBERED = re.compile(r"(?=\D*\d)\S{4,64}")
_SECRET = re.compile(r"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[!-~]{6,64}")  # on one word


def may_open(part: Part) -> bool:
    """Whether it is worth looking for one: most mails carry nothing but texts and pictures."""
    return not part.body and kind.signed(part.data) != "image"


def of_mail(
    parts: Iterable[Part], texts: Iterable[Text], known: tuple[str, ...]
) -> tuple[str, ...]:
    """known: of the mail around this one. texts: header fields and file names."""
    said = [text.text[:_TEXT] for text in texts if text.medium is not Medium.NAME]
    for part in parts:
        said += _texts(part)
    found: dict[str, None] = dict.fromkeys(known)
    for guesses in (
        (guess for text in said for guess in _announced(text, _SURE)),
        (guess for text in said for guess in _announced(text, _PERHAPS)),
        (word for text in said for word in text.split() if _SECRET.fullmatch(word)),
    ):
        for guess in guesses:
            if len(found) >= MOST:
                return tuple(found)
            found[guess] = None
    return tuple(found)


def _texts(part: Part) -> Iterator[str]:
    if part.declared not in ("text/plain", "text/html"):
        return
    short = replace(part, data=part.data[: 4 * _TEXT])
    match kind.of_text(short):
        case "text":
            yield characters.readings(short.data, part.charset)[0][:_TEXT]
        case "html":
            yield html.pages(short)[0].shown[:_TEXT]


def _announced(text: str, lead: re.Pattern[str]) -> Iterator[str]:
    """Likeliest first: what is quoted, what follows the colon or the verb, words with a digit."""
    lower = text.lower()
    if not any(word in lower for word in _TRACES):  # cheaper than to look for all of them at once
        return
    for count, found in enumerate(lead.finditer(text)):
        if count == _LEADS:
            return
        window = text[found.end() : found.end() + _WINDOW]
        if quoted := _QUOTED.search(window):
            yield next(group for group in quoted.groups() if group is not None).strip()
        starts = [said.end() for mark in _SAID if (said := mark.search(window))] or [0]
        for start in starts:
            line = window[start:].lstrip(_BEFORE).partition("\n")[0].strip()
            yield from _spellings(line.split(" ")[0])
            yield from _spellings(line)
        for word in window.split():
            if _NUMBERED.fullmatch(word):
                yield from _spellings(word)


def _spellings(candidate: str) -> Iterator[str]:
    """As written, then without the marks of the sentence around it."""
    for one in (candidate.strip(), candidate.strip(_AROUND), candidate.strip(_AFTER)):
        if 0 < len(one) <= _LONGEST:
            yield one
