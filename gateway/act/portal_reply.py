"""An answer written on the portal, as a mail to whoever wrote: by the internal way, from us.

It is from our own address, since we cannot sign for the recipient's; Reply-To is his. What he wrote
and his file names come from outside: text is encoded whole, names are written as RFC 2231 has them,
and no character of either can make a field.
"""

from __future__ import annotations

import base64
import hashlib
import quopri
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import quote

from gateway.act.letter import encoded, typeset
from gateway.model import Letter, Recipient

KIND = "reply"
_NAME = 120  # characters
_CRLF = "\r\n"


@dataclass(frozen=True, slots=True)
class File:
    name: str = field(repr=False)
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was typed and attached. unread: how many of the files nobody could read, for a password
    or worse."""

    text: str = field(repr=False)
    files: tuple[File, ...] = ()
    unread: int = 0


def reply(
    answer: Answer,
    *,
    sender: str,
    to: str,
    author: str,
    message_id: str,
    dossier: str,
    when: float,
) -> Letter:
    """author: the address that the parcel was sent to; whoever has its link and code may write."""
    head = (
        f"From: {sender}",
        f"To: {to}",
        f"Reply-To: {author}",
        f"Date: {formatdate(when, localtime=False)}",
        f"Message-ID: <{_token(answer, dossier, when)}@{sender.rpartition('@')[2]}>",
        *((f"In-Reply-To: {message_id}", f"References: {message_id}") if message_id else ()),
        f"Subject: {encoded(typeset(f'Réponse par le portail (dossier {dossier})'))}",
        "Auto-Submitted: auto-generated",
        "X-Vaguemestre-Portal: reply",
    )
    content = _CRLF.join(head).encode() + _CRLF.encode() + _body(answer, author)
    return Letter(KIND, "", (Recipient(to),), content, "notices", dossier)


def written(answer: Answer) -> bytes:
    """The same without anybody's name, to be looked at."""
    return _body(answer, "")


def safe_name(name: str) -> str:
    """A file name without anything that could mean a folder, a control or a direction."""
    kept = (c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)
    return "".join(kept).strip(". ")[-_NAME:] or "piece"


def _body(answer: Answer, author: str) -> bytes:
    """Text, and each file in base64. The boundary has a sign that base64 and quoted-printable
    never write at the start of a line."""
    boundary = "=_portail"
    said = f"Réponse écrite sur le portail par le destinataire {author} :\n\n"
    if answer.unread:
        said = (
            f"Attention : {answer.unread} pièce(s) jointe(s) que le contrôle n'a pas pu lire.\n"
            "Ne les ouvrez que si vous les attendiez.\n\n"
        ) + said
    lines = "\n".join((typeset(said) + answer.text).splitlines())  # a lone CR is no line in a mail
    text = quopri.encodestring(lines.encode("utf-8", "replace"))
    parts = [
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + _lines(text)
    ]
    parts += [_part(file) for file in answer.files]
    head = f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\n'
    between = f"\r\n--{boundary}\r\n".encode()
    return head.encode() + b"".join(between + one for one in parts) + between[:-2] + b"--\r\n"


def _part(file: File) -> bytes:
    name = quote(safe_name(file.name).encode("utf-8", "replace"), safe="")
    return (
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        + f"Content-Disposition: attachment; filename*=utf-8''{name}\r\n\r\n".encode()
        + base64.encodebytes(file.data).replace(b"\n", b"\r\n")
    )


def _lines(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _token(answer: Answer, dossier: str, when: float) -> str:
    """The same for the same answer: a second copy is told by it."""
    seen: Sequence[bytes] = (dossier.encode(), repr(when).encode(), answer.text.encode())
    number = hashlib.sha256(b"\0".join(seen)).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in number[:24])
