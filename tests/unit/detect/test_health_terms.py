import pytest

from gateway.detect import health_terms
from gateway.detect.fold import fold
from gateway.detect.lexicon import ambiguous, terms
from gateway.model import Likelihood

POSSIBLE, LIKELY, VERY_LIKELY = Likelihood


def found(text):
    return [(match.value, match.likelihood) for match in health_terms.find(fold(text))]


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Elle est séropositive", "sujet:vih"),
        ("suivi en P.S.Y. : psychiatrie", "sujet:psychiatrie"),
        ("cancer du\r\nsein", "sujet:cancer"),  # wrapped
        ("SCHIZOPHRÉNIE", "sujet:psychiatrie"),
        ("sous trithérapie", "sujet:vih"),
        ("elle est enceinte de 12 SA", "sujet:grossesse"),
    ],
)
def test_one_of_these_says_it_alone(text, concept):
    assert (concept, VERY_LIKELY) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "télétransmition du 06/06",  # two letters wrong, as in the incident that it comes from
        "teletransmisssion",
        "télé-transmission",
        "compte-rendu d'hospitalisation",
        "IRM de M. TEST",
        "résultats du scanner",
        "irm genou",
        "Metformine 1000 mg matin et soir",
        "2 cp le soir pendant 7 jours",
        "paracétamol 1 g 1-0-1",
        "cp 1-0-1",  # the first of a cell
        "créatinine : 14 mg/l",
        "HbA1c 7,2 %",
        "patiente de 54 ans",
        "DP : E11.9",
        "groupe sanguin : O Rh+",
        "insuffisance cardiaque",
        "opérée d'une hernie inguinale",
        "rendez-vous de cardiologie",
        "sous Lévothyrox",
        "œdème de Quincke",
        "oedème de Quincke",
    ],
)
def test_says_something(text):
    assert max(sure for _, sure in found(text)) >= LIKELY


@pytest.mark.parametrize(
    "word",
    ["tension", "ordonnance", "virus", "prélèvement", "IRM", "RSA", "GVH"],  # GVH: initials
)
def test_words_of_everyday_say_nothing_alone(word):
    assert found(f"La {word} du mois") == []


def test_no_single_term_is_an_ambiguous_word():
    assert not ambiguous() & terms().keys()


@pytest.mark.parametrize(
    "text", ["vihara", "subsida", "cancérigène", "ivgx", "x-psychiatriex", "hivernal"]
)
def test_words_are_matched_whole(text):
    assert found(text) == []


def test_care_words_add_up_when_they_stand_together():
    words = "La rééducation, les pansements"
    assert {sure for _, sure in found(words)} == {POSSIBLE}  # one concept however often it is said
    assert {sure for _, sure in found("une pneumonie, de l'asthme")} == {LIKELY}  # one again
    assert {sure for _, sure in found("une pneumonie, un diabète")} == {VERY_LIKELY}


def test_what_stands_far_apart_does_not_add_up():
    assert {sure for _, sure in found("une pneumonie" + " mot" * 200 + " un diabète")} == {LIKELY}


def test_the_mask_never_tells_the_illness():
    for concept in terms().values():
        assert health_terms.mask(concept.name) in {
            "sujet", "document", "fait", "examen", "diagnostic", "médicament", "spécialité", "soin",
            "mot", "signe",
        }  # fmt: skip
