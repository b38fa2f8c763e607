import base64
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.parse import telling


@pytest.mark.parametrize(
    "data",
    [
        b"Bonjour, voici le dossier.",
        "Numéro de sécurité sociale, à ne pas diffuser à l'extérieur.".encode(),
        "Numéro de sécurité sociale, à ne pas diffuser à l'extérieur.".encode("cp1252"),
        "Номер социального страхования не распространять".encode(),
        "Numero de securite sociale".encode("utf-16-le"),
        b"%PDF-1.7\x00\x01",
        b"\x01\x02\x03" + b"Le texte commence apres trois octets perdus, et il est long.",
    ],
)
def test_a_text_or_a_document_says_something(data):
    assert telling.telling(data)


def test_what_comes_of_decoding_random_letters_says_nothing():
    rng = Random(5)
    words = (
        "".join(rng.choices("abcdefghijklmnopqrstuvwxyzABCDEF0123456789", k=32))
        for _ in range(3000)
    )
    assert sum(telling.telling(base64.b64decode(word)) for word in words) <= 1


def test_a_text_of_which_a_fourth_is_spoilt_is_plausible():
    spoilt = bytes(range(1, 9)) + b"Le reste du texte est entier, lui."
    assert telling.plausible(spoilt)
    assert not telling.plausible(bytes(range(200, 232)))


@given(st.binary())
def test_noise_never_raises(noise):
    telling.telling(noise)
    telling.plausible(noise)
