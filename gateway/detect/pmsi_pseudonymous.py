"""Files of hospital stays (PMSI) in which persons have no name, no number and no birth date.

    RSA, RAPSS, RPSA, R3A, RHA     stays as the agency gets them: age, sex, postcode, diagnoses
    ANO-HOSP, ANO                  the link from stay to stay, by a number made of the person's

They are health data all the same: a stay and a postcode are enough to know somebody again. Two
lines of one layout are VERY_LIKELY; one, which may be figures of anything, is POSSIBLE. The value
is the stay.
Not here: the files of anonymous numbers of before 2011.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect.coded import Record, detector
from gateway.detect.fold import Folded
from gateway.detect.pmsi_layouts import FINESS, SITE, any_of, layout, records
from gateway.model import Likelihood

_MONTH = rb"(?:0[1-9]|1[0-2])20[0-9]{2}"
_GROUP = rb"[0-9]{4}[A-Z][0-9]{2}[0-9A-Z][0-9]{3}"  # classification, GHM, what grouping returned
_DIGEST = b"([0-9A-Fa-f]{32})"
_LAYOUTS = (
    layout(
        "RSA", FINESS, rb"2[0-9]{2}", b"([0-9]{10})", rb"[01][0-9]{2}[0-9 ]{3}", any_of(11), _GROUP,
        rb"[0-9 ]{8}[123]", any_of(2), _MONTH, born=0,
    ),
    layout(
        "RAPSS", FINESS, rb"[0-9A-Z]{3}", SITE, rb"([0-9]{5})[0-9 ]{6}[123][0-9AB]{5}",
        any_of(18), _MONTH, site=2, stay=3, born=0,
    ),
    layout(
        "ANO-HAD", FINESS, SITE, rb"[0-9A-Z]{6}", _MONTH, rb"[0-9 ]{7}(", any_of(17), b")",
        site=2, stay=3, born=0,
    ),
    layout(
        "ANO-HOSP", any_of(16), rb"(?:A[0-9]{2}|0[0-9]{2})[0-9 ]{4}", any_of(17),
        b"(", any_of(20), b")", any_of(17), FINESS, rb"[0-9 ]{53}",
        establishment=2, stay=1, born=0,
    ),
    layout(
        "RPSA", _DIGEST, FINESS, rb"[0-9A-Z]{6}", SITE,
        establishment=2, site=3, stay=1, born=0,
    ),
    layout("ANO", _DIGEST, FINESS, rb"[0-9A-Z]{6} {6}[0-9 ]{9}", establishment=2, stay=1, born=0),
)  # fmt: skip


def _in_lines(folded: Folded) -> Iterator[Record]:
    return records(folded, _LAYOUTS, Likelihood.POSSIBLE)


DETECTOR = detector("health.pmsi.pseudonymous", "fichier PMSI pseudonyme, un séjour", _in_lines)
