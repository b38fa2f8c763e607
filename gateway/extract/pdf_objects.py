"""What a PDF keeps beside its pages: every string and attached file among its objects.

All objects are walked rather than those that a viewer would follow, so that an annotation nobody
refers to, or a form within a form, is read as well.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf

from gateway.model import Medium, Part, Place, Problem, Text, Trouble

_DEEPEST = 40  # arrays and dictionaries within one another, references not followed
_SHORTEST = 2  # characters
_FEW = 0.2  # of the characters; with more controls among them, these are bytes
_WRITTEN = ("/JS", "/RC", "/XFA")  # values that may be streams as well as strings
_NO_WORDS = frozenset(  # strings that are bytes, or the same in every file
    """/ID /O /U /OE /UE /Perms /CheckSum /Registry /Ordering /Panose /Lookup /Producer /Creator
    /CreationDate /ModDate /M /Lang /CharSet /DA""".split()  # noqa: SIM905
)


class _TooDeep(Exception):
    """Something lies below everything that is looked at. Says nothing of it."""


def read(part: Part) -> Iterator[Text | Part | Problem]:
    """Raises pikepdf.PdfError for a file that qpdf cannot open."""
    words: list[str] = []
    with pikepdf.open(io.BytesIO(part.data), suppress_warnings=True) as document:
        for number, thing in enumerate(document.objects, 1):
            path = f"{part.path}!({number})"
            try:
                for child in _walk(thing, words, 0):
                    yield Part(path, child.data, child.declared, child.names)
            except _TooDeep:
                yield Problem(Trouble.TOO_DEEP, Place(path), "lists within too many lists")
    if words:
        text = "\n".join(dict.fromkeys(words))
        yield Text(Place(part.path, "forms, annotations and properties"), text, Medium.DOCUMENT)


def _walk(thing: object, words: list[str], depth: int) -> Iterator[Part]:
    """Strings go to `words`; attached files are yielded, without a path as yet."""
    if depth > _DEEPEST:
        raise _TooDeep
    if isinstance(thing, pikepdf.Array):
        for item in thing.as_list():
            yield from _value(item, words, depth)
    elif isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        if isinstance(thing, pikepdf.Stream):
            yield from _stream(thing)
        if "/EF" in thing:
            yield from _attached(thing)
        for key in _WRITTEN:
            if key in thing:
                yield from _written(thing[key])
        signature = "/ByteRange" in thing  # its /Contents are bytes
        for key, item in thing.items():
            if key not in _NO_WORDS and not (signature and key == "/Contents"):
                yield from _value(item, words, depth)


def _value(item: object, words: list[str], depth: int) -> Iterator[Part]:
    if isinstance(item, pikepdf.String):
        text = str(item)
        shown = "".join(letter if letter.isprintable() else " " for letter in text)
        unlike = sum(not (letter.isprintable() or letter.isspace()) for letter in text)
        if len(text) >= _SHORTEST and unlike <= _FEW * len(text):
            words.append(" ".join(shown.split()))
    elif isinstance(item, pikepdf.Object) and not item.is_indirect:
        yield from _walk(item, words, depth + 1)


def _stream(stream: pikepdf.Stream) -> Iterator[Part]:
    """Properties written in XML."""
    if stream.get("/Subtype") == "/XML" or stream.get("/Type") == "/Metadata":
        yield Part("", stream.read_bytes(), "text/xml")


def _written(value: pikepdf.Object) -> Iterator[Part]:
    """Scripts, rich texts and forms in XML; the latter may be cut into several streams."""
    pieces = value.as_list() if isinstance(value, pikepdf.Array) else [value]
    streams = [piece.read_bytes() for piece in pieces if isinstance(piece, pikepdf.Stream)]
    if streams:
        yield Part("", b"".join(streams), "text/plain")


def _attached(specification: pikepdf.Object) -> Iterator[Part]:
    names = tuple(str(specification[key]) for key in ("/UF", "/F") if key in specification)
    files = specification["/EF"]
    seen: set[tuple[int, int]] = set()
    for key in list(files.keys()):
        stream = files[key]
        if isinstance(stream, pikepdf.Stream) and stream.objgen not in seen:
            seen.add(stream.objgen)
            yield Part("", stream.read_bytes(), names=tuple(dict.fromkeys(names)))
