from random import Random

import pytest
from ahocorasick_rs import BytesAhoCorasick, MatchKind

from gateway.detect import health_terms
from gateway.detect.fold import fold
from gateway.detect.health_terms import Spot
from gateway.detect.lexicon import ambiguous, cues, terms
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


@pytest.mark.parametrize("part", ["c7d4", "d2d8", "d9c6"])
def test_the_middle_of_a_uuid_is_no_measure(part):
    """Of links and Message-IDs, one in eighty was."""
    assert found(f"<a8774d51-{part}-017a-b390-688ade1fe0cf@ch.example>") == []
    assert found(f"hernie {part}, à revoir") != []


@pytest.mark.parametrize("token", ["Hb33zR4", "xG4P1q", "z40saQ", "IAH8kd", "w-qi9ZZ", "TG8p3"])
def test_the_token_of_a_link_is_no_measure(token):
    assert found(f"voir https://t.example/u/{token}, merci") == []


def test_the_name_of_a_device_is_no_measure():
    assert found("cciss/c2d0: 36.38GB RAID 0") == []


@pytest.mark.parametrize(
    "text", ["Eva 06 39 98 00 00", "Eva : 06.39.98.00.00", "Eva 12", "PSA 06 39 98 00 00"]
)
def test_the_telephone_of_an_eva_is_no_measure(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "EVA 6/10",
        "EVA à 7,5",
        "EVA = 10.",
        "Hb 8,25 g/dl",
        "hb8g",
        "G4P1, 32SA",
        "IAH 38/h",
        "CRP 86.",
        "INR 4",
    ],
)
def test_a_measure_in_a_few_letters_is_found(text):
    assert found(text) != []


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


def by_one_automaton(text: bytes) -> list[Spot]:
    """All that begins in a text, found by all terms and cues at once: what it is to agree with."""
    machine = health_terms._automata()
    every = sorted(machine.numbers)
    text = b" " + health_terms.spaced(text) + b" "
    found: list[Spot] = []
    for number, start, end in BytesAhoCorasick(
        every, MatchKind.LeftmostLongest
    ).find_matches_as_indexes(text):
        if text[end : end + 1] == b" ":
            concepts = machine.groups[machine.numbers[every[number]]]
            found += [Spot(start, end - 1, concept) for concept in concepts]
        elif b" " in every[number][1:]:
            found += health_terms._within_words(text, start, end, 0)
    return sorted(found)


def test_cues_that_are_looked_for_apart_are_those_that_one_automaton_finds():
    """Terms, cues, and beginnings of both, which break off within a word."""
    rng = Random(1)
    every = [*sorted(terms()), *sorted(spelled for spelled, _ in cues()) * 8]
    words = [term.decode("latin-1") for term in every if term.replace(b" ", b"").isalpha()]
    pieces = [rng.choice(words) for _ in range(900)]  # without figures, and so without facts
    cut = [piece[: rng.randint(2, len(piece))] + rng.choice(("", "x")) for piece in pieces]
    folded = fold(" ".join(rng.choice(both) for both in zip(pieces, cut, strict=True)))
    size = len(folded.data)
    expected = by_one_automaton(folded.data)
    assert len(expected) > 500
    assert health_terms.within(folded, 0, size) == expected
    for _ in range(50):
        begin = rng.randrange(size)
        end = begin + rng.randrange(4000)
        inside = [spot for spot in expected if begin <= spot.start <= end]
        assert health_terms.within(folded, begin, end) == inside
        starts = {spot.start for spot in inside if health_terms._is_usual(spot.concept)}
        assert health_terms.count(folded, begin, end, health_terms._is_usual) >= len(starts)
