"""Families of innocent mail, read from the frames beside this module.

family: facture                 a kind of mail, in a person's words
media: body html pdf docx       what it comes in, each as often as it is named
style: lines                    machines: lines as they are, no greeting, no signature
table: facture                  may bring a table of this kind (tests/makers/innocent/tables.py)
subject: / open: / body: / end: one frame a line; the more there are, the less two mails agree
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

HALVES = {"ordinary": "", "health": "santé : "}


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    media: tuple[str, ...]
    style: str
    table: str
    subjects: tuple[str, ...]
    opens: tuple[str, ...]
    bodies: tuple[str, ...]
    ends: tuple[str, ...]


@cache
def families(half: str) -> tuple[Family, ...]:
    """half: "ordinary", or "health": the words of it, and nobody whose health they tell."""
    found: list[Family] = []
    for file in sorted(_folder(half), key=lambda one: one.name):
        blocks = file.read_text("utf-8").split("family: ")[1:]
        found += [_family(HALVES[half], block) for block in blocks]
    return tuple(found)


@cache
def common() -> dict[str, tuple[str, ...]]:
    """What any mail may have: greetings, closings, signatures, letterheads, notices, covers."""
    said: dict[str, list[str]] = defaultdict(list)
    text = files("tests.makers.innocent").joinpath("common.txt").read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            key, _, frame = line.partition(": ")
            said[key].append("" if frame == "-" else frame)
    return {key: tuple(frames) for key, frames in said.items()}


def _folder(half: str) -> Iterator[Traversable]:
    return files("tests.makers.innocent").joinpath("frames", half).iterdir()


def _family(prefix: str, block: str) -> Family:
    name, *lines = block.splitlines()
    said: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if line and not line.startswith("#"):
            key, _, frame = line.partition(": ")
            said[key].append(frame)
    return Family(
        name=prefix + name,
        media=tuple(said["media"][0].split()),
        style=(said["style"] or ["letter"])[0],
        table=(said["table"] or [""])[0],
        subjects=tuple(said["subject"]),
        opens=tuple(said["open"]),
        bodies=tuple(said["body"]),
        ends=tuple(said["end"]),
    )
