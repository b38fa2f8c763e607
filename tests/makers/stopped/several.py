"""Leaks of more than one thing, or of a shape of their own; the incidents of the press."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.makers import documents, identifiers, mails, persons, twelve
from tests.makers.stopped import tables, writing

Maker = Callable[[Random], bytes]


def fiche(rng: Random) -> bytes:
    """S1: one insured person's file."""
    return _ours(rng, twelve.record(rng.randrange(10**6)))


def transmission(rng: Random) -> bytes:
    """S2: a lot in clear, misspelt."""
    return _ours(rng, twelve.transmission(rng.randrange(10**6), account=rng.random() < 0.5))


def training(rng: Random) -> bytes:
    """S3: beneficiaries said to be fictitious."""
    form = rng.choice(("csv", "tsv", "xlsx", "zip"))
    count = rng.choice((12, 25, 60, 150))
    return _ours(rng, twelve.training(count, form=form, labels=count < 25 or rng.random() < 0.6))


def laboratory(rng: Random) -> bytes:
    """S4: an export of which one sees three rows."""
    hidden, numbers = rng.random() < 0.7, rng.random() < 0.6
    return _ours(rng, twelve.laboratory(rng.randint(12, 120), hidden=hidden, numbers=numbers))


def two_accounts(rng: Random) -> bytes:
    """Two beneficiaries' accounts, with nobody's name."""
    lines = [f"Compte {n} : {identifiers.grouped(identifiers.iban(rng))}" for n in (1, 2)]
    return _said(rng, "Les comptes des deux bénéficiaires du versement :\n" + "\n".join(lines))


def several_numbers(rng: Random) -> bytes:
    """A column of numbers in a sentence or a list."""
    found = [
        " ".join(identifiers.parts(persons.person(rng).nir)) for _ in range(rng.randint(2, 12))
    ]
    mark = rng.choice(("\n", ", ", " ; ", "\n- "))
    return _said(rng, "Les assurés concernés :\n" + mark.join(found))


def rib_of_four_columns(rng: Random) -> bytes:
    """As banks print it: labels above, numbers below."""
    who = persons.person(rng)
    parts = identifiers.rib_parts(identifiers.rib(rng))
    labels = ("Code banque", "Code guichet", "N° de compte", "Clé RIB")
    core = rng.choice(
        (
            f"Titulaire : {who.civility} {who.last} {who.first}\n"
            + "   ".join(labels) + "\n" + "   ".join(parts),
            f"Titulaire : {who.civility} {who.last} {who.first}\n"
            + "\n".join(f"{label} : {part}" for label, part in zip(labels, parts, strict=True)),
            f"RIB de {who.civility} {who.last}\n"
            + " | ".join(labels) + "\n" + " | ".join(parts),
        )
    )  # fmt: skip
    if rng.random() < 0.5:
        return _said(rng, core)
    return _file(rng, "rib.pdf", documents.pdf("RELEVÉ D'IDENTITÉ BANCAIRE\n\n" + core))


def number_over_seven_columns(rng: Random) -> bytes:
    """A social-security number, a part a column."""
    labels = rng.choice(
        (
            ("Sexe", "Année", "Mois", "Dép", "Commune", "Ordre", "Clé"),
            ("S", "AA", "MM", "DD", "CCC", "OOO", "K"),
        )
    )
    rows = [["Nom", "Prénom", *labels]]
    for _ in range(rng.randint(1, 20)):
        who = persons.person(rng)
        rows.append([who.last, who.first, *identifiers.parts(who.nir)])
    name, data = rng.choice(
        (
            ("numeros.csv", tables.as_csv(rng, rows)),
            ("numeros.xlsx", documents.xlsx({"A": rows})),
            ("numeros.ods", tables.as_ods(rows)),
        )
    )
    return _file(rng, name, data)


def rounded(rng: Random) -> bytes:
    """A column that a spreadsheet has destroyed: the persons are all there."""
    rows = [["Nom", "Prénom", rng.choice(("NIR", "N° SS", "Num secu"))]]
    for _ in range(rng.randint(12, 60)):
        who = persons.person(rng)
        number = who.nir if who.nir.isdigit() else who.nir.replace("2A", "20").replace("2B", "20")
        mantissa = f"{number[0]}{rng.choice(',')}{number[1:6]}"
        rows.append([who.last, who.first, f"{mantissa}E+14"])
    return _file(rng, "export.csv", tables.as_csv(rng, rows))


def contacts(rng: Random) -> bytes:
    """Fifty addresses of people of different houses, and more: ten of one house are a directory,
    and the mailboxes of the public have no stand-in under *.example that detectors may know."""
    found = [f"patient{n}@fai{rng.randint(1, 60)}.example" for n in range(rng.randint(60, 200))]
    return _said(rng, "Les adresses :\n" + rng.choice(("; ", "\n", ", ")).join(found))


def patient_in_copy(rng: Random) -> bytes:
    """The address of a patient in the secure health mail, shown to an outsider."""
    number = persons.person(rng).nir
    headers = writing.headers(rng) | {"Cc": f"<{number}@patient.mssante.fr>"}
    if rng.random() < 0.5:
        return mails.message(writing.text(rng, writing.letter(rng, "Pour information.")), headers)
    core = f"L'adresse du patient est {number}@patient.mssante.fr, ne pas la diffuser."
    return _said(rng, core)


SEVERAL: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "1, fiche d'un assuré": (fiche, ("fr.nir",)),
    "2, télétransmission": (transmission, ("fr.nir",)),
    "3, jeu d'essai": (training, ("table.persons",)),
    "4, laboratoire": (laboratory, ("table.persons",)),
    "deux IBAN": (two_accounts, ("iban",)),
    "plusieurs NIR": (several_numbers, ("fr.nir",)),
    "RIB en quatre colonnes": (rib_of_four_columns, ("fr.rib",)),
    "NIR sur sept colonnes": (number_over_seven_columns, ("fr.nir",)),
    "NIR arrondis": (rounded, ("fr.nir.rounded",)),
    "carnet d'adresses": (contacts, ("contact.bulk",)),
    "adresse de patient": (patient_in_copy, ("fr.ins",)),
}


def _said(rng: Random, core: str) -> bytes:
    return mails.message(writing.text(rng, writing.letter(rng, core)), writing.headers(rng))


def _file(rng: Random, name: str, data: bytes) -> bytes:
    return writing.covering(rng, "", writing.attachment(rng, name, data))


def _ours(rng: Random, mail: bytes) -> bytes:
    """One of the twelve mails, from our house."""
    theirs = b"From: " + mails.HEADERS["From"].encode()
    ours = f"From: Agent Exemple <agent{rng.randint(1, 99)}@{writing.OURS}>".encode()
    assert theirs in mail
    return mail.replace(theirs, ours, 1)
