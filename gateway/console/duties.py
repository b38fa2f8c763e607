"""What is to be done before staff's mail is read: `declared` in gateway.yaml, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.language import later


@dataclass(frozen=True, slots=True)
class Duty:
    """name, why: texts of the catalogue."""

    name: str
    why: str


DUTIES: Mapping[str, Duty] = {
    "dpia": Duty(
        later("analyse d'impact (AIPD)"),
        later(
            "Lire le courrier de tout le personnel à la recherche de données de santé est un "
            "traitement à risque élevé : le responsable de traitement en analyse l'impact avant de "
            "commencer (RGPD, article 35)."
        ),
    ),
    "works_council": Duty(
        later("consultation du CSE"),
        later(
            "Le comité social et économique est informé et consulté avant la mise en place d'un "
            "moyen de contrôle de l'activité (Code du travail, article L. 2312-38). Sans comité, "
            "écrivez none."
        ),
    ),
    "staff": Duty(
        later("information du personnel"),
        later(
            "Chacun est informé avant qu'un dispositif recueille des informations sur lui (Code du "
            "travail, article L. 1222-4 ; RGPD, articles 12 à 14)."
        ),
    ),
}
