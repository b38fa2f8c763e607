"""Every way of hiding a number that we know of: found, or held by the shipped rules.

To be found is better: the sender is told what is wrong with the mail, and not that it is strange.
The table says for which it is the other way, and why.
"""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase

import pytest

from gateway import inspection
from gateway.config import SHIPPED_RULES
from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.detect import search
from gateway.model import DEFAULT_LIMITS, Disposition, Likelihood, Reading
from gateway.rulebook import read_rules
from tests.makers import judged
from tests.makers.evasions import Case, cases

KEY = b"k" * 32
JUDGE = Judge(read_rules([SHIPPED_RULES], search.kinds()), Places(domains=("chu.example",)), None)

HELD = {
    "03-invalid-encodings/Base64-is-quoted-printable": "a lie that nobody can read, and garbage",
    "03-invalid-encodings/uue-is-quoted-printable": "the same",
    "16-line-ends/*-after-border-*": "the header is part of a body of another kind",
    "16-line-ends/none-*": "no line end at all, so the first line of the body is spoilt",
    "16-line-ends/all-cr-space-*": "all of the mail is one field",
    "16-line-ends/all-ls-*": "all of the mail is one field",
    "27-other-encodings/*": "no mail program knows the encoding",
    "31-messages-within/*-levels": "too deep",
    "32-33-pieces-of-messages/*": "what is not there cannot be read",
    "38-hidden-in-html/nul-in-tag": "a file that is no text",
    "41-character-sets/*": "letters of an unknown kind, which look like no text",
    "44-too-much/*": "beyond the limits",
}


def families() -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases():
        found[case.name.partition("/")[0]].append(case)
    return found


FAMILIES = families()


def outcome(content: bytes, reading: Reading) -> str:
    """ "found", "held" or "missed", for a recipient outside."""
    seen = inspection.conclude(reading, KEY)
    verdicts = JUDGE.decide(judged.mail(content=content), seen)
    if any(verdict.disposition is Disposition.PASS for verdict in verdicts):
        return "missed"
    sure = [f for f in seen.findings if f.kind == "fr.nir" and f.likelihood >= Likelihood.LIKELY]
    return "found" if sure else "held"


def may_be_held(case: Case) -> bool:
    return any(fnmatchcase(case.name, pattern) for pattern in HELD)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("family", FAMILIES)
def test_no_evasion_passes_and_the_door_sees_what_the_worker_sees(family):
    missed, only_held, otherwise = [], [], []
    for case in FAMILIES[family]:
        for content in {case.content, case.with_crlf()}:
            reading = inspection.read(content, DEFAULT_LIMITS)
            became = outcome(content, reading)
            if became == "missed":
                missed.append(case.name)
            elif became == "held" and not may_be_held(case):
                only_held.append(case.name)
            if inspection.simple(content, DEFAULT_LIMITS) not in (None, reading):
                otherwise.append(case.name)
    assert (missed, only_held, otherwise) == ([], [], [])


def test_there_are_as_many_as_we_say():
    """A family that makes nothing would hold for nothing."""
    assert len(cases()) > 3500
    assert min(map(len, FAMILIES.values())) >= 8


def test_what_may_be_held_is_still_made():
    names = [case.name for case in cases()]
    assert [p for p in HELD if not any(fnmatchcase(name, p) for name in names)] == []
