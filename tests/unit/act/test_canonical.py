import time

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given
from hypothesis import strategies as st

from gateway.act import canonical

# What the two forms look at, in any order; bare CR and LF never come through a door.
PIECES = st.lists(
    st.sampled_from([b"a", b"\xc3\xa9", b" ", b"\t", b"\r\n", b":", b"b"]), max_size=30
)


@given(PIECES.map(b"".join))
def test_bodies_are_those_of_another_library(body):
    sent = body if body.endswith(b"\r\n") else body + b"\r\n"  # as it goes over the wire
    assert canonical.relaxed_body(body) == Relaxed.canonicalize_body(sent)
    assert canonical.simple_body(body) == Simple.canonicalize_body(body)


@given(PIECES)
def test_fields_are_those_of_another_library(pieces):
    value = b"".join(pieces).replace(b"\r\n", b"\r\n ")
    [(name, said)] = Relaxed.canonicalize_headers([(b"SubJect", b" " + value + b"\r\n")])
    assert canonical.relaxed_field(b"SubJect: " + value + b"\r\n") == name + b":" + said


@pytest.mark.parametrize(
    ("body", "relaxed", "simple"),
    [
        (b"", b"", b"\r\n"),
        (b"\r\n\r\n", b"", b"\r\n"),
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n", b" C \r\nD \t E\r\n"),  # RFC 6376, 3.4.5
        (b"a\n\r\n\r\n", b"a\n\r\n", b"a\n\r\n"),  # a bare LF is content
        (b"no end", b"no end\r\n", b"no end\r\n"),
    ],
)
def test_the_examples_of_the_standard_and_the_edges(body, relaxed, simple):
    assert (canonical.relaxed_body(body), canonical.simple_body(body)) == (relaxed, simple)


def test_a_megabyte_of_blanks_costs_one_pass():
    """A pattern of blanks before a line's end costs their square: 10^12 steps, hours."""
    body = b" " * 1_000_000 + b"x"
    started = time.process_time()
    assert canonical.relaxed_body(body) == b" x\r\n"
    assert time.process_time() - started < 30
