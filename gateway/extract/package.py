"""What is inside an office document: a zip of XML files and others (ECMA-376 part 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.extract import image, unzip, zipped
from gateway.extract.kind import signed
from gateway.model import Limits, Part, Place, Problem, Trouble

_MEDIA_TYPE = 100  # characters
_XML = (".xml", ".rels", ".rdf", ".vml")
_PREVIEWS = ("docProps/thumbnail", "Thumbnails/")  # small pictures of the first page
_PREVIEW_SIDE = 600  # pixels; nobody reads a page as small as that


@dataclass(frozen=True, slots=True)
class Content:
    """One unpacked member. name: "word/document.xml"."""

    name: str
    data: bytes

    @property
    def is_xml(self) -> bool:
        start = self.data[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
        return self.name.endswith(_XML) or start.startswith(b"<?xml")

    @property
    def spot(self) -> str:
        """For people: "document", "header1", "docProps/core"."""
        short = self.name.removesuffix(".xml")
        for folder in ("word/", "ppt/", "xl/"):
            short = short.removeprefix(folder)
        return short

    def as_part(self, whole: Part) -> Part:
        return Part(f"{whole.path}!{self.name}", self.data)


def members(part: Part, limits: Limits) -> Iterator[Content | Part | Problem]:
    """Unpacked one at a time, within the limits for all together."""
    archive = zipped.open_archive(part.data, limits.parts)
    place = Place(part.path)
    for kind, detail in archive.troubles:
        yield Problem(kind, place, detail)
    for doubt in dict.fromkeys(archive.doubts):
        yield Problem(Trouble.AMBIGUOUS, place, doubt)
    for number, spare in enumerate(archive.spare, 1):
        yield Part(f"{part.path}!({number})", spare)
    left = limits.bytes
    for member in archive.members:
        data, trouble = unzip.unpack(archive, member, limits)
        left -= len(data)
        if trouble or left < 0:
            yield Problem(
                trouble or Trouble.TOO_BIG,
                Place(part.path, Content(member.name, b"").spot),
                "a piece of the document was not read whole",
            )
        if left < 0:
            return
        if data and not _says_nothing(member.name, data):
            yield Content(member.name, data)


def _says_nothing(name: str, data: bytes) -> bool:
    """The media type, and previews that are what their name says."""
    if name == "mimetype":
        return data.startswith(b"application/") and len(data) <= _MEDIA_TYPE
    return (
        name.startswith(_PREVIEWS)
        and signed(data) == "image"
        and max(image.size(data)) <= _PREVIEW_SIDE
    )
