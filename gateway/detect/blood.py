"""Blood group of somebody: A, B, AB or O with its rhesus, behind "groupe sanguin" or its like.

Alone "A+" is a class of energy and "O-" an appeal to donors, so the label must stand right before.
Not here: extended phenotypes and searches for antibodies without the group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import announced, label
from gateway.model import Likelihood, Match

_LABEL = label(rb"groupes? sanguins?", rb"groupage", rb"gs", rb"abo(?: ?/ ?rh)?", rb"rhesus")
_GROUP = re.compile(
    rb"[^a-z0-9]{0,6}(?:(?:est|abo|sanguin|patiente?|de|du|la|le|rh)[^a-z0-9]{1,3}){0,3}"
    rb"((ab|[abo0])(?: ?rh(?:esus)?)? ?\(?d?\)? ?"
    rb"(\+|-(?![a-z0-9])|pos(?:itif)?|neg(?:atif)?))(?![a-z0-9])"
)


def find(folded: Folded) -> Iterator[Match]:
    for found in announced(folded, _LABEL, _GROUP):
        group = found[2].decode().upper().replace("0", "O")
        rhesus = "+" if found[3][:1] in b"+p" else "-"
        yield Match(*found.span(1), Likelihood.LIKELY, group + rhesus)


def mask(value: str) -> str:
    return "groupe sanguin"


DETECTOR = Detector(kind="health.blood", find=find, mask=mask)
