"""Encrypted ZIP (AES-256, WinZip's AE-2), for those who ask for it: `zip.recipients`.

A ZIP shows the names and sizes of what is in it, encrypted or not. So it holds one file only,
message.zip, which holds the message as a text, its files as they were and the whole original. A
worker packs it (`Means.draw`); the lock comes after, here. Secrets are those of an encrypted PDF.
AE-2, since AE-1 keeps a checksum of the clear bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pyzipper
from pyzipper.zipfile_aes import WZ_AES_V2

from gateway.act.enclosed import enclosed
from gateway.act.method import Means, Method, Sealed
from gateway.act.outside import Outside
from gateway.act.sealed_pdf import ORIGINAL, has_secret, keyed
from gateway.errors import NoChannel
from gateway.model import Mail

NAME, INSIDE = "message-chiffre.zip", "message.zip"

_COVER = """\
Bonjour,

{sender} vous a envoyé un message. Il est dans l'archive jointe, chiffrée,
afin que personne d'autre ne puisse la lire.

Pour le lire :

  1. {how}
  2. Ouvrez l'archive avec un logiciel qui lit le chiffrement AES, tel que
     7-Zip (l'explorateur de Windows ne le lit pas), et saisissez le mot de
     passe.
  3. Ouvrez message.zip, qui s'y trouve : le message et ses pièces jointes
     sont dedans.

Le mot de passe ne vous sera jamais envoyé par courriel. Nous ne vous
demanderons ni mot de passe de messagerie, ni carte bancaire, ni paiement.
"""


def fits(means: Means, mail: Mail, recipient: str) -> bool:
    sender = mail.envelope.sender
    ours = bool(sender) and means.ours(sender)
    return means.zips(recipient) and ours and has_secret(means, recipient)


def seal(
    means: Means, mail: Mail, outside: Outside, recipients: Sequence[str]
) -> tuple[Sealed, ...]:
    """One archive for all of them, with one secret to tell; one for each with a secret known."""
    packed = means.draw("zip", mail)
    if packed is None:
        raise NoChannel(tuple(recipients))
    try:
        whole = completed(packed, mail.content)
    except Exception:  # of a worker that lies; what is said of it may quote the message
        raise NoChannel(tuple(recipients)) from None
    made = []
    for group, secret, told, words in keyed(means, _COVER, recipients):
        content = enclosed(outside, words, NAME, "application/zip", locked(whole, secret))
        made.append(Sealed(group, content, told))
    return tuple(made)


def completed(packed: bytes, content: bytes) -> bytes:
    """packed: by a worker. content: the message as it was, put beside."""
    out = io.BytesIO(packed)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ORIGINAL, content)
    return out.getvalue()


def locked(data: bytes, secret: str) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=zipfile.ZIP_STORED) as archive:
        archive.setpassword(secret.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256, force_wz_aes_version=WZ_AES_V2)
        archive.writestr(INSIDE, data)
    return out.getvalue()


METHOD = Method(
    "zip",
    fits,
    seal,
    "pas de ZIP demandé, pas de mot de passe connu, ou l'expéditeur n'est pas des nôtres",
)
