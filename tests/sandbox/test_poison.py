"""A part that breaks readers is closed and told; all else of its message, and of others, is read.

mail ─▶ wall ─▶ a worker dies of part 2 ─▶ another one leaves part 2 closed ─▶ Reading
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.config import SHIPPED_RULES
from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.detect import search
from gateway.model import (
    Coverage,
    Disposition,
    Inspection,
    Limits,
    Reading,
    Trouble,
)
from gateway.rulebook import read_rules
from gateway.sandbox.inspector import DoorInspector
from gateway.sandbox.wall import SandboxWall
from tests.makers import documents, identifiers, judged, mails
from tests.sandbox.poison import poisoned
from tests.sandbox.processes import busy, children, until, zygote

AMPLE = 60.0  # seconds: never reached, whatever the machine is busy with
SHORT = 4.0  # seconds of reading, where that limit is the point; the rest needs some of it
NIR, OTHER_NIR = (identifiers.nir(random.Random(seed)) for seed in (1, 2))
BEFORE = documents.docx(f"Dossier {NIR}")
AFTER = documents.docx(f"Dossier {OTHER_NIR}")


@dataclass
class Scene:
    """One wall for all tests, and what it told its operator."""

    runner: asyncio.Runner
    wall: SandboxWall
    heard: list[str]

    def read(self, content: bytes, seconds: float = AMPLE) -> Reading:
        limits = Limits(seconds=seconds)
        return self.runner.run(self.wall.read(content, limits, seconds=AMPLE))


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    heard: list[str] = []
    with asyncio.Runner() as runner:
        wall = SandboxWall(
            warm=("gateway.detect.search:warm", "tests.sandbox.poison:warm"),
            cpu_seconds=1,
            tell=heard.append,
        )
        runner.run(wall.start())
        yield Scene(runner, wall, heard)
        runner.run(wall.close())


def mail(*acts: str) -> bytes:
    """Part 1: a NIR; parts 2 and on: what breaks its reader; the last part: another NIR."""
    middle = (mails.attachment("note.txt", poisoned(act)) for act in acts)
    return mails.mixed(
        mails.attachment("a.docx", BEFORE), *middle, mails.attachment("b.docx", AFTER)
    )


def found(reading: Reading) -> set[tuple[str, str]]:
    return {(hit.place.part, hit.value) for hit in reading.hits if hit.kind == "fr.nir"}


def troubles(reading: Reading) -> list[tuple[Trouble, str]]:
    return [(problem.kind, problem.place.part) for problem in reading.problems]


def coverages(reading: Reading) -> dict[str, Coverage]:
    return {part.place.part: part.coverage for part in reading.parts}


@pytest.mark.parametrize(
    ("act", "trouble", "seconds"),
    [
        ("crash", Trouble.CRASHED, AMPLE),
        ("abort", Trouble.CRASHED, AMPLE),
        ("exit", Trouble.CRASHED, AMPLE),
        ("open_socket inet", Trouble.CRASHED, AMPLE),
        ("hang_up", Trouble.CRASHED, AMPLE),
        ("loop", Trouble.TIMED_OUT, AMPLE),
        ("loop_in_c", Trouble.TIMED_OUT, AMPLE),
        ("sleep", Trouble.TIMED_OUT, SHORT),
    ],
)
def test_a_broken_part_is_named_and_all_others_are_read(scene, act, trouble, seconds):
    reading = scene.read(mail(act), seconds)
    assert found(reading) == {("1", NIR), ("3", OTHER_NIR)}
    assert troubles(reading) == [(trouble, "2")]
    assert coverages(reading) == {
        "": Coverage.WHOLE,
        "1": Coverage.WHOLE,
        "2": Coverage.UNREAD,
        "3": Coverage.WHOLE,
    }


def test_a_crash_of_pdfium_itself_costs_the_file_and_no_more(scene):
    files = (("a.docx", BEFORE), ("a.pdf", b"%PDF-1.7\npoison:\n"), ("b.docx", AFTER))
    reading = scene.read(mails.mixed(*(mails.attachment(*file) for file in files)))
    assert found(reading) == {("1", NIR), ("3", OTHER_NIR)}
    assert troubles(reading) == [(Trouble.CRASHED, "2")]


def test_a_worker_shot_by_the_kernel_was_too_big(scene):
    """As when the machine has no memory left."""

    async def shoot() -> Reading:
        reading = asyncio.create_task(
            scene.wall.read(mail("tire"), Limits(seconds=AMPLE), seconds=AMPLE)
        )
        parent = zygote()
        await until(lambda: any(map(busy, children(parent))))
        os.kill(next(filter(busy, children(parent))), signal.SIGKILL)
        return await reading

    reading = scene.runner.run(shoot())
    assert found(reading) == {("1", NIR), ("3", OTHER_NIR)}
    assert troubles(reading) == [(Trouble.TOO_BIG, "2")]


def test_memory_that_a_library_cannot_have_costs_no_worker(scene):
    """MemoryError is caught where it is raised, in the part itself."""
    scene.heard.clear()
    reading = scene.read(mail("allocate"))
    assert found(reading) == {("1", NIR), ("3", OTHER_NIR)}
    assert troubles(reading) == [(Trouble.TOO_BIG, "2")]
    assert scene.heard == []


def test_the_member_of_an_archive_is_blamed_and_not_the_archive(scene):
    members = {"a.docx": BEFORE, "note.txt": poisoned("crash"), "b.docx": AFTER}
    inner = mails.mixed(mails.attachment("c.zip", documents.zip_of(members)))
    reading = scene.read(mails.forwarded(inner))
    assert found(reading) == {("2.1!a.docx", NIR), ("2.1!b.docx", OTHER_NIR)}
    assert troubles(reading) == [(Trouble.CRASHED, "2.1!note.txt")]


def test_several_broken_parts_are_told_each(scene):
    reading = scene.read(mail("crash", "abort", "exit"))
    assert found(reading) == {("1", NIR)}
    assert troubles(reading) == [(Trouble.CRASHED, path) for path in ("2", "3", "4", "5")]


def test_after_three_of_them_the_rest_stays_closed(scene):
    """And costs no worker more."""
    scene.heard.clear()
    reading = scene.read(mail(*["crash"] * 10))
    assert found(reading) == {("1", NIR)}
    assert {kind for kind, _ in troubles(reading)} == {Trouble.CRASHED}
    assert len(reading.problems) == 11
    assert scene.heard == ["sandbox: a worker broke down, status -11"] * 3


def test_parts_that_take_for_ever_take_no_longer_than_two(scene):
    """The rest is not read then; whether it would have been is not worth a third waiting."""
    scene.heard.clear()
    reading = scene.read(mail(*["sleep"] * 5), seconds=0.5)
    assert {kind for kind, _ in troubles(reading)} == {Trouble.TIMED_OUT}
    assert len(scene.heard) <= 2


def test_a_lie_is_not_asked_for_twice(scene):
    scene.heard.clear()
    reading = scene.read(mail("lie_bad_json"))
    assert coverages(reading) == {"": Coverage.UNREAD}
    assert scene.heard == ["sandbox: a worker lied"]


def test_a_part_that_blames_others_only_gets_its_message_held(scene):
    """The number of the open part is the worker's own word. It may say any, but not get away."""
    for number in ("0", "7", "-9", str(1 << 62), str(-(1 << 63))):
        reading = scene.read(mail(f"blame {number}"))
        assert Trouble.CRASHED in {kind for kind, _ in troubles(reading)}, number


RULES = Judge(read_rules([SHIPPED_RULES], search.kinds()), Places(("chu.example",)), None)


def test_the_poison_is_held_and_the_queue_goes_on(scene):
    """One mail keeps a reader busy and breaks the next ones; all others go by meanwhile."""
    inspector = DoorInspector(scene.wall, b"k" * 32, Limits(seconds=AMPLE))
    innocent = mails.mixed(mails.attachment("a.docx", documents.docx("Ordre du jour de lundi.")))

    async def all_of_them() -> tuple[Inspection, list[Inspection]]:
        content = mail("tire", "crash", "abort")
        poison = asyncio.create_task(inspector.inspect(content, seconds=AMPLE))
        parent = zygote()
        await until(lambda: any(map(busy, children(parent))))
        others = [await inspector.inspect(innocent, seconds=AMPLE) for _ in range(6)]
        assert not poison.done()
        os.kill(next(filter(busy, children(parent))), signal.SIGKILL)
        return await poison, others

    poison, others = scene.runner.run(all_of_them())
    assert all(verdict(seen) is Disposition.PASS for seen in others)
    assert verdict(poison) is Disposition.QUARANTINE
    assert [problem.place.part for problem in poison.problems] == ["2", "3", "4", "5"]


def test_the_poison_alone_is_reason_enough(scene):
    """No value is found in it; what is not finished is held by a shipped rule of its own."""
    content = mails.mixed(mails.attachment("note.txt", poisoned("crash")))
    inspector = DoorInspector(scene.wall, b"k" * 32, Limits())
    seen = scene.runner.run(inspector.inspect(content, seconds=AMPLE))
    (judgement,) = RULES.decide(judged.mail("someone@mail.example"), seen)
    assert judgement.rule == "unread/not-finished"


def verdict(seen: Inspection) -> Disposition:
    return RULES.decide(judged.mail("someone@mail.example"), seen)[0].disposition
