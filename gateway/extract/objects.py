"""Files within Office 97 files: OLE packages (MS-OLEDS 2.3), embedded documents as storages."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from gateway.extract import compound_copy, runs, vba
from gateway.extract.compound import Compound, Path
from gateway.model import Medium, Part, Place, Problem, Text, Trouble

NATIVE = "\x01Ole10Native"

# What is a document of its own by what its storage holds.
_DOCUMENTS = frozenset(
    ("WordDocument", "Workbook", "Book", "PowerPoint Document", "__properties_version1.0",
     "EncryptedPackage")
)  # fmt: skip
_FILES = ("Package", "CONTENTS", "package_stream", "EmbeddedOdf")  # a file as it is
# Storages that hold no object: macros, pivot caches, custom XML, forms, signatures.
_NOT_OBJECTS = (
    "Macros", "_VBA_PROJECT_CUR", "_SX_DB", "_SX_DB_CUR", "MsoDataStore", "_xmlsignatures",
    "_signatures", "\x06DataSpaces", "VBA", "ObjectPool",
)  # fmt: skip
_SAY_NOTHING = ("Equation Native",)  # a formula
_CONTROLS = frozenset(("\x03OCXNAME", "\x03OCXDATA", "\x03PRINTCONTROL"))  # a button or a field
_FORMS = ("f", "o", "Ctls")  # streams with the captions and values of forms


def found(file: Compound, part: Part) -> Iterator[Part | Text | Problem]:
    """The objects of a compound file, each with the bytes that a program would open."""
    taken: set[Path] = set()  # documents, and all below them
    for storage, here in sorted(file.folders().items(), key=_depth):
        if storage and storage[:-1] in taken:
            taken.add(storage)
            continue
        place = f"{part.path}!{_spot(storage)}"
        if storage and not _DOCUMENTS.isdisjoint(here):
            taken.add(storage)
            yield Part(place, compound_copy.written(file.under(storage)))
            continue
        inside = list(_files(here, storage, part))
        yield from inside
        if storage and storage[0] == "MsoDataStore":
            for name, data in here.items():
                if data:
                    yield Part(f"{place}/{_spot((name,))}", data)
        elif words := _of_controls(here):
            yield Text(Place(place), "\n".join(words), Medium.DOCUMENT)
        elif not inside and _is_object(storage, here):
            yield Problem(Trouble.UNSUPPORTED, Place(place), "an embedded object of unknown format")
    yield from vba.texts(file, part)


def _depth(folder: tuple[Path, dict[str, bytes]]) -> int:
    return len(folder[0])


def _of_controls(here: dict[str, bytes]) -> list[str]:
    control = not _CONTROLS.isdisjoint(here)
    streams = (data for name, data in here.items() if control or name in _FORMS)
    return list(dict.fromkeys(word for data in streams for word in runs.both(data)))


def _spot(storage: Path) -> str:
    """For people."""
    return "".join(character for character in "/".join(storage) if character.isprintable())


def _is_object(storage: Path, here: dict[str, bytes]) -> bool:
    if not storage or any(name in _NOT_OBJECTS for name in (storage[0], storage[-1])):
        return storage[:1] == ("ObjectPool",) and len(storage) == 2 and _unknown(here)
    return storage[0].startswith("MBD") and len(storage) == 1 and _unknown(here)


def _unknown(here: dict[str, bytes]) -> bool:
    """Whether there is more than links and previews, whose names begin with a control."""
    return any(data and name[:1] >= " " and name not in _SAY_NOTHING for name, data in here.items())


def _files(here: dict[str, bytes], storage: Path, part: Part) -> Iterator[Part]:
    for name in (NATIVE, *_FILES):
        path = f"{part.path}!{_spot((*storage, name))}"
        if name == NATIVE and here.get(name):
            yield packaged(here[name][4:], path)
        elif here.get(name):
            yield Part(path, here[name])


def packaged(data: bytes, path: str) -> Part:
    """A file that the Packager put in: two bytes, label, path, kind, temporary path, size, data.

    The native data of other programs has no such head: it is given as it is.
    """
    try:
        at = 2
        label, at = _until_zero(data, at)
        source, at = _until_zero(data, at)
        at += 4
        (length,) = struct.unpack_from("<L", data, at)
        temporary, at = data[at + 4 : at + 4 + length], at + 4 + length
        (size,) = struct.unpack_from("<L", data, at)
    except (struct.error, ValueError):
        return Part(path, data)
    if at + 4 + size > len(data):
        return Part(path, data)
    rest = data[at + 4 + size :]  # the three names once more, in two bytes a letter
    wide = (name.decode("utf-16-le", "replace") for name in _wide_names(rest))
    narrow = (name.decode("cp1252", "replace") for name in (label, source, temporary))
    names = dict.fromkeys(name.strip("\0") for name in (*wide, *narrow))
    return Part(path, data[at + 4 : at + 4 + size], names=tuple(name for name in names if name))


def _until_zero(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.index(b"\0", at)
    return data[at:end], end + 1


def _wide_names(data: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(3):
        length = int.from_bytes(data[at : at + 4], "little") * 2
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


def native(data: bytes, path: str) -> Iterator[Part | Problem]:
    """An object as RTF keeps it (MS-OLEDS 2.2.5): version, 2 for embedded, three names, data."""
    try:
        _, kind = struct.unpack_from("<2L", data)
        at, names = 8, list[bytes]()
        for _ in range(3):
            (length,) = struct.unpack_from("<L", data, at)
            names.append(data[at + 4 : at + 4 + length].rstrip(b"\0"))
            at += 4 + length
        (size,) = struct.unpack_from("<L", data, at) if kind == 2 else (0,)
    except struct.error:
        yield Problem(Trouble.DAMAGED, Place(path), "an embedded object is damaged")
        return
    said = tuple(name.decode("cp1252", "replace") for name in names[1:] if name)
    content = data[at + 4 : at + 4 + size]
    if len(content) < size:
        yield Problem(Trouble.DAMAGED, Place(path), "an embedded object is cut short")
    if names[0] == b"Package":
        one = packaged(content, path)
        yield Part(path, one.data, names=tuple(dict.fromkeys((*one.names, *said))))
    elif content:
        yield Part(path, content, names=said)
