"""HPRIM XML: messages of acts, stays and identities, and the patients in them.

With or without the namespace, with or without a prefix; one patient an element `patient`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from gateway.detect.coded import Record, day, holds, laid_out, patient
from gateway.detect.fold import Folded
from gateway.model import Likelihood

_PREFIX = rb"<(?:[a-zA-Z0-9]{1,9}:)?"
_ROOT = re.compile(_PREFIX + rb"evenements?(?:Serveur|Patient|PMSI|Frais|Mouvement|Intervention)")
_PATIENT = re.compile(_PREFIX + rb"patient[ >]")
_LONGEST = 16 * 1024  # bytes of one patient
_FAMILY = re.compile(rb"[<:]nom(?:Usuel|Naissance)>\s{0,20}([^<]{1,60})<")
_GIVEN = re.compile(rb"[<:]prenom>\s{0,20}([^<]{1,60})<")
_BORN = re.compile(
    rb"[<:]dateNaissance>\s{0,40}(?:<(?:[a-zA-Z0-9]{1,9}:)?date>)?\s{0,20}"
    rb"([0-9]{4})-([0-9]{2})-([0-9]{2})"
)
_NUMBER = re.compile(rb"[<:](?:valeur|identifiant|numeroIdentifiantSante)>\s{0,20}([^<]{1,40})<")


def records(folded: Folded) -> Iterator[Record]:
    if not holds(folded, b"<", b"evenement"):
        return
    text = laid_out(folded)
    if not _ROOT.search(text):
        return
    begins = [found.end() for found in _PATIENT.finditer(text)]
    for begin, following in pairwise([*begins, len(text)]):
        end = min(following, begin + _LONGEST)
        family, given = _FAMILY.search(text, begin, end), _GIVEN.search(text, begin, end)
        born, number = _BORN.search(text, begin, end), _NUMBER.search(text, begin, end)
        if not family:
            continue
        names = (family[1], given[1]) if given else (family[1],)
        known = number[1].strip() if number else b""
        date = day(b"".join(born.groups()), "ymd") if born else ""
        if one := patient(family.span(1), Likelihood.VERY_LIKELY, names, date, known):
            yield one
