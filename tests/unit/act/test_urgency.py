"""What may never be sent urgently: many persons, tables, what nobody could open."""

import pytest

from gateway.act.urgency import MOST_PERSONS, is_bulk
from gateway.model import Finding, Inspection, Likelihood, Place, Problem, Trouble


def seen(*found):
    return Inspection(
        tuple(one for one in found if isinstance(one, Finding)),
        tuple(one for one in found if isinstance(one, Problem)),
        (),
    )


def finding(kind, count=1, likelihood=Likelihood.VERY_LIKELY):
    return Finding(kind, count, likelihood, Place("2"), "")


def trouble(kind):
    return Problem(kind, Place("3"), "")


@pytest.mark.parametrize(
    ("inspection", "bulk"),
    [
        (seen(), False),
        (seen(finding("fr.nir")), False),
        (seen(finding("fr.nir", MOST_PERSONS)), False),
        (seen(finding("fr.nir", MOST_PERSONS + 1)), True),
        (seen(finding("person", MOST_PERSONS + 1)), True),
        (seen(finding("health.terms", 60)), False),  # words of one long report
        (seen(finding("table.persons", 3)), True),
        (seen(finding("table.health", 1, Likelihood.POSSIBLE)), True),
        (seen(finding("contact.bulk", 30)), True),
        (seen(trouble(Trouble.NO_TEXT)), False),  # a scanned result
        (seen(trouble(Trouble.ENCRYPTED)), True),
        (seen(trouble(Trouble.TIMED_OUT)), True),
        (seen(trouble(Trouble.UNSUPPORTED)), True),
    ],
)
def test_bulk(inspection, bulk):
    assert is_bulk(inspection) is bulk
