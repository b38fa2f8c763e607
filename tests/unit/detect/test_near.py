from hypothesis import given
from hypothesis import strategies as st

from gateway.detect.near import REACH, Seen, in_rows, neighbours, reach
from gateway.model import Likelihood, Match, Medium, Place, Text

POSSIBLE, LIKELY, _ = Likelihood


def seen(kind, start, sure=LIKELY):
    return Seen(kind, Match(start, start + 5, sure, "x"))


def test_near_is_within_reach_on_either_side():
    here = [seen("a", 1000), seen("b", 1000 - REACH), seen("c", 1005 + REACH), seen("d", 2000)]
    assert neighbours(here, REACH)[0] == {"b", "c"}


def test_nothing_is_near_itself_nor_its_own_kind():
    assert neighbours([seen("a", 0), seen("a", 10)], REACH) == [frozenset()] * 2


def test_what_is_only_possible_is_near_nothing_but_has_neighbours():
    assert neighbours([seen("a", 0, POSSIBLE), seen("b", 10)], REACH) == [{"b"}, frozenset()]


def test_cells_are_near_those_of_their_row():
    here = [seen("a", 12), seen("b", 25), seen("c", 33)]
    assert in_rows(here, [0, 10, 30]) == [{"b"}, {"a"}, frozenset()]


def test_reach_depends_on_the_medium():
    def within(medium, size):
        return reach(Text(Place("1"), "x" * size, medium))

    assert within(Medium.BODY, 10) == REACH
    assert within(Medium.DOCUMENT, 100_000) == REACH
    assert within(Medium.DOCUMENT, 1000) > 1000
    assert within(Medium.NAME, 10) > 100_000


@given(
    st.lists(
        st.builds(seen, st.sampled_from("abc"), st.integers(0, 2000), st.sampled_from(Likelihood))
    )
)
def test_it_agrees_with_looking_at_every_pair(all_seen):
    expected = [
        {
            other.kind
            for other in all_seen
            if other.kind != one.kind
            and other.match.likelihood >= LIKELY
            and other.match.start <= one.match.end + REACH
            and other.match.end >= one.match.start - REACH
        }
        for one in all_seen
    ]
    assert neighbours(all_seen, REACH) == expected
