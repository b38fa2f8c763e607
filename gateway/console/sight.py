"""Seeing into a held mail: its text masked or in clear, what a finding found, a part as pictures,
by way of a sandbox worker; who may read it whole.

The console opens no document itself: a worker answers as it answers doors, and what it says is
text to be escaped. Values come back to this process alone when a person asked for them, and live
as long as one answer.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from gateway import inspection, preview
from gateway.console.prints import Prints, is_plain
from gateway.model import (
    DEFAULT_LIMITS,
    Coverage,
    Finding,
    Hit,
    Limits,
    PartRead,
    Place,
    Problem,
    Reading,
)
from gateway.ports import Wall
from gateway.store.letters import Letters
from gateway.store.permits import Permits

# What a family of `console.four_eyes` names, by the beginning of a kind.
FAMILIES = {
    "health": ("health.", "table.health", "fr.ins", "fr.mdph"),
    "social": ("table.social", "fr.caf", "fr.emploi"),
    "identity": ("fr.nir", "fr.nia", "fr.ins", "fr.spi", "mrz", "table.persons"),
    "bank": ("iban", "fr.rib", "card"),
}
_SECONDS = 60.0  # a person waits for the page: no longer than a browser would


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters. kind: of what is found there, "" for what is not hidden."""

    text: str = field(repr=False)
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """What stands in one place of a part. cut: there is more, which is not shown."""

    place: Place
    pieces: tuple[Piece, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class ShownPart:
    """place: of the part. kind: what it is by content, "" where that is not known."""

    place: Place
    kind: str
    coverage: Coverage
    problems: tuple[Problem, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Of one part. total: its pages. pngs: of some, looked at; failed: why others are not."""

    total: int
    pngs: tuple[bytes, ...] = field(repr=False)
    failed: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """wall: one whose workers do `gateway.preview.read`; None where there is none. key: of the
    fingerprints. four_eyes: families whose mails are read whole by two only."""

    permits: Permits
    letters: Letters
    key: bytes = field(repr=False)
    wall: Wall | None = None
    limits: Limits = DEFAULT_LIMITS
    four_eyes: Sequence[str] = ()
    prints: Prints = field(default_factory=Prints)

    async def text(self, mail: bytes, *, clear: bool) -> tuple[ShownPart, ...]:
        """Part by part. Temporary where no worker is free."""
        order = preview.Order.WHOLE if clear else preview.Order.MASKED
        return _parts(await self._read(order, mail))

    async def values(self, mail: bytes, finding: Finding) -> tuple[str, ...]:
        """What this finding found, in clear; () where it is not found any more."""
        reading = await self._read(preview.Order.VALUES, mail)
        known = frozenset(finding.fingerprints)
        found = (
            hit.value
            for hit in reading.hits
            if (hit.kind, hit.place) == (finding.kind, finding.place)
            and inspection.fingerprint(self.key, hit.kind, hit.value) in known
        )
        return tuple(dict.fromkeys(found))

    async def pictures(self, mail: bytes, number: int, first: int) -> Pictures:
        """number: of the part, as its inspection counts them. first: of its pages, from 0."""
        reading = await self._read(preview.Order.DRAWN, mail, number, first)
        pngs = tuple(png for png in _pngs(reading.hits) if is_plain(png))
        total = next((one.value for one in reading.hits if one.kind == preview.DRAWN_OF), "")
        pages = int(total) if total.isascii() and total.isdigit() and len(total) < 8 else 0
        return Pictures(pages, pngs, reading.problems)

    def asks_for_two(self, findings: Iterable[Finding]) -> bool:
        kinds = tuple(kind for family in self.four_eyes for kind in FAMILIES[family])
        return any(one.kind.startswith(kinds) for one in findings) if kinds else False

    async def permitted(self, hold: str, who: str) -> bool:
        """Whether another has allowed it, not half an hour ago."""
        return any(one.account == who and one.granted_by for one in await self.permits.of(hold))

    async def _read(self, order: preview.Order, mail: bytes, *numbers: int) -> Reading:
        assert self.wall is not None
        asked = preview.request(order, mail, *numbers)
        return await self.wall.read(asked, self.limits, seconds=_SECONDS)


def drawable(parts: Iterable[PartRead]) -> dict[int, Place]:
    """What a worker can draw, by number: nothing that would have to be laid out first."""
    return {
        number: part.place
        for number, part in enumerate(parts)
        if not {"pdf", "image"}.isdisjoint(part.kind.split("+"))
    }


def _pngs(hits: Iterable[Hit]) -> Iterable[bytes]:
    pieces: list[str] = []
    for hit in hits:
        if hit.kind not in (preview.DRAWN, preview.DRAWN_END):
            continue
        pieces.append(hit.value)
        if hit.kind == preview.DRAWN_END:
            with suppress(binascii.Error, ValueError):  # a worker that lies
                yield base64.b64decode("".join(pieces), validate=True)
            pieces.clear()


def _parts(reading: Reading) -> tuple[ShownPart, ...]:
    """In the order of the mail; a place nobody announced comes last, with what stands there."""
    passages: dict[str, list[Passage]] = {}
    pieces: list[Piece] = []
    for number, hit in enumerate(reading.hits):
        if hit.kind != preview.CUT:
            pieces.append(Piece(hit.value, "" if hit.kind == preview.SHOWN else hit.kind))
        following = reading.hits[number + 1] if number + 1 < len(reading.hits) else None
        if following is None or following.place != hit.place or hit.kind == preview.CUT:
            cut = hit.kind == preview.CUT
            passages.setdefault(hit.place.part, []).append(Passage(hit.place, tuple(pieces), cut))
            pieces = []
    shown = [
        ShownPart(
            part.place,
            part.kind,
            part.coverage,
            tuple(one for one in reading.problems if one.place.part == part.place.part),
            tuple(passages.pop(part.place.part, ())),
        )
        for part in reading.parts
    ]
    shown += [
        ShownPart(Place(part), "", Coverage.PARTLY, (), tuple(found))
        for part, found in passages.items()
    ]
    return tuple(shown)
