"""Whether a held mail may be sent urgently by its sender, an officer looking at it afterwards.

A critical result is about one patient, or a few. What speaks of many, or may do so unseen, waits
for an officer: the same door would let a whole file out.
"""

from __future__ import annotations

from gateway.act.wording import persons
from gateway.model import Inspection, Trouble

MOST_PERSONS = 20
_MANY = ("table.", "contact.bulk")  # beginnings of kinds
_SEEN_AS_FAR_AS_IT_GOES = frozenset({Trouble.OPENED, Trouble.NO_TEXT, Trouble.CUT, Trouble.SOUND})


def is_bulk(seen: Inspection) -> bool:
    """Many persons, a table, or something closed that may hold either. A scan is none of these:
    that is how results travel."""
    table = any(finding.kind.startswith(_MANY) for finding in seen.findings)
    closed = any(problem.kind not in _SEEN_AS_FAR_AS_IT_GOES for problem in seen.problems)
    return persons(seen) > MOST_PERSONS or table or closed
