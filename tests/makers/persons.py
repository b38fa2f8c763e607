"""Fictitious persons: surnames that say so, streets and towns that do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tests.makers import identifiers

FIRST_NAMES = {
    "M": ("Paul", "Jean", "Michel", "Nicolas", "Karim", "Antoine", "Jean-Pierre", "Hugo"),
    "F": ("Anne", "Marie", "Claire", "Sophie", "Nadia", "Hélène", "Zoé", "Françoise"),
}
SURNAMES = (
    "TEST", "TESTEUR", "FICTIF", "EXEMPLE", "PATIENT-TEST", "MARTIN-TEST", "DURAND-FICTIF",
    "TEST-UN", "TEST-DEUX", "SPECIMEN", "MODELE-TEST", "INVENTE",
)  # fmt: skip
STREETS = ("rue Fictive", "avenue de l'Exemple", "place du Test", "chemin des Essais")
TOWNS = ("99999 TESTVILLE", "99998 EXEMPLE-SUR-MER")


@dataclass(frozen=True, slots=True)
class Person:
    sex: str  # "M" or "F"
    first: str
    last: str
    born: date
    street: str
    town: str
    nir: str

    @property
    def civility(self) -> str:
        return "M." if self.sex == "M" else "Mme"

    @property
    def born_on(self) -> str:
        return f"{'né' if self.sex == 'M' else 'née'} le {self.born:%d/%m/%Y}"


def person(rng: Random) -> Person:
    sex = rng.choice("MF")
    born = date(1930, 1, 1) + timedelta(days=rng.randint(0, 27_000))
    number = identifiers.nir(rng, born=(born.year, born.month))
    number = ("1" if sex == "M" else "2") + number[1:13]
    return Person(
        sex=sex,
        first=rng.choice(FIRST_NAMES[sex]),
        last=rng.choice(SURNAMES),
        born=born,
        street=f"{rng.randint(1, 99)} {rng.choice(STREETS)}",
        town=rng.choice(TOWNS),
        nir=number + identifiers.nir_key(number),
    )
