"""Who says that a mail was not for him, and who says something like it."""

import pytest

from gateway.decide.not_for_me import not_for_me

SAID = [
    "Bonjour,\n\nVous vous êtes trompé de destinataire.\n\nCordialement",
    "Je pense qu'il y a une erreur de destinataire, je suis plombier.",
    "Mauvais destinataire !",
    "Ce message ne m'est pas destiné, je l'ai effacé.",
    "Ce courriel ne m’était manifestement pas destiné.",
    "Ce n'est pas pour moi, je ne suis pas médecin.",
    "Je ne suis pas la bonne personne.",
    "Je ne suis pas le destinataire de ces résultats.",
    "Vous m'avez envoyé les résultats d'une autre patiente par erreur.",
    "J'ai reçu cette ordonnance par\nerreur.",
    "Vous avez dû vous tromper d'adresse.",
    "You have the wrong person, I am no doctor.",
    "This was not intended for me.",
    "I received this file by mistake.",
]
NOT_SAID = [
    ("Merci, bien reçu.", "thanks"),
    ("Si vous avez reçu ce message par erreur, merci de le détruire.", "what signatures say"),
    ("Ce message est destiné à son seul destinataire.", "so do these"),
    ("If you have received this email in error, delete it.", "and these"),
    ("Si vous vous êtes trompé de destinataire, dites-le.", "a condition"),
    ("La facture a été payée deux fois par erreur.", "somebody else's mistake, of another kind"),
    ("J'ai supprimé votre message par erreur, renvoyez-le.", "a reader's own mistake"),
    ("Je vous ai envoyé ce fichier par erreur, oubliez-le.", "the other way round"),
    ("Ce n'est pas pour nous aider.", "an idiom"),
    ("Le colis est parti à la mauvaise adresse.", "a parcel"),
    ("Oui.\n\nLe 3 mars, A. Test a écrit :\n> Vous vous êtes trompé de destinataire.", "quoted"),
    ("Oui.\n> Ce message ne m'est pas destiné.", "quoted without a word"),
    ("", "nothing"),
]


def mail(text: str) -> bytes:
    head = "From: lecteur@domicile.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return (head + text.replace("\n", "\r\n")).encode()


@pytest.mark.parametrize("text", SAID)
def test_it_is_heard_in_the_words_of_people(text):
    assert not_for_me(mail(text))


@pytest.mark.parametrize(("text", "why"), NOT_SAID)
def test_what_is_like_it_is_not_heard(text, why):
    assert not not_for_me(mail(text)), why


def test_it_is_looked_for_in_the_first_words_alone():
    assert not not_for_me(mail("Bonjour. " * 100 + "Ce message ne m'est pas destiné."))
