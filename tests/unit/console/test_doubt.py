"""What an officer is told of a recipient's address."""

import html
from dataclasses import replace
from datetime import date

import pytest

from gateway.console import app, doubt
from gateway.decide.places import Partner, Places
from gateway.language import Words
from tests.unit.console.api.conftest import program

TODAY = date(2026, 11, 22)
PLACES = Places(
    domains=("ch-exemple.example", "*.ch-exemple.example"),
    webmail=("gmail.example",),
    mssante=("*.mssante.fr",),
    partners={
        "labo": Partner(("labo-martin.fr",)),
        "frappe": Partner(("frappe-medicale.fr",), until=date(2026, 6, 30)),
    },
)
SENDER = "zoe.fictive@ch-exemple.example"


@pytest.fixture
def console(on_sqlite):
    one = on_sqlite
    one.desk = replace(one.desk, bench=replace(one.desk.bench, places=PLACES))
    one.app = app.build(one.desk)
    return one


@pytest.mark.parametrize(
    ("address", "whose", "doubts"),
    [
        ("a@ch-exemple.example", "de la maison", ()),
        ("a@labo-martin.fr", "partenaire labo", ()),
        ("a@x.mssante.fr", "MSSanté", ()),
        ("a@gmail.example", "messagerie grand public", ()),
        ("a@autre.example", "extérieur", ()),
        ("a@ch-exmple.example", "extérieur", ("ressemble à ch-exemple.example",)),
        ("a@labo-martin.com", "extérieur", ("ressemble à labo-martin.fr",)),
        ("…@labo-martin.com", "extérieur", ("ressemble à labo-martin.fr",)),
        ("a@frappe-medicale.fr", "extérieur", ("le contrat avec frappe est terminé",)),
        (
            "Zoe.Fictive@gmail.example",
            "messagerie grand public",
            ("même nom que l'expéditeur : sa boîte personnelle ?",),
        ),
        (
            "a%autre.example@ch-exemple.example",
            "extérieur",
            ("l'adresse peut mener ailleurs que chez ce domaine",),
        ),
        ("root", "extérieur", ()),
    ],
)
def test_whose_it_is_and_what_is_doubtful(address, whose, doubts):
    known = doubt.about(address, SENDER, PLACES, TODAY, Words("fr"))
    assert known.whose == whose
    assert tuple(one.replace("\u00a0", " ") for one in known.doubts) == doubts


def test_what_is_masked_is_nobody_s_namesake():
    known = doubt.about("…@gmail.example", "…@ch-exemple.example", PLACES, TODAY, Words("fr"))
    assert known.doubts == ()


def test_page_and_api_tell_it_of_the_first_hundred(console, run):
    async def walk():
        to = ("zoe@labo-martin.com", *(f"p{n}@autre.example" for n in range(120)))
        hold = await console.hold(to=to)
        browser = await console.signed_in("claire", "officer")
        page = html.unescape((await browser.get(f"/dossiers/{hold}")).text)
        assert page.count("ressemble à labo-martin.fr") == 1
        assert page.count("p119@autre.example") >= 1
        one = await program(console, "claire")
        known = (await one("GET", f"/holds/{hold}")).json()["known"]
        assert len(known) == doubt.MOST
        first = {"position": 0, "whose": "extérieur", "doubts": ["ressemble à labo-martin.fr"]}
        assert known[0] == first

    run(walk())
