"""What this machine lacks to read everything that people attach, and what brings it.

Each of these is optional, and what is not read for want of it is told in each mail (`unsupported`,
`no_text`). Nobody should learn that from the first mail held, so `serve` logs it at its start and
`config check` says it. Not here: whether what is installed works, which the first picture tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.extract import barcode, libarchive, ocr


@dataclass(frozen=True, slots=True)
class Lack:
    """name: for the log. unread, remedy: a sentence each, for the operator."""

    name: str
    unread: str
    remedy: str


_LIBARCHIVE = Lack(
    "libarchive",
    "Les archives 7z, RAR, CAB, ISO, LHA, cpio, ar, xar, zstd, lz4, lzip et .Z ne seront pas "
    "lues : problème « unsupported », que la règle livrée retient vers l'extérieur.",
    "paquet Debian libarchive13 (libarchive13t64 depuis Debian 13)",
)
_ENGINE = Lack(
    "tesserocr",
    "Les mots des images et des pages numérisées ne seront pas lus : problème « no_text », que la "
    "règle livrée observe sans retenir.",
    "pip install --require-hashes -r requirements-ocr.txt, et paquet Debian tesseract-ocr-fra",
)
_FRENCH = Lack("tesseract-ocr-fra", _ENGINE.unread, "paquet Debian tesseract-ocr-fra")
_CODES = Lack(
    "zxing-cpp",
    "Les codes QR, DataMatrix et à barres des images ne seront pas lus : problème « no_text », que "
    "la règle livrée observe sans retenir.",
    "pip install --require-hashes -r requirements-ocr.txt",
)


def lacks() -> tuple[Lack, ...]:
    """Nothing where all is there."""
    found = []
    if libarchive.LIBRARY is None:
        found.append(_LIBARCHIVE)
    if not ocr.INSTALLED:
        found.append(_ENGINE)
    elif not any(Path(folder, ocr.FRENCH).is_file() for folder in ocr.DATA):
        found.append(_FRENCH)
    if not barcode.INSTALLED:
        found.append(_CODES)
    return tuple(found)
