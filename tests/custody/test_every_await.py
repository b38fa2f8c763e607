"""Killed at any await of any journey, no copy is lost, and none comes twice where the page of the
states does not say so.

Each journey is first run to its end, noting the points it comes by; then again for each of these,
to be killed there. A death costs 50 ms of a processor, so `make test` dies at each point of the
plainest and shortest journeys alone, and at some of the others (see `chosen`); `make custody`
(CUSTODY=all) dies at every one, before each SQL statement, too, on both databases.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.custody import scenarios, states
from tests.custody.killed import Ground, Journey
from tests.custody.scenario import Scenario
from tests.custody.stops import Stop
from tests.stores import KINDS

ALL = os.environ.get("CUSTODY") == "all"
PLAIN = ("pass", "hold", "encrypt with a secret", "release")  # of which the others are made
MET = 0.9  # of the points come again in the next run: what two threads do has no fixed order
FEW = 12  # points of what happens later: where there are no more, all
PAGE = Path(__file__).parents[2] / "docs" / "custody.md"
ROW = re.compile(r"^\| (S\d+\w?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
EVERY = tuple(scenarios.every())
pytestmark = pytest.mark.timeout(3600 if ALL else 600)


@pytest.fixture(scope="module")
def done() -> set[object]:
    """Deaths before a mail was judged."""
    return set()


def is_plain(scenario: Scenario) -> bool:
    return scenario.name in PLAIN and scenario.door in ("smtp", "")


def cases() -> list[object]:
    return [
        pytest.param(kind, one, id=f"{kind}-{one.door}-{one.name.replace(' ', '_')}")
        for kind in KINDS
        for one in EVERY
        if ALL or kind == "sqlite" or is_plain(one)
    ]


@pytest.mark.parametrize(("kind", "scenario"), cases())
def test_killed_at_any_await_no_copy_is_lost(tmp_path, kind, scenario, done):
    ground = Ground(kind, tmp_path, statements=ALL)
    whole = Journey(scenario, ground).run()
    assert not whole.wrong
    assert not any(states.STATES[state].again for state in whole.states.values())
    known = None if ALL else set()
    found, missed, wrong = set(whole.states.values()), 0, []
    points = chosen(kind, scenario, whole.met, done)
    for stop in points:
        outcome = Journey(scenario, ground, stop, known).run()
        missed += bool(outcome.met)
        found |= set(outcome.states.values())
        wrong += [f"{stop}: {what}" for what in outcome.wrong]
    assert wrong == []
    assert missed <= max(len(points) * (1 - MET), 2)
    expected = set(scenario.states.split())
    assert found <= expected
    if ALL:
        assert found == expected


def chosen(kind: str, scenario: Scenario, met: Sequence[Stop], done: set[object]) -> list[Stop]:
    """Those at which to kill. Left out is a death that differs from another in name alone:

    - before the mail is judged, what another died of at the same door;
    - between a thread's first step and the end of waiting for it;

    and of the others all but one in so many.
    """
    if ALL:
        return list(met)
    judged = next((n for n, stop in enumerate(met) if stop.name.startswith("after flow.py")), 0)
    new = []
    for number, stop in enumerate(met):
        early = (scenario.door, stop)
        if (number >= judged or early not in done) and not _is_within(stop):
            new.append(stop)
        done.add(early)
    share = 1 if not scenario.door and len(new) <= FEW else _share(kind, scenario)
    return new[zlib.crc32(scenario.name.encode()) % share :: share]


def _share(kind: str, scenario: Scenario) -> int:
    """One point in so many is died at."""
    if is_plain(scenario):
        return 1 if kind == "sqlite" else 6
    return 16 if scenario.door in ("lmtp", "milter") else 8  # behind those is the same flow


def _is_within(stop: Stop) -> bool:
    where = stop.name.removeprefix("await ")
    return stop.name == "committed" or (where != stop.name and not where.startswith("act/"))


def test_every_state_of_the_page_is_one_that_journeys_are_killed_in():
    """Those of the table are those of `states.STATES`, and of the journeys."""
    assert set(page()) == set(states.STATES) == {s for one in EVERY for s in one.states.split()}


def page() -> dict[str, tuple[str, str, str, str]]:
    return {
        name: (what, who, killed, again)
        for name, what, who, killed, again in ROW.findall(PAGE.read_text())
    }


def test_the_page_says_who_holds_a_copy_and_where_a_second_one_is_possible():
    for name, (_, who, killed, _) in page().items():
        state = states.STATES[name]
        named = {one for one in (states.CLIENT, states.MTA, states.HOP, states.STORE) if one in who}
        assert named == state.holders | state.any_of, name
        assert ("**a second copy is possible**" in killed) == state.again, name
