"""A made mail with what a judge ought to say of it: the material of the accuracy tables.

Each package of makers that feeds those tables (`stopped`, `innocent`, `clinical`) offers one
function, `labelled(seed, count)`, which yields `count` of these, the same ones for the same seed,
its families and media taken in turn so that any beginning of the series is a fair sample of it.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message, and the verdict that it ought to get on its way to an outsider.

    name:    the stem of its file, once in the whole series.
    content: the message, with CRLF.
    kinds:   of finding that must be among those reported; none for an innocent mail.
    family:  what it is, in a person's words ("facture", "compte rendu opératoire").
    medium:  where the payload is ("body", "html", "pdf", "docx", "scan", "zip", "subject", …).
    """

    name: str
    content: bytes
    expect: Literal["stop", "pass"]
    kinds: tuple[str, ...]
    family: str
    medium: str
