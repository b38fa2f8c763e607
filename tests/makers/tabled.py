"""Tables within mails and documents, as their programs write them: a cell is full of paragraphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from tests.makers.packages import odf, powerpoint, word

Rows = Sequence[Sequence[str]]

_STYLE = "mso-margin-top-alt:auto;border:none;border-bottom:solid windowtext 1.0pt;padding:0cm"


def _cell_of_outlook(text: str) -> str:
    """Outlook has a paragraph in each cell, and a span or three in each paragraph."""
    first, blank, rest = escape(text).partition(" ")
    return (
        f"<td width=151 valign=top style='{_STYLE}'>\r\n  <p class=MsoNormal><b><span lang=FR "
        f"style='font-size:10.0pt;mso-fareast-language:EN-US'>{first}{blank}</span></b><span\r\n "
        f" lang=FR>{rest}<o:p></o:p></span></p>\r\n  </td>"
    )


def _rows(rows: Rows, cell: Callable[[str], str]) -> str:
    return "".join(f"<tr>{''.join(map(cell, row))}</tr>\r\n" for row in rows)


def outlook(rows: Rows, before: str = "Bonjour,", after: str = "Cordialement") -> str:
    table = (
        "<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0\r\n "
        f"style='border-collapse:collapse'>{_rows(rows, _cell_of_outlook)}</table>"
    )
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!--\r\n'
        "p.MsoNormal {margin:0cm; font-size:11.0pt;}\r\n--></style></head><body lang=FR>"
        f"<div class=WordSection1><p class=MsoNormal>{before}<o:p></o:p></p>{table}"
        f"<p class=MsoNormal>{after}</p></div></body></html>"
    )


def in_layout(rows: Rows, depth: int = 3) -> str:
    """Of a service that sends forms by mail: tables within tables, one more in each cell."""

    def cell(text: str) -> str:
        return (
            "<td><table role=presentation width=100%><tbody><tr><td><div>"
            f"{escape(text)}</div></td></tr></tbody></table></td>"
        )

    around = "<table width=600><tr><td align=center>" * depth
    return (
        f"{around}<table><tbody>{_rows(rows, cell)}</tbody></table>{'</td></tr></table>' * depth}"
    )


def bare(rows: Rows) -> str:
    """Without the tags that HTML lets one leave out."""
    return "<TABLE>" + "".join(f"<TR>{''.join(f'<TD>{c}' for c in row)}" for row in rows)


def newsletter(articles: int = 12) -> str:
    """Pictures, headlines and paragraphs side by side, as mailing services lay them out."""
    card = (
        "<td width=290><table width=100%><tr><td><img src=cid:a alt=''></td></tr><tr><td><h3>Anne "
        "Martin, médecin, répond à vos questions</h3></td></tr><tr><td><p>{}</p></td></tr><tr><td>"
        "<a href='https://lettre.example/{}'>Lire la suite</a></td></tr></table></td>"
    )
    text = "Le 14 mars 2026, nos équipes vous ouvrent leurs portes au 12 rue Fictive. " * 5
    pair = "".join(
        f"<tr>{card.format(text, n)}{card.format(text, n)}</tr>" for n in range(articles)
    )
    foot = (
        "<tr><td>Paul Test</td><td>01 99 00 12 34</td></tr><tr><td colspan=2>12/03/2026</td></tr>"
    )
    return f"<table width=100%><tr><td><table width=600>{pair}{foot}</table></td></tr></table>"


def docx(rows: Rows) -> bytes:
    def cell(text: str) -> str:
        runs = "".join(
            f'<w:r><w:t xml:space="preserve">{t}</w:t></w:r>' for t in (text[:2], text[2:])
        )
        return f"<w:tc><w:tcPr><w:tcW w:w='2000'/></w:tcPr><w:p>{runs}</w:p></w:tc>"

    body = "".join(f"<w:tr>{''.join(map(cell, row))}</w:tr>" for row in rows)
    text = "<w:p><w:r><w:t>Bonjour</w:t></w:r></w:p>"
    return word(f"{text}<w:tbl><w:tblPr/><w:tblGrid/>{body}</w:tbl>{text}")


def odt(rows: Rows) -> bytes:
    def cell(text: str) -> str:
        words = f"<text:p>{text}</text:p>"
        return f'<table:table-cell office:value-type="string">{words}</table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    return odf("text", f'<text:p>Bonjour</text:p><table:table table:name="T">{body}</table:table>')


def pptx(rows: Rows) -> bytes:
    def cell(text: str) -> str:
        return f"<a:tc><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody><a:tcPr/></a:tc>"

    body = "".join(f"<a:tr>{''.join(map(cell, row))}</a:tr>" for row in rows)
    return powerpoint(f"<p:graphicFrame><a:tbl>{body}</a:tbl></p:graphicFrame>")


def rtf(rows: Rows) -> bytes:
    """As Word writes it: the properties of a row before it, and once more at its end."""

    def cell(text: str) -> str:
        return "".join(c if c.isascii() else rf"\u{ord(c)}?" for c in text) + r"\cell "

    width = max(map(len, rows))
    head = r"\trowd\trgaph70" + "".join(rf"\cellx{1000 * (n + 1)}" for n in range(width))
    lines = [rf"{head}\pard\intbl {{{''.join(map(cell, row))}}}{{{head}\row}}" for row in rows]
    return rf"{{\rtf1\ansi Bonjour\par {''.join(lines)}\pard Cordialement\par}}".encode("ascii")


def excel_2003(rows: Rows) -> str:
    """Excel's own XML, which some programs of administrations still export."""
    body = "".join(
        "<Row>"
        + "".join(f'<Cell ss:StyleID="s1"><Data ss:Type="String">{c}</Data></Cell>' for c in row)
        + "</Row>"
        for row in rows
    )
    return (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook '
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table>'
        f"{body}</Table></Worksheet></Workbook>"
    )
