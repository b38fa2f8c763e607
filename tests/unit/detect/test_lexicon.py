import gzip
from importlib.resources import files

import pytest

from gateway.detect import lexicon


def head(name):
    packed = files("gateway.detect").joinpath("lexicons", name).read_bytes()
    return packed, gzip.decompress(packed).decode()


@pytest.mark.parametrize("name", ["terms.tsv.gz", "names.tsv.gz"])
def test_what_is_derived_names_its_sources_and_its_count(name):
    packed, text = head(name)
    comments = [line for line in text.splitlines() if line.startswith("#")]
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert any("MIT" in line or "BSD" in line for line in comments)
    assert f"# {len(lines)} " in text
    assert lines == sorted(lines)
    assert packed[4:8] == b"\0\0\0\0"  # no date in the gzip header: the same bytes when rebuilt


@pytest.mark.parametrize(
    ("pattern", "terms"),
    [
        ("kyste{|s} {du|de la} main", ["kyste du main", "kyste de la main"]),
        ("nodule", ["nodule"]),
    ],
)
def test_alternatives_are_spelled_out(pattern, terms):
    assert set(terms) <= set(lexicon.expanded(pattern))


@pytest.mark.parametrize(
    "wrong", ["teletransmision", "teletransmissoin", "teletransmissiion", "teletransmizsion"]
)
def test_one_edit_is_forgiven_in_long_words(wrong):
    assert wrong in lexicon.one_edit("teletransmission")


def test_no_edit_is_forgiven_in_short_words_nor_in_the_first_letter():
    assert lexicon.one_edit("sida") == {"sida"}
    assert "peletransmission" not in lexicon.one_edit("teletransmission")


def test_terms_are_folded_and_spelled_with_and_without_ligature():
    terms = lexicon.terms()
    assert b"oedeme de quincke" in terms
    assert b"\x9cdeme de quincke" in terms
    assert all(term == b" ".join(lexicon.spaced(term).split()) for term in terms)


def test_drugs_whose_name_is_first_of_all_a_word_are_no_terms():
    for word in (b"paris", b"fer", b"calcium", b"iris", b"fractal", b"lierre"):
        assert word not in lexicon.terms()


def test_first_names_and_surnames_are_there_and_words_that_look_like_them_are_not():
    names = lexicon.names()
    assert {b"marie", b"jean", b"mohamed", b"yvette"} <= names.first
    assert {b"martin", b"durand"} <= names.last
    assert not {b"france", b"paris", b"mai"} & names.first


@pytest.mark.parametrize("name", ["curated.txt", "cues.txt"])
def test_no_pattern_has_more_readings_than_all_the_others(name):
    """Each costs the time of every start; what leads to a phrase need not be spelled out."""
    many = {
        pattern: len(list(lexicon.expanded(pattern)))
        for _, _, patterns in lexicon._written(name)
        for pattern in lexicon._PATTERN.findall(patterns)
    }
    assert max(many.values()) <= 2100, max(many, key=many.__getitem__)
