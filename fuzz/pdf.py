"""PDF: what pikepdf and pdfium are given, and what our own reading of objects takes from it."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf

from fuzz import files
from tests.makers import documents, pdfs

WORDS = (
    b"%PDF-1.7\n|%%EOF\n|startxref\n|xref\n|trailer|<<|>>|[|]|stream\n|\nendstream|endobj|1 0 obj|"
    b"1 0 R|/Type|/Page|/Pages|/Kids|/Count|/Contents|/Length|/Filter|/FlateDecode|/ASCII85Decode|"
    b"/ASCIIHexDecode|/LZWDecode|/RunLengthDecode|/DecodeParms|/Predictor 12|/ObjStm|/XRef|/Prev|"
    b"/Encrypt|/Names|/EmbeddedFiles|/EF|/F|/AcroForm|/Fields|/V|/Annots|/AP|/N|/Contents|/XFA|"
    b"/Metadata|/OCProperties|/Outlines|/First|/Next|/Title|/JS|/Font|/ToUnicode|/XObject|/Do|"
    b"BT|ET|Tj|TJ|Tf|Td|(a)|<41>|q|Q|cm|Do|BI|ID|EI|2147483648|-1"
).split(b"|")
LONGEST = 8_192
check = files.check


def seeds() -> Iterator[bytes]:
    plain = documents.pdf("Bonjour", "2")
    whole = [plain, documents.pdf("", picture=documents.png(9, 9)), documents.pdf("", title="x")]
    whole += [documents.pdf_form("x"), documents.pdf_locked(plain, user="")]
    whole += [documents.pdf_with(plain, attached=b"x", annotation="y")]
    whole += [
        make("Bonjour")
        for make in (
            pdfs.on_a_hidden_layer,
            pdfs.in_the_look_of_a_note,
            pdfs.form_in_xml,
            pdfs.script,
            pdfs.bookmark,
            pdfs.note_with_a_file,
            pdfs.xmp,
            pdfs.taken_out,
            pdfs.without_codes,
        )
    ]
    yield from (data for data in whole if len(data) <= LONGEST)
    with pikepdf.open(io.BytesIO(plain)) as document:
        out = io.BytesIO()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        yield out.getvalue()
