"""Tar archives: POSIX ustar, and the GNU and pax extensions the standard library reads."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from gateway.extract import characters
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    with tarfile.open(fileobj=io.BytesIO(part.data), mode="r:", encoding="latin-1") as archive:
        for count, member in enumerate(archive):
            if count >= limits.parts:
                yield Problem(Trouble.TOO_MANY, Place(part.path), "too many members")
                return
            names = tuple(dict.fromkeys((*_names(member.name), *_names(member.linkname))))
            path = f"{part.path}!{names[0]}"
            if comment := member.pax_headers.get("comment"):
                yield Text(Place(path, "comment"), comment, Medium.DOCUMENT)
            file = archive.extractfile(member) if member.isreg() else None
            if file is None:
                for name in names:
                    yield Text(Place(path), name, Medium.NAME)
            elif member.size > limits.member:  # sparse members may claim any size
                yield Problem(Trouble.TOO_BIG, Place(path), "tar member too big")
            elif member.issparse():
                yield Part(path, file.read(), names=names)
            else:  # what there is of a member that is cut short
                start = member.offset_data
                yield Part(path, part.data[start : start + member.size], names=names)
        rest = part.data[archive.offset :].lstrip(b"\0")
    if rest:
        yield Problem(Trouble.AMBIGUOUS, Place(part.path), "more follows the end of the archive")
        yield Part(f"{part.path}!(2)", rest)


def _names(name: str) -> tuple[str, ...]:
    """Bytes of a header were decoded as Latin-1, to be had again; pax gives characters."""
    try:
        return characters.readings(name.encode("latin-1")) if name else ()
    except UnicodeEncodeError:
        return (name.encode("utf-8", "replace").decode(),)


EXTRACTOR = Extractor(("tar",), extract)
