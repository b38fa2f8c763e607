"""vCard and iCalendar: content lines (RFC 6350, RFC 5545; vCard 2.1), unfolded and decoded.

Every property is read, parameters too (names of attendees are there). What is inlined (pictures,
attached files, an invitation in HTML) becomes a part. Not here: what a URL leads to.
"""

from __future__ import annotations

import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from gateway.extract import characters, image, unbased
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.kind import signed
from gateway.model import Limits, Medium, Part, Place, Text

_PORTRAITS = ("PHOTO", "LOGO")
_PORTRAIT_BYTES = 32 * 1024
_PORTRAIT_SIDE = 256  # pixels: what address books keep of a face; hardly a few words fit in
_INLINE = ("B", "BASE64")
_NONE: dict[str, str] = {}
_MARKUP = ("text/html", "text/rtf", "text/xml")


@dataclass(frozen=True, slots=True)
class _Line:
    """head: the name with its parameters, as written. name: without group, in capitals."""

    head: str
    name: str
    parameters: dict[str, str]
    value: str


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    for reading in characters.readings(part.data, part.charset):
        said: list[str] = []
        for number, line in enumerate(_lines(reading), 1):
            child: Part | str | None = _plain(line.value)
            if line.parameters or line.value[:5].lower() == "data:":
                child = _child(part, number, line)
            if isinstance(child, str):
                said.append(f"{line.head}: {child}" if line.head else child)
            elif child:
                yield child
        yield Text(Place(part.path), "\n".join(said), Medium.DOCUMENT)


def _child(part: Part, number: int, line: _Line) -> Part | str | None:
    """The value: words, or something inlined; None for what says nothing."""
    path = f"{part.path}!({number})"
    names = tuple(
        value for key, value in line.parameters.items() if key in ("X-FILENAME", "FILENAME")
    )
    if line.value[:5].lower() == "data:":
        head, _, content = line.value.partition(",")
        data = unquote_to_bytes(content)
        if head.lower().endswith(";base64"):
            data = unbased.decode(data)
    elif line.parameters.get("ENCODING", "").upper() in _INLINE:
        data = unbased.decode(line.value.encode("ascii", "ignore"))
    elif line.parameters.get("FMTTYPE", "").lower() in _MARKUP and line.name != "ATTACH":
        html = _plain(line.value).encode("utf-8", "surrogatepass")
        return Part(path, html, line.parameters["FMTTYPE"].lower(), charset="utf-8")
    else:
        return _plain(line.value)
    return None if _is_portrait(line.name, data) else Part(path, data, names=names)


def _lines(text: str) -> Iterator[_Line]:
    """A blank begins the rest of a line; in vCard 2.1 also "=" at the end of the line before."""
    unfolded = text.replace("\r\n", "\n").replace("\r", "\n")
    for mark in ("\n ", "\n\t"):
        unfolded = unfolded.replace(mark, "")
    lines = filter(None, unfolded.split("\n"))
    for raw in lines:
        line = _line(raw) if ":" in raw else _Line("", "", _NONE, raw)
        if line.parameters.get("ENCODING", "").upper() == "QUOTED-PRINTABLE":
            pieces = [line.value]
            while pieces[-1].endswith("=") and (more := next(lines, None)) is not None:
                pieces.append(more)
            line = _Line(line.head, line.name, line.parameters, _unquoted(pieces, line))
        yield line


def _line(raw: str) -> _Line:
    """The value follows the first colon that is not within quotation marks."""
    at = 0
    for number, run in enumerate(raw.split('"')):
        colon = run.find(":") if number % 2 == 0 else -1
        if colon >= 0:
            at += colon
            break
        at += len(run) + 1
    else:
        return _Line("", "", _NONE, raw)
    head = raw[:at]
    name, *given = head.split(";")
    parameters = {}
    for one in given:
        key, equals, value = one.partition("=")
        # vCard 2.1 has bare words: "NOTE;QUOTED-PRINTABLE:…"
        parameters[key.strip().upper() if equals else "ENCODING"] = (value or key).strip('" ')
    return _Line(head, name.rpartition(".")[2].strip().upper(), parameters, raw[at + 1 :])


def _unquoted(pieces: list[str], line: _Line) -> str:
    joined = "".join(piece.removesuffix("=") for piece in pieces[:-1]) + pieces[-1]
    data = quopri.decodestring(joined.encode("utf-8", "replace"))
    return characters.readings(data, line.parameters.get("CHARSET", ""))[0]


def _plain(value: str) -> str:
    if "\\" not in value:
        return value
    pieces = value.split("\\\\")  # an escaped backslash escapes nothing
    for escaped, meant in (("\\n", "\n"), ("\\N", "\n"), ("\\,", ","), ("\\;", ";")):
        pieces = [piece.replace(escaped, meant) for piece in pieces]
    return "\\".join(pieces)


def _is_portrait(name: str, data: bytes) -> bool:
    return (
        name in _PORTRAITS
        and len(data) <= _PORTRAIT_BYTES
        and signed(data) == "image"
        and max(image.size(data)) <= _PORTRAIT_SIDE
    )


EXTRACTOR = Extractor(("vcard", "calendar"), extract)
