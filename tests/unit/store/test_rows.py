"""Rows as lines, and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store import rows

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
)
ROWS = st.lists(st.tuples(VALUES, VALUES), max_size=8)


@settings(max_examples=40)
@given(ROWS, st.integers(1, 8))
def test_what_is_written_is_read(several, batch):
    batches = (several[start : start + batch] for start in range(0, len(several), batch))
    found = []
    for part in rows.as_parts(["a", "b"], batches):
        columns, some = rows.of_part(part)
        assert columns == ["a", "b"]
        found += some
    assert found == several
    assert list(map(repr, found)) == list(map(repr, several)), "1 is not True, nor 1.0"


@pytest.mark.parametrize(
    "part", [b"", b"x", b'["a"]\n[1,2]\n', b'["a"]\n[{"b":"*"}]\n', b'["a"]\n7\n', b'["a"]\n[{}]\n']
)
def test_what_is_no_part_is_refused(part):
    with pytest.raises((ValueError, TypeError, KeyError)):
        rows.of_part(part)


@settings(max_examples=30)
@given(ROWS, st.randoms())
def test_a_digest_is_of_the_rows_in_whatever_order(several, rng):
    one, other = rows.Digest(), rows.Digest()
    one.add(several)
    shuffled = list(several)
    rng.shuffle(shuffled)
    other.add(shuffled)
    assert one == other
    other.add([(None, None)])
    assert one != other
