import pytest

from gateway.detect.file_names import readable
from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Text


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CR_DUPONT_Marie.pdf", "CR DUPONT Marie.pdf"),
        ("cr-dupont-marie.pdf", "Cr Dupont Marie.pdf"),
        ("CR_DUPONT_Jean-Pierre.pdf", "CR DUPONT Jean-Pierre.pdf"),
        ("dupont.marie.docx", "Dupont Marie.docx"),
        ("CRDupontMarie.pdf", "CR Dupont Marie.pdf"),
        ("2024-03-12.pdf", "2024-03-12.pdf"),
        ("2 85 09 75 999 998 37", "2 85 09 75 999 998 37"),
        ("", ""),
        (".pdf", ".pdf"),
    ],
)
def test_marks_stand_for_blanks(name, meant):
    assert readable(name) == meant


@pytest.mark.parametrize(
    "name",
    [
        "CR_DUPONT_Marie.pdf", "cr_dupont_marie.pdf", "CR-DUPONT-Marie.pdf", "dupont.marie.pdf",
        "CRDupontMarie.pdf", "Marie-Dupont-CR.pdf", "arret-travail-jean-dupont.pdf",
        "DUPONT_MARIE_19800312_F.pdf", "IRM Mme DUPONT.pdf",
    ],
)  # fmt: skip
def test_whoever_a_file_is_named_after_is_found(name):
    hits, _ = search([Text(Place("2"), name, Medium.NAME)])
    assert [hit.likelihood >= Likelihood.LIKELY for hit in hits if hit.kind == "person"] == [True]


@pytest.mark.parametrize(
    "name",
    ["Paris_Nord_plan.pdf", "Facture_Martin_SARL.pdf", "Saint_Martin_2024.pdf", "v1.2.3-rc.zip"],
)
def test_nobody_is_seen_in_other_names(name):
    hits, _ = search([Text(Place("2"), name, Medium.NAME)])
    assert [h for h in hits if h.kind == "person" and h.likelihood >= Likelihood.LIKELY] == []
