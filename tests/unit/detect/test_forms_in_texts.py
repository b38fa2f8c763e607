import pytest

from gateway.detect import forms
from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Text

NAMES = (
    ("DUPONT", "Jean"),
    ("MARTIN", "Anne"),
    ("DURAND", "Luc"),
    ("PETIT", "Zoé"),
    ("TEST", "Paul"),
)


def filled(shape, names=NAMES):
    several = (shape.format(last=last, first=first, n=i) for i, (last, first) in enumerate(names))
    return "Objet : liste\n\nBonjour,\n\n" + "\n".join(several) + "\n\nCordialement\n"


def persons(text):
    found, problems = search([Text(Place("1"), text, Medium.BODY)])
    assert not problems
    return [hit.likelihood for hit in found if hit.kind == "table.persons"]


@pytest.mark.parametrize(
    "shape",
    [
        "Nom : {last}\nPrénom : {first}\nDate de naissance : 12/03/196{n}\n",
        "Nom : {last}\nPrénom : {first}\nDate de naissance : 12/03/196{n}",
        "  - nom: {last}\n    prenom: {first}\n    naissance: 196{n}-03-12",
        '* Patient = "{last} {first}"\n* Né(e) le = 12/03/196{n}\n',
        "> NOM : {last} {first}\n> DDN : 12/03/196{n}\n> TÉL :\n>",
        "{last}\n{first}\n12/03/196{n}\n",
        "{last} {first}\r\n12/03/196{n}\r\n\r\n",
        "{last}\n{first}\n12/03/196{n}\nBordeaux\n \n",
    ],
)
def test_five_forms_of_one_shape_are_a_table(shape):
    assert persons(filled(shape)) == [Likelihood.VERY_LIKELY] * 5


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (filled("Nom : {last} {first}\nNé le : 12/03/196{n}\n", NAMES[:4]), "four forms"),
        (filled("{last} {first}\n12/03/196{n}\n", NAMES[:4]), "four forms"),
        (filled("Nom : {last}\nPrénom : {first}\nBureau : {n}\n"), "nobody's birth"),
        (
            "Naissance d'un enfant : 3 jours\nDécès du conjoint : 3 jours\nMariage : 4 jours\n" * 6,
            "rights, not persons",
        ),
        (filled("Référence : 12{n}\nDate : 12/03/199{n}\nNaissance du projet : non\n"), "papers"),
        ("Facture\nRéglée\n12/03/1998\n\n" * 8, "papers"),
    ],
)
def test_leaves_alone(text, why):
    assert persons(text) == [], why


def test_what_a_form_says_of_health_is_near_its_person():
    shape = "Nom : {last}\nPrénom : {first}\nNé le : 12/03/196{n}\nMotif : dépression\n"
    found, _ = search([Text(Place("1"), filled(shape), Medium.BODY)])
    near = [hit.near for hit in found if hit.kind == "table.persons"]
    assert len(near) == 5
    assert all("health.person" in kinds for kinds in near)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Nom : DUPONT\r\n", "DUPONT"),
        ('  - nom: "DUPONT"\n', "DUPONT"),
        ("  DUPONT \n", "DUPONT"),
        ("nom:nom\n", "nom"),
        ("Nom :\n", ""),
        ("", ""),
    ],
)
def test_says_where_the_value_of_a_line_stands(line, value):
    start, end = forms.value(line)
    assert line[start:end] == value
