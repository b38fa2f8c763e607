"""The ways in which people and programs write a number; `identifiers.SPELLINGS` has those of a NIR.

`flat` ones fit one line of a form or one cell; `printed` ones have only letters that the fonts of a
PDF have. A medium asks for what it can carry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from tests.makers import identifiers
from tests.makers.identifiers import SPELLINGS, grouped

Way = Callable[[str], str]

_EVERYWHERE: Mapping[str, Way] = {
    "in one piece": SPELLINGS["in one piece"],
    "full-width digits": SPELLINGS["full-width digits"],
    "Arabic-Indic digits": SPELLINGS["Arabic-Indic digits"],
    "zero-width inside": SPELLINGS["zero-width inside"],
}
_MARKS = {"spaces": " ", "no-break spaces": "\u00a0", "narrow no-break spaces": "\u202f"}


def _by(size: int, marks: Mapping[str, str]) -> dict[str, Way]:
    return {
        f"by {size}, {name}": lambda number, mark=mark: grouped(number, size, mark)
        for name, mark in marks.items()
    }


NIR: Mapping[str, Way] = {
    **SPELLINGS,
    "by 3": lambda number: f"{grouped(number[:13], 3)} {number[13:]}",
    "key after a slash": lambda number: f"{number[:13]}/{number[13:]}",
    "spaces, key after a slash": lambda n: f"{' '.join(identifiers.parts(n[:13]))} / {n[13:]}",
    "wrapped before the key": lambda number: f"{number[:13]}\n{number[13:]}",
    "thin spaces": lambda number: "\u2009".join(identifiers.parts(number)),
    "ideographic spaces": lambda number: "\u3000".join(identifiers.parts(number)),
    "two spaces": lambda number: "  ".join(identifiers.parts(number)),
    "boxes with bars": lambda number: "|".join(number),
    "boxes in brackets": lambda number: "".join(f"[{digit}]" for digit in number),
    "underlined boxes": lambda number: "_".join(number),
}
SHORT: Mapping[str, Way] = {  # of a NIR without its key
    name: NIR[name]
    for name in (
        "in one piece", "spaces", "no-break spaces", "narrow no-break spaces", "dots", "dashes",
        "slashes", "full-width digits", "zero-width inside", "one digit a box",
    )
}  # fmt: skip
IBAN: Mapping[str, Way] = {
    **_EVERYWHERE,
    **_by(4, {**_MARKS, "dots": ".", "dashes": "-", "tabs": "\t", "soft hyphens": "\u00ad "}),
    "lower case": str.lower,
    "one character a box": " ".join,
    "wrapped between groups": lambda n: f"{grouped(n[:16])}\n{grouped(n[16:])}",
    "wrapped anywhere": lambda number: f"{number[:18]}\n{number[18:]}",
    "two spaces": lambda number: grouped(number, 4, "  "),
}
RIB: Mapping[str, Way] = {
    "four groups": lambda number: " ".join(identifiers.rib_parts(number)),
    "no-break spaces": lambda number: "\u00a0".join(identifiers.rib_parts(number)),
    "dashes": lambda number: "-".join(identifiers.rib_parts(number)),
    "slashes": lambda number: " / ".join(identifiers.rib_parts(number)),
    "dots": lambda number: ".".join(identifiers.rib_parts(number)),
    "bars": lambda number: " | ".join(identifiers.rib_parts(number)),
    "tabs": lambda number: "\t".join(identifiers.rib_parts(number)),
    **_EVERYWHERE,
}
CARD: Mapping[str, Way] = {
    **_EVERYWHERE,
    **_by(4, {**_MARKS, "dashes": "-", "dots": ".", "two spaces": "  "}),
    "wrapped between groups": lambda number: f"{grouped(number[:8])}\n{grouped(number[8:])}",
}
PLAIN: Mapping[str, Way] = _EVERYWHERE


def thousands(number: str) -> str:
    """0 123 456"""
    return f"{number[:-6]} {number[-6:-3]} {number[-3:]}"


CAF: Mapping[str, Way] = {
    **_EVERYWHERE,
    "thousands": thousands,
    "with a letter": lambda number: f"{number} K",
    "with a letter glued": lambda number: f"{number}K",
}
TAX: Mapping[str, Way] = {
    **_EVERYWHERE,
    "as printed": lambda n: f"{n[:2]} {n[2:4]} {n[4:7]} {n[7:10]} {n[10:]}",
    "no-break spaces": lambda n: "\u00a0".join((n[:2], n[2:4], n[4:7], n[7:10], n[10:])),
}
PAPER: Mapping[str, Way] = {
    "in one piece": SPELLINGS["in one piece"],
    "full-width digits": SPELLINGS["full-width digits"],
    "zero-width inside": SPELLINGS["zero-width inside"],
}


def written(rng: Random, number: str, ways: Mapping[str, Way], *, flat: bool, printed: bool) -> str:
    """In one of these ways."""
    spellings = [way(number) for way in ways.values()]
    if flat:
        spellings = [one for one in spellings if not set(one) & set("\r\n\t")]
    if printed:
        spellings = [one for one in spellings if _is_printed(one)]
    return rng.choice(spellings or [number])


def _is_printed(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return "\u00ad" not in text
