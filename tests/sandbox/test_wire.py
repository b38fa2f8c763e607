"""The wire: what goes in comes out, and nothing else gets through."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.detect import search
from gateway.extract.extractor import extractors
from gateway.model import (
    DEFAULT_LIMITS,
    Coverage,
    Hit,
    Likelihood,
    Limits,
    PartRead,
    Place,
    Problem,
    Reading,
    Trouble,
)
from gateway.sandbox import wire

MOST_BYTES = 1 << 20

# Every code point, lone surrogates and control characters among them.
TEXTS = st.text(st.characters(codec=None), max_size=40)
KINDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789._/+-", max_size=20)
PLACES = st.builds(Place, TEXTS, TEXTS)
READINGS = st.builds(
    Reading,
    hits=st.lists(
        st.builds(
            Hit,
            KINDS,
            TEXTS,
            st.sampled_from(Likelihood),
            PLACES,
            st.lists(KINDS, max_size=4).map(tuple),
        ),
        max_size=4,
    ).map(tuple),
    problems=st.lists(st.builds(Problem, st.sampled_from(Trouble), PLACES, TEXTS), max_size=4).map(
        tuple
    ),
    parts=st.lists(st.builds(PartRead, PLACES, KINDS, st.sampled_from(Coverage)), max_size=4).map(
        tuple
    ),
    more=st.lists(st.tuples(KINDS, st.integers(0, 1 << 53)), max_size=3).map(tuple),
)
ONE = Reading(
    hits=(Hit("fr.nir", "1\n2\x00\udc80", Likelihood.LIKELY, Place("2!a", "page 3"), ("person",)),),
    problems=(Problem(Trouble.DAMAGED, Place("2"), "cut short"),),
    parts=(PartRead(Place("2"), "pdf", Coverage.PARTLY),),
    more=(("iban", 3),),
)


def decode(frame: bytes, limits: Limits = DEFAULT_LIMITS) -> Reading:
    return wire.reading(frame, limits, MOST_BYTES)


def framed(*records: object) -> bytes:
    body = b"\n".join(r if isinstance(r, bytes) else json.dumps(r).encode() for r in records)
    return struct.pack(">I", len(body)) + body


@given(READINGS)
@example(Reading(hits=(Hit("x", "\ud83d\ude00", Likelihood.LIKELY, Place("\u2028")),)))
def test_a_reading_comes_out_as_it_went_in(reading):
    assert decode(wire.answer(reading, DEFAULT_LIMITS, MOST_BYTES)) == reading


@given(
    st.binary(max_size=2000),
    st.builds(Limits, st.integers(0, 99), seconds=st.floats(0, 100)),
    st.dictionaries(st.integers(0, 1 << 53), st.sampled_from(Trouble), max_size=3),
)
def test_a_request_comes_out_as_it_went_in(content, limits, broken):
    stream = b"".join(wire.request(content, limits, broken))
    at = 0

    def take(length: int) -> bytes:
        nonlocal at
        at += length
        return stream[at - length : at]

    assert wire.take_request(take) == (content, limits, broken)
    assert at == len(stream)


def test_every_truncation_is_refused():
    frame = wire.answer(ONE, DEFAULT_LIMITS, MOST_BYTES)
    for length in range(len(frame)):
        with pytest.raises(wire.Malformed):
            decode(frame[:length])


@given(READINGS, st.data())
def test_a_mutated_answer_is_refused_or_still_a_reading(reading, data):
    frame = bytearray(wire.answer(reading, DEFAULT_LIMITS, MOST_BYTES))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(frame) - 1))
        frame[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        if not frame:
            break
    _refused_or_reading(bytes(frame))


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.sampled_from(
        ["hit", "problem", "part", "more", "crashed", "whole", "fr.nir", 2, ""]
    ),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=20,
))  # fmt: skip
def test_any_json_is_refused_or_still_a_reading(value):
    _refused_or_reading(framed(value))


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_still_a_reading(noise):
    _refused_or_reading(noise)
    _refused_or_reading(framed(noise))


def _refused_or_reading(frame: bytes) -> None:
    try:
        reading = decode(frame)
    except wire.Malformed:
        return
    assert decode(wire.answer(reading, DEFAULT_LIMITS, MOST_BYTES)) == reading


HIT = ["hit", "fr.nir", "1", 2, "1", "", []]
PROBLEM = ["problem", "crashed", "", "", ""]
PART = ["part", "1", "", "text", "whole"]


def changed(record: list[object], at: int, value: object) -> list[object]:
    return [*record[:at], value, *record[at + 1 :]]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({"hits": []}, id="an object"),
        pytest.param([], id="nothing"),
        pytest.param("hit", id="a word"),
        pytest.param(["verdict", "pass"], id="an unknown record"),
        pytest.param([*HIT, "more"], id="a field too many"),
        pytest.param(HIT[:-1], id="a field too few"),
        pytest.param(changed(HIT, 1, 7), id="a number for a kind"),
        pytest.param(changed(HIT, 1, "Jean Dupont"), id="words of the message for a kind"),
        pytest.param(changed(HIT, 1, "a" * 65), id="a long kind"),
        pytest.param(changed(HIT, 2, None), id="no value"),
        pytest.param(changed(HIT, 2, "1" * 16_385), id="a long value"),
        pytest.param(changed(HIT, 3, 4), id="a likelihood that does not exist"),
        pytest.param(changed(HIT, 3, True), id="a truth for a likelihood"),
        pytest.param(changed(HIT, 3, 2.0), id="a fraction for a likelihood"),
        pytest.param(changed(HIT, 3, "likely"), id="a word for a likelihood"),
        pytest.param(changed(HIT, 4, ["1"]), id="a list for a part"),
        pytest.param(changed(HIT, 4, "1" * 16_385), id="a long part"),
        pytest.param(changed(HIT, 6, "person"), id="a word for a list"),
        pytest.param(changed(HIT, 6, [["person"]]), id="a list in a list"),
        pytest.param(changed(HIT, 6, ["person"] * 65), id="too much near"),
        pytest.param(changed(PROBLEM, 1, "CRASHED"), id="a trouble that does not exist"),
        pytest.param(changed(PROBLEM, 1, []), id="a list for a trouble"),
        pytest.param(changed(PROBLEM, 4, "x" * 501), id="a long detail"),
        pytest.param(changed(PART, 4, "clean"), id="a coverage that does not exist"),
        pytest.param(["more", "iban", -1], id="a negative count"),
        pytest.param(["more", "iban", True], id="a truth for a count"),
        pytest.param(["more", "iban", 2**53 + 1], id="a count beyond JSON"),
        pytest.param(b'["more","iban",NaN]', id="not a number"),
        pytest.param(b'["more","iban",' + b"9" * 5000 + b"]", id="an endless number"),
        pytest.param(b"[" * 100_000, id="endless nesting"),
        pytest.param(b"", id="an empty line"),
        pytest.param(b'["part","1","","text","whole"] []', id="two values"),
        pytest.param(b'["part","\xff","","text","whole"]', id="not UTF-8"),
        pytest.param(b" " * (wire.MAX_LINE_BYTES + 1), id="a long line"),
    ],
)
def test_what_is_off_is_refused(record):
    with pytest.raises(wire.Malformed):
        decode(framed(PART, record, PART))


@pytest.mark.parametrize("record", [HIT, PROBLEM, PART, ["more", "iban", 3]])
def test_its_well_formed_like_is_not(record):
    assert decode(framed(record)) != Reading()


def test_counts_are_limited_before_anything_is_decoded():
    limits = Limits(hits=2, parts=1)
    assert len(decode(framed(HIT, HIT), limits).hits) == 2
    with pytest.raises(wire.Malformed):
        decode(framed(HIT, HIT, HIT), limits)
    with pytest.raises(wire.Malformed):
        decode(framed(b"\n" * 2000), limits)


def test_size_is_limited_and_a_longer_answer_not_waited_for():
    with pytest.raises(wire.Malformed):
        wire.reading(framed(PART), DEFAULT_LIMITS, 10)
    assert not wire.unfinished(b"\xff\xff\xff\xff", MOST_BYTES)
    assert wire.unfinished(b"\x00\x00\x00", MOST_BYTES)
    assert wire.unfinished(framed(PART)[:-1], MOST_BYTES)
    assert not wire.unfinished(framed(PART), MOST_BYTES)
    assert not wire.unfinished(framed(PART) + b"x", MOST_BYTES)


@pytest.mark.parametrize(
    ("reading", "limits", "most_bytes"),
    [
        (Reading(hits=ONE.hits * 3), Limits(hits=2), MOST_BYTES),
        (Reading(parts=ONE.parts * 1100), Limits(hits=0, parts=1), MOST_BYTES),
        (Reading(hits=(Hit("x", "1" * 16_385, Likelihood.LIKELY, Place("")),)), Limits(), 1 << 20),
        (Reading(hits=ONE.hits * 100), Limits(), 1000),
    ],
    ids=["hits", "records", "a text", "bytes"],
)
def test_what_the_other_side_would_refuse_is_not_sent(reading, limits, most_bytes):
    with pytest.raises(wire.Oversize):
        wire.answer(reading, limits, most_bytes)


def test_the_wire_carries_what_every_reader_and_detector_calls_itself():
    """A blank in a name once made each mail with such a part come out unread."""
    for name in (*extractors(), *search.kinds()):
        assert wire._kind(name) == name
