"""`make audit`, its part without a network: whether anything that the gateway loads is under a
licence that would bind it (GPL, AGPL, SSPL). LGPL libraries are used as libraries, unchanged.

What Debian brings beside (Postfix, tesseract) runs as programs of their own, and is not looked at.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tools.release.pinned import pinned

ROOT = Path(__file__).parents[2]
OF_THE_CORE = ("requirements.txt", "requirements-ocr.txt")
_BINDING = re.compile(r"\b(?:A?GPL|SSPL|(?:Affero )?General Public License)", re.IGNORECASE)
_LESSER = re.compile(r"\bLGPL|Lesser General Public|Library General Public", re.IGNORECASE)


def binds(licence: str) -> bool:
    """Whether every choice that it leaves ("MIT OR GPL-2.0") is one that binds."""
    choices = re.split(r"\bOR\b", licence)
    return all(_BINDING.search(one) and not _LESSER.search(one) for one in choices)


def complaints() -> list[str]:
    wrong = []
    for name in OF_THE_CORE:
        for one in pinned((ROOT / name).read_text("utf-8")):
            licence = one.licence
            if licence is None and not one.marker:
                wrong.append(f"{one.name}: not installed, so its licence is not known")
            elif licence == "":
                wrong.append(f"{one.name}: says no licence")
            elif licence and binds(licence):
                wrong.append(f"{one.name}: {licence}")
    return wrong


def main() -> int:
    wrong = complaints()
    print("\n".join(wrong) or "licences: nothing under GPL, AGPL or SSPL in the core")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
