"""What is wrong in a file that an operator wrote, told so that it can be put right.

    rules/health/nir-external.yaml:6:12: unknown kind of finding "fr.nri"
        6 |   finding: fr.nri
          |            ^^^^^^ did you mean "fr.nir"?

Where, what, the line itself, the way out. What follows from it (does the gateway start, does it
keep what it had?) is for whoever read the file to say.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

_LISTED = 24  # known words quoted in one remedy: more than that helps nobody


@dataclass(frozen=True, slots=True)
class Complaint:
    """path: as the operator named it. line, column: from 1; line 0 speaks of the file as a whole.

    width: characters to underline. source: the line itself.
    """

    path: str
    line: int
    column: int
    width: int
    source: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        if not self.line:
            return f"{self.path}: {self.wrong}\n        {self.remedy}"
        gutter = f"{self.line:>5} | "
        caret = " " * (len(gutter) - 2) + "| " + " " * (self.column - 1) + "^" * self.width
        return (
            f"{self.path}:{self.line}:{self.column}: {self.wrong}\n"
            f"{gutter}{self.source}\n{caret} {self.remedy}"
        )


def about_file(path: str, wrong: str, remedy: str) -> Complaint:
    return Complaint(path, 0, 0, 0, "", wrong, remedy)


def remedy_for(word: str, known: Collection[str]) -> str:
    """`word` names something that does not exist: say what does, the nearest first."""
    near = difflib.get_close_matches(word[:80], known, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    listed = sorted(known)
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return f"known: {', '.join(listed[:_LISTED])}{more}"
