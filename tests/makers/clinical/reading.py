"""words.txt and frames.txt beside this module.

pool: a name, then a sentence a line, from which [[name]] draws
family: media, subject, body and end, as in the frames of innocent mail
kind: what must be found in it     named: subject or file, where the patient's name may stand
style: sms (no accents, no capitals) or quoted (an answer above what it answers)
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    media: tuple[str, ...]
    kind: str
    named: str
    style: str
    subjects: tuple[str, ...]
    bodies: tuple[str, ...]
    ends: tuple[str, ...]


def _blocks(name: str) -> list[str]:
    text = files("tests.makers.clinical").joinpath(name).read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return [block for block in "\n".join(lines).split("\n\n") if block.strip()]


def _lists() -> dict[str, tuple[str, ...]]:
    pairs = (line.partition(": ") for block in _blocks("words.txt") for line in block.splitlines())
    return {name: tuple(words.split(" | ")) for name, _, words in pairs if words}


LISTS = _lists()


@cache
def pools() -> dict[str, tuple[str, ...]]:
    found = {}
    for block in _blocks("frames.txt"):
        head, *lines = block.strip().splitlines()
        if head.startswith("pool "):
            found[head.removeprefix("pool ")] = tuple(lines)
    return found


@cache
def families() -> tuple[Family, ...]:
    return tuple(
        _family(block.strip())
        for block in _blocks("frames.txt")
        if block.strip().startswith("family: ")
    )


def _family(block: str) -> Family:
    said: dict[str, list[str]] = defaultdict(list)
    for line in block.splitlines():
        key, _, value = line.partition(":")
        said[key].append(value.strip())
    return Family(
        name=said["family"][0],
        media=tuple(said["media"][0].split()),
        kind=said["kind"][0],
        named=(said["named"] or [""])[0],
        style=(said["style"] or [""])[0],
        subjects=tuple(said["subject"]),
        bodies=tuple(said["body"]),
        ends=tuple(said["end"]),
    )
