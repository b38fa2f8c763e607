"""Letters about a second reading: whom they go to, what they say, word for word."""

from __future__ import annotations

import dataclasses

import pytest

from gateway import inspection
from gateway.act import second_reader
from gateway.act.notice import Case
from gateway.act.second_reader import Waiting
from gateway.model import DEFAULT_LIMITS
from gateway.reviewers import End
from tests.unit.act.test_notice import DURAND, FULL, LETTERS, NOW, SENDER, written

RULE = "house/reread"
NOTICES = dataclasses.replace(FULL, title=lambda rule: "Relu avant sortie" if rule == RULE else "")
TWO = (Waiting("7K2F-9QXD", RULE, NOW + 3 * 3600), Waiting("3MRT-84WB", "gone", NOW + 90_000))
CASE = Case("7K2F-9QXD", NOW, RULE, 1, NOW + 90_000, SENDER, (DURAND,))
ANA = "ana@cpam.example"

WRITTEN = {
    "reread-one": second_reader.summons(NOTICES, TWO[:1], ANA, NOW),
    "reread-two": second_reader.summons(NOTICES, TWO, ANA, NOW),
    "reread-objected": second_reader.objected(NOTICES, CASE, NOW),
    "reread-to-officers": second_reader.left_to_officers(NOTICES, "default", CASE, "refused", NOW),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_letter_says_what_its_file_says(name):
    assert written(WRITTEN[name]) == (LETTERS / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_letter_tells_of_nobody_and_is_nothing_to_stop(name):
    letter = WRITTEN[name]
    told = written(letter)
    if name != "reread-objected":  # whose reader wrote to them
        assert SENDER not in told
        assert DURAND not in told
    assert inspection.read(letter.content, DEFAULT_LIMITS).hits == ()


def test_readers_are_told_at_their_own_address_and_nobody_outside():
    assert [r.address for r in WRITTEN["reread-two"].recipients] == [ANA]
    assert second_reader.summons(NOTICES, TWO, "ana@gmail.example", NOW) is None
    outside = dataclasses.replace(CASE, sender="a@gmail.example")
    assert second_reader.objected(NOTICES, outside, NOW) is None
    nobody = dataclasses.replace(NOTICES, officers=())
    assert second_reader.left_to_officers(nobody, "default", CASE, "refused", NOW) is None


@pytest.mark.parametrize("end", [End.REFUSED, End.OVERDUE, End.NOBODY])
def test_the_officers_of_its_compartment_are_told_why_it_is_theirs(end):
    team = dataclasses.replace(NOTICES, teams={"syndicat": (("rp@cpam.example",), ())})
    letter = second_reader.left_to_officers(team, "syndicat", CASE, end.value, NOW)
    assert [r.address for r in letter.recipients] == ["rp@cpam.example"]


def test_without_a_console_there_is_no_link():
    bare = dataclasses.replace(NOTICES, url="")
    letters = (
        second_reader.summons(bare, TWO, ANA, NOW),
        second_reader.left_to_officers(bare, "default", CASE, "refused", NOW),
    )
    assert all("http" not in written(letter) for letter in letters)
