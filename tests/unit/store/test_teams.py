"""Figures by team tell of no person, and not by subtraction either."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.staff import Staff
from gateway.store.teams import LEAST, SMALL, sizes, together
from tests.stores import KINDS, Store, fresh


@pytest.mark.parametrize(
    ("counts", "persons", "told"),
    [
        ([], {}, ()),
        ([("a", 9), ("b", 4)], {"a": 5, "b": 5}, (("a", 9), ("b", 4))),
        ([("a", 9), ("b", 4), ("c", 2)], {"a": 5, "b": 4, "c": 1}, (("a", 9), (SMALL, 6))),
        ([("a", 9), ("b", 4), ("c", 2)], {"a": 5, "b": 5, "c": 1}, (("b", 4), (SMALL, 11))),
        ([("a", 9)], {"a": 1}, ((SMALL, 9),)),
        ([("", 9), ("a", 4)], {"a": 5}, (("", 9), ("a", 4))),
    ],
    ids=["nothing", "none small", "two", "one alone takes the next", "all", "automata"],
)
def test_small_teams_are_told_of_together(counts, persons, told):
    assert together(counts, persons) == told


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.tuples(*[st.integers(0, 9)] * 2)))
def test_what_is_told_is_of_five_at_least_and_sums_up(teams):
    teams.pop(SMALL, None)
    persons = {name: size for name, (size, _) in teams.items()}
    counts = [(name, count) for name, (_, count) in teams.items()]
    told = dict(together(counts, persons))
    folded = [name for name in persons if name not in told]
    assert all(persons[name] >= LEAST for name in told if name != SMALL)
    assert not folded or sum(persons[name] for name in folded) >= LEAST or len(told) == 1
    assert sum(told.values()) == sum(count for _, count in counts)


@pytest.mark.parametrize("kind", KINDS)
def test_persons_are_those_that_the_directory_has(kind, tmp_path):
    store = Store(fresh(kind, tmp_path), tmp_path)

    async def go():
        many = {f"p{number}@chu.example" for number in range(9)}
        others = {"a@labo.chu.example", "a_chu.example", "b@cxu.example"}
        await Staff(store.database, lambda address: ()).learn(many | others, 10**6)
        asked = ("chu.example", "labo.chu.example", "c_u.example", "%", "none.example")
        return await store.database.read(lambda c: sizes(c, asked))

    found = asyncio.run(go())
    store.database.close()
    assert list(found.values()) == [LEAST, 1, 0, 0, 0]
