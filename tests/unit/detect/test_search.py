from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detect import search as searching
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded, fold
from gateway.detect.search import kinds, masked, search, warm
from gateway.model import Hit, Likelihood, Match, Medium, Place, Problem, Table, Text, Trouble
from tests.makers import identifiers, persons, prose

PLACE = Place("1")
LIKELY = Likelihood.LIKELY


def body(text):
    return Text(PLACE, text, Medium.BODY)


def hits(*pieces):
    found, problems = search(pieces)
    assert not problems
    return found


def about_health_of_somebody(found):
    return [
        hit
        for hit in found
        if hit.kind == "health.terms"
        and hit.likelihood >= LIKELY
        and {"person", "fr.nir"} & {*hit.near}
    ]


def test_the_kinds_that_rules_may_name():
    """Names of the contract, which customers' rules are built on."""
    promised = "fr.nir fr.nir13 fr.nia iban fr.rib card fr.caf fr.spi fr.ins health.terms person"
    assert {*promised.split(), "contact.bulk"} <= set(kinds())


@pytest.mark.parametrize("kind", prose.INNOCENT)
def test_innocent_mail_says_nothing_of_anybody(kind):
    found = hits(body(prose.INNOCENT[kind]))
    assert about_health_of_somebody(found) == []
    assert [hit for hit in found if hit.kind != "health.terms" and hit.likelihood >= LIKELY] == []


def test_letters_of_every_day_say_nothing_at_all():
    for letter in prose.LETTERS:
        assert [hit for hit in hits(body(letter)) if hit.likelihood >= LIKELY] == []


def test_clinical_mail_is_about_somebodys_health():
    rng = Random(11)
    for _ in range(100):
        text = prose.clinical(rng)
        assert about_health_of_somebody(hits(body(text))), text


@pytest.mark.parametrize(
    "text",
    [
        "IRM de M. TEST-UN, né le 03/02/1961",
        "Bonjour Mme TEST, votre rendez-vous de psychiatrie au CMP est confirmé le 12/03 à 14 h.",
    ],
)
def test_mails_that_must_be_caught(text):
    assert about_health_of_somebody(hits(body(text)))


def test_a_newsletter_is_nobodys_health_even_when_signed():
    text = prose.INNOCENT["a newsletter on screening"] + "Cordialement,\nAnne Martin\n"
    assert about_health_of_somebody(hits(body(text))) == []


def test_a_person_in_the_subject_is_near_all_of_the_message():
    subject = Text(Place("", "header Subject"), "Dossier de Mme TEST", Medium.HEADER)
    found = hits(subject, Text(Place("2"), "voir : hépatite C", Medium.DOCUMENT))
    assert about_health_of_somebody(found)


def test_a_person_among_the_senders_is_near_nothing_else():
    sender = Text(Place("", "header From"), "Mme TEST <test@labo.example>", Medium.HEADER)
    found = hits(sender, Text(Place("2"), "voir : hépatite C", Medium.DOCUMENT))
    assert about_health_of_somebody(found) == []


def test_a_person_in_the_name_of_a_file_is_near_what_is_in_it_and_nothing_else():
    pieces = [
        Text(Place("2"), "CR_Mme_TEST.zip", Medium.NAME),
        Text(Place("2!lettre.txt"), "hépatite C", Medium.DOCUMENT),
        Text(Place("22"), "lymphome", Medium.DOCUMENT),
    ]
    assert [hit.value for hit in about_health_of_somebody(hits(*pieces))] == ["sujet:hépatite"]


def test_one_value_at_one_place_is_one_hit_at_its_surest():
    number = "2 85 09 75 999 998 37"
    found = hits(body(f"{number} ; " + "x" * 200 + f" NIR {number}"))
    assert found == [Hit("fr.nir", "285097599999837", Likelihood.VERY_LIKELY, PLACE)]


def test_a_detector_that_fails_is_a_problem_and_the_others_go_on(monkeypatch):
    def fails(_: Folded) -> Iterator[Match]:
        yield Match(0, 1, LIKELY, "half of its work")
        raise RuntimeError("2 85 09 75 999 998 37")

    broken = Detector("fr.broken", fails, str)
    monkeypatch.setattr(searching, "_detectors", lambda: {"fr.broken": broken, **real})
    found, problems = search([body("NIR 285097599999837")])
    assert problems == [Problem(Trouble.DETECTOR, PLACE, "fr.broken")]
    assert [hit.kind for hit in found] == ["fr.nir"]


real = searching._detectors()


def test_what_is_no_text_at_all_is_a_problem_too():
    found, problems = search([Text(PLACE, None, Medium.CELLS), body("NIR 285097599999837")])  # type: ignore[arg-type]
    assert problems == [Problem(Trouble.DETECTOR, PLACE, "search")]
    assert [hit.kind for hit in found] == ["fr.nir"]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("fr.nir", "285097599999837", "2 85 ** ** *** *** **"),
        ("person", "anne test", "A. T."),
        ("health.terms", "sujet:vih", "sujet"),
        ("fr.unknown", "secret", "***"),
        ("fr.nir", "", "***"),
    ],
)
def test_masks(kind, value, shown):
    assert masked(kind, value) == shown


def test_no_mask_shows_the_value_whatever_it_is():
    rng = Random(12)
    for _ in range(50):
        one = persons.person(rng)
        for kind, value in [
            ("fr.nir", one.nir),
            ("iban", identifiers.iban(rng)),
            ("fr.rib", identifiers.rib(rng)),
        ]:
            shown = masked(kind, value).replace(" ", "").replace("*", "")
            assert len(shown) <= 7


def test_warming_up_twice_is_harmless():
    warm()
    warm()


@given(
    st.lists(
        st.one_of(
            st.builds(Text, st.just(PLACE), st.text(), st.sampled_from(Medium)),
            st.builds(
                Table,
                st.just(PLACE),
                st.lists(st.sampled_from(["nom", "prénom", "NIR", "x", ""])).map(tuple),
                st.lists(st.lists(st.text()).map(tuple)).map(tuple),
            ),
        ),
        max_size=4,
    )
)
def test_nothing_that_can_be_read_makes_it_fail(pieces):
    _, problems = search(pieces)
    assert problems == []


@settings(max_examples=30)
@given(st.integers(), st.integers(1, 40))
def test_noise_inside_a_number_does_not_hide_it(seed, every):
    rng = Random(seed)
    number = identifiers.nir(rng)
    noisy = "".join(
        c + rng.choice("\u200b\u200d\u2060\u00ad\ufeff") * (i % every == 0)
        for i, c in enumerate(number)
    )
    assert [hit.value for hit in hits(body(f"n° {noisy}."))] == [number]


# Texts that begin or end with what a detector looks for: where one could leak into the next.
BORDERS = (
    "g 1-0-1", "commande", "colis n°", "NIR", "Mme ", "né le 1", "Cordialement,", "12", "FR76",
    "TEST Anne", "rue", "diabète", "cancer", "du sein", "banque 30006", "hémoglobine", "¤", "\n",
    "¤ ",
)  # fmt: skip


@given(st.data(), st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_texts_searched_together_hold_what_each_holds_alone(data, rng):
    made = st.builds(lambda: rng.choice((identifiers.nir, identifiers.rib))(rng))
    prosaic = st.builds(lambda: prose.clinical(rng))
    text = st.lists(st.one_of(st.sampled_from(BORDERS), made, prosaic), min_size=1, max_size=5)
    texts = data.draw(st.lists(text.map(" ".join), min_size=1, max_size=4))
    pieces = [body(text) for text in texts]
    alone = [[(s.kind, s.match.value, s.match.likelihood) for s in matches(t)] for t in texts]
    known = searching._together(pieces)
    found = [[(s.kind, s.match.value, s.match.likelihood) for s in known[i]] for i in known]
    assert found == alone


def matches(text):
    problems = []
    found = list(searching.matches(fold(text), PLACE, problems))
    assert not problems
    return found


def test_a_text_that_looks_like_a_gap_hides_nothing():
    pieces = [body("NIR 285097599999837" + searching._GAP * 2), body("Mme Anne TEST")]
    assert searching._together(pieces) == {}
    assert [hit.kind for hit in hits(*pieces)] == ["fr.nir", "person"]


def test_long_texts_are_searched_alone_and_so_are_those_after_them():
    pieces = [body("vih"), body("x" * 20_000 + " vih"), body("vih")]
    assert list(searching._together(pieces)) == [0]
    assert len(searching._hits(pieces[1], None, [])) == 1


def test_of_too_many_hits_each_kind_keeps_its_share():
    numbers = [Hit("fr.nir", f"{n}", LIKELY, PLACE) for n in range(100)]
    others = [Hit("person", f"{n}", Likelihood.POSSIBLE, PLACE) for n in range(3)]
    carried = searching.of_every_kind([*numbers, *others])[:10]
    assert sum(hit.kind == "person" for hit in carried) == 3
    assert [hit.value for hit in carried if hit.kind == "fr.nir"] == [f"{n}" for n in range(7)]
