import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.parse import uuencode

LINE = b"#3DE2\n"  # "NIR"


@pytest.mark.parametrize(
    "written",
    [
        b"begin 644 a.txt\n" + LINE + b"`\nend\n",
        b"begin 644 a.txt\r\n#3DE2\r\n`\r\nend\r\n",
        b"bonjour\nBEGIN 0644  a.txt\n" + LINE,
        b"> begin 644 a.txt\n> #3DE2\n> `\n> end\n",
        b"begin a.txt\n" + LINE,
        b"(voir)begin 644 a.txt\n" + LINE,
        b"begin-base64 644 a.txt\nTklS\n====\n",
        b"begin 644 a.txt\n#3DE2   \n \nend",
    ],
)
def test_a_file_is_found_however_it_begins_and_ends(written):
    assert list(uuencode.files(written)) == [(b"a.txt", b"NIR")]


def test_several_are_found_also_without_an_end():
    text = b"bonjour\nbegin 644 a.txt\n" + LINE + b"end\nsuite\nbegin 644 b.txt\n" + LINE
    assert list(uuencode.files(text)) == [(b"a.txt", b"NIR"), (b"b.txt", b"NIR")]


@pytest.mark.parametrize(
    "text",
    [b"to begin with", b"begin with me\nand go on", b"\nbegin 9 a", b"", b"begin "],
)
def test_prose_is_no_file(text):
    assert list(uuencode.files(text)) == []


def test_lines_alone_are_decoded_only_where_they_look_encoded():
    assert uuencode.bare(LINE) == b"NIR"
    assert uuencode.bare(b"Bonjour,\nle document est joint.\n") == b""


@given(st.binary(max_size=400))
def test_what_was_encoded_comes_back(data):
    lines = (binascii.b2a_uu(data[i : i + 45]) for i in range(0, len(data), 45))
    [(_, found)] = uuencode.files(b"begin 644 a\n" + b"".join(lines) + b"`\nend\n")
    assert found == data


@given(st.binary().map(lambda noise: b"begin 644 a\n" + noise))
def test_noise_never_raises(noise):
    list(uuencode.files(noise))
    uuencode.bare(noise)
