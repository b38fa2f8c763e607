"""Received fields: the one we add (RFC 5321, 4.4), and what those above us tell.

`with` takes the registered words of RFC 3848 and RFC 6531 (annex A). There is no `for` clause: it
would show one recipient to the others. Works on the raw header; nothing here parses a message.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from email.utils import formatdate
from functools import lru_cache

from gateway.model import Mail

_POSTFIX_ID = re.compile(
    r"\(Postfix[^()]{0,64}\)(?: with [A-Z0-9]{1,16})? id ([0-9A-Za-z]{1,32})\b"
)
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
RECEIVED_FIELDS = 100  # RFC 5321, 6.3: more of them are a loop
_FIELD = b"received:"
_FIELD_CAP = 2_048  # octets of one Received field looked at
_NIR_DIGITS = 13  # the shortest form of a social-security number: no queue's id is like that


def spoken(*, lmtp: bool, extended: bool, tls: bool, utf8: bool, login: bool = False) -> str:
    """The `with` word: "ESMTPS", "UTF8LMTP", "ESMTPSA"…"""
    secured = ("S" if tls else "") + ("A" if login else "")
    if utf8:
        return f"UTF8{'LMTP' if lmtp else 'SMTP'}{secured}"
    if lmtp:
        return f"LMTP{secured}"
    return f"ESMTP{secured}" if extended or tls else "SMTP"


def received_field(
    *, name: str, address: str, hostname: str, with_: str, code: str, seconds: float
) -> bytes:
    """Ours. name: what the client calls itself, already checked; address "" on a unix socket;
    with_ "" where the protocol is not known."""
    literal = f"[IPv6:{address}]" if ":" in address else f"[{address}]" if address else "localhost"
    origin = f"{name or literal} ({literal})"
    when, by = _date(int(seconds)), f" with {with_}" if with_ else ""
    return (
        f"Received: from {origin}\r\n\tby {hostname} (Vaguemestre){by} id {code};\r\n\t{when}\r\n"
    ).encode("ascii", "replace")


@lru_cache(maxsize=2)  # many mails come in the same second
def _date(seconds: int) -> str:
    return formatdate(seconds, localtime=True)


def count_received(content: bytes) -> int:
    """How many relays the message says it crossed."""
    end = content.find(b"\r\n\r\n")
    header = content[: end if end >= 0 else len(content)].lower()
    return header.count(b"\r\n" + _FIELD) + header.startswith(_FIELD)


def after_received(content: bytes) -> int:
    """Where the topmost Received fields end: a retry differs from the first try only in these."""
    at = 0
    while content[at : at + len(_FIELD)].lower() == _FIELD:
        at = _next_field(content, at)
    return at


def identity(mail: Mail) -> Hashable:
    """The same for the same sender and bytes, save the topmost Received, which a retry dates
    afresh. Python's own keyed hash is enough: it is asked within one process and one hour."""
    body = memoryview(mail.content)[after_received(mail.content) :]
    return mail.envelope.sender, len(body), hash(body)


def _next_field(content: bytes, at: int) -> int:
    while True:
        line_end = content.find(b"\r\n", at)
        if line_end < 0:
            return len(content)
        at = line_end + 2
        if content[at : at + 1] not in (b" ", b"\t"):
            return at


def queue_id(content: bytes) -> str:
    """The id under which the Postfix in front of us knows this mail; "" when it does not say."""
    if content[: len(_FIELD)].lower() != _FIELD:
        return ""
    end = min(_next_field(content[:_FIELD_CAP], 0), _FIELD_CAP)
    found = _POSTFIX_ID.search(" ".join(content[:end].decode("latin-1").split()))
    return clean_id(found[1]) if found else ""


def clean_id(said: str) -> str:
    """An id fit for our log, else "": it comes from outside, and could be someone's number."""
    if not _ID.fullmatch(said) or sum(map(str.isdigit, said)) >= _NIR_DIGITS:
        return ""
    return said
