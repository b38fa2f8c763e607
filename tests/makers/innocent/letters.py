"""One mail of a family before it is put into a medium: subject, paragraphs, table, signature.

Sentences of a family come in any number and order. What is true of mail in general is drawn here:
one in fourteen is signed by several persons, one in nine quotes what it answers, one in six ends
with the notice that lawyers like, one in six is under a letterhead.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.makers.innocent.families import Family, common
from tests.makers.innocent.grammar import Speaker
from tests.makers.innocent.tables import Table, table
from tests.makers.innocent.words import SLOTS

SEVERAL_SIGN = 1 / 14
QUOTES = 1 / 9
NOTICE = 1 / 6
LETTERHEAD = 1 / 6

_COMMON = common()


@dataclass(frozen=True, slots=True)
class Letter:
    """blocks: what precedes the table, one a paragraph; after: what follows it."""

    subject: str
    blocks: tuple[str, ...]
    table: Table | None
    after: tuple[str, ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return (*self.blocks, *self.after)


def letter(family: Family, rng: Random) -> Letter:
    speaker = Speaker(rng, SLOTS)
    rows = table(family.table, rng) if family.table and rng.random() < 0.6 else None
    subject = speaker.say(rng.choice(family.subjects))
    if family.style == "lines":
        lines = _some(family.bodies, rng, 4, 12)
        text = "\n".join(map(speaker.say, (rng.choice(family.opens), *lines, *family.ends)))
        return Letter(subject, (text,), rows, ())
    blocks = [speaker.say(rng.choice(_COMMON["head"]))] if rng.random() < LETTERHEAD else []
    greeting = speaker.say(rng.choice(_COMMON["greeting"]))
    blocks += [greeting] if greeting else []
    blocks.append(speaker.say(rng.choice(family.opens)))
    blocks += _body(family, speaker)
    after = [speaker.say(rng.choice(family.ends)), *_signed(speaker)]
    if rng.random() < NOTICE:
        after.append(rng.choice(_COMMON["notice"]))
    if rng.random() < QUOTES:
        after.append(_quoted(speaker))
    return Letter(subject, tuple(blocks), rows, tuple(after))


def _some(frames: tuple[str, ...], rng: Random, least: int, most: int) -> list[str]:
    return rng.sample(frames, min(len(frames), rng.randint(least, most)))


def _body(family: Family, speaker: Speaker) -> list[str]:
    """Paragraphs of one to four sentences, or some of them as a list."""
    rng = speaker.rng
    said = [speaker.say(frame) for frame in _some(family.bodies, rng, 3, 9)]
    if rng.random() < 0.25:
        mark = rng.choice(("- ", "• ", "* ", "– "))
        return ["\n".join(mark + sentence for sentence in said)]
    out: list[str] = []
    while said:
        size = rng.randint(1, 4)
        out.append(rng.choice((" ", " ", "\n")).join(said[:size]))
        said = said[size:]
    return out


def _signed(speaker: Speaker) -> list[str]:
    rng = speaker.rng
    closing = rng.choice(_COMMON["closing"])
    signers = rng.randint(2, 4) if rng.random() < SEVERAL_SIGN else 1
    names = [speaker.say(rng.choice(_COMMON["signature"])) for _ in range(signers)]
    return [closing, *names] if closing else names


def _quoted(speaker: Speaker) -> str:
    rng = speaker.rng
    head = speaker.say(rng.choice(_COMMON["quote_head"]))
    said = [speaker.say(frame) for frame in _some(_COMMON["quoted"], rng, 1, 3)]
    mark = "> " if head.startswith("Le ") else ""
    return "\n".join((head, *(mark + line for line in (*said, speaker.say("<complet>")))))
