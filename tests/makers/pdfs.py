"""PDFs with words in every place where one can keep them beside what a page shows."""

from __future__ import annotations

import io

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from reportlab.pdfgen.canvas import Canvas

from tests.makers import documents

PAGE = "Une page ordinaire, avec quelques mots que chacun peut lire."


def opened() -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(documents.pdf(PAGE)))


def saved(document: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def drawn(operators: str) -> bytes:
    """operators: of a content stream, after those of the page; /F1 is a font."""
    document = opened()
    document.pages[0].contents_add(operators.encode())
    return saved(document)


def on_a_hidden_layer(words: str) -> bytes:
    document = opened()
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name="Calque"))
    off = Dictionary(OFF=Array([layer]))
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=off)
    document.pages[0].Resources.Properties = Dictionary(L0=layer)
    layered = f"/OC /L0 BDC BT /F1 12 Tf 50 600 Td ({words}) Tj ET EMC"
    document.pages[0].contents_add(layered.encode())
    return saved(document)


def in_the_look_of_a_note(words: str) -> bytes:
    """Drawn by the annotation, and in none of its values."""
    document = opened()
    look = Stream(document, f"BT /F1 12 Tf 5 5 Td ({words}) Tj ET".encode())
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 300, 30])
    look.Resources = Dictionary(Font=document.pages[0].Resources.Font)
    note = Dictionary(Type=Name.Annot, Subtype=Name.FreeText, Rect=Array([50, 200, 350, 230]), F=4)
    note.AP = Dictionary(N=document.make_indirect(look))
    document.pages[0].Annots = document.make_indirect(Array([document.make_indirect(note)]))
    return saved(document)


def in_the_root(key: str, value: pikepdf.Object) -> bytes:
    document = opened()
    document.Root[key] = value
    return saved(document)


def form_in_xml(words: str) -> bytes:
    """XFA, cut into two streams in the middle of the words."""
    document = opened()
    xml = f"<xdp:xdp xmlns:xdp='x'><champ>{words}</champ></xdp:xdp>".encode()
    half = xml.index(words.encode()) + 4
    pieces = [Stream(document, piece) for piece in (xml[:half], xml[half:])]
    first, second = (document.make_indirect(piece) for piece in pieces)
    packets = Array([String("a"), first, String("b"), second])
    document.Root.AcroForm = Dictionary(Fields=Array(), XFA=packets)
    return saved(document)


def script(words: str) -> bytes:
    document = opened()
    code = document.make_indirect(Stream(document, f"app.alert('{words}');".encode()))
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=code)
    return saved(document)


def bookmark(words: str) -> bytes:
    document = opened()
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(words, 0))
    return saved(document)


def note_with_a_file(words: str) -> bytes:
    document = opened()
    file = pikepdf.AttachedFileSpec(document, words.encode(), filename="joint.txt").obj
    note = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=[0, 0, 9, 9], FS=file)
    document.pages[0].Annots = document.make_indirect(Array([note]))
    return saved(document)


def xmp(words: str) -> bytes:
    document = opened()
    with document.open_metadata() as metadata:
        metadata["dc:description"] = words
    return saved(document)


def taken_out(words: str) -> bytes:
    """Saved, then the words deleted by a change appended to the file."""
    data = documents.pdf(words)
    start = int(data.rpartition(b"startxref")[2].split()[0])
    with pikepdf.open(io.BytesIO(data)) as document:
        number = document.pages[0].Contents.objgen[0]
        size = int(document.trailer.Size)
        root = document.Root.objgen[0]
    body = data + b"\n"
    changed = len(body)
    body += b"%d 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n" % number
    table = len(body)
    body += b"xref\n%d 1\n%010d 00000 n \n" % (number, changed)
    body += b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (size, root, start)
    return body + b"startxref\n%d\n%%%%EOF\n" % table


def without_codes(words: str) -> bytes:
    """Letters that one sees and no reader can name: every glyph has a private code."""
    document = opened()
    codes = (f"<{code:02X}> <{0xE000 + code:04X}>\n" for code in range(32, 127))
    mapping = "".join(codes)
    table = f"1 begincodespacerange <00> <FF> endcodespacerange 95 beginbfchar\n{mapping}endbfchar"
    font = next(iter(document.pages[0].Resources.Font.as_dict().values()))
    font.ToUnicode = document.make_indirect(Stream(document, table.encode()))
    document.pages[0].contents_add(f"BT /F1 12 Tf 50 500 Td ({words}) Tj ET".encode())
    return saved(document)


def placed(*words: tuple[int, int, str]) -> bytes:
    """(from the left, from the bottom, what stands there), in the order in which it is drawn."""
    made = io.BytesIO()
    canvas = Canvas(made, pageCompression=0, invariant=True)
    for left, bottom, text in words:
        canvas.drawString(left, bottom, text)
    canvas.save()
    return made.getvalue()
