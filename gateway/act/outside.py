"""What an encrypted mail shows to everybody: From, To, Cc, Date, Message-ID, a neutral Subject.

DESIGN §4, "Encrypted mail's outside". Addresses only, since a display name may name a patient; no
field of the original is copied raw, so nothing can ride along in a comment or a fold. Date and
Message-ID are the original's, written anew. Whether an address itself is an identifier (the local
part of a patient's secure mailbox is one) is for the detectors: `Channels` shows them this header,
and where they find something in the Message-ID, it gets one of ours.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from gateway.act import header
from gateway.model import Mail

SUBJECT = "=?utf-8?q?Message_chiffr=C3=A9?="  # RFC 2047 for "Message chiffré"
NOBODY = "undisclosed-recipients:;"  # RFC 5322, 3.6.3: a mail whose recipients are not named
MAX_ADDRESSES = 1000  # a field; beyond it, or beyond the header's limit, nobody is named
MAX_ADDRESS = 254  # characters, RFC 5321 with erratum 1690
MAX_DATE = 100  # characters; a right date has about 31
MAX_ID = 250  # characters, so that the field stays on one line
_ATOM = set("!#$%&'*+-/=?^_`{|}~.")  # RFC 5322, 3.2.3, with the dots of dot-atom
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, repr=False)
class Outside:
    """fields: (name, value) in the order they are written, values folded with CRLF."""

    fields: tuple[tuple[str, str], ...]
    sender: str  # the address in From
    visible: frozenset[str]  # addresses in To and Cc, lower case

    def head(self, mime: tuple[tuple[str, str], ...]) -> bytes:
        """The whole header, with the empty line after it."""
        lines = [f"{name}: {value}\r\n" for name, value in (*self.fields, *mime)]
        return "".join((*lines, "\r\n")).encode()

    def groups(self, recipients: Sequence[str]) -> tuple[tuple[str, ...], ...]:
        """Those whom To and Cc name share a message; each of the others gets one of his own."""
        named = tuple(r for r in recipients if r.lower() in self.visible)
        others = tuple((r,) for r in recipients if r.lower() not in self.visible)
        return ((named,) if named else ()) + others

    def renamed(self) -> Outside:
        """With a Message-ID of ours."""
        ours = {"Message-ID": f"<{token()}@{self.domain}>"}
        return replace(self, fields=tuple((name, ours.get(name, was)) for name, was in self.fields))

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2].lower()


def of(mail: Mail) -> Outside | None:
    """None when the mail names no author: then there is no honest From."""
    head = header.read(header.split(mail.content)[0])
    utf8 = "SMTPUTF8" in {option.upper() for option in mail.envelope.options}
    author = next(iter(_addresses(head, b"from", utf8)), None) or mail.envelope.sender
    if not is_plain(author, utf8):
        return None
    to, cc = _addresses(head, b"to", utf8), _addresses(head, b"cc", utf8)
    fields = [("From", author), ("To", ",\r\n ".join(to) if to else NOBODY)]
    if cc:
        fields.append(("Cc", ",\r\n ".join(cc)))
    fields.append(("Date", _date(head, mail.received)))
    fields.append(("Message-ID", _message_id(head, author)))
    fields.append(("Subject", SUBJECT))
    return Outside(tuple(fields), author, frozenset(a.lower() for a in (*to, *cc)))


def token() -> str:
    """94 random bits in letters: a digit might make up an identifier."""
    return "".join(secrets.choice(_LETTERS) for _ in range(20))


def is_plain(address: str, utf8: bool = False) -> bool:
    """A dot-atom at a domain name: no quoted local part, which could hold a sentence."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or len(address) > MAX_ADDRESS:
        return False
    if not address.isascii() and not utf8:
        return False
    labels = domain.replace("-", "").replace(".", "")
    return all(c.isalnum() or c in _ATOM for c in local) and labels.isalnum()


def _addresses(head: header.Header, name: bytes, utf8: bool) -> list[str]:
    found = dict.fromkeys(
        address
        for value in head.values(name)
        for written in _mailboxes(value)
        if is_plain(address := _bare(written), utf8)
    )
    return list(found) if len(found) <= MAX_ADDRESSES else []


def _bare(written: str) -> str:
    """The address of one mailbox, its quoted strings and comments already gone."""
    _, angle, rest = written.rpartition("<")
    if angle:
        return rest.partition(">")[0].strip()
    return written.rpartition(":")[2].strip()  # "Equipe: a@b.fr", the start of a group


def _mailboxes(value: str) -> Iterator[str]:
    """A list cut at its commas and semicolons, less what is quoted or in brackets."""
    piece: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\" and (quoted or depth):
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
            piece.append('"')  # makes a quoted local part fail, harmless in a name
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif depth:
            continue
        elif character in ",;":
            yield "".join(piece)
            piece = []
        else:
            piece.append(character)
    yield "".join(piece)


def _date(head: header.Header, received: float) -> str:
    written = next(head.values(b"date"), "")
    try:
        if len(written) <= MAX_DATE:
            return format_datetime(parsedate_to_datetime(written))
    except (ValueError, TypeError, IndexError, OverflowError):
        pass  # no date, or none that can be read: the hour we took it
    return format_datetime(datetime.fromtimestamp(received, UTC))


def _message_id(head: header.Header, author: str) -> str:
    written = next(head.values(b"message-id"), "")
    inside = written[1:-1]
    if (
        written[:1] == "<"
        and written[-1:] == ">"
        and len(written) <= MAX_ID
        and inside.count("@") == 1
        and inside.isascii()
        and all(33 <= ord(c) <= 126 and c not in '<>"\\()' for c in inside)
    ):
        return written
    return f"<{token()}@{author.rpartition('@')[2]}>"
