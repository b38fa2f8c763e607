"""Words that name a discipline or a place of care, and those that say what somebody has."""

from __future__ import annotations

import pytest

from gateway.detect.discipline import names_place, without_trades
from gateway.detect.fold import fold
from gateway.detect.health_terms import said


def places(text: str) -> list[bool]:
    folded = fold(text)
    return [
        names_place(folded.data, spot)
        for spot in said(folded)
        if not spot.concept.name.startswith(("champ:", "titre:"))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "le secrétariat d'oncologie",
        "addictologue",
        "chirurgie digestive",
        "le service de dialyse",
        "douze lits de soins palliatifs",
        "une consultation avancée de soins palliatifs",
        "qui ouvre la consultation de dermato",
    ],
)
def test_a_discipline_or_what_a_service_is_for_names_a_place(text):
    assert places(text) == [True]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("infirmier en psychiatrie", []),
        ("aide-soignante diplômée d'État en gériatrie", []),
        ("Paul, cardiologue libéral", []),
        ("stage au service de dialyse", []),
        ("suivie en psychiatrie", ["psychiatrie"]),
        ("vu par le cardiologue ce matin", ["vu par le cardiologue"]),
        ("vue par l'infirmière du CSAPA", ["csapa"]),
        ("son éducateur du CSAPA", ["csapa"]),
    ],
)
def test_what_somebody_does_is_no_word_of_health(text, left):
    folded = fold(text)
    found = [
        s for s in without_trades(folded, said(folded)) if not s.concept.name.startswith("ind")
    ]
    assert [folded.data[s.start : s.end].decode("latin-1").strip() for s in found] == left


@pytest.mark.parametrize(
    "text",
    [
        "hépatite C",
        "sous méthadone",
        "en dialyse",
        "une sérologie",
        "congé pathologique",
        "à la consultation de dermato",
    ],
)
def test_an_illness_a_treatment_and_an_examination_do_not(text):
    assert True not in places(text)
