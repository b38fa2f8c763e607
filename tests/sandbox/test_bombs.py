"""Bombs cost bounded time and memory, are told for what they are, and hurt no other mail.

mail ─▶ wall ─▶ worker (measured.py: the real reader, and what it took) ─▶ Reading
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.model import Limits, Reading, Trouble
from gateway.sandbox.wall import SandboxWall
from tests.makers import bombs, documents, identifiers, mails
from tests.sandbox.measured import MEMORY

# A quarter of the usual limits: bombs are cut at the same places, four times as soon.
LIMITS = Limits(bytes=64 << 20, member=16 << 20, text=16 << 20, seconds=3)
AMPLE = 60.0  # seconds: never reached, whatever the machine is busy with
MOST_MEMORY = 384 << 20  # bytes beyond the libraries; a worker may have 1 GB
NIR = identifiers.nir(random.Random(7))
ORDINARY = mails.mixed(mails.attachment("a.docx", documents.docx(f"Dossier {NIR}")))

BIG = {Trouble.TOO_BIG, Trouble.TOO_MANY, Trouble.TIMED_OUT}
DEEP = {Trouble.TOO_DEEP}
BROKEN = {Trouble.DAMAGED, Trouble.CRASHED, Trouble.TOO_MANY}
UNREAD = {Trouble.NO_TEXT, Trouble.TOO_BIG, Trouble.TIMED_OUT, Trouble.DAMAGED}

TOLD: dict[str, set[Trouble]] = {
    "archives within archives": DEEP,
    "a chain of gzips": DEEP | BIG,
    "a tar of holes": BIG,
    "entities of entities": BROKEN,
    "an entity many times": BROKEN,
    "a million elements deep": BROKEN,
    "a huge picture": UNREAD,
    "a page of 1 GB": BIG | BROKEN,
    "a deep tree of pages": BROKEN | DEEP,
    "pages in a circle": BROKEN,
    "multiparts in multiparts": DEEP | BIG,
    "messages in messages": DEEP | BIG,
    "forwards of forwards": DEEP | BIG,
}
HARMLESS = {
    "bare entities of entities": "no part of ours expands them: they are read as the text they are",
    "brackets in brackets": "lists where text should be hold no text",
    "a million fields": "they are 8 MB and are read, all of them",
}


@dataclass
class Scene:
    runner: asyncio.Runner
    wall: SandboxWall

    def read(self, content: bytes) -> Reading:
        return self.runner.run(self.wall.read(content, LIMITS, seconds=AMPLE))


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with asyncio.Runner() as runner:
        wall = SandboxWall(read="tests.sandbox.measured:read")
        runner.run(wall.start())
        yield Scene(runner, wall)
        runner.run(wall.close())


@pytest.mark.parametrize("name", bombs.BOMBS)
def test_a_bomb_is_told_and_costs_no_more_than_it_may(scene, name):
    content = bombs.BOMBS[name]()
    assert len(content) < 40 * bombs.MEGABYTE  # a door takes it
    reading = scene.read(content)
    kinds = {problem.kind for problem in reading.problems}
    assert name in HARMLESS or kinds & TOLD.get(name, BIG)
    assert reading.parts
    took = dict(reading.more)
    assert MEMORY not in took or took[MEMORY] <= MOST_MEMORY, "a worker that died was not measured"
    ordinary = scene.read(ORDINARY)
    assert [hit.value for hit in ordinary.hits if hit.kind == "fr.nir"] == [NIR]
    assert ordinary.problems == ()


def test_a_bomb_does_not_hide_what_stands_beside_it(scene):
    """What stands before it and after it is read, even where its own reader dies."""
    piece = mails.attachment("b.docx", documents.docx(f"Dossier {NIR}"))
    bomb = mails.attachment("a.pdf", bombs.flate_pdf())
    reading = scene.read(mails.mixed(piece, bomb, piece))
    assert {hit.place.part for hit in reading.hits if hit.kind == "fr.nir"} == {"1", "3"}
    assert {problem.place.part for problem in reading.problems} == {"2"}
