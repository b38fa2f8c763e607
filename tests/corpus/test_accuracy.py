"""What the makers make is judged as it ought to be, or nearly: a sample of docs/accuracy.md.

Read in this process and without the words of pictures, since it is the judgement that is measured.
Some six hundred mails are few for a share near one; `make accuracy` judges thousands. The bounds
are what was reached, less what chance takes from a sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from gateway import inspection
from gateway.config import SHIPPED_RULES
from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.detect import search
from gateway.evaluation import Case, Outcome, Share, by, by_kind, confused, score
from gateway.model import DEFAULT_LIMITS, Likelihood
from gateway.rulebook import read_rules
from tests.makers import judged, stopped
from tests.makers.labelled import Labelled
from tests.makers.stopped import leaks, several, tables, writing

SEED, MAILS = 5, 600
LIMITS = replace(DEFAULT_LIMITS, pictures=0)
JUDGE = Judge(read_rules([SHIPPED_RULES], search.kinds()), Places(domains=(writing.OURS,)), None)
OUTSIDE = "dest@mail.example"
LEAST = Likelihood.LIKELY
# Numbers with a key: the promise is 999 of 1,000, and of so few none may be missed.
PROMISED = ("fr.nir", "iban", "fr.rib")


def outcome(one: Labelled) -> Outcome:
    seen = inspection.conclude(inspection.read(one.content, LIMITS), b"k" * 32)
    mail = judged.mail(OUTSIDE, sender=f"agent@{writing.OURS}", content=one.content)
    [verdict] = JUDGE.decide(mail, seen)
    case = Case(one.name, one.expect, frozenset(one.kinds), one.family, one.medium)
    return Outcome(case, verdict.disposition, (verdict.rule,), seen.findings)


def series() -> Iterator[Labelled]:
    """Pictures take seconds each, and have their own tests."""
    return (one for one in stopped.labelled(SEED, MAILS) if one.medium != "scan")


@cache
def outcomes() -> tuple[Outcome, ...]:
    return tuple(map(outcome, series()))


def told() -> str:
    """Names of what was confused, for whoever sees a test fail."""
    wrong = confused(outcomes(), LEAST)
    return "\n".join(f"{one.case.name} {one.case.family}, {one.case.medium}" for one in wrong)


def drawn(one: Labelled) -> tuple[object, ...]:
    """Libraries write the time of day into Office files and archives."""
    dated = one.medium not in ("body", "html", "subject", "txt", "pdf", "file name")
    return one.name, one.kinds, one.family, one.medium, b"" if dated else one.content


def test_the_same_seed_makes_the_same_mails():
    again = [drawn(one) for one in stopped.labelled(SEED, 90)]
    assert again == [drawn(one) for one in stopped.labelled(SEED, 90)]
    assert again != [drawn(one) for one in stopped.labelled(SEED + 1, 90)]
    assert len({name for name, *_ in again}) == 90


def test_a_stretch_of_the_series_has_all_families_and_most_media():
    families = {one.case.family for one in outcomes()}
    assert families == {*leaks.FAMILIES, *tables.THEMES, *several.SEVERAL}
    assert len({one.case.medium for one in outcomes()}) > 25


def test_what_must_be_stopped_is_stopped():
    assert score(outcomes()).recall.value >= 0.99, told()


@pytest.mark.parametrize("kind", PROMISED)
def test_a_number_with_a_key_is_found_wherever_it_stands(kind):
    found = by_kind(outcomes(), LEAST)[kind].found
    assert found == Share(found.of, found.of), told()


def test_kinds_are_found():
    kinds = by_kind(outcomes(), LEAST)
    asked = {kind: told.found for kind, told in kinds.items() if told.found.of}
    assert {kind for kind, found in asked.items() if found.of - found.hits > 1} == set(), told()


def test_no_family_and_no_medium_is_left_out():
    for label in (lambda case: case.family, lambda case: case.medium):
        poor = {
            name: one.recall
            for name, one in by(outcomes(), label).items()
            if one.recall.of - one.recall.hits > 1
        }
        assert poor == {}, told()
