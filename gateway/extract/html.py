"""HTML, and XML of any vocabulary: what is shown, and what is not but can be revealed."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.extract import characters, markup, records, tables_within
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Table, Text

_HEAD = 2048  # bytes in which a page declares its character set


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    written = _written(part)
    yield from texts(part, tuple(map(markup.read, written)))
    for text in written:
        if _is_xml(part, text):
            yield from records.in_xml(Place(part.path), text)


def _is_xml(part: Part, text: str) -> bool:
    """By its first words, or by what it is called: many programs write no declaration."""
    return (
        text[:64].lstrip("\ufeff \t\r\n").startswith("<?xml")
        or part.declared.endswith("/xml")
        or any(name.lower().endswith(".xml") for name in part.names)
    )


def pages(part: Part) -> tuple[markup.Markup, ...]:
    """The page, once for each plausible character set."""
    return tuple(map(markup.read, _written(part)))


def _written(part: Part) -> tuple[str, ...]:
    own = _declared(part.data[:_HEAD])
    texts = characters.readings(part.data, part.charset or own)
    if part.charset and own and (name := characters.codec(own)) and characters.unlike_ascii(name):
        texts = tuple(dict.fromkeys((*texts, *characters.readings(part.data, own))))
    return texts


def texts(part: Part, pages: tuple[markup.Markup, ...]) -> Iterator[Text | Table]:
    medium = Medium.BODY if part.body else Medium.DOCUMENT
    for page in pages:
        for text in filter(str.strip, (page.shown, page.spaced, *page.others)):
            yield Text(Place(part.path), text, medium)
        if page.unshown.strip():
            yield Text(Place(part.path, "markup"), page.unshown, medium)
    tables = tuple(dict.fromkeys(table for page in pages for table in page.tables))
    yield from tables_within.placed(tables, part.path)


def _declared(head: bytes) -> str:
    """The character set of <meta charset=…>, or ""."""
    _, found, rest = head.lower().partition(b"charset=")
    if not found:
        return ""
    name = rest.lstrip(b"\"' ")[:40]
    for stop in b"\"'/> ;":
        name = name.split(bytes((stop,)))[0]
    return name.decode("ascii", "replace")


EXTRACTOR = Extractor(("html", "xml"), extract)
