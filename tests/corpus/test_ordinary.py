"""The mail that everybody writes passes: whatever its shape, it is read whole and in one way.

One row a shape and a seed, with CRLF and with LF. The rules are those shipped, the recipient is
outside, and there is no channel: the strictest that anybody meets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from functools import cache
from random import Random

import pytest

from gateway import inspection
from gateway.config import SHIPPED_RULES
from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.detect import search
from gateway.model import DEFAULT_LIMITS, Coverage, Disposition, Medium, Reading, Trouble
from gateway.parse.message import parse
from gateway.rulebook import read_rules
from tests.makers import judged
from tests.makers.ordinary import shapes
from tests.makers.ordinary.writing import on_the_wire

SEEDS = range(2)
LIMITS = replace(DEFAULT_LIMITS, pictures=0)  # OCR has a clock of its own, and its own tests
SHAPES = shapes()
JUDGE = Judge(read_rules([SHIPPED_RULES], search.kinds()), Places(domains=("chu.example",)), None)

every_shape = pytest.mark.parametrize("name", SHAPES)
every_seed = pytest.mark.parametrize("seed", SEEDS)


def written(name: str, seed: int) -> bytes:
    return SHAPES[name](Random(f"{name} {seed}"))


@cache
def read(content: bytes) -> Reading:
    return inspection.read(content, LIMITS)


def test_there_are_enough_shapes_and_each_seed_gives_another_mail():
    assert len(SHAPES) > 100
    for name in SHAPES:
        assert written(name, 0) == written(name, 0)
    different = [name for name in SHAPES if written(name, 0) != written(name, 1)]
    assert len(different) >= len(SHAPES) - 1  # a script writes the same every day


@every_shape
@every_seed
def test_an_ordinary_mail_passes(name, seed):
    for content in (on_the_wire(written(name, seed)), written(name, seed)):
        reading = read(content)
        # The words of a picture are not read here; the shipped rule only counts that.
        assert {p for p in reading.problems if p.kind is not Trouble.NO_TEXT} == set()
        seen = inspection.conclude(reading, b"k" * 32)
        verdicts = JUDGE.decide(judged.mail("dest@mail.example", content=content), seen)
        assert [(v.disposition, v.rule) for v in verdicts] == [(Disposition.PASS, "")], (
            seen.findings
        )
        coverages = {part.coverage for part in reading.parts if part.kind not in ("image", "pdf")}
        assert coverages == {Coverage.WHOLE}


@every_shape
def test_a_door_that_reads_it_itself_reads_the_same(name):
    for content in (on_the_wire(written(name, 0)), written(name, 0)):
        alone = inspection.simple(content, LIMITS)
        assert alone in (None, read(content))


@every_shape
def test_line_ends_change_nothing(name):
    """Files on disk end their lines with LF, mail on the wire with CRLF."""
    wire, disk = (read(content) for content in (on_the_wire(written(name, 0)), written(name, 0)))
    assert wire == disk


@every_shape
@every_seed
def test_subjects_and_names_are_decoded(name, seed):
    """Also where a word ends within a character: nothing is left over, and nothing is broken."""
    for text in parse(on_the_wire(written(name, seed))).texts:
        if text.medium is Medium.NAME or text.place.inside == "header Subject":
            assert not any(wrong in text.text for wrong in ("\ufffd", "=?", "Ã", "%C3"))


# The standard library leaves a message/rfc822 in base64 encoded, takes a blank before a colon for
# the end of the header, and a text without a header for a body.
OTHERWISE_READ = {
    "slips.two_attached_mails",
    "slips.blank_before_the_colon",
    "slips.script_without_a_header",
}


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - OTHERWISE_READ))
@every_seed
def test_the_parts_are_those_that_everybody_reads(name, seed):
    """On ordinary mail the standard library is right. Guesses of ours have a path with a "!"."""
    content = on_the_wire(written(name, seed))
    ours = [
        part.data
        for part in parse(content).parts
        if "!" not in part.path and not part.declared.startswith("message/")
    ]
    theirs = leaves(message_from_bytes(content))
    assert [same(data) for data in ours] == [same(data) for data in theirs]


def leaves(part: Message) -> Iterator[bytes]:
    """Bodies, reports of delivery left out: they are made into messages, and are none."""
    kind = part.get_content_type()
    if kind in ("message/rfc822", "message/global") or kind.startswith("multipart/"):
        for inner in part.get_payload():
            yield from leaves(inner)
    elif not kind.startswith("message/"):
        yield part.get_payload(decode=True)


def same(data: bytes) -> bytes:
    """But for line ends, which quoted-printable leaves to the reader."""
    return data.replace(b"\r\n", b"\n").strip()
