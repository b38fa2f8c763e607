"""Tables that offices send, and that are of nobody, or of people at work: one function a kind.

Each gives the labels of its columns and its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.makers.innocent.words import SLOTS

Table = tuple[list[str], list[list[str]]]

# Kind of table -> columns: one of the labels, and the slot that fills the cells.
_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "facture": (
        ("Réf.|Code article", "n5"), ("Désignation|Libellé", "produit"), ("Qté|Quantité", "n2"),
        ("PU HT|Prix unitaire", "montant"), ("TVA|Taux", "pct"), ("Total HT|Montant", "montant"),
    ),
    "commande": (
        ("Référence|Réf. fournisseur", "n5"), ("EAN|Code-barres", "ean"), ("Article", "produit"),
        ("Quantité|Qté", "n2"), ("N° de commande|Commande", "commande"), ("Livraison", "jj"),
    ),
    "livraison": (
        ("Colis|N° colis", "colis"), ("Suivi", "suivi"), ("Article|Désignation", "produit"),
        ("Lot", "lot"), ("Qté livrée", "n2"), ("Horodatage|Scan", "ms"),
    ),
    "devis": (
        ("Poste|Ligne", "n1"), ("Prestation|Désignation", "produit"), ("Quantité", "n2"),
        ("Prix HT", "montant"), ("Remise", "pct"),
    ),
    "catalogue": (
        ("Réf.|Référence", "n5"), ("Désignation|Produit", "produit"), ("EAN13|GTIN", "ean"),
        ("Conditionnement", "n2"), ("Tarif|Prix public", "montant"), ("Page", "n3"),
    ),
    "planning": (
        ("Date|Jour", "jj"), ("Matin|M", "initiales"), ("Soir|S", "initiales"),
        ("Nuit|N", "initiales"), ("Astreinte", "initiales"), ("Salle|Secteur", "salle"),
    ),
    "annuaire": (
        ("Nom|Agent|Nom et prénom", "complet"), ("Fonction|Poste occupé", "fonction"),
        ("Poste|N° de poste", "n4"), ("Bureau", "n3"),
    ),
    "budget": (
        ("Compte|Code", "n5"), ("Libellé|Nature", "chose"), ("Budget|Prévu", "montant"),
        ("Réalisé", "montant"), ("Écart", "pct"),
    ),
    "mesures": (
        ("Horodatage|ts", "ms"), ("Capteur|Sonde", "n4"), ("Valeur", "n3"),
        ("Trame|ref", "commande"),
        ("Empreinte|hash", "hexa"),
    ),
    "statistiques": (
        ("Commune|Ville", "ville"), ("Effectif|N", "n4"), ("Part|%", "pct"), ("Âge moyen", "n2"),
        ("Évolution", "pct"),
    ),
    "formations": (
        ("Session|Date", "jj"), ("Intitulé|Formation", "formation_sujet"),
        ("Formateur|Intervenant", "complet"), ("Lieu|Salle", "salle"), ("Places", "n2"),
    ),
    "epidemiologie": (
        ("Semaine", "n2"), ("Pathologie|Maladie", "pathologie"), ("Cas|Effectif", "n4"),
        ("Incidence|Taux", "pct"), ("Département", "n2"),
    ),
    "medecins": (
        ("Praticien|Médecin|Nom", "medecin"), ("Spécialité|Discipline", "specialite"),
        ("Téléphone|Secrétariat", "tel"), ("Établissement|Site", "hopital"),
        ("RPPS|N° RPPS", "rpps"),
    ),
    "stock": (
        ("CIP13|Code CIP", "cip"), ("UCD", "ucd"), ("Dénomination|Spécialité", "medicament"),
        ("Dosage", "dosage"), ("Stock|Quantité", "n3"), ("Lot", "lot"), ("Péremption", "jj"),
    ),
    "actes": (
        ("Code|CCAM|Code acte", "ccam"), ("Libellé|Acte", "acte"), ("Tarif|Base", "montant"),
        ("GHM", "ghm"), ("Nombre|Effectif", "n4"),
    ),
    "activite": (
        ("Spécialité|Service", "specialite"), ("Consultations|Séjours", "n4"),
        ("Délai (jours)|Délai moyen", "n2"), ("Taux d'occupation", "pct"),
        ("Commentaire", "pathologie"),
    ),
    "equipements": (
        ("N° inventaire|Inventaire", "n5"), ("Équipement|Matériel", "dm"),
        ("Service|UF", "specialite"), ("Mise en service", "jj"), ("Valeur", "montant"),
        ("Référent|Demandeur", "complet"),
    ),
}  # fmt: skip


def table(kind: str, rng: Random) -> Table:
    """Some of its columns, the first one among them, and as many rows as offices send."""
    columns = list(_COLUMNS[kind])
    if len(columns) > 3 and rng.random() < 0.4:
        del columns[rng.randrange(1, len(columns))]
    labels = [rng.choice(label.split("|")) for label, _ in columns]
    if rng.random() < 0.15:
        labels = [label.upper() for label in labels]
    makers: list[Callable[[Random], str]] = [SLOTS[slot] for _, slot in columns]
    count = rng.choice((3, 5, 8, 12, 25, 60))
    return labels, [[maker(rng) for maker in makers] for _ in range(count)]
