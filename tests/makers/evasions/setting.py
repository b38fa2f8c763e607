"""The secret in its encodings, and the mails it is put into. Lines end in LF."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from random import Random

from tests.makers import identifiers

NIR = " ".join(identifiers.parts(identifiers.nir(Random(52), born=(1979, 3))))
SECRET = f"Dossier de l'assuré, numéro de sécurité sociale {NIR}, à ne pas diffuser.\n"
DECOY = "Bonjour,\nvous trouverez le document en pièce jointe.\nCordialement,\nLe service\n"
TOP = "From: a@ch.example\nTo: b@mail.example\nSubject: Document\nMIME-Version: 1.0\n"

PLAIN = SECRET.encode()
B64 = base64.encodebytes(PLAIN)
QP = b"".join(b"=%02X" % byte for byte in PLAIN[:-1])
QP = b"=\n".join(QP[i : i + 72] for i in range(0, len(QP), 72)) + b"\n"
UU = (
    b"begin 644 base.txt\n"
    + b"".join(binascii.b2a_uu(PLAIN[i : i + 45]) for i in range(0, len(PLAIN), 45))
    + b"`\nend\n"
)
ENCODED = {"base64": B64, "quoted-printable": QP, "x-uuencode": UU}

Named = Iterator[tuple[str, bytes]]


def whole(header: str | bytes, body: bytes) -> bytes:
    """A mail of one part."""
    return TOP.encode() + _bytes(header) + b"\n" + body


def part(header: str | bytes, body: bytes) -> bytes:
    return _bytes(header) + b"\n" + body


def mixed(*parts: bytes, mark: str = "foo", says: str = "", end: str = "--") -> bytes:
    """A multipart; says: its Content-Type in full, if not the plain one."""
    line = f"--{mark}\n".encode()
    says = says or f'Content-Type: multipart/mixed; boundary="{mark}"\n'
    body = b"".join(line + one for one in parts) + f"--{mark}{end}\n".encode()
    return whole(says, body)


def attached(header: str | bytes, body: bytes) -> bytes:
    """The usual mail with an attachment, whose header is at stake."""
    return mixed(DECOY_PART, part(header, body))


def _bytes(header: str | bytes) -> bytes:
    return header.encode() if isinstance(header, str) else header


DECOY_PART = part("Content-Type: text/plain; charset=utf-8\n", DECOY.encode())
TYPE = (
    "Content-Type: text/plain; charset=utf-8; name=att\n"
    "Content-Disposition: attachment; filename=att\n"
)
SECRET_PART = part(TYPE + "Content-Transfer-Encoding: base64\n", B64)
QP_PART = part(TYPE + "Content-Transfer-Encoding: quoted-printable\n", QP)
CTE = "Content-Transfer-Encoding"


def everywhere(header: str | bytes, body: bytes) -> Named:
    """The same header on a mail of one part and on an attachment."""
    yield "mail", whole(b"Content-Type: text/plain; charset=utf-8\n" + _bytes(header), body)
    yield "part", attached(TYPE.encode() + _bytes(header), body)


def spread(name: str, header: str | bytes, body: bytes) -> Named:
    for where, content in everywhere(header, body):
        yield f"{name}/{where}", content
