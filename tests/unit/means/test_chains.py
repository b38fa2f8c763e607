"""Whose ways count for whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.config import Config
from gateway.means.chains import chains

WRITTEN = {
    "domains": ["ch.example"],
    "partners": {
        "labo": {"domains": ["labo.example", "*.groupe.example"], "channels": ["openpgp"]},
        "without": {"domains": ["plain.example"]},
    },
    "channels_for": {
        "Marie@Labo.example": ["smime"],
        "marie@b\u00fccher.example": ["pdf"],
        "caisse.example": ["zip", "pdf"],
        "*.caisse.example": [],
        "*.sud.groupe.example": ["pdf"],
    },
}


def config(written):
    return Config.model_validate(written, context={"base": Path.cwd()})


@pytest.mark.parametrize(
    ("address", "chain"),
    [
        ("marie@labo.example", ("smime",)),
        ("MARIE@LABO.EXAMPLE", ("smime",)),
        ("marie@labo.example.", ("smime",)),
        ("marie@b\u00fccher.example", ("pdf",)),
        ("marie@xn--bcher-kva.example", ("pdf",)),
        ("paul@labo.example", ("openpgp",)),
        ("paul@a.groupe.example", ("openpgp",)),
        ("paul@groupe.example", None),  # "*." is what is below
        ("paul@b.sud.groupe.example", ("pdf",)),  # the nearest above
        ("paul@caisse.example", ("zip", "pdf")),
        ("paul@a.b.caisse.example", ()),
        ("paul@plain.example", None),  # a partner without ways of his own
        ("paul@autre.example", None),
        ("nobody", None),
    ],
)
def test_the_most_particular_word_counts(address, chain):
    assert chains(config(WRITTEN))(address) == chain


def test_without_any_all_take_the_same():
    assert chains(config({"domains": ["ch.example"]}))("marie@labo.example") is None


@pytest.mark.parametrize(
    ("key", "chain"),
    [
        ("labo.example", ["pigeon"]),
        ("labo.example", ["pdf", "pdf"]),
        ("a*.example", ["pdf"]),
        ("@@", ["pdf"]),
        ("", ["pdf"]),
    ],
)
def test_what_names_nobody_or_no_way_is_refused(key, chain):
    with pytest.raises((ValidationError, ValueError)):
        config({"domains": ["ch.example"], "channels_for": {key: chain}})
