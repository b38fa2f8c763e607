"""A dozen mails to see the gateway work: the five incidents' kin, and innocent neighbours.

Every person, number and address is made up: commune 999 and bank 99999 do not exist.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from xml.sax.saxutils import escape

OURS = "ch-exemple.fr"
COLLEAGUE = f"marie.dupont@{OURS}"
PDF_TYPE = ("application", "pdf")
_OOXML = "application/vnd.openxmlformats-officedocument"
XLSX_TYPE = ("application", f"{_OOXML}.spreadsheetml.sheet".removeprefix("application/"))
NIR = "2 85 09 75 999 998 37"
IBAN = "FR76 9999 9000 0200 0000 1234 522"


@dataclass(frozen=True, slots=True)
class Sample:
    """what: for the table. to: recipients of the envelope."""

    what: str
    to: tuple[str, ...]
    content: bytes


def samples() -> Iterator[Sample]:
    """In the order in which they are sent."""
    yield _mail("Rendez-vous, sans donnée de santé", ["jean.test@exemple.net"], RENDEZ_VOUS)
    yield _mail("Lettre d'information (santé, sans personne)", ["abonnes@liste.example"], LETTRE)
    yield _mail(
        "Commande avec numéro qui ressemble à un NIR", ["ventes@fournisseur.example"], COMMANDE
    )
    yield _mail("Juridique et informatique : mots trompeurs", ["avocat@cabinet.example"], JURIDIQUE)
    yield _mail("NIR à un collègue (interne)", [f"collegue@{OURS}"], DROITS)
    yield _mail("NIR à un confrère qui a un certificat", ["dr.test@cabinet.example"], DROITS)
    yield _mail("NIR à une patiente (sans certificat)", ["patiente@exemple.net"], DROITS)
    yield _mail(
        "Un collègue et l'extérieur : deux sorts",
        [f"collegue@{OURS}", "prestataire@exemple.net"],
        DROITS,
    )
    yield _mail(
        "Fiche assuré en PDF (incident S1)",
        ["j.durand@exemple.net"],
        "Bonjour,\n\nLa fiche demandée est jointe.\n",
        (_pdf(FICHE), *PDF_TYPE, "fiche.pdf"),
    )
    yield _mail(
        "Une lettre près de l'adresse d'une collègue (S1)",
        ["marie.dupond@exemple.net"],
        f"Bonjour Marie,\n\n{DROITS}",
    )
    yield _mail(
        "Télétransmission en clair, 21 assurés (incident S2)",
        ["facturation.lehavre@exemple.net"],
        f"Bonjour,\n\ntélétransmition du 06/06 jointe. IBAN : {IBAN}\n",
        (_assures(21).encode(), "text", "plain", "lot_0606.txt"),
    )
    yield _mail(
        "Export de laboratoire, feuille masquée, zip (S4)",
        ["support@editeur.example"],
        "Bonjour,\n\nvoici l'export qui pose problème.\n",
        (_zip({"export_anomalie.xlsx": _xlsx(LABORATOIRE)}), "application", "zip", "export.zip"),
    )
    yield _mail(
        "Archive protégée par un mot de passe",
        ["contact@inconnu.example"],
        "Bonjour,\n\nvoir le fichier joint.\n",
        (_locked_zip(), "application", "zip", "dossier.zip"),
    )


def _mail(what: str, to: list[str], text: str, *attachments: tuple[bytes, str, str, str]) -> Sample:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"Agent Exemple <agent@{OURS}>"
    message["To"] = ", ".join(to)
    message["Subject"] = "Votre demande"
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=OURS)
    message.set_content(text)
    for data, maintype, subtype, name in attachments:
        message.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    return Sample(what, tuple(to), message.as_bytes())


RENDEZ_VOUS = """Bonjour,

Votre rendez-vous est confirmé au secrétariat le 12 mars à 14 h.

Cordialement
"""
LETTRE = """Mars bleu : le dépistage du cancer colorectal concerne tous les 50 à 74 ans.
VIH, IVG, addictions : où consulter ? Les centres de dépistage sont ouverts sans rendez-vous.
"""
COMMANDE = """Bonjour,

Commande n° 185057599999723, colis 1751234567890, CIP 3400930000120, EAN 3010512345678.
"""
JURIDIQUE = """Maître,

L'ordonnance du juge et la prescription quinquennale sont jointes au greffe du tribunal.
Côté informatique : virus en quarantaine, traitement des données, injection SQL, clé RSA.
"""
DROITS = f"""Bonjour,

Mme TESTEUR Anne, née le 14/09/1985, numéro de sécurité sociale {NIR},
est suivie pour un diabète de type 2 traité par insuline.
"""
FICHE = [
    "FICHE ASSURÉ",
    "Mme TESTEUR Anne, née le 14/09/1985",
    f"Numéro de sécurité sociale : {NIR}",
    "Médecin traitant : déclaré. ALD : OUI.",
]


def _nir(order: int) -> str:
    number = 2_85_09_75_999_000 + order
    return f"{number}{97 - number % 97:02d}"


def _assures(count: int) -> str:
    lines = (f"TESTEUR{n:02d} ANNE;{_nir(n + 1)};14/09/1985;0639980{n:03d}" for n in range(count))
    return "NOM;NIR;NAISSANCE;TELEPHONE\r\n" + "\r\n".join(lines) + "\r\n"


LABORATOIRE = {
    "Anomalie": [["ligne", "message"], ["12", "format de date refusé"]],
    "Données": [
        ["nom", "prénom", "n° sécu", "groupe sanguin", "commentaire"],
        *(
            [f"TESTEUR{n}", "Anne", _nir(n + 100), "A Rh+", comment]
            for n, comment in enumerate(["enceinte", "séropositive au VIH", "sous Lévothyrox"] * 40)
        ),
    ],
}


def _pdf(lines: list[str]) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out)
    for row, line in enumerate(lines):
        canvas.drawString(72, 760 - 20 * row, line)
    canvas.save()
    return out.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _locked_zip() -> bytes:
    """One member with the "encrypted" flag set: what an archive with a password looks like."""
    data = bytearray(_zip({"dossier.txt": b"\x8f\x1d\xa7" * 40}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    return bytes(data)


def _xlsx(sheets: dict[str, list[list[str]]]) -> bytes:
    """The least workbook: the last sheet is hidden, cells are inline strings."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    pack = "http://schemas.openxmlformats.org/package/2006"
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"'
        f"{' state=' + chr(34) + 'hidden' + chr(34) if name == names[-1] else ''}/>"
        for n, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{rel}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
        f'ContentType="{_OOXML}.spreadsheetml.worksheet+xml"/>'
        for n in range(1, len(names) + 1)
    )
    members = {
        "[Content_Types].xml": f'<Types xmlns="{pack}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" '
        f'ContentType="{_OOXML}.spreadsheetml.sheet.main+xml"/>{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{pack}/relationships"><Relationship Id="r0" '
        f'Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{pack}/relationships">'
        f"{links}</Relationships>",
    }
    for n, name in enumerate(names, 1):
        rows = "".join(
            "<row>"
            + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row)
            + "</row>"
            for row in sheets[name]
        )
        members[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
        )
    return _zip({name: text.encode() for name, text in members.items()})
