"""What must not leave about one person: an identifier, behind one of its labels, and whose it is.

The labels are those of French forms, exports and letters; persons and numbers are nobody's. What a
leak says is carried by `carriers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from tests.makers import identifiers, persons
from tests.makers.persons import Person
from tests.makers.stopped import spelling
from tests.makers.stopped.spelling import Way


@dataclass(frozen=True, slots=True)
class Family:
    """sure: it is a leak with nobody named beside it. long: too long for a name or a Subject."""

    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    number: Callable[[Random, Person], str]
    ways: Mapping[str, Way]
    sure: bool = False
    long: bool = False


@dataclass(frozen=True, slots=True)
class Leak:
    """value: as written. number: the same in one piece."""

    family: Family
    who: Person
    label: str
    value: str
    number: str


_COUNTRIES = {  # what an account has after its check digits: a letter, a digit
    "BE": "d12", "CH": "d17", "DE": "d18", "ES": "d20", "GB": "a4d14", "IT": "a1d22", "LU": "d16",
    "NL": "a4d10", "PT": "d21", "MC": "d23", "AT": "d16", "IE": "a4d14", "PL": "d24", "SE": "d20",
    "MA": "d24", "RO": "a4d16", "MT": "a4d23", "FI": "d14", "GR": "d23", "TN": "d20", "DZ": "d22",
    "NO": "d11", "DK": "d14", "CZ": "d20", "SN": "a2d22", "CY": "d24", "BG": "a4d14",
}  # fmt: skip


def foreign_iban(rng: Random, _: Person) -> str:
    country = rng.choice(sorted(_COUNTRIES))
    shape = _COUNTRIES[country]
    letters = int(shape[1]) if shape[0] == "a" else 0
    digits = int(shape[3:] if letters else shape[1:])
    account = "Z" * letters + "".join(rng.choices("0123456789", k=digits))
    return identifiers.foreign_iban(country, account)


def _digits(count: int) -> Callable[[Random, Person], str]:
    return lambda rng, _: "".join(rng.choices("0123456789", k=count))


def _student(rng: Random, _: Person) -> str:
    shape = rng.choice(("ddddddddddA", "dddddddddAA", "ddddXdddddA"))
    drawn = {"d": "0123456789", "A": "ABCDEFGHJKLMNPRSTUVWXYZ", "X": "A"}
    return "".join(rng.choice(drawn[char]) for char in shape)


def _job_seeker(rng: Random, _: Person) -> str:
    if rng.random() < 0.5:
        return f"9999{rng.randrange(10**7):07d}"
    return f"99{rng.randrange(10**5):05d}{rng.choice('ABCDEFGHJK')}"


def _identity_card(rng: Random, _: Person) -> str:
    if rng.random() < 0.5:
        return f"{rng.randint(0, 21):02d}{rng.randint(1, 12):02d}999{rng.randrange(10**5):05d}"
    return f"X4RT{rng.randint(0, 99999):05d}"


def _nia(rng: Random, _: Person) -> str:
    return identifiers.nia(rng)


def _corsican(rng: Random, _: Person) -> str:
    return identifiers.nir(rng, corsica=True)


def _ins_with_oid(rng: Random, who: Person) -> str:
    return f"{who.nir}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS"


FAMILIES: dict[str, Family] = {
    "NIR": Family(
        ("fr.nir",),
        (
            "NIR", "N° SS", "N°SS", "n° de sécurité sociale", "Numéro de sécurité sociale", "NSS",
            "N° Sécu", "numéro de sécu", "Immatriculation", "N° d'immatriculation", "N° assuré",
            "Numéro d'assuré social", "Numéro INSEE", "N° Insee", "Matricule", "No secu",
            "NUMERO SECURITE SOCIALE", "N° Séc. Soc.", "identifiant national de santé", "N.I.R.",
            "N° d’assurée sociale", "",
        ),
        lambda _, who: who.nir, spelling.NIR, sure=True,
    ),
    "NIR corse": Family(
        ("fr.nir",), ("NIR", "N° SS", "sécurité sociale", ""), _corsican, spelling.NIR, sure=True
    ),
    "NIR sans clé": Family(
        ("fr.nir13",),
        ("NIR", "N° SS", "n° de sécurité sociale", "N° Sécu", "Immatriculation", "N° assuré",
         "INSEE"),
        lambda _, who: who.nir[:13], spelling.SHORT,
    ),
    "NIA": Family(
        ("fr.nia",),
        ("NIA", "Numéro d'attente (NIA)", "n° SS provisoire", "N° de sécurité sociale",
         "Immatriculation provisoire"),
        _nia, spelling.NIR, sure=True,
    ),
    "INS": Family(
        ("fr.ins",),
        ("INS", "Matricule INS", "INS-NIR", "Identité nationale de santé (INS)"),
        lambda _, who: who.nir, spelling.NIR, sure=True,
    ),
    "INS avec OID": Family(
        ("fr.ins",), ("PID-3", "Identifiant", "INS"), _ins_with_oid,
        {"as sent": str}, sure=True, long=True,
    ),
    "IBAN": Family(
        ("iban",), ("IBAN", "Iban", "IBAN n°", "Compte (IBAN)", "Coordonnées bancaires", ""),
        lambda rng, _: identifiers.iban(rng, letters=rng.random() < 0.3), spelling.IBAN,
    ),
    "IBAN étranger": Family(
        ("iban",), ("IBAN", "Compte à l'étranger", "IBAN n°", ""), foreign_iban, spelling.IBAN
    ),
    "RIB": Family(
        ("fr.rib",),
        ("RIB", "Relevé d'identité bancaire", "Coordonnées bancaires", "N° de compte", "Compte"),
        lambda rng, _: identifiers.rib(rng, letters=rng.random() < 0.3), spelling.RIB,
    ),
    "carte bancaire": Family(
        ("card",),
        ("Carte bancaire", "CB", "N° de carte", "Carte Visa", "N° CB", "carte bleue"),
        lambda rng, _: identifiers.card(rng, rng.choice(("4970", "5199", "2221", "4532"))),
        spelling.CARD, sure=True,
    ),
    "CAF": Family(
        ("fr.caf",),
        ("N° allocataire", "Numéro d'allocataire", "n° CAF", "Matricule CAF", "N° dossier CAF",
         "numéro allocataire CAF", "Allocataire n°", "N° d’allocataire CAF"),
        _digits(7), spelling.CAF,
    ),
    "demandeur d'emploi": Family(
        ("fr.emploi",),
        ("Identifiant France Travail", "N° de demandeur d'emploi", "Identifiant demandeur d'emploi",
         "identifiant Pôle emploi", "N° identifiant Pôle emploi"),
        _job_seeker, spelling.PAPER,
    ),
    "dossier MDPH": Family(
        ("fr.mdph",), ("N° de dossier MDPH", "Dossier MDPH n°", "Numéro MDPH", "Usager MDPH"),
        _digits(8), spelling.PAPER,
    ),
    "numéro fiscal": Family(
        ("fr.spi",),
        ("Numéro fiscal", "N° fiscal", "SPI", "numéro fiscal de référence", "Identifiant fiscal",
         "N° fiscal (SPI)"),
        lambda rng, _: identifiers.tax_number(rng), spelling.TAX,
    ),
    "passeport": Family(
        ("fr.passport",),
        ("Passeport", "Passeport n°", "N° de passeport", "numéro du passeport"),
        lambda rng, _: f"{rng.randint(0, 25):02d}ZZ{rng.randrange(10**5):05d}", spelling.PAPER,
    ),
    "carte d'identité": Family(
        ("fr.cni",),
        ("Carte d'identité n°", "CNI", "N° CNI", "Carte nationale d'identité",
         "n° de carte d'identité"),
        _identity_card, spelling.PAPER,
    ),
    "titre de séjour": Family(
        ("fr.residence",),
        ("Titre de séjour n°", "N° de titre de séjour", "Carte de séjour", "Numéro étranger",
         "N° AGDREF", "carte de résident n°"),
        lambda rng, _: f"99{rng.randrange(10**8):08d}", spelling.PAPER,
    ),
    "INE": Family(
        ("fr.ine",), ("INE", "N° INE", "Identifiant national étudiant", "Numéro INE"),
        _student, spelling.PAPER,
    ),
    "IPP": Family(
        ("fr.ipp",),
        ("IPP", "N° IPP", "NIP", "IEP", "N° de séjour", "n° patient", "Numéro de dossier patient"),
        lambda rng, _: f"8{rng.randrange(10**9):09d}", spelling.PAPER,
    ),
    "bande MRZ": Family(
        ("mrz",), ("", "Copie du document", "Pièce d'identité"),
        lambda rng, _: rng.choice(list(identifiers.ZONES.values()))(rng)[0],
        {"as printed": str, "spaced": lambda zone: zone.replace("\n", "\n\n")},
        sure=True, long=True,
    ),
}  # fmt: skip


def leak(family: Family, rng: Random, *, flat: bool, printed: bool) -> Leak:
    """flat: on one line. printed: with the letters of a PDF's fonts only."""
    who = persons.person(rng)
    number = family.number(rng, who)
    value = spelling.written(rng, number, family.ways, flat=flat, printed=printed)
    return Leak(family, who, rng.choice(family.labels), value, number)
