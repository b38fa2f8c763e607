"""What lies in a text that nothing announces."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.parse import buried

SECRET = b"numero 1 79 03 35 999 902 06"
RUN = base64.b64encode(SECRET)


@pytest.mark.parametrize(
    "text",
    [
        RUN,
        b"Voici : " + RUN + b" merci",
        b"mot" + RUN,
        b"> " + RUN[:24] + b"\n> " + RUN[24:],
        b"data:text/plain;base64," + RUN + b'">',
        b"Bonjour\r\n" + RUN[:28] + b"\r\n" + RUN[28:] + b"\r\nCordialement",
    ],
)
def test_base64_is_read_wherever_it_stands(text):
    assert buried.likely(text)
    assert any(SECRET in found for found, _ in buried.base64(text))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"b3f1c9d07e6a5b48213f9c8d7e6f5a4b3c2d1e0f99887766", "a fingerprint in hexadecimal"),
        (b"https://x.example/anticonstitutionnellementanticonstitutionnellement", "a long word"),
        (b"A" * 400, "a line drawn"),
        (b"iQEzBAABCAAdFiEE0000zB9Vv3nq1cB5q0W1", "a signature"),
    ],
)
def test_other_long_words_are_no_text(text, why):
    assert list(buried.base64(text)) == [], why


def test_a_document_in_letters_is_known_by_its_signature():
    [(found, is_text)] = buried.base64(base64.b64encode(b"%PDF-1.7" + bytes(range(128, 160))))
    assert (found[:5], is_text) == (b"%PDF-", False)


def test_headers_in_a_text_are_found_with_what_follows_them():
    text = (
        b"Bonjour\n--x\nContent-Type: a/b\n\nun\n"
        b"--x\ncontent-disposition: inline\n\ndeux\n--x--\nfin"
    )
    assert [text[start:end] for start, end in buried.entities(text)] == [
        b"Content-Type: a/b\n\nun",
        b"content-disposition: inline\n\ndeux",
    ]


@given(st.binary())
def test_noise_never_raises(noise):
    list(buried.base64(noise))
    list(buried.files(noise))
    spans = buried.entities(noise)
    assert all(start < end for start, end in spans)
