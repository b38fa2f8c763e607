"""A social-security number whose parts each have a field of their own."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detect import misread, nia, nir
from gateway.detect.fold import fold
from gateway.detect.labels import SPLIT
from tests.makers import identifiers

WAYS = {
    "JSON, texts": lambda p: json.dumps({"nir": dict(zip(SPLIT, p, strict=True))}),
    "JSON, numbers": lambda p: json.dumps({n: int(v) for n, v in zip(SPLIT, p, strict=True)}),
    "JSON over lines": lambda p: json.dumps(dict(zip(SPLIT, p, strict=True)), indent=2),
    "a form": lambda p: (
        f"Sexe : {p[0]}\nAnnée de naissance : {p[1]}\nMois : {p[2]}\nDépartement : {p[3]}\n"
        f"Commune : {p[4]}\nN° d'ordre : {p[5]}\nClé : {p[6]}"
    ),
    "a query": lambda p: "&".join(f"{n}={v}" for n, v in zip(SPLIT, p, strict=True)),
    "other names": lambda p: "s={} aa={} mm={} dept={} com={} num_ordre={} cle={}".format(*p),
}


def values(detector, text):
    return [match.value for match in detector.find(fold(text))]


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_its_parts_are_joined(way, seed):
    number = identifiers.nir(Random(seed))
    assert number in values(nir, WAYS[way](identifiers.parts(number)))


def test_so_are_those_of_a_number_being_given():
    number = identifiers.nia(Random(2))
    assert number in values(nia, WAYS["JSON, texts"](identifiers.parts(number)))


@pytest.mark.parametrize("marks", ["/1/1//", "]1]//|", "||||||", "1/////"])
def test_in_a_picture_a_slash_may_be_another_sign(marks):
    parts = identifiers.parts(identifiers.nir(Random(5)))
    text = "".join(part + mark for part, mark in zip(parts, [*marks, ""], strict=True))
    folded = fold(f"N° assuré : {text}")
    misread.note(folded)
    assert "".join(parts) in [match.value for match in nir.find(folded)]


def test_with_a_wrong_key_they_are_fields_like_any_others():
    parts = identifiers.parts(identifiers.nir_with_wrong_key(Random(1)))
    assert values(nir, WAYS["JSON, numbers"](parts)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Ordre du jour du 12/03/2026 : 1. budget 2. plan 3. divers",
        "à l'ordre de 2 000 euros",
        "ordre",
    ],
)
def test_other_orders_announce_nothing(text):
    assert values(nir, text) == []
