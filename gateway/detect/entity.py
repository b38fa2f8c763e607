"""What the exchange norms of French health insurance have in common: B2, NOEMIE and their kin.

    000PS00000990000010PRGEMIAM01331000000000      IRB2 20240312   the head, "entity 000"
    2990000010 2850975999998370001234567891000000123              somebody, in B2: number and key

The head names programs and establishments, nobody. Public nomenclatures (CCAM in NX) travel under
the same one, so it proves no more than that a program wrote the file.
Sources: CNAM, norme B2 and cahiers des charges NOEMIE, as public readers of their files have them
(the head as in pmsixml, the second record as in the manual of RSF-ACE); the manuals themselves
were not at hand.
"""

from __future__ import annotations

import re

from gateway.detect.coded import MARGIN, NIR
from gateway.detect.fold import Folded
from gateway.detect.nir_number import runs
from gateway.detect.pattern import linear

RECORD = 128  # characters

HEAD = linear(
    MARGIN + rb"000[A-Z0-9]{2}[0-9]{14}[^\n]{6}[A-Z0-9]{2}[0-9]{14}[^\n]{6}[^\n]{5}"
    rb"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]"
)
INSURED_AT = 11  # of a record of type 2, from 0
INSURED = rb"2[0-9A-Z]{9}[0-9A-Z ]" + NIR
_INSURED = re.compile(INSURED)


def may_hold_any(folded: Folded) -> bool:
    """Most texts have not thirteen digits in a row; this is known of each already."""
    return bool(runs(folded))


def is_insured(line: bytes) -> bool:
    return bool(_INSURED.match(line))
