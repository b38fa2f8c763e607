import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.extract import characters


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("Zoé".encode(), "", "Zoé"),
        ("Zoé".encode(), "iso-8859-1", "Zoé"),  # UTF-8 does not happen by chance
        ("Zoé".encode("cp1252"), "", "Zoé"),
        ("Zoé".encode("cp1252"), "klingon", "Zoé"),
        ("Zoé".encode("utf-8-sig"), "", "Zoé"),
        ("Zoé".encode("utf-16"), "us-ascii", "Zoé"),
        ("Zoé Martin".encode("utf-16-le"), "", "Zoé Martin"),
        ("Zoé Martin".encode("utf-16-be"), "", "Zoé Martin"),
        ("Жук".encode("koi8-r"), "koi8-r", "Жук"),
        (b"+AGE-", "utf-7", "a"),
        ("né 85".encode("cp500"), "ebcdic-cp-be", "né 85"),
        (b"", "", ""),
    ],
)
def test_the_likeliest_reading_comes_first(data, declared, text):
    assert characters.readings(data, declared)[0] == text


def test_an_odd_text_is_read_as_dos_and_macintosh_wrote():
    assert "Zoé à Évry" in characters.readings("Zoé à Évry".encode("cp850"))
    assert "Zoé à Évry" in characters.readings("Zoé à Évry".encode("mac_roman"))
    assert len(characters.readings("Zoé à Évry".encode("cp1252"))) == 1


def test_numbers_of_sixteen_bits_are_no_text():
    assert characters.utf16(bytes(n for i in range(200) for n in (i % 31, 0))) == ""


def test_a_lying_character_set_does_not_hide_ascii():
    assert "2 79 03 " in characters.readings(b"2 79 03 ", "utf-16")
    assert "2 79 03" in characters.readings(b"2 79 03", "cp500")


@given(st.binary(), st.text())
def test_never_raises_and_always_reads(data, declared):
    assert characters.readings(data, declared)


@given(st.text(st.sampled_from("aé œ’ñ\x80Бłż½\u00a0\U0001f600")))
def test_odd_characters_are_counted_as_one_would_by_hand(text):
    beyond = [character for character in text if character > "\x7f"]
    strange = [character for character in beyond if character not in characters._FRENCH]
    assert characters._odd(text) == (len(strange) * 4 > len(beyond))


@pytest.mark.parametrize("declared", ["", "utf-8", "cp297", "utf-16", "iso-8859-1"])
def test_ebcdic_is_told_by_its_letters_whatever_is_declared(declared):
    texts = characters.readings("Dossier de l'assure 1 79 03".encode("cp500"), declared)
    assert "Dossier de l'assure 1 79 03" in texts


def test_a_text_from_its_end_is_read_from_there_as_well():
    assert "185" in "".join(characters.readings("\u202e581".encode()))


def test_utf_32_is_read_as_declared():
    assert "185" in characters.readings("185".encode("utf-32-le"), "utf-32-le")
