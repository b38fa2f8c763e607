"""Realistic outgoing mails of French health and social insurers, in bytes: what must be stopped,
and what looks like it and must pass. Persons, numbers and accounts are all made up.
"""

from __future__ import annotations

from random import Random

from tests.makers import documents, exchanges, identifiers, imaging, persons
from tests.makers.health_formats import insurance
from tests.makers.mails import attachment, message, mixed, text

LABELS = (
    "matricule", "nom", "prénom", "date_naiss", "adresse", "cp", "revenus_foyer", "prest_type",
    "montant",
)  # fmt: skip
COMMENTS = ("enceinte de 4 mois", "séropositif au VIH", "sous Lévothyrox", "à rappeler le matin")
GROUPS = ("A+", "O Rh-", "B POS", "AB-")
ORDER = "Commande n° 185057599999723, colis 1751234567890, CIP 3400930000120, EAN 3010512345678.\n"


def record(seed: int = 1, *, misread: bool = False, quoted: bool = False) -> bytes:
    """1: one insured person's file, on one page; as a scanner read it; quoted in an answer."""
    one = persons.person(Random(seed))
    number = identifiers.parts(one.nir)
    if quoted:
        lines = f"> N° SS :\n> {' '.join(number[:4])}\n> {' '.join(number[4:])}\n"
        return message(text(f"Bonjour,\n\nde qui s'agit-il ?\n\n{lines}"))
    if misread:
        number = [number[0], *(part.replace("0", "O", 1) for part in number[1:4]), *number[4:]]
    sheet = documents.pdf(
        f"FICHE ASSURÉ\n{one.civility} {one.last} {one.first}, {one.born_on}\n"
        f"Numéro de sécurité sociale : {' '.join(number)}\n"
        f"Médecin traitant : Dr EXEMPLE\nALD : OUI\n{one.street}, {one.town}"
    )
    return mixed(
        text("Bonjour,\n\nvoici la fiche demandée.\n"),
        attachment("fiche.pdf", sheet, "application/pdf"),
        Subject="fiche demandée",
    )


def transmission(seed: int = 2, *, account: bool = True) -> bytes:
    """2: a lot in clear, one line an insured person, and an account."""
    rng = Random(seed)
    insured = [persons.person(rng) for _ in range(21)]
    lines = [f"{one.nir} {one.born:%d/%m/%Y} AMO 331 {one.last} {one.first}" for one in insured]
    body = "Bonjour,\n\nle lot du jour.\n"
    if account:
        body += f"IBAN {identifiers.iban(rng)}, tél. 06 39 98 00 01\n"
    lot = "\r\n".join(lines)
    return mixed(
        text(body),
        attachment("lot_0606.txt", lot.encode(), "text/plain"),
        Subject="=?utf-8?q?t=C3=A9l=C3=A9transm=C3=AEtion?= 06/06",
    )


def lot(seed: int = 2, *, sealed: bool = False) -> bytes:
    """2, as the programs write it: a lot in clear (B2), or as it travels to the insurer's gateway.

    sealed: S/MIME, for a gateway that nobody here knows.
    """
    data = insurance.b2(seed).encode()
    if sealed:
        media = "application/pkcs7-mime; smime-type=enveloped-data"
        envelope = attachment("smime.p7m", insurance.sealed(data), media)
        return message(envelope, {"Subject": "IR/12345"})
    body = f"Le lot du jour.\nIBAN {identifiers.iban(Random(seed))}, tél. 06 39 98 00 01\n"
    files = (text(body), attachment("lot_0606.txt", data, "text/plain"))
    return mixed(*files, Subject="=?utf-8?q?t=C3=A9l=C3=A9transm=C3=AEtion?= 06/06")


def beneficiaries(count: int, seed: int = 3) -> list[tuple[str, ...]]:
    rng, rows = Random(seed), []
    for _ in range(count):
        one = persons.person(rng)
        income, aid = rng.randint(0, 2500), rng.choice(("APL", "RSA", "AAH", "PAJE"))
        rows.append(
            (
                f"{rng.randint(0, 9_999_999):07d}", one.last, one.first, f"{one.born:%d/%m/%Y}",
                one.street, "33000", f"{income},50", aid, str(rng.randint(50, 900)),
            )
        )  # fmt: skip
    return rows


def as_csv(rows: list[tuple[str, ...]], separator: str = ";") -> bytes:
    return "\r\n".join(separator.join(row) for row in rows).encode()


def training(count: int = 10_204, *, form: str = "csv", labels: bool = True) -> bytes:
    """3: beneficiaries without any number of identity, called fictitious."""
    rows = beneficiaries(count)
    table = [LABELS, *rows] if labels else rows
    data = {
        "csv": lambda: as_csv(table),
        "tsv": lambda: as_csv(table, "\t"),
        "xlsx": lambda: documents.xlsx({"TP": table}),
        "zip": lambda: documents.zip_of({"tp/allocataires.csv": as_csv(table)}),
    }[form]()
    return mixed(
        text("Bonjour,\n\nvoici le jeu de données fictif pour le TP, test uniquement.\n"),
        attachment(f"allocataires_tp_fictif.{form}", data),
        Subject="jeu de test",
    )


def typed(count: int = 25) -> bytes:
    """3, in the body: the same, pasted."""
    lines = [";".join(row[1:]) for row in beneficiaries(count)]
    return message(text("Bonjour,\n\nexemples fictifs :\n" + "\n".join(lines) + "\nMerci\n"))


def laboratory(count: int = 400, *, hidden: bool = True, numbers: bool = True) -> bytes:
    """4: an export of which one sees three rows, its numbers stored as numbers."""
    rng = Random(4)
    labels = [
        "nom",
        "prénom",
        "n° sécu",
        "tel",
        "mail",
        "groupe sanguin",
        "mutuelle",
        "commentaire",
    ]
    rows: list[list[documents.Cell]] = []
    for n in range(count):
        one = persons.person(rng)
        number = int(one.nir) if one.nir.isdigit() else one.nir
        rows.append(
            [
                f"{one.last}{n}", one.first, number if numbers else None, f"0639980{n:03d}",
                f"p{n}@mail.example", GROUPS[n % 4], "Mutuelle X", COMMENTS[n % 4],
            ]
        )  # fmt: skip
    sheets = {"Anomalie": [["ligne", "erreur"], [1, "x"], [2, "y"]], "Export": [labels, *rows]}
    data = documents.xlsx(sheets, hidden="Export" if hidden else "")
    return mixed(
        text("Bonjour,\n\nl'export qui pose problème, ticket 4512.\n"),
        attachment("export_anomalie.xlsx", data),
    )


def images(*, anonymised: bool = False) -> bytes:
    """5: a disc of images, zipped; with a word on whose they are, or for a congress."""
    one = persons.person(Random(5))
    body = f"IRM de {one.civility} {one.last}, {one.born_on}, merci de votre avis.\n"
    if anonymised:
        body = "Bonjour,\n\nle cas pour la session de jeudi.\n"
    disc = imaging.disc(None if anonymised else one)
    return mixed(text(body), attachment("irm_genou.zip", documents.zip_of(disc)))


def anonymised(count: int = 150) -> bytes:
    """4, its names taken away: age, sex, place and illness are left."""
    rng = Random(8)
    rows = [
        (str(n), str(rng.randint(18, 99)), rng.choice("MF"), f"33{rng.randint(100, 999)}",
         rng.choice(COMMENTS))
        for n in range(count)
    ]  # fmt: skip
    table = as_csv([("id", "age", "sexe", "codepostal", "diagnostic"), *rows])
    return mixed(text("L'extrait anonymisé.\n"), attachment("extrait.csv", table))


def statistics(count: int = 150) -> bytes:
    """What a study publishes: how many, by place, age and illness."""
    rng = Random(9)
    rows = [
        (f"33{n:03d}", str(5 * n % 90), rng.choice("MF"), "diabète", str(rng.randint(11, 400)))
        for n in range(count)
    ]
    table = as_csv([("cp", "age", "sexe", "diagnostic", "nombre de cas"), *rows])
    return mixed(text("Les effectifs de l'étude.\n"), attachment("effectifs.csv", table))


def invoice(*, bank: bool = False) -> bytes:
    """6: one account, of a house. bank: with its code."""
    page = documents.pdf(
        "CENTRE HOSPITALIER EXEMPLE\nFacture F2024-0312\nSIRET 99999999800019\nTVA FR11999999998\n"
        f"Total TTC 1 234,56 euros\nIBAN {identifiers.grouped(identifiers.iban(Random(6)))}"
        f"{' TESTFRPPXXX' * bank}"
    )
    return mixed(text("Veuillez trouver la facture.\n"), attachment("F2024-0312.pdf", page))


def order() -> bytes:
    """7: four numbers that look like those of persons."""
    return message(text(ORDER), {"Subject": "commande"})


def order_with_a_right_key() -> bytes:
    number = identifiers.nir(Random(7))
    return message(text(f"Commande n° {number}, merci de livrer avant midi.\n"))


def exchange() -> bytes:
    """10: a letter between professionals, as the secure health mail has them."""
    one = persons.person(Random(10))
    letter = documents.pdf(f"Lettre de liaison\n{one.civility} {one.last} {one.first}")
    return mixed(
        text("Bonjour,\n\nvoir le document joint.\n"),
        attachment("IHE_XDM.ZIP", exchanges.xdm(one), "application/zip"),
        attachment("lettre.pdf", letter, "application/pdf"),
        Subject=exchanges.xdm_subject(one),
    )


def vendors_sample() -> bytes:
    """12: what a vendor's support is sent, with the national test identity."""
    sample = exchanges.cda(exchanges.TRIAL, oid=exchanges.TRIAL_OID, words="Diabète de type 2")
    return mixed(
        text("Bonjour,\n\nl'exemple qui ne s'importe pas.\n"),
        attachment("exemple.xml", sample, "text/xml"),
    )


def sick_leaves(*, medical: bool) -> bytes:
    """11: three certificates of sick leave for the payroll office."""
    rng = Random(11)
    pages = []
    for _ in range(3):
        one = persons.person(rng)
        page = (
            f"Avis d'arrêt de travail, cerfa 10170\n{one.civility} {one.last} {one.first}\n"
            f"N° d'immatriculation {one.nir}\nArrêt du 3 au 9 juin, volet {1 if medical else 3}"
        )
        if medical:
            page += (
                "\nÉléments d'ordre médical : dépression majeure, sous paroxétine 20 mg le matin"
            )
        pages.append(page)
    files = [
        attachment(f"arret_{n}.pdf", documents.pdf(page), "application/pdf")
        for n, page in enumerate(pages)
    ]
    return mixed(text("Les arrêts du mois.\n"), *files)


def innocent_tables() -> dict[str, bytes]:
    """Tables that everybody sends, of many rows and of nobody."""
    made = {
        "a catalogue": [
            ("Référence", "Nom", "Prix HT"),
            *((f"R{n}", f"Vis {n} mm", f"{n},50") for n in range(300)),
        ],
        "a stock of drugs": [
            ("CIP13", "Désignation", "Stock", "Péremption"),
            *((f"34009{30000000 + n}", f"GEL {n} MG", str(n), "01/06/2027") for n in range(300)),
        ],
        "statistics by commune": [
            ("Code", "Commune", "Habitants", "Allocataires", "Revenu médian"),
            *((f"{33000 + n}", f"Bourg-{n}", str(n * 7), str(n), "20000") for n in range(300)),
        ],
        "a planning": [
            ("Jour", "Matin", "Soir"),
            *((f"{1 + n % 28:02d}/06/2026", "JD", "AM") for n in range(300)),
        ],
        "results of a race": [
            ("Place", "Nom", "Prénom", "Club", "Temps"),
            *((str(n), f"TEST{n}", "Jean", "AC Testville", "01:32:10") for n in range(300)),
        ],
        "lines of an invoice": [
            ("Date", "Libellé", "Quantité", "Montant"),
            *((f"{1 + n % 28:02d}/01/2026", f"Prestation {n}", "2", f"{n},00") for n in range(300)),
        ],
        "a tariff of acts": [
            ("CCAM", "Libellé", "Tarif"),
            *((f"HHFA{n:03d}", "Ablation de l'appendice", f"{n},00") for n in range(300)),
        ],
        "a small team": [
            ("Nom", "Prénom", "Téléphone", "Courriel"),
            *((f"TEST{n}", "Anne", f"05 56 99 00 {n:02d}", f"a{n}@ch.example") for n in range(12)),
        ],
    }  # fmt: skip
    return {
        name: mixed(text("Voir le tableau.\n"), attachment("tableau.csv", as_csv(rows)))
        for name, rows in made.items()
    }
