"""Mails in bytes, as RFC 5322 wants them: CRLF, one boundary a multipart, nothing left to chance.

    mixed(text("Bonjour"), attachment("a.pdf", data), headers={"Subject": "Dossier"})

A piece is an entity (header and body); the outermost gets the headers of a message.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Mapping
from itertools import count

HEADERS = {
    "From": "Service Exemple <service@ch.example>",
    "To": "dest@mail.example",
    "Subject": "Objet",
    "Date": "Mon, 23 Nov 2026 14:32:00 +0100",
    "Message-ID": "<1@ch.example>",
    "MIME-Version": "1.0",
}


def text(
    body: str, *, subtype: str = "plain", charset: str = "utf-8", encoding: str = "8bit"
) -> bytes:
    data = body.replace("\n", "\r\n").encode(charset)
    return entity(f"text/{subtype}; charset={charset}", data, encoding)


def html(body: str, **options: str) -> bytes:
    return text(body, subtype="html", **options)


def attachment(name: str, data: bytes, media: str = "application/octet-stream") -> bytes:
    disposition = f'attachment; filename="{name}"'
    return entity(media, data, "base64", {"Content-Disposition": disposition})


def entity(
    media: str, data: bytes, encoding: str = "7bit", headers: Mapping[str, str] | None = None
) -> bytes:
    """One part: its header, an empty line, its encoded body."""
    fields = {"Content-Type": media, "Content-Transfer-Encoding": encoding, **(headers or {})}
    return _header(fields) + b"\r\n" + encoded(data, encoding)


def encoded(data: bytes, encoding: str) -> bytes:
    match encoding:
        case "base64":
            return base64.encodebytes(data).replace(b"\n", b"\r\n")
        case "quoted-printable":
            lines = quopri.encodestring(data.replace(b"\r\n", b"\n"))
            return lines.replace(b"\n", b"\r\n")
        case _:
            return data


def multipart(subtype: str, *pieces: bytes, boundary: str = "") -> bytes:
    mark = boundary or _unused(b"".join(pieces))
    delimiter = f"--{mark}".encode()
    body = b"".join(delimiter + b"\r\n" + piece + b"\r\n" for piece in pieces)
    fields = {"Content-Type": f'multipart/{subtype}; boundary="{mark}"'}
    return _header(fields) + b"\r\n" + body + delimiter + b"--\r\n"


def message(piece: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A piece with the header of a message on top; `headers` replace and add."""
    return _header({**HEADERS, **(headers or {})}) + piece


def alternative(plain: str, rich: str, **headers: str) -> bytes:
    return message(multipart("alternative", text(plain), html(rich)), headers)


def mixed(*pieces: bytes, **headers: str) -> bytes:
    return message(multipart("mixed", *pieces), headers)


def forwarded(inner: bytes, note: str = "Pour suite à donner.", **headers: str) -> bytes:
    """A mail with another one attached, as message/rfc822."""
    return mixed(text(note), entity("message/rfc822", inner), **headers)


def _header(fields: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()


def _unused(data: bytes) -> str:
    return next(mark for n in count(1) if (mark := f"=_limite_{n}").encode() not in data)
