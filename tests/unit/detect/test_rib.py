from random import Random

import pytest

from gateway.detect import rib
from gateway.detect.fold import fold
from gateway.model import Likelihood
from tests.makers import identifiers


def values(text):
    return [match.value for match in rib.find(fold(text))]


@pytest.mark.parametrize(
    "written",
    [
        " ".join,
        " | ".join,
        "\t".join,
        "\u00a0".join,
        lambda p: f"Banque : {p[0]} Guichet : {p[1]} N° de compte : {p[2]} Clé RIB : {p[3]}",
        lambda p: f"Code banque {p[0]}\nCode guichet {p[1]}\nCompte {p[2]}\nClé {p[3]}",
        lambda p: "RIB : " + "".join(p),
        lambda p: "R.I.B. " + "".join(p),
        lambda p: f"Banque {p[0]} Agence {p[1]} Compte {p[2]} Clé {p[3]}",
        lambda p: f"Bque : {p[0]} Guich. : {p[1]} Cpte : {p[2]} Clé : {p[3]}",
        lambda p: (
            f"Code du guichet : {p[1]}\nCode de la banque : {p[0]}\nNuméro de compte : {p[2]}"
            f"\nClé de contrôle : {p[3]}"
        ),
    ],
)
@pytest.mark.parametrize("letters", [False, True])
def test_finds_one_however_it_is_written(written, letters):
    rng = Random(8)
    for _ in range(20):
        number = identifiers.rib(rng, letters=letters)
        if letters and not number[10].isdigit():
            continue
        assert values(written(identifiers.rib_parts(number))) == [number]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("30006000011234567890189", "in one piece, nothing announces it"),
        ("30006 00001 12345678901 88", "its key is wrong"),
        ("FR76 30006 00001 12345678901 89", "it is an IBAN's"),
        ("FR7630006000011234567890189", "it is an IBAN's"),
        ("130006 00001 12345678901 89", "it is part of a longer number"),
    ],
)
def test_leaves_alone(text, why):
    assert values(text) == [], why


def test_a_label_makes_it_certain():
    [match] = rib.find(fold("virement sur 30006 00001 12345678901 89"))
    assert match.likelihood is Likelihood.VERY_LIKELY


def test_its_mask_shows_the_bank_alone():
    assert rib.mask("99999000010000000000115") == "99999 ***** *********** **"


@pytest.mark.parametrize("mark", [" ", "|", " | ", "]["])
@pytest.mark.parametrize("size", [1, 4])
def test_behind_its_label_it_may_be_cut_anywhere(mark, size):
    number = identifiers.rib(Random(6), letters=True)
    assert values(f"RIB : {identifiers.grouped(number, size, mark)} ") == [number]


@pytest.mark.parametrize("label", ["RIB n°", "Compte bancaire n°", "Références bancaires :"])
def test_its_label_may_be_longer(label):
    number = identifiers.rib(Random(6), letters=True)
    assert values(f"{label} {identifiers.grouped(number)} ") == [number]


def test_the_fields_of_programs_are_joined():
    bank, branch, account, key = identifiers.rib_parts(identifiers.rib(Random(6)))
    text = (
        f'{{"codeBanque":"{bank}","codeGuichet":"{branch}","numeroCompte":"{account}",'
        f'"cleRib":"{key}"}}'
    )
    assert values(text) == [bank + branch + account + key]


@pytest.mark.parametrize(
    ("around", "sure"),
    [
        ("Nos coordonnées bancaires : {}, SIRET 99999999800019", Likelihood.POSSIBLE),
        ("Facture F12, RIB {}", Likelihood.POSSIBLE),
        ("Titulaire du compte : Mme TEST, RIB {}, domiciliation EXEMPLE", Likelihood.VERY_LIKELY),
        ("Votre RIB {}, facture F12", Likelihood.VERY_LIKELY),
        ("Le RIB de Mme TEST : {}, Domiciliation : BANQUE EXEMPLE", Likelihood.VERY_LIKELY),
        ("RIB {}, remboursement de la facture de Mme TEST", Likelihood.VERY_LIKELY),
    ],
)
def test_that_of_a_house_is_no_more_than_possible(around, sure):
    number = " ".join(identifiers.rib_parts(identifiers.rib(Random(6))))
    assert [match.likelihood for match in rib.find(fold(around.format(number)))] == [sure]
