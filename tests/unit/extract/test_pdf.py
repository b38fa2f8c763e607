"""PDF: every place where it can keep words, each with a number in it."""

from __future__ import annotations

import pytest
from pikepdf import Dictionary, Name, String

from gateway import inspection
from gateway.extract import ocr, pdf, pdf_pages
from gateway.model import Coverage, Limits, Part, Trouble
from tests.makers import documents, pdfs, scans

NIR = "2 79 03 51 999 151 89"
LABEL = Dictionary(Nums=[0, Dictionary(S=Name.D, P=String(NIR))])

PLACES = {
    "white": pdfs.drawn(f"BT /F1 12 Tf 1 1 1 rg 50 500 Td ({NIR}) Tj ET"),
    "invisible": pdfs.drawn(f"BT /F1 12 Tf 3 Tr 50 500 Td ({NIR}) Tj ET"),
    "beyond the edge": pdfs.drawn(f"BT /F1 12 Tf 5000 500 Td ({NIR}) Tj ET"),
    "tiny": pdfs.drawn(f"BT /F1 0.1 Tf 50 500 Td ({NIR}) Tj ET"),
    "under a box": pdfs.drawn(f"BT /F1 12 Tf 50 500 Td ({NIR}) Tj ET 40 490 300 30 re f"),
    "a hidden layer": pdfs.on_a_hidden_layer(NIR),
    "the value of a field": documents.pdf_form(NIR),
    "a form in XML": pdfs.form_in_xml(NIR),
    "a note": documents.pdf_with(documents.pdf("x"), annotation=NIR),
    "the look of a note": pdfs.in_the_look_of_a_note(NIR),
    "a bookmark": pdfs.bookmark(NIR),
    "a script": pdfs.script(NIR),
    "the label of a page": pdfs.in_the_root("/PageLabels", LABEL),
    "the title": documents.pdf("x", title=NIR),
    "the properties in XMP": pdfs.xmp(NIR),
    "an attached file": documents.pdf_with(documents.pdf("x"), attached=NIR.encode()),
    "a file on a note": pdfs.note_with_a_file(NIR),
    "an earlier version": pdfs.taken_out(NIR),
    "behind an owner's password": documents.pdf_locked(documents.pdf(NIR), user=""),
}


def read(data, limits=None):
    return list(inspection.extracts("f", data, limits or Limits(seconds=900, pictures=400)))


def troubles(parts):
    return {problem.kind for part in parts for problem in part.problems}


@pytest.mark.parametrize("place", PLACES)
def test_a_number_is_read_wherever_a_pdf_keeps_it(place):
    parts = read(PLACES[place])
    assert NIR in "\n".join(part.text for part in parts)
    assert (troubles(parts), {part.coverage for part in parts}) == (set(), {Coverage.WHOLE})


def test_an_earlier_version_that_says_nothing_else_is_not_told_twice():
    """Whoever signs a contract appends to it."""
    data = documents.pdf(NIR)
    parts = read(data + pdfs.taken_out("x")[len(documents.pdf("x")) :])
    assert "\n".join(part.text for part in parts).count(NIR) == 1


def test_letters_without_a_code_are_a_page_to_look_at():
    parts = read(pdfs.without_codes(NIR), Limits(pictures=0))
    assert troubles(parts) == {Trouble.NO_TEXT}


@pytest.fixture
def no_engine(monkeypatch):
    monkeypatch.setattr(ocr, "engine", lambda: None)


def test_without_an_engine_a_page_without_text_is_told(no_engine):
    parts = read(documents.pdf("", picture=documents.png(300, 300)))
    assert troubles(parts) == {Trouble.NO_TEXT}


def test_without_an_engine_a_picture_beside_text_is_let_go(no_engine):
    """Letters have a logo and a signature."""
    page = scans.beside_text(documents.png(300, 300))
    assert troubles(read(page)) == set()


def test_a_card_pasted_into_a_letter_is_a_picture_to_read():
    if ocr.engine() is None:
        pytest.skip("missing: tesserocr, or Debian's tesseract-ocr-fra")
    card = scans.saved(scans.page(f"Carte Vitale\n{NIR}", dpi=200).crop((100, 100, 1000, 600)))
    parts = read(scans.beside_text(card))
    assert NIR in "\n".join(part.text for part in parts)


def test_a_scan_under_thousands_of_strokes_is_not_given_to_the_slow_reader(monkeypatch):
    """pdfminer takes minutes where PDFium takes a second; PDFium has seen that there is no text."""
    asked = []
    monkeypatch.setattr(pdf, "extract_text", lambda file, **_: asked.append(file) or "")
    monkeypatch.setattr(ocr, "engine", lambda: None)
    read(scans.under_strokes(documents.png(60, 60), 3))
    assert len(asked) == 1
    read(scans.under_strokes(documents.png(60, 60), pdf_pages._DRAWN))
    assert len(asked) == 1


def test_scans_beyond_what_time_allows_are_told(monkeypatch):
    if ocr.engine() is None:
        pytest.skip("missing: tesserocr, or Debian's tesseract-ocr-fra")
    monkeypatch.setattr(pdf_pages.picture, "MOST_PIXELS", 1)
    parts = read(documents.pdf("", "", "", picture=documents.png(60, 60)))
    assert Trouble.TOO_MANY in troubles(parts)


# Lines as they are seen


def columns(*columns, down=20):
    """Drawn column by column."""
    return pdfs.placed(
        *(
            (50 + 120 * across, 700 - down * line, text)
            for across, column in enumerate(columns)
            for line, text in enumerate(column)
        )
    )


def seen(data):
    pieces = pdf.extract(Part("f", data), Limits())
    return [one.text for one in pieces if "lines" in one.place.inside]


def test_what_is_printed_over_a_form_stands_behind_its_labels():
    data = columns(("Nom :", "Né le :", "Diagnostic :"), ("TEST", "12/03/1961", "Diabète"))
    (lines,) = seen(data)
    assert [line.split() for line in lines.splitlines()] == [
        ["Nom", ":", "TEST"],
        ["Né", "le", ":", "12/03/1961"],
        ["Diagnostic", ":", "Diabète"],
    ]


def test_an_empty_cell_of_a_table_keeps_its_place():
    (lines,) = seen(columns(("Nom", "A", "B"), ("Code", "", "E66"), ("Prix", "1", "2")))
    rows = lines.splitlines()
    assert rows[1].index("1") == rows[2].index("2") == rows[0].index("Prix")


@pytest.mark.parametrize(
    "data",
    [
        documents.pdf("Une lettre\nde trois lignes\net rien de plus."),
        columns(["Ce que dit la première colonne d'un article de"] * 9, [""] * 9),
        pdfs.placed(
            *((50 + 260 * (n > 8), 700 - 20 * (n % 9), "de la prose " * 4) for n in range(18))
        ),
        columns(*[[str(n) for n in range(40)]] * 40, down=18),
    ],
    ids=["a letter", "one column", "an article in two columns", "too many pieces"],
)
def test_lines_that_say_nothing_more_are_not_told(data):
    assert seen(data) == []


def test_the_words_of_a_cell_may_change_their_font():
    line = "BT /F1 12 Tf 50 {} Td (Madame) Tj /F1 13 Tf ( TEST) Tj ET"
    assert seen(pdfs.drawn(" ".join(line.format(700 - 20 * n) for n in range(5)))) == []


def test_a_sign_at_the_end_of_a_line_is_no_hyphen():
    lines = ("TEST Anne O-", "ESSAI Luc AB-", "TEST Jean-", "Luc à l'hospita-", "lisation, sage-")
    lines += ("femme, pouvez-", "vous")
    text = read(pdfs.placed(*((50, 700 - 14 * n, line) for n, line in enumerate(lines))))[0].text
    assert "O-\nESSAI" in text
    assert "AB-\nTEST Jean-Luc à l'hospitalisation, sage-femme, pouvez-vous" in text
