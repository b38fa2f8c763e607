"""Tar archives: POSIX ustar and the GNU and pax extensions the standard library reads."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    with tarfile.open(fileobj=io.BytesIO(part.data), mode="r:") as archive:
        for count, member in enumerate(archive):
            if count >= limits.parts:
                yield Problem(Trouble.TOO_MANY, Place(part.path), "too many members")
                return
            path = f"{part.path}!{member.name}"
            file = archive.extractfile(member) if member.isreg() else None
            if file is None:
                yield Text(Place(path), member.name, Medium.NAME)
            elif member.size > limits.member:  # sparse members may claim any size
                yield Problem(Trouble.TOO_BIG, Place(path), "tar member too big")
            else:
                yield Part(path, file.read(), names=(member.name,))


EXTRACTOR = Extractor(("tar",), extract)
