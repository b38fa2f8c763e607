import pytest

from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Table, Text

PLACE = Place("1", "sheet Base")


@pytest.mark.parametrize(
    ("label", "cells", "kind"),
    [
        ("N° allocataire", ("1234567", "0123456"), "fr.caf"),
        ("Numéro fiscal", ("3099999999103",), "fr.spi"),
        ("IPP", ("8001234567", "8001234568"), "fr.ipp"),
        ("INE", ("9999999999Z",), "fr.ine"),
        ("Identifiant France Travail", ("9999999A", "9999998B"), "fr.emploi"),
        ("id_demandeur_emploi", ("9999999A", "9999998B"), "fr.emploi"),
        ("N° dossier MDPH", ("99912345", "99912346"), "fr.mdph"),
        ("N° passeport", ("99ZZ99999",), "fr.passport"),
        ("CNI", ("X4RTBPFW4",), "fr.cni"),
        ("Groupe sanguin", ("A+", "O Rh(D) négatif"), "health.blood"),
        ("NIR", ("2,79035E+14", "1,85059E+14"), "fr.nir.rounded"),
    ],
)
@pytest.mark.parametrize("others", [("Ville",), ("Nom", "Prénom")])
def test_a_heading_announces_every_cell_below_it(label, cells, kind, others):
    rows = tuple((cell, *(f"Essai{i}" for i in range(len(others)))) for cell in cells)
    hits, problems = search([Table(PLACE, (label, *others), rows)])
    likely = [hit for hit in hits if hit.kind == kind and hit.likelihood >= Likelihood.LIKELY]
    assert (len(likely), problems) == (len(cells), [])


def test_so_it_is_in_text_whose_lines_are_rows():
    text = "Export de juin\nipp\tville\n8001234567\tExemple\n8001234568\tExemple\n"
    hits, _ = search([Text(PLACE, text.partition("\n")[2], Medium.CELLS)])
    assert len([hit for hit in hits if hit.kind == "fr.ipp"]) == 2


@pytest.mark.parametrize("label", ["Référence", "N° de commande", "CA 2024"])
def test_another_heading_announces_nothing(label):
    hits, _ = search([Table(PLACE, (label, "Ville"), (("1234567", "Exemple"),))])
    assert [hit for hit in hits if hit.likelihood >= Likelihood.LIKELY] == []
