"""Files of persons: what information systems export, in the shapes in which people send it.

A theme says what the rows tell (benefits, health, births, accounts…), by columns whose headings are
spelled as exports spell them; a form says what the file is. Sizes go from twelve rows, where a
theme is sensitive, to three thousand.
"""

from __future__ import annotations

import csv
import html as markup
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.makers import documents, excel, identifiers, mails, packages, persons
from tests.makers.persons import Person
from tests.makers.stopped import writing

_IN_XLS = 220  # rows: `excel` writes its strings in one record of 64 KB

Rows = Sequence[Sequence[str]]
Cell = Callable[[Random, Person, int], str]

_COMMENTS = (
    "enceinte de 4 mois", "séropositif au VIH", "sous Lévothyrox", "à rappeler le matin",
    "diabétique, insuline depuis 2019", "a déménagé", "suivi psychiatrique", "RAS", "",
    "dépression, arrêt de travail", "asthme", "cancer du sein en rémission",
)  # fmt: skip
_NAMES: Sequence[tuple[str, Cell]] = (
    ("Nom", lambda _, who, n: f"{who.last}{n % 90 if n % 7 == 0 else ''}"),
    ("Prénom", lambda _, who, __: who.first),
)
_BIRTH: Cell = lambda _, who, __: f"{who.born:%d/%m/%Y}"  # noqa: E731
_HEADINGS: dict[str, tuple[str, ...]] = {
    "Nom": ("Nom", "NOM", "nom", "Nom de naissance", "NOM_USAGE", "Nom patient", "nom_famille",
            "NomAssure", "LASTNAME", "Nom d'usage", "nom_naissance"),
    "Prénom": ("Prénom", "PRENOM", "prénom", "Prenom", "Prénom(s)", "PRENOM_1", "prenom_usuel",
               "FirstName", "Prénom 1"),
    "birth": ("Date de naissance", "DDN", "date_naiss", "DATE_NAISSANCE", "Né(e) le", "dtnais",
              "Naissance", "Date naiss.", "D. naissance", "dateNaissance"),
    "nir": ("NIR", "N° SS", "n° sécu", "NUM_SECU", "Numéro de sécurité sociale", "NSS",
            "matricule", "Immatriculation", "no_assure", "INSEE"),
    "income": ("revenus_foyer", "Ressources", "RFR", "Revenu fiscal de référence", "QF",
               "Quotient familial", "salaire_net", "Revenus mensuels"),
    "benefit": ("prest_type", "Prestation", "Nature prestation", "Droits", "RSA", "Aide versée"),
    "amount": ("montant", "Montant versé", "MT_PREST", "Montant (€)"),
    "address": ("adresse", "Adresse", "ADR1", "Rue", "Adresse postale"),
    "postcode": ("cp", "CP", "Code postal", "code_postal", "CODE_POSTAL"),
    "town": ("Ville", "COMMUNE", "ville", "Commune de résidence"),
    "phone": ("tel", "Téléphone", "Tél. portable", "MOBILE", "N° tel", "portable"),
    "email": ("mail", "Courriel", "E-mail", "adresse mail", "EMAIL"),
    "blood": ("groupe sanguin", "Groupe", "GS", "Gr. sanguin", "groupe_sanguin"),
    "comment": ("commentaire", "Commentaires", "Observations", "remarque", "Notes", "Motif"),
    "doctor": ("médecin traitant", "Médecin prescripteur", "MT"),
    "insurer": ("mutuelle", "Complémentaire", "organisme"),
    "ald": ("ALD", "Pathologie", "Diagnostic", "DP", "Traitement"),
    "caf": ("matricule", "N° allocataire", "num_alloc", "allocataire"),
    "iban": ("IBAN", "iban", "Compte", "RIB"),
    "sex": ("Sexe", "Civilité", "civ"),
}  # fmt: skip
_CELLS: dict[str, Cell] = {
    "birth": _BIRTH,
    "nir": lambda rng, who, _: who.nir,
    "income": lambda rng, _, __: f"{rng.randint(0, 2500)},50",
    "benefit": lambda rng, _, __: rng.choice(("APL", "RSA", "AAH", "PAJE", "ASF")),
    "amount": lambda rng, _, __: str(rng.randint(50, 900)),
    "address": lambda _, who, __: who.street,
    "postcode": lambda rng, _, __: f"{rng.randint(1, 95):02d}{rng.randint(0, 999):03d}",
    "town": lambda _, who, __: who.town[6:],
    "phone": lambda rng, _, n: f"063998{n % 10000:04d}",
    "email": lambda _, who, n: f"p{n}@mail.example",
    "blood": lambda rng, _, __: rng.choice(("A+", "O Rh-", "B POS", "AB-", "O+")),
    "comment": lambda rng, _, __: rng.choice(_COMMENTS),
    "doctor": lambda rng, _, __: f"Dr {rng.choice(persons.SURNAMES)}",
    "insurer": lambda rng, _, __: rng.choice(("Mutuelle X", "Mutuelle Y", "aucune")),
    "ald": lambda rng, _, __: rng.choice(("Diabète de type 2", "Insuffisance rénale", "Asthme")),
    "caf": lambda rng, _, __: f"{rng.randrange(10**7):07d}",
    "iban": lambda rng, _, __: identifiers.iban(rng),
    "sex": lambda _, who, __: who.sex,
}


@dataclass(frozen=True, slots=True)
class Theme:
    """columns: beside the names. least: rows from which shipped rules hold it. file: its name."""

    columns: tuple[str, ...]
    least: int
    file: str
    kinds: tuple[str, ...] = ("table.persons",)


THEMES: dict[str, Theme] = {
    "table, prestations": Theme(
        ("caf", "birth", "address", "postcode", "income", "benefit", "amount"), 12,
        "allocataires_tp_fictif",
    ),
    "table, laboratoire": Theme(
        ("nir", "phone", "email", "blood", "doctor", "insurer", "comment"), 12, "export_anomalie",
        ("table.persons", "fr.nir"),
    ),
    "table, patients sans numéro": Theme(
        ("birth", "phone", "comment"), 12, "liste patients"
    ),
    "table, pathologies": Theme(("sex", "ald", "doctor"), 12, "suivi", ("health.terms",)),
    "table, ressources": Theme(("address", "postcode", "town", "income"), 12, "foyers"),
    "table, comptes": Theme(("iban", "amount"), 12, "virements", ("iban",)),
    "table, numéros": Theme(("nir",), 12, "assures", ("table.persons", "fr.nir")),
    "table, naissances": Theme(("birth", "town"), 25, "extraction"),
    "table, coordonnées": Theme(
        ("address", "postcode", "town", "phone", "email"), 110, "contacts"
    ),
}  # fmt: skip


def rows_of(theme: Theme, rng: Random, count: int) -> list[list[str]]:
    """The headings, then the rows; the order of the columns and their spelling are drawn."""
    columns = [*_NAMES, *((name, _CELLS[name]) for name in theme.columns)]
    if rng.random() < 0.4:
        rng.shuffle(columns)
    header = [rng.choice(_HEADINGS[name]) for name, _ in columns]
    if rng.random() < 0.15:
        header = [label.upper() for label in header]
    everybody = (persons.person(rng) for _ in range(count))
    return [
        header,
        *([cell(rng, who, n) for _, cell in columns] for n, who in enumerate(everybody)),
    ]


def size(theme: Theme, rng: Random) -> int:
    """Mostly few, since files of few persons are the hard ones and those of many cost time."""
    drawn = rng.random()
    if drawn < 0.8:
        return theme.least + rng.randint(0, 30)
    return rng.randint(100, 400) if drawn < 0.98 else rng.randint(1000, 3000)


def titled(rng: Random, rows: list[list[str]]) -> list[list[str]]:
    """Below a title and an empty line, in one export out of four."""
    if rng.random() < 0.75:
        return rows
    titles = [["Extraction du 02/11/2026"], ["Service statistiques", "confidentiel"]]
    return [*titles[: rng.randint(1, 2)], [], *rows]


def as_csv(rng: Random, rows: Rows) -> bytes:
    out = io.StringIO()
    mark = rng.choice(";;,\t|")
    quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    csv.writer(out, delimiter=mark, quoting=quoting).writerows(rows)
    charset = rng.choice(("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-8"))
    try:
        return out.getvalue().encode(charset)
    except UnicodeEncodeError:
        return out.getvalue().encode()


def as_ods(rows: Rows) -> bytes:
    inside = "".join(
        "<table:table-row>"
        + "".join(
            f"<table:table-cell><text:p>{markup.escape(cell)}</text:p></table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    return packages.odf("spreadsheet", f'<table:table table:name="A">{inside}</table:table>')


def _xlsx(rng: Random, rows: list[list[str]]) -> bytes:
    """Numbers of fifteen digits stored as numbers, in half of the workbooks; a hidden sheet."""
    stored: list[list[documents.Cell]] = [list(row) for row in titled(rng, rows)]
    if rng.random() < 0.5:
        stored = [[_number(cell) for cell in row] for row in stored]
    if rng.random() < 0.3:
        front = [["ligne", "erreur"], [1, "x"], [2, "y"]]
        return documents.xlsx({"Anomalie": front, "Export": stored}, hidden="Export")
    return documents.xlsx({"Feuil1": stored})


def _number(cell: documents.Cell) -> documents.Cell:
    return int(cell) if isinstance(cell, str) and len(cell) == 15 and cell.isdigit() else cell


def _page(rng: Random, rows: list[list[str]]) -> str:
    tag = rng.choice(("td", "th"))
    lines = (
        "<tr>" + "".join(f"<{t}>{markup.escape(c)}</{t}>" for c in row) + "</tr>"
        for row, t in zip(rows, [tag, *["td"] * len(rows)], strict=False)
    )
    return f"<html><body><p>Bonjour, la liste :</p><table>{''.join(lines)}</table></body></html>"


def _of_word(rows: list[list[str]]) -> bytes:
    def cell(text: str) -> str:
        run = f'<w:r><w:t xml:space="preserve">{markup.escape(text)}</w:t></w:r>'
        return f"<w:tc><w:p>{run}</w:p></w:tc>"

    lines = ("<w:tr>" + "".join(map(cell, row)) + "</w:tr>" for row in rows)
    return packages.word(f"<w:tbl>{''.join(lines)}</w:tbl>")


_FILES: dict[str, Callable[[Random, list[list[str]]], bytes]] = {
    "csv": lambda rng, rows: as_csv(rng, titled(rng, rows)),
    "txt": lambda rng, rows: as_csv(rng, rows),
    "xlsx": _xlsx,
    "xls": lambda rng, rows: excel.xls(excel.workbook({"Feuil1": titled(rng, rows[:_IN_XLS])})),
    "ods": lambda _, rows: as_ods(rows),
    "docx": lambda _, rows: _of_word(rows),
    "zip": lambda rng, rows: documents.zip_of({"export/base.csv": as_csv(rng, rows)}),
}
FORMS = (*_FILES, "table HTML", "pasted")


def table(theme: Theme, form: str, rng: Random) -> bytes:
    rows = rows_of(theme, rng, size(theme, rng))
    if form == "table HTML":
        page = _page(rng, rows[:300])
        return mails.message(writing.text(rng, page, "html"), writing.headers(rng))
    if form == "pasted":
        mark = rng.choice("\t;|")
        lines = "\n".join(mark.join(row) for row in rows[:300])
        letter = f"Bonjour,\n\nexemples (jeu de test fictif) :\n\n{lines}\n\nMerci\n"
        return mails.message(writing.text(rng, letter), writing.headers(rng))
    file = writing.attachment(rng, f"{theme.file}.{form}", _FILES[form](rng, rows))
    return writing.covering(rng, "jeu de données fictif pour le TP", file)
