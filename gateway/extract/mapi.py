"""What Outlook keeps of a message, in .msg files and winmail.dat alike: properties by number.

MS-OXPROPS. Every string of a message, a recipient or an attachment is given, known or not; the body
in its three forms; attachments as parts with all their names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.extract import lzfu
from gateway.extract.characters import codec
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

# Types (MS-OXCDATA 2.11.1), and the bit that says "several".
NARROW, WIDE, BINARY, OBJECT, SEVERAL = 0x1E, 0x1F, 0x0102, 0x000D, 0x1000

SUBJECT, BODY, RTF, HTML = 0x0037, 0x1000, 0x1009, 0x1013
DATA, METHOD = 0x3701, 0x3705
_CODEPAGES = (0x3FDE, 0x3FFD)  # of the message in the Internet, and on the desk
_NAMES = (0x3707, 0x3704, 0x3001, 0x3708, 0x370D)  # long, short, displayed, paths
_MEDIA_TYPE = 0x370E
_BY_REFERENCE = (2, 3, 4, 7)  # methods: the file is elsewhere

# Keys, classes and the like: never words, the same in every message.
_NO_WORDS = frozenset((0x001A, 0x0E96, 0x3613, 0x3002, 0x0C1E, 0x0064, 0x0075, 0x0077))


@dataclass(frozen=True, slots=True)
class Property:
    """number: which property. type: of the value, without the bit for several."""

    number: int
    type: int
    value: bytes

    def text(self, charset: str) -> str:
        if self.type == WIDE:
            return self.value.decode("utf-16-le", "replace").rstrip("\0")
        return self.value.decode(charset, "replace").rstrip("\0")


def charset(properties: list[Property]) -> str:
    """Of strings that have one byte a letter."""
    for number in _CODEPAGES:
        for one in properties:
            if one.number == number and one.type == 3:
                name = {65001: "utf-8", 20127: "cp1252", 1200: "cp1252"}.get(page := _integer(one))
                name = name or _internet(page)
                if codec(name):
                    return codec(name) or name
    return "cp1252"


def _internet(page: int) -> str:
    if 28591 <= page <= 28606:
        return f"iso8859-{page - 28590}"
    return {50220: "iso2022_jp", 10000: "mac_roman"}.get(page, f"cp{page}")


def _integer(one: Property) -> int:
    return int.from_bytes(one.value[:4], "little")


def message(
    part: Part, properties: list[Property], names: str, limits: Limits
) -> Iterator[Text | Part | Problem]:
    """names: the character set of narrow strings. The three forms of the body, then the rest."""
    said: dict[str, None] = {}
    place = Place(part.path)
    for one in properties:
        if one.number == BODY and one.type in (NARROW, WIDE):
            yield Text(Place(part.path, "body"), one.text(names), Medium.DOCUMENT)
        elif one.number == HTML and one.value:
            text = one.value if one.type == BINARY else one.text(names).encode("utf-8")
            label = names if one.type == BINARY else "utf-8"
            yield Part(f"{part.path}!body.html", text, "text/html", charset=label)
        elif one.number == RTF and one.type == BINARY:
            text, whole = lzfu.unpacked(one.value, min(limits.member, limits.bytes))
            if not whole:
                yield Problem(Trouble.DAMAGED, place, "a formatted body that is damaged")
            if text:
                yield Part(f"{part.path}!body.rtf", text, "text/rtf")
        elif one.number == SUBJECT and one.type in (NARROW, WIDE):
            yield Text(Place(part.path, "Subject"), one.text(names), Medium.HEADER)
        else:
            said |= dict.fromkeys(_words(one, names))
    if said:
        yield Text(Place(part.path, "fields"), "\n".join(said), Medium.HEADER)


def words(properties: list[Property], names: str) -> Iterator[str]:
    for one in properties:
        yield from _words(one, names)


def _words(one: Property, names: str) -> Iterator[str]:
    if one.type in (NARROW, WIDE) and one.number not in _NO_WORDS:
        text = one.text(names).strip()
        if text:
            yield text


def attachment(
    part: Part, properties: list[Property], names: str, number: int
) -> Iterator[Text | Part | Problem]:
    """An attachment kept as bytes. Storages are the caller's."""
    path = f"{part.path}!({number})"
    called = names_of(properties, names)
    method = next((_integer(one) for one in properties if one.number == METHOD), 1)
    content = [one for one in properties if one.number == DATA and one.type in (BINARY, OBJECT)]
    declared = next(
        (one.text(names).lower() for one in properties if one.number == _MEDIA_TYPE), ""
    )
    for one in content:
        yield Part(path, one.value, declared.partition(";")[0].strip(), called)
    if not content:
        yield from (Text(Place(path), name, Medium.NAME) for name in called)
        if method not in (0, *_BY_REFERENCE):
            yield Problem(Trouble.DAMAGED, Place(path), "an attachment without its content")
    known = (DATA, _MEDIA_TYPE, *_NAMES)
    others = words([one for one in properties if one.number not in known], names)
    if said := dict.fromkeys(others):
        yield Text(Place(path, "fields"), "\n".join(said), Medium.HEADER)


def names_of(properties: list[Property], names: str) -> tuple[str, ...]:
    """Of an attachment, the long one first; of a path, its last piece."""
    found: dict[str, None] = {}
    for number in _NAMES:
        for one in properties:
            if one.number == number and one.type in (NARROW, WIDE):
                found[one.text(names).replace("\\", "/").rpartition("/")[2].strip()] = None
    return tuple(name for name in found if name)
