"""The door's inspector: who reads what, and what comes of a reading that makes no sense."""

from __future__ import annotations

import asyncio
from collections.abc import Set
from types import SimpleNamespace

import pytest

from gateway.errors import Temporary
from gateway.model import (
    DEFAULT_LIMITS,
    Coverage,
    Inspection,
    Limits,
    PartRead,
    Place,
    Problem,
    Reading,
    Trouble,
)
from gateway.sandbox import inspector
from gateway.sandbox.inspector import DoorInspector

KEY = b"k" * 32
READ_BY_DOOR = Reading(parts=(PartRead(Place("1"), "text", Coverage.WHOLE),))
READ_BY_WORKER = Reading(parts=(PartRead(Place("1"), "pdf", Coverage.PARTLY),))
NONSENSE = Reading(problems=(Problem(Trouble.DAMAGED, Place("nonsense")),))


class FakeWall:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.asked: list[tuple[bytes, Limits, float]] = []

    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        self.asked.append((content, limits, seconds))
        return self.reading


def simple(content: bytes, limits: Limits) -> Reading | None:
    if content == b"breaks":
        raise ValueError(content)
    return READ_BY_DOOR if content == b"plain" else None


def conclude(reading: Reading, key: bytes, allowed: Set[str] = frozenset()) -> Inspection:
    assert key == KEY
    if reading is NONSENSE:
        raise UnicodeEncodeError("utf-8", "\udc80", 0, 1, "surrogates not allowed")
    return Inspection(problems=reading.problems, parts=reading.parts)


@pytest.fixture(autouse=True)
def fake_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = SimpleNamespace(simple=simple, conclude=conclude)
    monkeypatch.setattr(inspector, "inspection", rooms)


def inspect(wall: FakeWall, content: bytes, seconds: float = 9.0) -> Inspection:
    return asyncio.run(DoorInspector(wall, KEY, DEFAULT_LIMITS).inspect(content, seconds=seconds))


def test_plain_text_never_pays_for_the_wall():
    wall = FakeWall(READ_BY_WORKER)
    assert inspect(wall, b"plain").parts == READ_BY_DOOR.parts
    assert wall.asked == []


def test_everything_else_goes_behind_the_wall_with_the_time_there_is():
    wall = FakeWall(READ_BY_WORKER)
    assert inspect(wall, b"a PDF").parts == READ_BY_WORKER.parts
    assert wall.asked == [(b"a PDF", DEFAULT_LIMITS, 9.0)]


def test_what_breaks_the_door_s_own_reader_goes_behind_the_wall():
    assert inspect(FakeWall(READ_BY_WORKER), b"breaks").parts == READ_BY_WORKER.parts


def test_what_makes_no_sense_is_held_instead_of_put_off_for_ever():
    seen = inspect(FakeWall(NONSENSE), b"a PDF")
    assert seen.coverage is Coverage.UNREAD
    assert [problem.kind for problem in seen.problems] == [Trouble.CRASHED]


@pytest.mark.parametrize("seconds", [0, -3.0])
def test_without_time_nothing_is_begun(seconds):
    wall = FakeWall(READ_BY_WORKER)
    with pytest.raises(Temporary):
        inspect(wall, b"plain", seconds)
    assert wall.asked == []
