"""Each other reading, by what it makes of the line ends and of the lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.parse import readings


@pytest.mark.parametrize(
    ("entity", "other"),
    [
        (b"A: b\rC: d\r\n\r\nx", b"A: b\nC: d\n\nx"),
        (b"A: b\r\r\nC: d\r\r\n\r\r\nx", b"A: b\nC: d\n\nx"),
        (b"A: b\n\rC: d\n\r\n\rx", b"A: b\nC: d\n\nx"),
        (b"A: b\x0bC: d\n\nx", b"A: b\nC: d\n\nx"),
        (b"A: b\n \nC: d\n\nx", b"A: b\n\nC: d\n\nx"),
        (b"A: b\n Content-Type: a/b\n\nx", b"A: b\nContent-Type: a/b\n\nx"),
        (b"A: b\nbonjour\n\nx", b"A: b\n\nbonjour\n\nx"),
        (b"A: b\nbonjour\nC: d\n\nx", b"A: b\nC: d\n\nx"),
        (b"A\0: b\n\nx", b"A: b\n\nx"),
    ],
)
def test_reads_as_other_programs_do(entity, other):
    assert other in list(readings.others(entity))


@pytest.mark.parametrize("entity", [b"A: b\r\nC: d\r\n e\r\n\r\nx", b"A: b\n\nx", b"", b"A: b"])
def test_what_is_plain_has_one_reading(entity):
    assert list(readings.others(entity)) == []


@given(st.lists(st.sampled_from([b"A: b", b"\r", b"\n", b" ", b"\0", b"x", b"content-type: a/b"])))
def test_there_are_few_and_none_twice(pieces):
    others = list(readings.others(b"".join(pieces)))
    assert len(others) <= len(readings._REWRITES)
    assert len(set(others)) == len(others)
