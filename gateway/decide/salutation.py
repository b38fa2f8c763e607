"""Whom a mail greets by name, where that is none of its recipients: « Bonjour Monsieur Durand », to
somebody called Martin.

Most such mails are right: couples share an address, secretaries read for others. So an address must
say another name than the greeting, by a first name or an initial and a surname; and whoever asks
has a further reason to doubt it (`gateway.decide.history`). An address of one word (`mdupont`,
`loulou75`) may be a nickname: it says another name only where nothing of the greeting is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from gateway.decide.headers import fields
from gateway.decide.lookalike import slips_between
from gateway.decide.opening import opening
from gateway.decide.person import mailbox, unaccented

_LINES = 8  # that are not empty: a greeting comes first
_LEAST = 4  # letters of a surname: shorter ones are part of others
_WORD_LEAST = 5  # letters of an address of one word: shorter ones say nothing
_QUOTED = (">", "--", "__", "De :", "From:", "Le ")  # an earlier mail, or a signature

_TITLE = (
    r"(?:monsieur|madame|mademoiselle|docteure?|professeure?|ma[iî]tre|m\.|mm?e|mlle|mr|dr|pr)\s+"
    r"(?:l[ea]\s+(?:docteure?|professeure?|dr|pr)\s+|(?:docteure?|professeure?|dr|pr)\s+)?"
)
_WORD = r"[A-ZÀ-ÖØ-Ý][\w\'’-]{2,30}"
_NAMED = rf"(?i:{_TITLE}){_WORD}(?:\s{_WORD}){{0,2}}"
_SEVERAL = rf"({_NAMED}(?:\s*(?:,|/|\bet\b)\s*{_NAMED}){{0,2}})"
_HELLO = re.compile(
    rf"(?i:(?:re-?)?bonjour|bonsoir|ch[eè]re?s?|salut|hello)\s+{_SEVERAL}\s*(?:[,;:.!]|$)"
)
_FORMAL = re.compile(rf"(?=\w{{4}}){_SEVERAL}\s*,$")  # no "Mme": so begin papers on a patient
_FAMILIAR = re.compile(rf"(?i:bonjour|bonsoir|ch[eè]re?|salut|hello|coucou)\s+({_WORD})\s*[,!.]?")
_NAME = re.compile(rf"(?i:{_TITLE})({_WORD}(?:\s{_WORD}){{0,2}})")
_NONE: frozenset[str] = frozenset()


def names_in(content: bytes, *, informal: bool) -> tuple[tuple[str, ...], ...]:
    """The words of each name that is greeted with a title, without accents; or of a first name
    alone, too."""
    lines = [line.strip()[:200] for line in opening(content).splitlines()]
    found: list[tuple[str, ...]] = []
    for line in [line for line in lines if line][:_LINES]:
        if line.startswith(_QUOTED):
            break
        if greeting := _HELLO.match(line) or _FORMAL.match(line):
            found += [_words(name[1]) for name in _NAME.finditer(greeting[1])]
        elif informal and (greeting := _FAMILIAR.fullmatch(line)):
            found.append(_words(greeting[1]))
    return tuple(words for words in found if words)


def another(content: bytes, recipients: Sequence[str], *, informal: bool = False) -> frozenset[str]:
    """The names it greets, where none of its recipients may be called so. informal: by a first name
    alone, too."""
    return _another(content, recipients, informal) if all(map(says_names, recipients)) else _NONE


def beside_one_word(content: bytes, recipients: Sequence[str]) -> frozenset[str]:
    """The same, with a title, where an address may be of one word."""
    return _another(content, recipients, False) if all(map(_is_whose, recipients)) else _NONE


def _another(content: bytes, recipients: Sequence[str], informal: bool) -> frozenset[str]:
    words = frozenset(word for several in names_in(content, informal=informal) for word in several)
    if not words:
        return _NONE
    shown = " ".join(unaccented(value) for name in ("to", "cc") for value in fields(content, name))
    fits = any(word in shown for word in words)
    return _NONE if fits or any(_may_be(words, one) for one in recipients) else words


def called(words: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Those of `known` whose address says one of these names."""
    wanted = frozenset(words)
    return tuple(address for address in known if _is_called(wanted, address))


def _words(name: str) -> tuple[str, ...]:
    words = re.findall(r"[^\W\d_]+", unaccented(name))
    return tuple(word for word in words if len(word) >= _LEAST)


def says_names(address: str) -> bool:
    found = mailbox(address.rpartition("@")[0])
    return not found.service and len(found.names) > 1


def _is_whose(address: str) -> bool:
    found = mailbox(address.rpartition("@")[0])
    return not found.service and (len(found.names) > 1 or len(found.letters) >= _WORD_LEAST)


def _may_be(words: Iterable[str], address: str) -> bool:
    """Whether the address may be that person's, be it misspelt on one side."""
    found = mailbox(address.rpartition("@")[0])
    alone = len(found.names) == 1
    return any(
        word in found.letters
        or any(_may_say(name, word) for name in found.names)
        or (alone and _shares(found.letters, word))
        for word in words
    )


def _shares(one: str, other: str) -> bool:
    """A run of letters that a nickname, or a cut name, has kept: gouh9563 of Gouhier."""
    return any(one[at : at + _LEAST] in other for at in range(len(one) - _LEAST + 1))


def _may_say(name: str, word: str) -> bool:
    return name == word[0] or slips_between(word, name, 1) <= 1


def _is_called(words: Iterable[str], address: str) -> bool:
    found = mailbox(address.rpartition("@")[0])
    return not found.service and any(
        name == word or (len(name) == len(word) + 1 and name.endswith(word))
        for name in found.names
        for word in words
    )
