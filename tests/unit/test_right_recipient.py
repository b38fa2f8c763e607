"""A made year in short: what goes astray is caught, and few are asked. The whole of it:
`make right-recipient`, docs/right-recipient.md."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tools.right_recipient import page
from tools.right_recipient.campaign import replayed
from tools.right_recipient.replay import Tally
from tools.right_recipient.wrong import LETTER, MIX

RUN = page.Run(people=60, writing=6, mails=15, days=32, rate=0.5, seeds=(1,), listening=16)


@pytest.fixture(scope="module")
def tally(tmp_path_factory) -> Tally:
    return asyncio.run(replayed(RUN, 1, tmp_path_factory.mktemp("year")))


def test_what_goes_astray_is_caught_and_few_are_asked(tally):
    """In a house of six, three weeks: the goals are for a year of a thousand."""
    assert tally.mails == RUN.mails * 16
    assert tally.near >= 3
    assert tally.caught_near == tally.near
    assert tally.found >= 0.6
    assert tally.asked.total() <= 0.01 * tally.mails


def test_only_what_the_sender_or_the_house_may_know_is_caught(tally):
    assert set(tally.astray) <= set(MIX)
    assert all(tally.caught[kind] <= count for kind, count in tally.astray.items())
    assert tally.caught_near <= tally.caught[LETTER]


def test_the_page_tells_each_goal_and_each_kind():
    tally = Tally(mails=1000, near=20, caught_near=18)
    tally.asked["recipient/lookalike"] = 6
    tally.astray[LETTER], tally.caught[LETTER] = 25, 20
    told = page.page(RUN, tally)
    assert "| one letter off, of somebody known: caught | 90.00 % | ≥ 95 % | **missed** |" in told
    assert "| of all mail, questioned | 2.60 % | ≤ 0.5 % | **missed** |" in told
    assert f"| {LETTER} | 25 | 25 | 80 % |" in told
    assert all(f"| {kind} |" in told for kind in MIX)


def test_several_years_are_added_and_their_seeds_told():
    one, other = Tally(mails=1000, near=20, caught_near=20), Tally(mails=500, near=20)
    one.astray[LETTER], one.caught[LETTER], other.astray[LETTER] = 25, 20, 15
    told = page.page(replace(RUN, seeds=(1, 2)), one + other)
    assert "2 made years of a house" in told
    assert "1,500 of them judged" in told
    assert "seeds 1, 2." in told
    assert "| one letter off, of somebody known: caught | 50.00 % |" in told
    assert f"| {LETTER} | 25 | 40 | 50 % |" in told
