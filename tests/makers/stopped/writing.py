"""How people put an identifier into words: sentences, forms, letters, headers, attachments."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.makers import mails, persons, prose
from tests.makers.ordinary.writing import numbered, words
from tests.makers.persons import Person
from tests.makers.stopped.leaks import Leak

OURS = "ch-exemple.example"
_OUTSIDE = ("mail.example", "gmail.example", "mutuelle.example", "formation-sql.example")
_SENTENCES = (
    "Pourriez-vous reprendre le dossier de {who} ? {named}{value}",
    "Je vous transmets les éléments concernant {who}, {born}. {named}{value}.",
    "{who} ({named}{value}) m'a rappelé ce matin au sujet de son dossier.",
    "Objet de ma demande : {who}, {born}, {named}{value}. Merci de me tenir informé.",
    "Suite à votre appel, voici ce qu'il vous manquait pour {who} :\n{named}{value}",
    "Voici les références demandées :\n- {who}\n- {born}\n- {named}{value}",
    "{who}\n{named}{value}\n{street}\n{town}",
)
_SUBJECTS = (
    "Dossier à compléter", "RE: votre demande", "Suite à notre échange", "TR: pièces manquantes",
    "Demande de prise en charge", "Élément manquant – dossier en cours", "Relance",
)  # fmt: skip
_BEFORE = (
    "Bonjour,\n\n", "Madame, Monsieur,\n\n", "Bonjour à toute l'équipe,\n\n", "Cher collègue,\n\n",
    "Bonjour,\n\nJe me permets de revenir vers vous comme convenu.\n\n", "",
)  # fmt: skip
_AFTER = (
    "\n\nMerci d'avance pour votre retour.\n\nCordialement,\n", "\n\nBien à vous,\n", "\n",
    "\n\nRestant à votre disposition pour tout renseignement complémentaire.\n\nCordialement,\n",
)  # fmt: skip
_SERVICES = ("Service des admissions", "Bureau des entrées", "Direction des finances", "Accueil")
_BETWEEN = (" : ", ": ", ":", " ", " = ", " :\n", "\t", " :  ", "\u00a0: ", " - ")


def name(rng: Random, who: Person) -> str:
    """As one writes of somebody."""
    civility = rng.choice((who.civility, "Monsieur" if who.sex == "M" else "Madame"))
    return rng.choice(
        (
            f"{civility} {who.first} {who.last}",
            f"{civility} {who.last} {who.first}",
            f"{civility} {who.last}",
            f"{civility} {who.first} {who.last.title()}",
            f"{who.last} {who.first}, {who.born_on}",
        )
    )


def labelled(rng: Random, leak: Leak, *, flat: bool = False) -> str:
    """The label and the number. flat: on one line."""
    if not leak.label:
        return leak.value
    between = rng.choice(_BETWEEN)
    return leak.label + (between.replace("\n", " ") if flat else between) + leak.value


def sentence(rng: Random, leak: Leak) -> str:
    return rng.choice(_SENTENCES).format(
        who=name(rng, leak.who),
        born=leak.who.born_on,
        named="",
        value=labelled(rng, leak),
        street=leak.who.street,
        town=leak.who.town,
    )


def form(rng: Random, leak: Leak) -> list[tuple[str, str]]:
    """Labels and values, as on a form."""
    who = leak.who
    fields = [
        ("Nom", who.last),
        ("Prénom", who.first),
        ("Né(e) le", f"{who.born:%d/%m/%Y}"),
        (leak.label or "N°", leak.value),
        ("Adresse", f"{who.street}, {who.town}"),
    ]
    return fields[: rng.randint(4, 5)]


def letter(rng: Random, core: str) -> str:
    """A whole body around what it is about."""
    sender = persons.person(rng)
    text = rng.choice(_BEFORE)
    if rng.random() < 0.3:
        text += _beginning(rng.choice(prose.LETTERS)) + "\n\n"
    text += core + rng.choice(_AFTER)
    if rng.random() < 0.7:
        number = f"05 56 99 00 {rng.randint(10, 99)}"
        text += f"{sender.first} {sender.last}\n{rng.choice(_SERVICES)}\nTél. {number}\n"
    return text


def _beginning(other: str) -> str:
    """The first sentences of a letter, without its greeting and its closing formula."""
    return ". ".join(other.split("\n\n")[1].split(". ")[:2]).rstrip(".") + "."


def headers(rng: Random, subject: str = "") -> dict[str, str]:
    """From one of ours to somebody outside."""
    sender, receiver = persons.person(rng), persons.person(rng)
    shown = f"{sender.first} {sender.last}"
    to = f"{receiver.first}.{receiver.last}".lower().encode("ascii", "ignore").decode()
    return {
        "From": f"{encoded(shown)} <agent{rng.randint(1, 99)}@{OURS}>",
        "To": f"{to}@{rng.choice(_OUTSIDE)}",
        "Subject": encoded(subject or rng.choice(_SUBJECTS)),
        "Date": f"Mon, {rng.randint(2, 29):02d} Nov 2026 14:32:00 +0100",
        "Message-ID": f"<{rng.randrange(10**12)}@{OURS}>",
    }


def encoded(text: str) -> str:
    """For a header: as it is, or in encoded words."""
    return text if text.isascii() else words(text).replace("\n", "\r\n")


def attachment(rng: Random, name: str, data: bytes) -> bytes:
    """Its name as clients write it: plain, in encoded words, or by RFC 2231."""
    disposition = f'attachment; filename="{name}"'
    if not name.isascii() or rng.random() < 0.2:
        pieces = numbered(name, "filename")
        disposition = "attachment;\r\n " + ";\r\n ".join(pieces)
        if rng.random() < 0.4:
            disposition = f'attachment; filename="{encoded(name)}"'
    fields = {"Content-Disposition": disposition}
    return mails.entity("application/octet-stream", data, "base64", fields)


def text(rng: Random, body: str, subtype: str = "plain") -> bytes:
    """In one of the encodings that clients use."""
    charset = rng.choice(("utf-8", "utf-8", "iso-8859-1", "cp1252", "utf-8"))
    try:
        body.encode(charset)
    except UnicodeEncodeError:
        charset = "utf-8"
    encoding = rng.choice(("8bit", "quoted-printable", "base64"))
    return mails.text(body, subtype=subtype, charset=charset, encoding=encoding)


def covering(rng: Random, subject: str, *attachments: bytes) -> bytes:
    """A mail that says nothing, and what is attached to it."""
    body = letter(rng, rng.choice(COVERS))
    return mails.mixed(text(rng, body), *attachments, **headers(rng, subject))


COVERS: Sequence[str] = (
    "Veuillez trouver ci-joint le document demandé.",
    "Vous trouverez en pièce jointe le fichier dont nous avons parlé au téléphone.",
    "Ci-joint les pièces, merci de me confirmer la bonne réception.",
)
