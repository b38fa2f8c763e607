"""Documents of the formats that offices send, made from words: nothing here was ever anybody's."""

from __future__ import annotations

import gzip as gzip_module
import io
import struct
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import docx as python_docx
import openpyxl
import pikepdf
from openpyxl.comments import Comment
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

Cell = str | int | float | date | None


def docx(
    body: str,
    *,
    header: str = "",
    comment: str = "",
    deleted: str = "",
    author: str = "",
    picture: bytes = b"",
) -> bytes:
    document = python_docx.Document()
    for line in body.split("\n"):
        document.add_paragraph(line)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    if comment:
        document.add_comment(document.paragraphs[0].runs, text=comment, author="Relecteur")
    if picture:
        document.add_picture(io.BytesIO(picture))
    document.core_properties.author = author
    data = _saved(document.save)
    if deleted:
        run = f"<w:p><w:del><w:r><w:delText>{deleted}</w:delText></w:r></w:del></w:p>"
        data = replaced(data, "word/document.xml", b"<w:sectPr", run.encode() + b"<w:sectPr")
    return data


def split_runs(*runs: str) -> bytes:
    """A Word document with one paragraph of several runs, one of them bold."""
    document = python_docx.Document()
    paragraph = document.add_paragraph()
    for number, run in enumerate(runs):
        paragraph.add_run(run).bold = number % 2 == 1
    return _saved(document.save)


def xlsx(
    sheets: Mapping[str, Sequence[Sequence[Cell]]], *, hidden: str = "", note: str = ""
) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title == hidden:
            sheet.sheet_state = "hidden"
        if note:
            sheet["A1"].comment = Comment(note, "Relecteur")
    return _saved(book.save)


def sparse_xlsx(value: str) -> bytes:
    """Two cells in the far corners of a sheet: libraries that fill the gap need 512 GB."""
    book = openpyxl.Workbook()
    book.active["A1"] = value
    book.active["XFD1048576"] = value
    return _saved(book.save)


def pptx(body: str, *, notes: str = "") -> bytes:
    """As little of a presentation as any reader needs."""

    def slide(words: str) -> str:
        return f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:sld>'

    return zip_of(
        {
            "[Content_Types].xml": b"<Types/>",
            "ppt/presentation.xml": b"<p/>",
            "ppt/slides/slide1.xml": slide(body).encode(),
            "ppt/notesSlides/notesSlide1.xml": slide(notes).encode(),
        }
    )


def odt(body: str) -> bytes:
    content = (
        '<office:document-content xmlns:office="o" xmlns:text="t"><office:body>'
        f"<text:p>{body}</text:p></office:body></office:document-content>"
    )
    media = b"application/vnd.oasis.opendocument.text"
    return zip_of({"mimetype": media, "content.xml": content.encode()})


def pdf(*pages: str, picture: bytes = b"", title: str = "") -> bytes:
    """One page for each text, lines as given; a page of "" bears the picture alone."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    canvas.setTitle(title or "Document")
    for page in pages:
        if not page and picture:
            canvas.drawImage(ImageReader(io.BytesIO(picture)), 50, 50, 500, 700)
        for number, line in enumerate(page.split("\n")):
            canvas.drawString(50, 780 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def pdf_form(value: str) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    canvas.drawString(50, 780, "Formulaire de demande, à remplir")
    canvas.acroForm.textfield(name="champ", value=value, x=50, y=700, width=300)
    canvas.save()
    return out.getvalue()


def pdf_with(data: bytes, *, attached: bytes = b"", annotation: str = "") -> bytes:
    with pikepdf.open(io.BytesIO(data)) as document:
        if attached:
            document.attachments["joint.txt"] = attached
        if annotation:
            note = pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Text,
                Rect=[0, 0, 9, 9],
                Contents=annotation,
            )
            document.pages[0].Annots = document.make_indirect(pikepdf.Array([note]))
        return _saved(document.save)


def pdf_locked(data: bytes, *, user: str) -> bytes:
    """Encrypted; an empty user password opens it for reading."""
    with pikepdf.open(io.BytesIO(data)) as document:
        lock = pikepdf.Encryption(owner="owner", user=user)
        out = io.BytesIO()
        document.save(out, encryption=lock)
        return out.getvalue()


def zip_of(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def zip_locked(members: Mapping[str, bytes], *, aes: bool = False) -> bytes:
    """The headers of an encrypted archive; its bytes are not, and nobody should look at them."""
    data = bytearray(zip_of(members, method=zipfile.ZIP_STORED))
    for mark, flags, method in ((b"PK\x03\x04", 6, 8), (b"PK\x01\x02", 8, 10)):
        at = data.find(mark)
        while at >= 0:
            data[at + flags] |= 1
            if aes:
                struct.pack_into("<H", data, at + method, 99)
            at = data.find(mark, at + 4)
    return bytes(data)


def zip_bomb(megabytes: int) -> bytes:
    return zip_of({"bombe.txt": b"\0" * (megabytes << 20)})


def replaced(archive: bytes, member: str, old: bytes, new: bytes) -> bytes:
    """The same zip with one member edited."""
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        members = {name: source.read(name) for name in source.namelist()}
    assert old in members[member]
    members[member] = members[member].replace(old, new, 1)
    return zip_of(members)


def gzip(data: bytes) -> bytes:
    return gzip_module.compress(data, mtime=0)


def tar(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def png(width: int, height: int) -> bytes:
    """Noise, so that it stays as big as a scan."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 80).save(out, "PNG")
    return out.getvalue()


def _saved(save: object) -> bytes:
    out = io.BytesIO()
    save(out)  # type: ignore[operator]
    return out.getvalue()


SOME_DAY = datetime(1985, 9, 14)
