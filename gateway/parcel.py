"""A parcel: one message that waits on the portal for one recipient.

    link  ─▶ the recipient's mail      opens it, together with a code that travels another way
    own   ─▶ the sender's letter       where he follows it, gives a number, calls it back

Both are 32 letters chosen at random (150 bits). Whoever has the store has neither, and reads
nothing (`gateway.store.parcels`).

All parcels of one address lead to one box, where somebody who comes again leaves what he wants to
be known by (`gateway.store.boxes`).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from gateway.model import Mail

TOKEN_LETTERS = 32
CODE_DIGITS = 8
_LETTERS = "abcdefghijklmnopqrstuvwxyz"  # no digit: it might make up an identifier
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Terms:
    """Of the portal, as mails tell them. url: without a slash at its end. days: that a parcel
    waits. site: where the switchboard's number stands. rights: whom to ask about data. sms: there
    is a way to send codes to telephones. zone: of the dates."""

    url: str
    days: int
    site: str = ""
    phone: str = ""
    rights: str = ""
    sms: bool = False
    zone: str = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Package:
    """What several parcels of one mail have in common. name: of its blob."""

    name: str
    key: bytes = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """until: seconds since the epoch, when it goes unread. code: spoken or typed, no part of the
    link. message_id: that an answer refers to."""

    mail: Mail = field(repr=False)
    recipient: str = field(repr=False)
    package: Package
    until: float
    message_id: str = field(repr=False)
    link: str = field(repr=False)
    own: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Box:
    """Of one address. token: the same in all of its parcels. public: what a password that is left
    there is sealed to, an X25519 key."""

    token: str = field(repr=False)
    public: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A password that a recipient left in his box. token: of the box."""

    secret: str = field(repr=False)
    token: str = field(repr=False)


def new_token() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(TOKEN_LETTERS))


def token_of(digest: bytes) -> str:
    """The token that these 32 bytes stand for."""
    number, letters = int.from_bytes(digest, "big"), ""
    for _ in range(TOKEN_LETTERS):
        number, letter = divmod(number, len(_LETTERS))
        letters += _LETTERS[letter]
    return letters


def is_token(text: str) -> bool:
    return len(text) == TOKEN_LETTERS and all(c in _LETTERS for c in text)


def new_code() -> str:
    """Figures alone: they are said on the telephone, and typed on one."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def spoken(code: str) -> str:
    """ "4821 7730"."""
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"


def typed(text: str) -> str:
    """A code as somebody typed it, less what he put between the figures."""
    return "".join(c for c in text[:40] if c.isascii() and c.isdigit())


def packed(content: bytes) -> Package:
    return Package(secrets.token_hex(16), secrets.token_bytes(KEY_BYTES), content)
