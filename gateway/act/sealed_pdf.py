"""Encrypted PDF (AES-256, revision 6 of ISO 32000-2): for whoever has nothing but a PDF reader.

Pages with the message as it was laid out, its files embedded as they were, and the whole original
as message.eml, so that nothing of it (not a header field) is lost. A worker draws (`Means.draw`);
the lock comes after, here, where secrets are.

Whoever has agreed on a password with us, or chose one on the portal, gets a document of his own
under it. For the others one is made anew for each mail, and the sender is told, who passes it on by
telephone; where their numbers are known, it goes there, too. A secret that goes to the mailbox of
the message protects nothing. So the sender must be one of ours, and not the null sender.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Sequence

from gateway.act.enclosed import enclosed
from gateway.act.method import Means, Method, Sealed
from gateway.act.outside import Outside
from gateway.errors import NoChannel
from gateway.model import Mail

# One of each set that looks alike (0 o, 1 l i, 5 s, 8 b, 2 z, u v) or sounds alike on a French line
# (b d p t v, m n, s f, g j, q k) at most; small letters, since nobody says "small" aloud.
ALPHABET = "acefhjkmrtwxy2346789"
GROUPS, LENGTH = 4, 4  # 16 of 20 symbols: 69 bits

NAME = "message-chiffre.pdf"
ORIGINAL = "message.eml"

_ASK = "Demandez le mot de passe à la personne qui vous écrit, par téléphone."
_TEXTED = """\
Le mot de passe vous arrive par SMS. Sinon, demandez-le à la personne qui
     vous écrit, par téléphone."""
_AGREED = """\
Le mot de passe est celui dont vous êtes convenu avec {sender}."""
_CHOSEN = """\
Le mot de passe est celui que vous avez choisi sur notre portail. Si vous
     l'avez oublié, ou n'en voulez plus, dites-le sur cette page :

     {page}
"""
_COVER = """\
Bonjour,

{sender} vous a envoyé un message. Il est dans le document joint, chiffré,
afin que personne d'autre ne puisse le lire.

Pour le lire :

  1. {how}
  2. Ouvrez le document joint avec un lecteur de PDF, et saisissez le mot de
     passe.
  3. Les pièces jointes sont dans le document : ouvrez le volet
     « Pièces jointes » du lecteur.

Le mot de passe ne vous sera jamais envoyé par courriel. Nous ne vous
demanderons ni mot de passe de messagerie, ni carte bancaire, ni paiement.
"""
_NOT_YOURS = """
Ce message ne vous est pas destiné ? Envoyez ce courriel, sans le document,
à {address}
et ne le transférez à personne d'autre.
"""


def fits(means: Means, mail: Mail, recipient: str) -> bool:
    sender = mail.envelope.sender
    return means.pdf and bool(sender) and means.ours(sender) and has_secret(means, recipient)


def has_secret(means: Means, recipient: str) -> bool:
    """Whether a document can be opened by him: he knows its password, or will be told."""
    if means.tells or means.texts(recipient) or means.agreed(recipient):
        return True
    return means.chosen(recipient) is not None


def seal(
    means: Means, mail: Mail, outside: Outside, recipients: Sequence[str]
) -> tuple[Sealed, ...]:
    """One document for all of them, with one secret to tell; one for each with a secret known."""
    drawn = means.draw("pdf", mail)
    if drawn is None:
        raise NoChannel(tuple(recipients))
    made = []
    for group, secret, told, words in keyed(means, _COVER, recipients):
        try:
            document = locked(drawn, mail.content, secret)
        except Exception:  # of a worker that lies; what is said of it may quote the message
            raise NoChannel(tuple(recipients)) from None
        content = enclosed(outside, words, NAME, "application/pdf", document)
        made.append(Sealed(group, content, told))
    return tuple(made)


def keyed(
    means: Means, words: str, recipients: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    """Who gets one document, under which secret, what of it must be told, and the words beside."""
    known = {one: found for one in recipients if (found := _known(means, one))}
    for one, (secret, how) in known.items():
        yield (one,), secret, "", cover(means, words, how)
    others = tuple(one for one in recipients if one not in known)
    if others:
        how = _TEXTED if any(map(means.texts, others)) else _ASK
        secret = new_secret()
        yield others, secret, secret, cover(means, words, how)


def _known(means: Means, recipient: str) -> tuple[str, str] | None:
    """The password that he knows, and which it is, in words."""
    if secret := means.agreed(recipient):
        return secret, _AGREED
    chosen = means.chosen(recipient)
    if chosen is None or means.portal is None:
        return None
    return chosen.secret, _CHOSEN.replace("{page}", f"{means.portal.url}/boite/{chosen.token}")


def new_secret() -> str:
    """ "k7ra-m2wx-9hpf-3cte": typed as written, in small letters, with the hyphens."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def locked(drawn: bytes, content: bytes, secret: str) -> bytes:
    """drawn: by a worker, so nothing of it is repaired. content: the message as it was."""
    import pikepdf  # here, not above: most processes lock nothing, and all would wait for it

    with pikepdf.open(io.BytesIO(drawn), attempt_recovery=False, suppress_warnings=True) as pdf:
        pdf.attachments[ORIGINAL] = pikepdf.AttachedFileSpec(
            pdf,
            content,
            filename=ORIGINAL,
            mime_type="message/rfc822",
            description="",
            creation_date="",
            mod_date="",
        )
        pdf.Root.PageMode = pikepdf.Name.UseAttachments
        lock = pikepdf.Encryption(user=secret, owner=secrets.token_urlsafe(32), R=6, aes=True)
        out = io.BytesIO()
        pdf.save(out, encryption=lock, linearize=False)
    return out.getvalue()


def cover(means: Means, words: str, how: str) -> str:
    sender = means.organisation or "Votre correspondant"
    written = words.format(sender=sender, how=how.format(sender=sender))
    return written + (_NOT_YOURS.format(address=means.incidents) if means.incidents else "")


METHOD = Method(
    "pdf",
    fits,
    seal,
    "le PDF est désactivé, sans mot de passe connu, ou l'expéditeur n'est pas des nôtres",
)
