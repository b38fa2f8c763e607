"""The readable pages of a message as a PDF, with its files in it: what a worker makes for an
encrypted PDF. Nothing of it is secret to whoever has the message; the lock comes after, elsewhere.

    letterhead, text, pictures in their places, list of files ─▶ tagged pages, files embedded

Pictures that the text shows are not listed again. What is left out (beyond the limits, hidden,
unreadable) is in message.eml, which `gateway.act.sealed_pdf` puts beside the files.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pikepdf

from gateway.act.contents import Contents, File
from gateway.page import markup
from gateway.page.blocks import Block, Grid, Run, Words, plain
from gateway.page.sheet import Sheet
from gateway.page.tags import put

TITLE = "Message chiffré"
MAX_TEXT = 200_000  # characters drawn, about 70 pages; the rest is in message.eml
MAX_BLOCKS = 20_000
_MORE = "La suite est dans le fichier message.eml, joint à ce document."
_NO_TEXT = "Ce message n'a pas de texte."
_WHERE = "Elles sont dans ce document\u00a0: volet «\u00a0Pièces jointes\u00a0» du lecteur."
_UNREADABLE = (
    "Ce message ne peut pas être mis en page. Il est entier dans le fichier message.eml, joint à "
    "ce document\u00a0: ouvrez-le avec un logiciel de courrier."
)

Letterhead = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Of the organisation. colour: "#0b5563". logo: of a PNG or JPEG file."""

    name: str = ""
    colour: str = "#0b5563"
    logo: bytes | None = None


def rich(look: Look, letterhead: Letterhead, shown: Contents) -> bytes:
    """As the sender laid it out, as far as a page can."""
    return _made(look, letterhead, list(_limited(_bodies(shown))), shown)


def simple(look: Look, letterhead: Letterhead, shown: Contents) -> bytes:
    """The words alone."""
    return _made(replace(look, logo=None), letterhead, list(_limited(plain(shown.text))), shown)


def bare(look: Look) -> bytes:
    """Says that the message is in message.eml."""
    said = (Words((Run(_UNREADABLE),)),)
    return _made(replace(look, logo=None), (), list(said), Contents("", (), whole=True))


def _bodies(shown: Contents) -> Iterator[Block]:
    by_cid = {file.cid: file.data for file in shown.files if file.cid}

    def picture(address: str) -> bytes | None:
        scheme, _, rest = address.partition(":")
        if scheme.lower() == "cid":
            return by_cid.get(rest)
        return _inline(rest) if scheme.lower() == "data" else None

    for body in shown.bodies:
        yield from markup.blocks(body.text, picture) if body.is_html else plain(body.text)


def _inline(rest: str) -> bytes | None:
    """Of a "data:" address (RFC 2397)."""
    kind, comma, data = rest.partition(",")
    if not comma or not kind.lower().endswith(";base64"):
        return None
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return None


def _limited(blocks: Iterable[Block]) -> Iterator[Block]:
    room = MAX_TEXT
    for number, block in enumerate(blocks):
        length = _length(block)
        if number == MAX_BLOCKS or length > room:
            if isinstance(block, Words) and room:
                yield replace(block, runs=(Run("".join(r.text for r in block.runs)[:room]),))
            yield Words((Run(_MORE, bold=True),))
            return
        room -= length
        yield block


def _length(block: Block) -> int:
    if isinstance(block, Words):
        return sum(len(run.text) for run in block.runs)
    if isinstance(block, Grid):
        return sum(_length(words) + 1 for row in block.rows for cell in row for words in cell)
    return 0


def _made(look: Look, letterhead: Letterhead, blocks: list[Block], shown: Contents) -> bytes:
    sheet = Sheet(TITLE, look.colour)
    sheet.band(look.name, look.logo)
    sheet.draw([Words((Run(TITLE),), level=1, gap=False)])
    for label, value in letterhead:
        runs = (Run(f"{label}\u00a0: ", bold=True), Run(value))
        sheet.draw([Words(runs, gap=label == letterhead[0][0])])
    sheet.rule()
    sheet.draw(blocks or [Words((Run(_NO_TEXT, italic=True),))])
    if not shown.whole:
        sheet.draw([Words((Run(_MORE, bold=True),))])
    files = [file for file in shown.files if not any(file.data is one for one in sheet.drawn)]
    if files:
        sheet.rule()
        sheet.draw([Words((Run("Pièces jointes"),), level=2), Words((Run(_WHERE),))])
        sheet.draw(
            Words((Run(f"{file.name} ({_size(len(file.data))})"),), indent=1, mark="–", gap=False)
            for file in files
        )
    return _finished(sheet, files)


def _finished(sheet: Sheet, files: Iterable[File]) -> bytes:
    pages = sheet.finished()
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pages)) as pdf:
        put(pdf, sheet.root, sheet.numbers, TITLE)
        for file in files:
            pdf.attachments[file.name] = embedded(pdf, file.name, file.media_type, file.data)
        pdf.save(out)
    return out.getvalue()


def embedded(pdf: pikepdf.Pdf, name: str, media_type: str, data: bytes) -> pikepdf.AttachedFileSpec:
    return pikepdf.AttachedFileSpec(
        pdf,
        data,
        filename=name,
        mime_type=media_type,
        description="",
        creation_date="",
        mod_date="",
    )


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} octets" if count > 1 else f"{count} octet"
    if count < 1024 * 1024:
        return f"{count // 1024} Ko"
    return f"{count / 1024 / 1024:.1f} Mo".replace(".", ",")
