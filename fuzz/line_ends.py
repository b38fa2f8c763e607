"""A mail reads the same after each CRLF became LF, as in a Maildir."""

from __future__ import annotations

from fuzz import parse as parsing
from gateway.model import Limits, Trouble
from gateway.parse.message import Parsed, parse

WORDS = parsing.WORDS
LONGEST = parsing.LONGEST
LIMITS = Limits(depth=3, parts=200)
seeds = parsing.seeds


def check(data: bytes) -> None:
    stored = data.replace(b"\r\n", b"\n").replace(b"\r", b" ")
    ours, theirs = (parse(mail, LIMITS) for mail in (stored, stored.replace(b"\n", b"\r\n")))
    if not cut(ours) and not cut(theirs):
        assert shape(ours) == shape(theirs), "the line ends make it differ"


def cut(parsed: Parsed) -> bool:
    """Not read to the end, which is told: the other form may have been read a little further."""
    return any(problem.kind is not Trouble.AMBIGUOUS for problem in parsed.problems)


def shape(parsed: Parsed) -> tuple[object, ...]:
    """What is read, and the doubts; line ends aside, and what is read twice counted once."""
    return (
        {(part.path, part.declared, part.names, lines(part.data)) for part in parsed.parts},
        {problem.kind for problem in parsed.problems},
    )


def lines(data: bytes) -> bytes:
    """The last line end may belong to a delimiter."""
    return data.replace(b"\r\n", b"\n").strip(b"\r\n")
