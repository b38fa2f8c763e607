"""Shares, their intervals, and what counts as confused."""

from __future__ import annotations

import pytest

from gateway.evaluation import Case, Outcome, Share, by, by_kind, confused, score
from gateway.model import Disposition, Finding, Likelihood, Place

PASS, TAG, HOLD = Disposition.PASS, Disposition.TAG, Disposition.QUARANTINE
LIKELY = Likelihood.LIKELY


def outcome(expect, disposition, *found, kinds=(), family="a", likelihood=LIKELY) -> Outcome:
    case = Case("x.eml", expect, frozenset(kinds), family)
    findings = tuple(Finding(kind, 1, likelihood, Place("1"), "***") for kind in found)
    return Outcome(case, disposition, (), findings)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # computed elsewhere, from Wilson's formula
        (0, 10, 0.0, 0.27753),
        (5, 10, 0.23659, 0.76341),
        (10, 10, 0.72247, 1.0),
        (81, 263, 0.25528, 0.36620),
        (0, 4000, 0.0, 0.00096),
    ],
)
def test_the_interval_is_wilsons(hits, of, low, high):
    assert Share(hits, of).interval == pytest.approx((low, high), abs=1e-5)


def test_of_nothing_nothing_is_known():
    assert Share(0, 0).interval == (0.0, 1.0)


def test_the_four_ways_to_be_right_and_wrong():
    told = score(
        [
            outcome("stop", HOLD),
            outcome("stop", HOLD),
            outcome("stop", PASS),
            outcome("pass", HOLD),
            outcome("pass", PASS),
        ]
    )
    assert (told.precision, told.recall) == (Share(2, 3), Share(2, 3))
    assert told.held == Share(1, 2)
    assert told.mails == 5
    assert told.f1[0] == pytest.approx(2 / 3)


def test_f1_lies_within_its_interval_and_is_one_where_all_is_right():
    value, low, high = score([outcome("stop", HOLD)] * 50).f1
    assert (value, high) == (1.0, 1.0)
    assert 0.9 < low < 1


def test_what_is_tagged_goes_out():
    assert outcome("pass", TAG).as_expected
    assert not outcome("stop", TAG).as_expected


def test_a_kind_is_found_when_it_is_as_sure_as_asked():
    unsure = outcome("stop", HOLD, "fr.nir", kinds=["fr.nir"], likelihood=Likelihood.POSSIBLE)
    assert unsure.missing(LIKELY) == {"fr.nir"}
    assert unsure.missing(Likelihood.POSSIBLE) == frozenset()


def test_kinds_are_counted_in_what_holds_them_and_in_what_is_innocent():
    told = by_kind(
        [
            outcome("stop", HOLD, "iban", kinds=["iban"]),
            outcome("stop", HOLD, kinds=["iban"]),
            outcome("stop", HOLD, "person", kinds=["iban"]),
            outcome("pass", PASS, "person"),
            outcome("pass", PASS),
        ],
        LIKELY,
    )
    assert list(told) == ["iban", "person"]
    assert told["iban"].found == Share(1, 3)
    assert told["iban"].false == Share(0, 2)
    assert told["person"].false == Share(1, 2)


def test_groups_are_those_that_are_named():
    groups = by(
        [
            outcome("stop", HOLD, family="b"),
            outcome("stop", PASS),
            outcome("stop", HOLD, family=""),
        ],
        lambda case: case.family,
    )
    assert {name: told.recall for name, told in groups.items()} == {
        "a": Share(0, 1),
        "b": Share(1, 1),
    }


def test_wrong_verdicts_come_before_missing_kinds():
    right = outcome("stop", HOLD, "iban", kinds=["iban"])
    partly = outcome("stop", HOLD, kinds=["iban"])
    wrong = outcome("stop", PASS)
    assert confused([right, partly, wrong], LIKELY) == [wrong, partly]
