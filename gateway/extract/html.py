"""HTML, and XML of any vocabulary: what is shown, and what is not but can be revealed."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.extract import characters, markup
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Text

_HEAD = 2048  # bytes in which a page declares its character set


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    return texts(part, pages(part))


def pages(part: Part) -> tuple[markup.Markup, ...]:
    """The page, once for each plausible character set."""
    declared = part.charset or _declared(part.data[:_HEAD])
    return tuple(map(markup.read, characters.readings(part.data, declared)))


def texts(part: Part, pages: tuple[markup.Markup, ...]) -> Iterator[Text]:
    medium = Medium.BODY if part.body else Medium.DOCUMENT
    for page in pages:
        for text in filter(str.strip, (page.shown, page.spaced)):
            yield Text(Place(part.path), text, medium)
        if page.unshown.strip():
            yield Text(Place(part.path, "markup"), page.unshown, medium)


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
