import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detect import fold as folding
from gateway.detect import person
from gateway.detect.fold import LETTER, fold

# What the encoding table, the slow path and the compaction each have to do with.
CHARACTERS = st.one_of(
    st.characters(),
    st.sampled_from("aé œŒ\t\r\n \u00a0\u202f\u200b\u00ad\u0301’—«２٣Ж\x00\x01\x7f\x85\u2028𝟐"),
)
TEXTS = st.text(CHARACTERS)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Élève à l’Hôpital", b"eleve a l'hopital"),
        ("e\u0301te\u0301", b"ete"),  # accents as marks of their own
        ("２７９", b"279"),
        ("٢٧٩", b"279"),
        ("𝟐𝟕𝟗 ② ²", b"279 2 2"),
        ("l`a l\uff40a l\u1fefa", b"l'a l'a l'a"),  # grave accents by themselves
        ("n\u200bi\u00adr", b"nir"),
        ("n\x00i\x01r", b"nir"),  # control characters hide nothing either
        ("1\u202f85\u00a005", b"1 85 05"),
        ("a – b — c − d", b"a - b - c - d"),
        ("« x » “y”", b'" x " "y"'),
        ("НІV ｖｉｈ", b"hiv vih"),  # Cyrillic look-alikes, full-width letters
        ("a \r\n\r\n\t b", b"a b"),
        ("a\u2028b\x85c", b"a b c"),
        (" a  b   c" + " " * 1000 + "d", b" a b c d"),
        ("æ Œdème", b"\xe6 \x9cdeme"),
        ("µg ﬁn", b"ug fn"),  # one byte a character, even where two are meant
        ("", b""),
    ],
)
def test_one_spelling_for_every_way_of_writing(written, folded):
    assert fold(written).data == folded


def test_case_and_line_ends_are_kept_beside_at_the_same_positions():
    folded = fold("Mme TEST\r\n\r\nNée\t le")
    assert folded.cased == b"Mme TEST\nNee\tle"
    assert folded.data == b"mme test nee le"


def test_a_letter_of_another_script_is_a_letter_so_that_words_stay_whole():
    assert fold("日本").data == bytes([LETTER, LETTER])


@pytest.mark.parametrize("filler", ["\u200b", "\u0430", "\u65e5", "\ufeff", "\U0001f600"])
def test_rare_characters_alternating_with_others_fold_as_they_do_alone(filler):
    alone = fold(filler).data
    assert fold(f"a{filler}" * 500).data == (b"a" + alone) * 500


def test_no_character_is_beyond_it():
    """One that were would stop the inspection of every mail that has it."""
    text = "".join(map(chr, range(0x20000)))  # beyond stand rare ideographs, tags and nothing
    assert len(fold(text).data) > len(text) * 0.9


@given(TEXTS)
def test_case_and_fold_are_of_one_length_and_no_blank_stands_twice(text):
    folded = fold(text)
    assert len(folded.data) == len(folded.cased)
    assert b"  " not in folded.data
    assert b"\0" not in folded.data
    digits = sum(byte in b"0123456789" for byte in folded.data)
    assert folded.digits == digits or digits > folded.digits >= 64


@given(TEXTS)
def test_a_character_before_compaction_is_where_it_has_become(text):
    folded = fold(text)
    assert len(folded.raw) == len(text)
    assert [folded.at(folded.origin(i)) for i in range(len(folded.data))] == [
        *range(len(folded.data))
    ]
    places = [folded.at(i) for i in range(len(text) + 1)]
    assert places == sorted(places)
    assert all(0 <= place <= len(folded.data) for place in places)


@given(TEXTS)
def test_every_position_leads_back_to_the_character_it_came_from(text):
    folded = fold(text)
    origins = [folded.origin(i) for i in range(len(folded.data))]
    assert origins == sorted(set(origins))
    for i, at in enumerate(origins):
        if folded.data[i] != ord(" "):
            assert fold(text[at]).data == folded.data[i : i + 1]


@given(TEXTS, TEXTS)
def test_the_end_leads_to_the_end(head, tail):
    folded = fold(head + "x" + tail)
    at = folded.data.rindex(b"x") if "x" not in tail else None
    if at is not None and fold("x").data not in fold(tail).data:
        assert folded.origin(at) == len(head)


@given(st.text(st.sampled_from("a \t\n")))
def test_few_blanks_and_many_become_one_alike(text):
    few = fold(text).cased
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(folding, "_MANY", 0)
        assert fold(text).cased == few


@given(TEXTS)
def test_every_way_through_gives_what_one_character_at_a_time_gives(text):
    """The fast ways are for Latin-1, for French typography and for blocks; the slow one is this."""
    assert fold(text).raw == bytes(map(folding._byte, text))


@given(st.text(st.sampled_from("a \t\n\u200b")))
def test_a_run_of_blanks_becomes_the_strongest_of_them(text):
    def strongest(run):
        return next(blank for blank in "\n\t " if blank in run[0])

    assert fold(text).cased.decode() == re.sub(r"[ \t\n]+", strongest, text.replace("\u200b", ""))


def test_blanks_across_slices_are_one():
    text = "a" + " " * (2 * folding._SLICE) + "b"
    assert fold(text).data == b"a b"


def test_of_a_long_text_nothing_is_known_to_be_lacking():
    assert fold("rien").lacks(person._LEAD)
    assert not fold("née le 1").lacks(person._LEAD)
    assert not fold("rien " * 5000).lacks(person._LEAD)
