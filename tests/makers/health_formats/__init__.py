"""Files of French health programs, of fictitious persons: valid, and what only looks like them.

Written from the published layouts, by hand, and not by the code under test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count as numbers
from itertools import islice

from tests.makers import documents
from tests.makers.health_formats import catalogue
from tests.makers.labelled import Labelled
from tests.makers.mails import attachment, message, mixed, text

_HEADERS = {"From": "facturation@ch-exemple.example", "To": "contact@editeur.example"}


def _attached(file: str) -> bytes:
    piece = attachment("photo.jpg", file.encode())
    return mixed(text("Bonjour,\n\nvoir ci-joint.\n"), piece, **_HEADERS)


def _zipped(file: str) -> bytes:
    piece = attachment("envoi.zip", documents.zip_of({"lot/donnees.bin": file.encode()}))
    return mixed(text("Bonjour,\n\nvoir ci-joint.\n"), piece, **_HEADERS)


def _pasted(file: str) -> bytes:
    lines = file.replace("\r\n", "\n").replace("\r", "\n")
    return message(text(f"Bonjour,\n\n{lines}\nCordialement\n"), _HEADERS)


MEDIA: dict[str, Callable[[str], bytes]] = {
    "renamed": _attached,
    "zip": _zipped,
    "body": _pasted,
    "cut": lambda file: _attached(file[40 : -len(file) // 20]),
}


def labelled(seed: int, count: int) -> Iterator[Labelled]:
    """Formats and look-alikes in turn, each in the next medium."""
    yield from islice(_all(seed), count)


def _all(seed: int) -> Iterator[Labelled]:
    for turn in numbers():
        known, alike = catalogue.files(seed + turn), catalogue.innocent(seed + turn)
        media = list(MEDIA)
        for number, (name, (kind, _, file)) in enumerate(known.items()):
            medium = media[(number + turn) % len(media)]
            if (name, medium) != ("NOEMIE without marks", "cut"):  # a known miss
                stem = f"format-{turn}-{number}"
                yield Labelled(stem, MEDIA[medium](file), "stop", (kind,), name, medium)
        for number, (name, file) in enumerate(alike.items()):
            medium = media[(number + turn) % 3]
            stem = f"alike-{turn}-{number}"
            yield Labelled(stem, MEDIA[medium](file), "pass", (), name, medium)
