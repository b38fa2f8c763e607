"""Whose business a held mail is: its compartment, and whether its officers may look into it.

By the sender of the envelope; the first group that names him, in the order of the configuration,
else `default`. Settled when the mail is received and written down with it: neither a sender who
moves to another group nor a change of the configuration moves what is held.

A subject that marks the mail as private hides it from officers and changes nothing else: verdict,
hold and deadline stay what they are (Cass. soc. 2 October 2001, Nikon, no. 99-42.942).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.model import Mail
from gateway.parse import words
from gateway.store.dossier import subject_of
from gateway.store.keys import DEFAULT
from gateway.store.schema import Hidden

_REPLIES = ("re", "tr", "fw", "fwd", "ref", "rep", "aw")  # put in front by mail programs
_ENDS = ":,;!/|-–—."  # after a mark without brackets: "Privé : rendez-vous", not "Privés de tout"


@dataclass(frozen=True, slots=True)
class Compartment:
    """senders: addresses, "@domain", or either with stars. deputies: told when nobody has ruled.
    nobody: what its mails say is for their senders alone."""

    name: str
    senders: tuple[str, ...] = ()
    officers: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()
    nobody: bool = False

    def has(self, sender: str) -> bool:
        return any(stands_for(pattern, sender) for pattern in self.senders)


@dataclass(frozen=True, slots=True)
class Compartments:
    """several: in the order in which they are tried; `default` is among them. marks: of private
    mails, see `is_marked`."""

    several: tuple[Compartment, ...] = (Compartment(DEFAULT),)
    marks: tuple[str, ...] = ()

    def of(self, sender: str) -> Compartment:
        return next((one for one in self.several if one.has(sender)), self.named(DEFAULT))

    def named(self, name: str) -> Compartment:
        """One that is configured no more is answered for by the officers of `default`: somebody
        must be told before its last mails are cancelled."""
        known = {one.name: one for one in self.several}
        return known.get(name) or replace(known.get(DEFAULT, Compartment(DEFAULT)), name=name)

    def name_of(self, sender: str) -> str:
        return self.of(sender).name

    def about(self, mail: Mail) -> tuple[str, str]:
        """Its compartment, and why its officers may not look into it ("" where they may)."""
        found = self.of(mail.envelope.sender)
        if found.nobody:
            return found.name, Hidden.COMPARTMENT
        private = is_marked(words.text(subject_of(mail.content)), self.marks)
        return found.name, Hidden.PERSONAL if private else ""

    def is_hidden(self, mail: Mail) -> bool:
        return bool(self.about(mail)[1])


def stands_for(pattern: str, address: str) -> bool:
    """Case counts for nothing. "@chu.example" is everybody there; a star is any characters."""
    if pattern.startswith("@"):
        pattern = f"*{pattern}"
    first, *rest = pattern.lower().split("*")
    text = address.lower()
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    at = len(first)
    *middle, last = rest
    for piece in middle:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(text) - len(last) >= at and text.endswith(last)


def is_marked(subject: str, marks: Sequence[str]) -> bool:
    """A mark in brackets stands anywhere in a subject; another at its beginning, followed by a sign
    of punctuation or by nothing: "Personnel : mes congés" is private, "Personnel soignant" is not.
    """
    told = _folded(subject)
    begun = _without_replies(told)
    for mark in map(_folded, marks):
        if mark[:1] in ("[", "(") and mark in told:
            return True
        rest = begun.removeprefix(mark).lstrip() if begun.startswith(mark) else "?"
        if not rest or rest[0] in _ENDS:
            return True
    return False


def _without_replies(subject: str) -> str:
    while True:
        head, colon, rest = subject.partition(":")
        if not colon or head.strip() not in _REPLIES:
            return subject
        subject = rest.lstrip()


def _folded(text: str) -> str:
    """Small letters without accents, blanks as one."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())
