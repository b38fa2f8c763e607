"""Office 97 files and Outlook messages: compound files, told apart by what stands in them.

One file may be several at once (Excel wrote two formats side by side): each is read. What is common
to all, properties, macros, pictures and embedded objects, is read here.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.extract import compound, doc, drawn, locked, msg, objects, ppt, properties, xls
from gateway.extract.compound import Compound
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_PROPERTIES = ("\x05SummaryInformation", "\x05DocumentSummaryInformation")
_DRAWINGS = ("Data", "Pictures", doc.MAIN, *xls.MAIN)


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    if not part.data.startswith(compound.SIGNATURE):
        yield from xls.texts(part.data, part)  # a workbook of before there were compound files
        return
    file = compound.read(part.data)
    if file.damaged:
        yield Problem(Trouble.DAMAGED, Place(part.path), "an Office file that is damaged")
    if _encrypted(file):
        yield from locked.opened(file, part, limits)
    elif file.get(msg.MAIN):
        yield from msg.extract(file, part, limits)
        return
    else:
        yield from _document(file, part, limits)
    yield from _properties(file, part)


def _encrypted(file: Compound) -> bool:
    return (
        bool(file.get(locked.PACKAGE))
        or locked.rights_managed(file)
        or doc.encrypted(file)
        or xls.encrypted(file)
        or ppt.encrypted(file)
    )


def _document(file: Compound, part: Part, limits: Limits) -> Iterator[Extracted]:
    known = False
    if file.get(doc.MAIN):
        known = True
        yield from doc.texts(file, part)
    for stream in xls.streams(file):
        known = True
        yield from xls.texts(stream, part)
    if file.get(ppt.MAIN):
        known = True
        yield from ppt.texts(file, part, limits)
    for number, picture in enumerate(_pictures(file, limits), 1):
        yield Part(f"{part.path}!picture{number}", picture)
    for piece in objects.found(file, part):
        known = True
        yield piece
    if not known:
        yield Problem(Trouble.UNSUPPORTED, Place(part.path), "a compound file of unknown format")


def _pictures(file: Compound, limits: Limits) -> Iterator[bytes]:
    for name in _DRAWINGS:
        data = file.get(name)
        if name in xls.MAIN:
            data = xls.pictures(data)
        yield from drawn.pictures(data, limits)


def _properties(file: Compound, part: Part) -> Iterator[Text]:
    words: dict[str, None] = {}
    for path, data in file.streams.items():
        if path[-1] in _PROPERTIES:
            words |= dict.fromkeys(properties.strings(data))
    if words:
        yield Text(Place(part.path, "properties"), "\n".join(words), Medium.DOCUMENT)


EXTRACTOR = Extractor(("doc", "xls", "ppt", "msg", "locked", "ole"), extract)
