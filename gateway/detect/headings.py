"""Column headings that announce numbers: "IPP", "N° allocataire", "Groupe sanguin".

Detectors look for the label in front of a number; in a table it stands at the head of the column,
so it is written before each of its cells. Which words are such labels, the detectors say.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.detect.fold import fold
from gateway.detect.heads import for_columns

_LONGEST = 40  # characters: a longer one is a sentence
_MOST = 512  # columns whose heading is read


def headings(rows: Sequence[tuple[str, ...]], below: int) -> dict[int, str]:
    """Column -> what to write before its cells. below: the first row of data; the heading is the
    row above it, or the first where none was recognised."""
    if not rows:
        return {}
    return {
        column: cell
        for column, cell in enumerate(rows[max(0, below - 1)][:_MOST])
        if cell and len(cell) <= _LONGEST and cell[:1].isalpha() and for_columns(fold(cell))
    }
