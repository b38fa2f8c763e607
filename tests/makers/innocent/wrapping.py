"""A letter as a message: in its body, as a page, or in a document beside a covering line."""

from __future__ import annotations

import base64
import csv
import html
import io
import textwrap
from collections.abc import Callable
from random import Random

from tests.makers import documents, mails
from tests.makers.innocent.families import common
from tests.makers.innocent.grammar import Speaker
from tests.makers.innocent.letters import Letter
from tests.makers.innocent.tables import Table
from tests.makers.innocent.words import OURS, SLOTS

_NAMES = ("document", "piece_jointe", "envoi", "version_2", "annexe_2026", "scan_0412")
_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_PAGE = 50  # lines


def message(letter: Letter, medium: str, rng: Random) -> bytes:
    speaker = Speaker(rng, SLOTS)
    if medium == "body":
        entity = mails.text(_plain(letter))
    elif medium == "html":
        entity = mails.html(_page(letter))
    else:
        note = speaker.say(rng.choice(common()["cover"])) + "\n"
        name = f"{rng.choice(_NAMES)}.{medium}"
        attached = mails.attachment(name, _MADE[medium](letter), _TYPES[medium])
        entity = mails.multipart("mixed", mails.text(note), attached)
    return mails.message(entity, _header(letter.subject, speaker))


def _header(subject: str, speaker: Speaker) -> dict[str, str]:
    coded = base64.b64encode(subject.encode()).decode()
    sender = base64.b64encode(speaker.say("{<complet>|<prenom> <nom>|Secrétariat}").encode())
    box = speaker.say("<prenom>").encode("ascii", "ignore").decode().lower()
    return {
        "From": f"=?utf-8?B?{sender.decode()}?= <{box}@{OURS}>",
        "To": speaker.say("<mail>"),
        "Subject": f"=?utf-8?B?{coded}?=",
        "Message-ID": f"<{speaker.say('<hexa>')}@{OURS}>",
    }


def _plain(letter: Letter) -> str:
    """Tables typed into a text: cells parted by blanks or bars."""
    blocks = list(letter.blocks)
    if letter.table:
        labels, rows = letter.table
        blocks.append("\n".join(_row_of(row, letter.table) for row in (labels, *rows)))
    return "\n\n".join((*blocks, *letter.after)) + "\n"


def _row_of(cells: list[str], table: Table) -> str:
    return (" | ", "\t", "  ")[len(table[1]) % 3].join(cells)


def _page(letter: Letter) -> str:
    def paragraph(text: str) -> str:
        return "<p>" + html.escape(text, quote=False).replace("\n", "<br>\n") + "</p>\n"

    middle = _html_table(letter.table) if letter.table else ""
    before, after = "".join(map(paragraph, letter.blocks)), "".join(map(paragraph, letter.after))
    return f"<html><body>\n{before}{middle}{after}</body></html>\n"


def _html_table(rows: Table) -> str:
    labels, cells = rows
    head = "".join(f"<th>{html.escape(label)}</th>" for label in labels)
    lines = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in cells)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>\n"


def _pdf(letter: Letter) -> bytes:
    """As word processors do it: the labels of a table stand on each page."""
    lines = [
        part
        for line in _plain(letter).replace("\t", "   ").replace("\u202f", " ").split("\n")
        for part in (textwrap.wrap(line, 95) or [""])
    ]
    head = [_row_of(letter.table[0], letter.table).replace("\t", "   ")] if letter.table else []
    pages = ["\n".join(lines[:_PAGE])]
    pages += ["\n".join((*head, *lines[at : at + _PAGE])) for at in range(_PAGE, len(lines), _PAGE)]
    return documents.pdf(*pages)


def _docx(letter: Letter) -> bytes:
    return documents.docx(_plain(letter).replace("\n\n", "\n"))


def _pptx(letter: Letter) -> bytes:
    return documents.pptx(html.escape("\n".join(letter.paragraphs), quote=False))


def _xlsx(letter: Letter) -> bytes:
    labels, rows = _sheet(letter)
    cells = [[_cell(cell) for cell in row] for row in rows]
    return documents.xlsx({"Feuil1": [labels, *cells]})


def _csv(letter: Letter) -> bytes:
    out = io.StringIO()
    labels, rows = _sheet(letter)
    csv.writer(out, delimiter=";").writerows([labels, *rows])
    return out.getvalue().encode()


def _sheet(letter: Letter) -> Table:
    """The table; without one, the text down a column, as notes are kept in workbooks."""
    if letter.table:
        return letter.table
    lines = [line for block in letter.paragraphs for line in block.split("\n")]
    return ["Texte"], [[line] for line in lines]


def _cell(cell: str) -> str | int:
    return int(cell) if cell.isdigit() and len(cell) <= 15 and cell[0] != "0" else cell


_MADE: dict[str, Callable[[Letter], bytes]] = {
    "pdf": _pdf, "docx": _docx, "pptx": _pptx, "xlsx": _xlsx, "csv": _csv,
}  # fmt: skip
