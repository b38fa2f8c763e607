"""A fictitious patient, and how papers, colleagues and messages name one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tests.makers.clinical.reading import LISTS

_TODAY = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class Patient:
    woman: bool
    first: str
    last: str
    born: date

    @property
    def civility(self) -> str:
        return "Mme" if self.woman else "M."

    @property
    def age(self) -> int:
        return (_TODAY - self.born).days // 365

    @property
    def born_on(self) -> str:
        return f"{'née' if self.woman else 'né'} le {self.born:%d/%m/%Y}"


def patient(rng: Random) -> Patient:
    woman = rng.random() < 0.55
    first = rng.choice(LISTS["prenom_f" if woman else "prenom_m"])
    born = date(1930, 1, 1) + timedelta(days=rng.randint(0, 27_000))
    return Patient(woman, first, rng.choice(LISTS["nom"]), born)


def called(one: Patient, rng: Random) -> str:
    """As in a mail."""
    long = "Madame" if one.woman else "Monsieur"
    role = "la patiente" if one.woman else "le patient"
    return rng.choice(
        (
            f"{one.civility} {one.last}",
            f"{one.civility} {one.last}",
            f"{one.civility} {one.last}",
            f"{one.civility} {one.first} {one.last}", f"{one.civility} {one.last.upper()}",
            f"{one.civility} {one.last.upper()} {one.first}", f"{long} {one.last}",
            f"{one.first} {one.last}", f"{role} {one.last.upper()} {one.first}",
            f"{one.last.upper()} {one.first} ({one.born:%d/%m/%Y})",
        )
    )  # fmt: skip


def greeted(one: Patient, rng: Random) -> str:
    long = "Madame" if one.woman else "Monsieur"
    return rng.choice((f"{one.civility} {one.last}", f"{long} {one.last}"))


def registered(one: Patient, rng: Random) -> str:
    """As on a paper."""
    born = f"{one.born:%d/%m/%Y}"
    return rng.choice(
        (
            f"Patient : {one.last.upper()} {one.first}, {one.born_on}",
            f"{one.civility} {one.last.upper()} {one.first}, {one.born_on}",
            f"Nom : {one.last.upper()}\nPrénom : {one.first}\nDate de naissance : {born}",
            f"{one.civility} {one.first} {one.last}\nDDN : {born}",
            f"{one.last.upper()} {one.first} - {one.born_on} - {one.age} ans",
        )
    )
