"""Formats that are known but not read: each is told, none is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.extract import split
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.kind import signed
from gateway.model import Limits, Part, Place, Problem, Trouble

_WHAT = {
    "program": "a program",
    "sqlite": "a database",
    "pst": "an Outlook mailbox",
}
_KINDS = (*_WHAT, "pgp", "binary")


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    kind = signed(part.data)
    if kind == "pgp":
        yield Problem(Trouble.ENCRYPTED, place, "an encrypted OpenPGP message")
    elif kind not in _WHAT and split.named(part.names):
        yield Problem(Trouble.UNSUPPORTED, place, split.WHAT)
    else:
        what = _WHAT.get(kind, "a file of unknown format")
        yield Problem(Trouble.UNSUPPORTED, place, f"{what}, which is not read")


EXTRACTOR = Extractor(_KINDS, extract)
