"""Where a held mail stands in the officers' queue: 0 is the gravest, 1000 has nothing found in it.

    1000 - the weight of the gravest thing found x (1 + 3 x how many, by powers of ten)

An officer's order of work, nothing more: no rule reads it. The weights follow the sensitivity of
columns that the tables are judged by. Written down with the hold, since the list sorts by it in the
database, where what was found is sealed.
"""

from __future__ import annotations

import math

from gateway.model import Inspection, Likelihood

LAST = 1000
_WEIGHTS = (  # by the beginning of a kind, the most precise first
    ("health.terms", 40),
    ("health.", 60),
    ("table.", 50),
    ("fr.nir", 50),
    ("fr.ins", 50),
    ("mrz", 40),
    ("card", 40),
    ("iban", 30),
    ("fr.rib", 30),
    ("contact.bulk", 20),
    ("person", 5),
)
_OTHER = 20
_UNREAD = 10  # something was not read
_DOUBTFUL = 0.3  # of its weight, for what is merely possible


def of(seen: Inspection) -> int:
    scores = [_UNREAD] if seen.problems else [0]
    for finding in seen.findings:
        weight = next((w for kind, w in _WEIGHTS if finding.kind.startswith(kind)), _OTHER)
        sure = 1.0 if finding.likelihood >= Likelihood.LIKELY else _DOUBTFUL
        scores.append(round(weight * sure * (1 + 3 * math.log10(max(1, finding.count)))))
    return LAST - min(LAST, max(scores))
