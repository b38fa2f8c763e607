"""The portal: for whoever has nothing but a browser. The message stays with us, sealed to a link.

The mail that carries the link tells nothing of the message and goes to one recipient alone, who
answers for what is done with it. The code goes another way: to the sender, who says it on the
telephone, or to a telephone that he named. So he must be one of ours, and not the null sender.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gateway.act.calendar import day_in_words
from gateway.act.letter import Block, Link, Words, encoded, in_both, typeset
from gateway.act.method import Means, Method, Sealed
from gateway.act.outside import Outside
from gateway.model import Mail
from gateway.parcel import Parcel, Terms, new_code, new_token, packed

DAY_SECONDS = 86400.0
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


def fits(means: Means, mail: Mail, recipient: str) -> bool:
    sender = mail.envelope.sender
    return means.portal is not None and bool(sender) and means.ours(sender)


def seal(
    means: Means, mail: Mail, outside: Outside, recipients: Sequence[str]
) -> tuple[Sealed, ...]:
    """A parcel and a mail for each: a link that two have cannot be closed for one of them."""
    terms = means.portal
    assert terms is not None
    package, until = packed(mail.content), mail.received + terms.days * DAY_SECONDS
    message_id = dict(outside.fields)["Message-ID"]
    parcels = (
        Parcel(mail, one, package, until, message_id, new_token(), new_token(), new_code())
        for one in recipients
    )
    return tuple(
        Sealed(
            (one.recipient,), _mail(means.organisation, terms, outside, one), one.code, parcel=one
        )
        for one in parcels
    )


def _mail(organisation: str, terms: Terms, outside: Outside, parcel: Parcel) -> bytes:
    """Of the original's header: From, Date and Message-ID. To names this recipient alone."""
    subject = f"{organisation or 'Votre correspondant'} vous a envoyé un message protégé"
    replaced = {"To": parcel.recipient, "Subject": encoded(typeset(subject))}
    kept = ((name, replaced.get(name, value)) for name, value in outside.fields if name != "Cc")
    head = "".join(f"{name}: {value}\r\n" for name, value in kept)
    return head.encode() + in_both(subject, tuple(_blocks(organisation, terms, parcel)))


def _blocks(organisation: str, terms: Terms, parcel: Parcel) -> Iterator[Block]:
    day = datetime.fromtimestamp(parcel.until, ZoneInfo(terms.zone)).date()
    yield from _french(organisation or "Votre correspondant", terms, parcel, day)
    yield Words("— English —")
    yield from _english(organisation or "Your correspondent", terms, parcel, day)


def _french(who: str, terms: Terms, parcel: Parcel, day: date) -> Iterator[Block]:
    code = "Demandez le code, par téléphone, à la personne qui vous écrit."
    if terms.sms:
        code = (
            "Saisissez le code. Il arrive par SMS si la personne qui vous écrit a donné votre "
            "numéro ; sinon, demandez-le-lui par téléphone."
        )
    yield Words("Bonjour,")
    yield Words(
        f"{who} vous a envoyé un message. Son contenu n'est pas dans ce courriel, afin que "
        "personne d'autre ne puisse le lire."
    )
    yield Words(f"Pour le lire, jusqu'au {day_in_words(day)}, ouvrez :")
    yield Link(f"{terms.url}/l/{parcel.link}")
    yield Words(code)
    yield Words(
        "Il n'y a pas de compte à créer. Nous ne vous demanderons ni mot de passe de messagerie, "
        "ni carte bancaire, ni paiement."
    )
    site = f", dont le numéro est sur {terms.site}," if terms.site else ""
    yield Words(
        "Un doute sur ce courriel ? Ne cliquez pas. Appelez le standard"
        f"{site} et donnez ce code : {parcel.mail.id}."
    )
    yield Words(
        "Ce message ne vous est pas destiné ? Merci de nous le dire ici, sans ouvrir le message :"
    )
    yield Link(f"{terms.url}/erreur/{parcel.link}")
    yield Words("Ne le transférez pas. Nous fermerons l'accès aussitôt.")
    if terms.phone:
        yield Words(f"Vous n'avez pas reçu le code : {terms.phone}.")
    rights = f" Vos droits : {terms.rights}" if terms.rights else ""
    yield Words(
        "Protection des données : l'expéditeur voit si et quand le message a été ouvert." + rights
    )


def _english(who: str, terms: Terms, parcel: Parcel, day: date) -> Iterator[Block]:
    code = "Ask the person who writes to you for the code, by telephone."
    if terms.sms:
        code = (
            "Type the code. It comes by text message if the person who writes to you has given "
            "your number; otherwise ask for it by telephone."
        )
    yield Words(
        f"{who} has sent you a message. What it says is not in this e-mail, so that nobody else "
        f"can read it. To read it, until {day.day} {_MONTHS[day.month - 1]} {day.year}, open:"
    )
    yield Link(f"{terms.url}/l/{parcel.link}")
    yield Words(code)
    yield Words(
        "There is no account to create. We will never ask for the password of your mailbox, a bank "
        f"card or a payment. In doubt, do not click: call our switchboard and give this code: "
        f"{parcel.mail.id}."
    )
    yield Words("Not for you? Please tell us here, without opening it, and do not forward it:")
    yield Link(f"{terms.url}/erreur/{parcel.link}")


METHOD = Method(
    "portal", fits, seal, "il n'y a pas de portail, ou l'expéditeur n'est pas des nôtres"
)
