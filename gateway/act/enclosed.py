"""A mail that carries one document under a secret, with a few words on how to open it."""

from __future__ import annotations

import base64
import quopri

from gateway.act.letter import typeset
from gateway.act.outside import Outside, token


def enclosed(outside: Outside, words: str, name: str, media_type: str, document: bytes) -> bytes:
    """name: of the document; the same for every mail, since the mail's own might tell."""
    boundary = token()
    head = outside.head(
        (
            ("MIME-Version", "1.0"),
            ("Content-Type", f'multipart/mixed; boundary="{boundary}"'),
        )
    )
    cover = quopri.encodestring(typeset(words).encode())
    return b"".join(
        (
            head,
            f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n".encode(),
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
            cover.replace(b"\n", b"\r\n"),
            f'\r\n--{boundary}\r\nContent-Type: {media_type}; name="{name}"\r\n'.encode(),
            b"Content-Transfer-Encoding: base64\r\n",
            f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'.encode(),
            base64.encodebytes(document).replace(b"\n", b"\r\n"),
            f"--{boundary}--\r\n".encode(),
        )
    )
