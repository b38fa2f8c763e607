"""Encrypted PDF (AES-256, revision 6 of ISO 32000-2): for whoever has nothing but a PDF reader.

A page with the text of the message, its files embedded as they were, and the whole original as
message.eml, so that nothing of it (not a header field) is lost. The secret is made anew for each
mail; the sender alone is told, and passes it on by telephone: a secret that goes to the mailbox of
the message protects nothing. So the sender must be one of ours, and not the null sender.
"""

from __future__ import annotations

import base64
import io
import quopri
import secrets
from collections.abc import Sequence

import pikepdf

from gateway.act import contents, header, pdf_page
from gateway.act.letter import typeset
from gateway.act.method import Means, Method, Sealed
from gateway.act.outside import Outside, token
from gateway.model import Mail

# One of each set that looks alike (0 o, 1 l i, 5 s, 8 b, 2 z, u v) or sounds alike on a French line
# (b d p t v, m n, s f, g j, q k) at most; small letters, since nobody says "small" aloud.
ALPHABET = "acefhjkmrtwxy2346789"
GROUPS, LENGTH = 4, 4  # 16 of 20 symbols: 69 bits

NAME = "message-chiffre.pdf"
ORIGINAL = "message.eml"

_COVER = """\
Bonjour,

{sender} vous a envoyé un message. Il est dans le document joint, chiffré,
afin que personne d'autre ne puisse le lire.

Pour le lire :

  1. Demandez le mot de passe à la personne qui vous écrit, par téléphone.
  2. Ouvrez le document joint avec un lecteur de PDF, et saisissez le mot de
     passe.
  3. Les pièces jointes sont dans le document : ouvrez le volet
     « Pièces jointes » du lecteur.

Le mot de passe ne vous sera jamais envoyé par courriel. Nous ne vous
demanderons ni mot de passe de messagerie, ni carte bancaire, ni paiement.
"""


def fits(means: Means, mail: Mail, recipient: str) -> bool:
    return means.pdf and bool(mail.envelope.sender) and means.ours(mail.envelope.sender)


def seal(
    means: Means, mail: Mail, outside: Outside, recipients: Sequence[str]
) -> tuple[Sealed, ...]:
    """One document for all of them, with one secret to tell."""
    secret = new_secret()
    content = _mail(means, outside, document(mail.content, secret))
    return (Sealed(tuple(recipients), content, secret),)


def new_secret() -> str:
    """ "k7ra-m2wx-9hpf-3cte": typed as written, in small letters, with the hyphens."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def document(content: bytes, secret: str) -> bytes:
    shown = contents.read(content)
    with pikepdf.open(io.BytesIO(pdf_page.pages(_letterhead(content), shown))) as pdf:
        for file in (*shown.files, contents.File(ORIGINAL, "message/rfc822", content)):
            pdf.attachments[file.name] = pikepdf.AttachedFileSpec(
                pdf,
                file.data,
                filename=file.name,
                mime_type=file.media_type,
                description="",
                creation_date="",
                mod_date="",
            )
        pdf.Root.PageMode = pikepdf.Name.UseAttachments
        pdf.Root.Lang = pikepdf.String("fr-FR")
        lock = pikepdf.Encryption(user=secret, owner=secrets.token_urlsafe(32), R=6, aes=True)
        out = io.BytesIO()
        pdf.save(out, encryption=lock, linearize=False)
    return out.getvalue()


def _letterhead(content: bytes) -> tuple[tuple[str, str], ...]:
    head = header.read(header.split(content)[0])
    labels = (("De", b"from"), ("À", b"to"), ("Copie", b"cc"), ("Date", b"date"))
    lines = (
        (label, ", ".join(head.values(name))) for label, name in (*labels, ("Objet", b"subject"))
    )
    return tuple((label, contents.decoded(value)) for label, value in lines if value)


def _mail(means: Means, outside: Outside, document: bytes) -> bytes:
    boundary = token()
    head = outside.head(
        (
            ("MIME-Version", "1.0"),
            ("Content-Type", f'multipart/mixed; boundary="{boundary}"'),
        )
    )
    words = _COVER.format(sender=means.organisation or "Votre correspondant")
    cover = quopri.encodestring(typeset(words).encode())
    return b"".join(
        (
            head,
            f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n".encode(),
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
            cover.replace(b"\n", b"\r\n"),
            f'\r\n--{boundary}\r\nContent-Type: application/pdf; name="{NAME}"\r\n'.encode(),
            b"Content-Transfer-Encoding: base64\r\n",
            f'Content-Disposition: attachment; filename="{NAME}"\r\n\r\n'.encode(),
            base64.encodebytes(document).replace(b"\n", b"\r\n"),
            f"--{boundary}--\r\n".encode(),
        )
    )


METHOD = Method("pdf", fits, seal)
