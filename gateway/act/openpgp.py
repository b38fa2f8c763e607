"""OpenPGP: PGP/MIME (RFC 3156) to the recipients' encryption subkeys, by Sequoia.

Inside, as with S/MIME, is the whole original with its header protected (RFC 9788). Which cipher,
and whether it is authenticated, follows what the keys say their owner's program reads.

The recipients' key ids stand in the message for all to see: whoever is not named in To or Cc gets
one of his own, or Bcc would be told.
"""

from __future__ import annotations

from collections.abc import Sequence

from pysequoia import encrypt

from gateway.act.method import Keys, Means, Method, Sealed
from gateway.act.outside import Outside, token
from gateway.act.smime import payload
from gateway.errors import Temporary
from gateway.model import Mail

NAME = "encrypted.asc"


def fits(means: Means, mail: Mail, recipient: str) -> bool:
    return means.keys is not None and means.keys.find(recipient) is not None


def seal(
    means: Means, mail: Mail, outside: Outside, recipients: Sequence[str]
) -> tuple[Sealed, ...]:
    if means.keys is None:
        raise Temporary("no OpenPGP keys")
    inside = payload(mail.content, outside)
    return tuple(
        Sealed(group, _mail(outside, _encrypted(means.keys, inside, group)))
        for group in outside.groups(recipients)
    )


def _encrypted(keys: Keys, inside: bytes, group: Sequence[str]) -> bytes:
    """Armoured, lines with CRLF. Sequoia's own error would name the key and quote a stack."""
    found = [keys.find(recipient) for recipient in group]
    certs = [cert for cert in found if cert is not None]
    if len(certs) < len(group):  # expired since it was chosen
        raise Temporary("an OpenPGP key went away")
    try:
        armoured = encrypt(inside, recipients=certs, signer=keys.signer())
    except (RuntimeError, ValueError):
        raise Temporary("OpenPGP encryption failed") from None
    return armoured.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _mail(outside: Outside, armoured: bytes) -> bytes:
    boundary = token()
    head = outside.head(
        (
            ("MIME-Version", "1.0"),
            (
                "Content-Type",
                'multipart/encrypted; protocol="application/pgp-encrypted";\r\n'
                f' boundary="{boundary}"',
            ),
        )
    )
    return b"".join(
        (
            head,
            f"--{boundary}\r\nContent-Type: application/pgp-encrypted\r\n\r\n".encode(),
            f"Version: 1\r\n\r\n--{boundary}\r\n".encode(),
            f'Content-Type: application/octet-stream; name="{NAME}"\r\n'.encode(),
            f'Content-Disposition: inline; filename="{NAME}"\r\n\r\n'.encode(),
            armoured,
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )


METHOD = Method("openpgp", fits, seal, "aucune clé OpenPGP en cours de validité")
