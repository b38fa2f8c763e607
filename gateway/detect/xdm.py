"""IHE XDM: the packets in which professionals of health send documents to each other.

    XDM/1.0/DDM+LETTRE DE LIAISON TEST Anne 14/09/1985    the Subject that goes with them

The metadata tell whose documents they are (gateway/extract/xdm.py), and the Subject names the
patient by convention: VERY_LIKELY with a birth date, POSSIBLE without, as in an explanation.
These mails belong to the secure health mail; anywhere else each is an incident.
Source: IHE ITI TF-2, XDM; Agence du numérique en santé, volet Échange de documents de santé.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.marked import lines, mask
from gateway.detect.pattern import watched
from gateway.model import Likelihood, Match

_SUBJECT = watched(rb"xdm/1\.0/ddm")
_SAID = re.compile(rb"[^\n]{0,160}?([0-3][0-9][/.\- ]?[01][0-9][/.\- ]?(?:19|20)[0-9]{2})")


def find(folded: Folded) -> Iterator[Match]:
    found = list(lines(folded, b"xdm"))
    for subject in () if folded.lacks(_SUBJECT) else _SUBJECT.finditer(folded.data):
        start, at = subject.span()
        said = _SAID.match(folded.cased, at)
        if said:
            who = folded.data[at : said.end()].strip(b"+ ").decode("latin-1")
            found.append(Match(start, said.end(), Likelihood.VERY_LIKELY, f"identifie|{who}"))
        else:
            found.append(Match(start, at, Likelihood.POSSIBLE, "essai|"))
    return iter(sorted(found, key=lambda match: match.start))


DETECTOR = Detector(kind="health.xdm", find=find, mask=mask)
