"""Whose a mailbox seems to be, by what stands before the @: a person's names, or a service's work.

`marie.dupont2` is somebody; `secretariat.cardio`, `contact` and `rh` are whoever sits there, and
two of them that resemble each other are simply two.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

MAX_LOCAL = 64  # octets, RFC 5321

_SHAPES = str.maketrans({"0": "o", "1": "l", "3": "e", "5": "s", "8": "b", "|": "l"})
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_FOREIGN = str.maketrans("аеорсухіјѕһԁɡո", "aeopcyxijshdgn")  # as Cyrillic and others draw them
_SIGNS = re.compile(r"[^\W\d_]+")

_WORK = """
abonnements abuse accueil achat achats admin administration admission admissions agence alerte
ambulance ambulances archives ars assistance bienvenue biologie bloc boutique bureau bureaux
cabinet caf caisse candidature candidatures cardio cardiologie centre chirurgie chsct chu client
clients clinique cme cnil college commande commandes commercial communication compta comptabilite
consultation consultations contact contacts courrier cpam crm cse deleguee departement devis dim
direction donnees dossier dossiers dpo drh dsi dsih ecole ehpad email equipe facturation
factures faq finances formation gendarmerie geriatrie gestion gip greffe help hopital
hotline hygiene imagerie info information informations informatique infos internat juridique labo
laboratoire livraison logistique lycee mail maintenance mairie marketing maternite mdph medecine
medical messagerie mission neurologie newsletter noreply notification notifications
oncologie ordre paie patient patients patrimoine pediatrie pharma pharmacie plainte plaintes
planning plateau pole police postmaster prefecture presse prevention projet psychiatrie pui
qualite radiologie reception reclamation recrutement relations reply repondre reservation
resultats rgpd rh root samu sav scan scolaire secretaire secretariat secretariats securite sejour
service services smur social ssr stage stages standard support syndicat team technique tiers
transport tresorerie tribunal unite urgence urgences usagers usld vente ventes webmaster www
"""
_SERVICES = frozenset(_WORK.split())


@dataclass(frozen=True, slots=True)
class Mailbox:
    """names: its words, without accents and numbers. service: no person's."""

    names: tuple[str, ...] = field(repr=False)
    service: bool

    @property
    def letters(self) -> str:
        return "".join(self.names)

    @property
    def full(self) -> bool:
        """A first name and a surname, both written out."""
        return not self.service and sum(len(name) > 2 for name in self.names) > 1


def mailbox(local: str) -> Mailbox:
    """local: what stands before the @."""
    words = _SIGNS.findall(unaccented(local[:MAX_LOCAL]))
    service = not _SERVICES.isdisjoint(words) or not words
    return Mailbox(tuple(words), service)


def drawn(text: str) -> str:
    """As the eye takes it: without accents, letters for the digits that look like them."""
    shown = unaccented(text).translate(_SHAPES)
    for pair, letter in _PAIRS:
        shown = shown.replace(pair, letter)
    return shown


def unaccented(text: str) -> str:
    """In lower case, of the Latin alphabet as far as the eye can tell."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(one for one in apart if not unicodedata.combining(one)).translate(_FOREIGN)
