"""Where a leak may stand in a mail: in its text, its fields, its files, the files within those.

One function a medium, found by its name in MEDIA.
"""

from __future__ import annotations

import html as markup
from collections.abc import Callable
from random import Random

from tests.makers import documents, excel, mails, packages, scans, word
from tests.makers.stopped import tables, writing
from tests.makers.stopped.leaks import Family, Leak, leak

Carrier = Callable[[Random, Family], bytes]

_FILES = ("document", "fiche", "piece_jointe", "Scan 2026-11-02", "dossier complété", "formulaire")
_WORD_HTML = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns="http://www.w3.org/TR/REC-html40">'
    "<head><style><!-- p.MsoNormal {{margin:0cm; font-size:11.0pt;}} --></style></head>"
    '<body lang=FR link="#0563C1"><div class=WordSection1>{paragraphs}</div></body></html>'
)


def body(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=False, printed=False)
    core = _form_text(rng, found) if rng.random() < 0.4 else writing.sentence(rng, found)
    letter = writing.letter(rng, core)
    if rng.random() < 0.2:
        letter = "Bien reçu, merci.\n\n" + "".join(f"> {line}\n" for line in letter.split("\n"))
    return mails.message(writing.text(rng, letter), writing.headers(rng))


def html(rng: Random, family: Family) -> bytes:
    """Paragraphs or lines with <br>, the number in bold or coloured, beside the same in plain."""
    found = leak(family, rng, flat=family.long, printed=False)
    letter = writing.letter(rng, writing.sentence(rng, found))
    rich = _escaped(letter, found)
    rich = rng.choice(
        (
            "<div>" + rich.replace("\n", "<br>\n") + "</div>",
            "".join(f"<p>{line}</p>\n" for line in rich.split("\n\n")),
            '<div dir="ltr">' + rich.replace("\n", "</div><div>") + "</div>",
        )
    )
    page = f"<html><body>{rich}</body></html>"
    if rng.random() < 0.5:
        return mails.message(writing.text(rng, page, "html"), writing.headers(rng))
    plain, headers = writing.text(rng, letter), writing.headers(rng)
    return mails.message(
        mails.multipart("alternative", plain, writing.text(rng, page, "html")), headers
    )


def html_of_word(rng: Random, family: Family) -> bytes:
    """Outlook's: a paragraph a line, no-break spaces, and runs that cut the number anywhere."""
    found = leak(family, rng, flat=True, printed=False)
    letter = writing.letter(rng, writing.sentence(rng, found))
    value = markup.escape(found.value)
    half = len(value) // 2
    cut = f"<span style='font-size:11.0pt'>{value[:half]}</span><b>{value[half:]}</b>"
    rich = markup.escape(letter).replace(value, cut if "&" not in value else value)
    lines = (line.replace("  ", " &nbsp;") or "&nbsp;" for line in rich.split("\n"))
    page = _WORD_HTML.format(
        paragraphs="\n".join(f"<p class=MsoNormal>{line}<o:p></o:p></p>" for line in lines)
    )
    return mails.message(writing.text(rng, page, "html"), writing.headers(rng))


def html_form(rng: Random, family: Family) -> bytes:
    """A table of two columns, as web forms are mailed."""
    found = leak(family, rng, flat=True, printed=False)
    cells = "".join(
        f"<tr><td>{markup.escape(label)}</td><td>{markup.escape(value)}</td></tr>"
        for label, value in writing.form(rng, found)
    )
    page = f"<html><body><p>Formulaire reçu :</p><table>{cells}</table></body></html>"
    return mails.message(writing.text(rng, page, "html"), writing.headers(rng))


def subject(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=True, printed=False)
    line = f"{writing.name(rng, found.who)}, {writing.labelled(rng, found, flat=True)}"
    letter = writing.letter(rng, "Pouvez-vous me rappeler à ce sujet ?")
    return mails.message(writing.text(rng, letter), writing.headers(rng, " ".join(line.split())))


def file_name(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=True, printed=True)
    who, value = found.who, found.value.replace("/", "-").replace("|", "-").strip()
    label = found.label.replace("/", "-") or "N"
    mark = rng.choice("_ -")
    name = mark.join((label, value, f"{who.civility} {who.first} {who.last}"))
    page = documents.pdf("Page de garde", "Suite du document")
    file = writing.attachment(rng, f"{name}.pdf".replace('"', ""), page)
    return writing.covering(rng, "", file)


def display_name(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=True, printed=True)
    headers = writing.headers(rng)
    shown = f'"{found.who.first} {found.who.last} {found.value}"'
    headers[rng.choice(("To", "Cc"))] = f"{writing.encoded(shown)} <dest@mail.example>"
    return mails.message(writing.text(rng, writing.letter(rng, "Pour information.")), headers)


def address_of_web(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=True, printed=True)
    link = f"https://portail.example/dossier?{rng.choice(('nir', 'id', 'q'))}={found.number}&v=2"
    if rng.random() < 0.5:
        letter = writing.letter(rng, f"Le dossier est ici : {link}")
        return mails.message(writing.text(rng, letter), writing.headers(rng))
    page = (
        f'<html><body><p>Le dossier est <a href="{markup.escape(link)}">ici</a>.</p></body></html>'
    )
    return mails.message(writing.text(rng, page, "html"), writing.headers(rng))


def plain_file(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=False, printed=False)
    text = rng.choice((_form_text(rng, found), writing.sentence(rng, found)))
    charset = rng.choice(("utf-8", "utf-8-sig", "utf-16"))
    return _attached(rng, "txt", text.replace("\n", "\r\n").encode(charset))


def pdf(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=False, printed=True)
    head = rng.choice(("", "FICHE DE RENSEIGNEMENTS\n\n", "CENTRE HOSPITALIER EXEMPLE\n\n"))
    text = rng.choice((_form_text(rng, found), writing.sentence(rng, found)))
    pages = ["Page de garde"] * rng.randint(0, 2) + [
        "\n".join((head + text.expandtabs(4)).splitlines())
    ]
    return _attached(rng, "pdf", documents.pdf(*pages))


def pdf_form(rng: Random, family: Family) -> bytes:
    """The number as the value of a field; the labels stand on the page."""
    found = leak(family, rng, flat=True, printed=True)
    text = f"{writing.name(rng, found.who)}, {found.label or 'N°'} : {found.value}"
    return _attached(rng, "pdf", documents.pdf_form(text.replace("’", "'")))


def docx(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=False, printed=False)
    text = writing.letter(rng, rng.choice((_form_text(rng, found), writing.sentence(rng, found))))
    if rng.random() < 0.2:
        return _attached(rng, "docx", documents.docx("Voir l'en-tête.", header=text))
    return _attached(rng, "docx", documents.docx(text))


def docx_form(rng: Random, family: Family) -> bytes:
    """A table of Word, label and value side by side, the value in two runs."""
    found = leak(family, rng, flat=True, printed=False)

    def cell(text: str) -> str:
        half = len(text) // 2
        runs = (text[:half], text[half:])
        inside = "".join(
            f'<w:r><w:t xml:space="preserve">{markup.escape(run)}</w:t></w:r>' for run in runs
        )
        return f"<w:tc><w:p>{inside}</w:p></w:tc>"

    rows = "".join(
        f"<w:tr>{cell(label)}{cell(value)}</w:tr>" for label, value in writing.form(rng, found)
    )
    return _attached(rng, "docx", packages.word(f"<w:tbl>{rows}</w:tbl>"))


def doc(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=True, printed=True)
    text = _form_text(rng, found).replace("\n", "\r")
    return _attached(rng, "doc", word.doc(text, wide=rng.random() < 0.5))


def odt(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=True, printed=False)
    lines = _form_text(rng, found).split("\n")
    inside = "".join(f"<text:p>{markup.escape(line)}</text:p>" for line in lines)
    return _attached(rng, "odt", packages.odf("text", inside))


def rtf(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=True, printed=False)
    text = _form_text(rng, found).replace("\\", "\\\\")
    coded = "".join(char if char < "\x80" else f"\\u{ord(char)}?" for char in text)
    data = "{\\rtf1\\ansi\\ansicpg1252 " + coded.replace("\n", "\\par\n") + "}"
    return _attached(rng, "rtf", data.encode("ascii"))


def pptx(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=True, printed=False)
    text = f"{writing.name(rng, found.who)} {writing.labelled(rng, found, flat=True)}"
    hidden = rng.random() < 0.4
    shown, notes = ("Bilan", text) if hidden else (text, "")
    return _attached(rng, "pptx", documents.pptx(markup.escape(shown), notes=markup.escape(notes)))


def csv(rng: Random, family: Family) -> bytes:
    return _attached(rng, "csv", tables.as_csv(rng, _rows(rng, family)))


def xlsx(rng: Random, family: Family) -> bytes:
    rows = _rows(rng, family)
    sheets = (
        {"Accueil": [["Mode d'emploi"]], "Données": rows} if rng.random() < 0.3 else {"A": rows}
    )
    return _attached(rng, "xlsx", documents.xlsx(sheets, hidden=rng.choice(("", "Données"))))


def xls(rng: Random, family: Family) -> bytes:
    return _attached(rng, "xls", excel.xls(excel.workbook({"Feuil1": _rows(rng, family)})))


def ods(rng: Random, family: Family) -> bytes:
    return _attached(rng, "ods", tables.as_ods(_rows(rng, family)))


def zipped(rng: Random, family: Family) -> bytes:
    found = leak(family, rng, flat=False, printed=False)
    inner = {f"pieces/{rng.choice(_FILES)}.txt": _form_text(rng, found).encode()}
    if rng.random() < 0.4:
        inner = {"lot.zip": documents.zip_of(inner)}
    return _attached(rng, "zip", documents.zip_of(inner))


def eml(rng: Random, family: Family) -> bytes:
    inner = body(rng, family)
    if rng.random() < 0.5:
        return mails.forwarded(inner, **writing.headers(rng))
    return _attached(rng, "eml", inner)


def scan(rng: Random, family: Family) -> bytes:
    """A scanned form, level or askew, clean or grained, in a picture or a PDF."""
    found = leak(family, rng, flat=True, printed=True)
    text = f"FICHE DE RENSEIGNEMENTS\n\n{_form_text(rng, found)}".expandtabs(4)
    sheet = scans.scanned(
        scans.page(text, dpi=rng.choice((200, 200, 300))),
        turned=rng.choice((0, 0, rng.uniform(-3, 3), 90, 180)),
        noise=rng.choice((0, 6, 20)),
        quality=rng.choice((0, 30, 70)),
        seed=rng.randrange(1000),
    )
    page = scans.saved(sheet)
    if rng.random() < 0.5:
        return _attached(rng, "pdf", documents.pdf("", picture=page))
    return _attached(rng, "png", page)


_BRIEF = {"subject": subject, "file name": file_name, "html form": html_form,
          "docx form": docx_form, "csv": csv, "xlsx": xlsx, "xls": xls, "ods": ods}  # fmt: skip
_LONG = {"body": body, "html": html, "txt": plain_file, "pdf": pdf, "docx": docx, "zip": zipped,
         "eml": eml}  # fmt: skip
_FLAT = {"html of Word": html_of_word, "pdf form": pdf_form, "doc": doc, "odt": odt, "rtf": rtf,
         "pptx": pptx}  # fmt: skip
_ALONE = {"display name": display_name, "URL": address_of_web}
SCANNED = ("NIR", "NIR", "IBAN", "IBAN", "RIB", "carte bancaire", "numéro fiscal")


def media(family: Family) -> dict[str, Carrier]:
    """Those that can carry a leak of this family, dearest last."""
    if family.long:
        return dict(_LONG)
    return {**_LONG, **_BRIEF, **_FLAT, **(_ALONE if "fr.nir" in family.kinds else {})}


def _rows(rng: Random, family: Family) -> list[list[str]]:
    """One to four persons, one a row, below labels."""
    found = [leak(family, rng, flat=True, printed=False) for _ in range(rng.randint(1, 4))]
    label = rng.choice([one for one in family.labels if one])
    header = ["Nom", "Prénom", "Date de naissance", label, "Ville"]
    return [header, *(_row(one) for one in found)]


def _row(found: Leak) -> list[str]:
    who = found.who
    return [who.last, who.first, f"{who.born:%d/%m/%Y}", found.value, who.town]


def _form_text(rng: Random, found: Leak) -> str:
    mark = rng.choice((" : ", ": ", "\t", " "))
    return "\n".join(f"{label}{mark}{value}" for label, value in writing.form(rng, found))


def _escaped(letter: str, found: Leak) -> str:
    value = markup.escape(found.value)
    return markup.escape(letter).replace(value, f"<b>{value}</b>")


def _attached(rng: Random, suffix: str, data: bytes) -> bytes:
    file = writing.attachment(rng, f"{rng.choice(_FILES)}.{suffix}", data)
    return writing.covering(rng, "", file)
