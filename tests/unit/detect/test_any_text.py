"""No detector fails, whatever the text: one that does holds an innocent mail as not read."""

from __future__ import annotations

from random import Random

from fuzz import texts

SEEDS = [seed.decode() for seed in texts.seeds()]
WORDS = [word.decode() for word in texts.WORDS]
MARKS = ["\n", "\n\n", " ", " ", "\t", ";", "|", ",", ".", " : ", "-", "<", ">", "/", "(", "'"]
MARKS += [
    "\r\n",
    "\0",
    "\x7f",
    "\xa0",
    "\u200b",
    "\u2028",
    "¤",
    "É",
    "ß",
    "İ",
    "🙂",
    "né le ",
    "12",
]


def jumbled(rng: Random) -> str:
    """Pieces of what detectors look for, cut anywhere and put behind each other."""
    return "".join(_piece(rng) for _ in range(rng.randrange(1, 12)))


def _piece(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.4:
        return rng.choice(MARKS)
    if kind < 0.7:
        return rng.choice(WORDS)
    seed = rng.choice(SEEDS)
    begin = rng.randrange(len(seed) + 1)
    return seed[begin : begin + rng.choice((3, 10, 40, 120))]


def test_none_fails_on_pieces_of_what_they_look_for():
    rng = Random(20261123)
    for _ in range(10_000):
        texts.check(jumbled(rng).encode())
