"""What is seen of a held mail without a reason: its text, every finding masked, hostile or not."""

import io
import re
import zipfile

import pytest
import structlog

from gateway import preview, serve
from gateway.detect import veil
from gateway.errors import Temporary
from gateway.model import DEFAULT_LIMITS, Limits, Medium, Place, Table, Text
from gateway.sandbox.wall import SandboxWall
from tests.makers import held as made
from tests.makers import mails
from tests.sandbox import poison
from tests.unit.console.conftest import post
from tests.unit.console.seeing import LIST, SECRETS, a_letter, held, look
from tests.unit.console.test_queue import XSS


@pytest.fixture
def console(on_sqlite):
    return on_sqlite


PATH = "/dossiers/7K2F-9QXD/lecture"


FORMS = "".join(
    f"Nom : Fictif{letter}\nPrénom : Ursule\nNé(e) le : 0{n + 1}/03/1960\nMaladie : Lupus\n\n"
    for n, letter in enumerate("abcdef")
)
SPLIT = ("sexe", "année", "mois", "dépt", "commune", "ordre", "clé")


def shown(*pieces, most=10_000):
    return [
        "".join(run.masked if run.kind else run.text for run in runs)
        for runs, _ in veil.runs([(piece, most) for piece in pieces])
    ]


def body(text, medium=Medium.BODY, inside=""):
    return Text(Place("1", inside), text, medium)


def test_the_page_shows_the_text_and_hides_what_was_found(console, run):
    async def walk():
        await held(console)
        look(console)
        browser = await console.signed_in("claire", "officer")
        text = (await browser.get(PATH)).text
        assert "est suivie pour une <mark" in text
        assert "Son numéro de sécurité sociale : <mark" in text
        assert "Pathologie" in text, "the labels of columns are nobody's"
        assert "lu en entier" in text
        assert [secret for secret in SECRETS if secret in text] == []

    run(walk())


def test_who_looked_is_on_record_once(console, run):
    async def walk():
        hold = await held(console)
        look(console)
        claire = await console.signed_in("claire", "officer")
        paul = await console.signed_in("paul", "reviewer")
        for browser in (claire, claire, paul):
            await browser.get(PATH)
        events = await console.store.holds.history(hold)
        assert [e.who for e in events if e.kind == "previewed"] == ["claire", "paul"]

    run(walk())


@pytest.mark.parametrize(
    ("pieces", "never"),
    [
        ([body("dossier de Zoé Inventée"), body("puis inventée est venue")], "inventée"),
        ([body("le numéro 123 456 789 de la caisse")], "456"),
        ([body("zoé inventée", Medium.HEADER, "header Subject")], "inventée"),
        ([body("scanner_zoe_inventee.pdf", Medium.NAME)], "inventee"),
        ([body(LIST.replace(";", "\t"), Medium.CELLS)], "Lupus"),
        ([body(LIST.replace(";", "|"))], "Ursule"),
        ([body(LIST.replace(";", " - "))], "Lupus"),
        ([body(FORMS)], "Lupus"),
        ([body(re.sub("(?m)^.* : ", "", FORMS.upper()))], "1960"),
        ([body("dossier de Zo\\u00e9 Inventu\\u00e9e, n\\u00e9e le 3/4/1960")], "Invent"),
        ([Table(Place("1"), (), tuple(tuple(r.split(";")) for r in LIST.splitlines()))], "Lupus"),
        ([Table(Place("1"), SPLIT, (("2", "79", "03", "99", "999", "001", "12"),) * 3)], "999"),
        ([Table(Place("1"), ("Nom", "NIR"), (("x", "279039999900112"), ("y", "z")))], "2790399"),
    ],
    ids=[
        "a name found elsewhere",
        "a long number",
        "a subject in small letters",
        "a file name",
        "cells",
        "a list in a text",
        "a list parted by dashes",
        "forms",
        "forms without labels",
        "letters that a program spelled",
        "a table",
        "a number in seven cells",
        "a number known by its column",
    ],
)
def test_what_is_found_anywhere_is_hidden_everywhere(pieces, never):
    assert never not in "\n".join(shown(*pieces))


def test_what_nobody_is_named_by_stays_to_be_read():
    text = "Réunion mardi à 14 h 30, salle 12, avec le devis de 1 200 euros."
    assert shown(body(text)) == [text]
    rows = (("Salle", "Places"), ("A", "12"), ("B", "30"))
    assert shown(Table(Place("1"), (), rows)) == ["Salle\tPlaces\nA\t12\nB\t30"]


def test_of_a_table_of_persons_the_labels_stay():
    rows = [("Nom", "Prénom", "Diagnostic"), *(("Fictif", "Ursule", "Lupus"),) * 6]
    said = shown(Table(Place("1"), (), tuple(rows)))[0].splitlines()
    assert said[0].startswith("Nom\tPrénom\t")
    assert "Ursule" not in "".join(said[1:])


def test_a_text_that_a_detector_fails_on_is_hidden_whole(monkeypatch):
    def fail(folded, place, problems):
        raise ValueError("quotes the text")

    monkeypatch.setattr(veil.search, "matches", fail)
    assert shown(body("tout autre chose")) == [veil.HIDDEN]


def test_the_end_of_what_is_shown_cuts_nothing_found_in_two():
    text = "x" * 90 + " 2 79 03 99 999 001 12 " + "y" * 500
    for most in range(85, 125):
        [said] = shown(body(text), most=most)
        assert "03 99" not in said
        assert not said.rstrip().endswith(("2 7", "2 79 0"))


def test_more_than_a_page_is_said_not_to_be_shown(console, run):
    async def walk():
        await held(console, a_letter("mot " * 20_000))
        look(console)
        browser = await console.signed_in("claire", "officer")
        answer = await browser.get(PATH)
        assert "Suite non montrée." in answer.text
        assert len(answer.text) < 400_000

    run(walk())


def test_a_thousand_parts_are_a_page_all_the_same(console, run):
    async def walk():
        parts = [mails.text(f"partie {number}") for number in range(600)]
        await held(console, mails.mixed(*parts))
        look(console)
        browser = await console.signed_in("claire", "officer")
        answer = await browser.get(PATH)
        assert "partie 50" in answer.text
        assert "Suite non montrée." in answer.text
        assert len(answer.text) < 400_000

    run(walk())


def test_what_strangers_write_is_text_wherever_it_stands(console, run):
    async def walk():
        rows = f"Nom;Ville\n{XSS};\u202eLyon\nb;c\n"
        await held(console, a_letter(f"{XSS}\n\u202etxt\x1b[2J\n", "a.csv", rows.encode()))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("<img src=x onerror=alert(1)>.txt", XSS)
        await held(console, a_letter(XSS, "<svg onload=1>.zip", archive.getvalue()), "AAAA-0002")
        look(console)
        browser = await console.signed_in("claire", "officer")
        for hold in ("7K2F-9QXD", "AAAA-0002"):
            path = f"/dossiers/{hold}/lecture"
            for answer in (
                await browser.get(path),
                await post(browser, path, {"quoi": "whole", "mots": XSS}, page=path),
            ):
                assert answer.status_code == 200
                assert "alert(1)" in answer.text, "it was there to be shown"
                assert not any(
                    bad in answer.text for bad in ("<script>alert", "<svg", "<img src=x")
                )
                assert not any(bad in answer.text for bad in ("\u202e", "\x1b"))

    run(walk())


def test_without_a_sandbox_the_page_says_so(console, run):
    async def walk():
        await held(console)
        browser = await console.signed_in("claire", "officer")
        answer = await browser.get(PATH)
        assert answer.status_code == 200
        assert "Le bac à sable ne répond pas" in answer.text
        said = await post(browser, PATH, {"quoi": "whole", "mots": "x"}, page=PATH)
        assert said.status_code == 422

    run(walk())


def test_a_console_whose_sandbox_does_not_start_goes_on_without(run):
    """As under a system user that is not there."""
    wall = SandboxWall(user="personne-de-ce-nom")
    assert run(serve._raised(wall, structlog.get_logger())) is False


def test_a_busy_sandbox_puts_the_page_off(console, run):
    class Busy:
        async def read(self, content, limits, *, seconds):
            raise Temporary("no reader is free")

    async def walk():
        await held(console)
        look(console, Busy())
        browser = await console.signed_in("claire", "officer")
        answer = await browser.get(PATH)
        assert answer.status_code == 503

    run(walk())


def test_an_auditor_and_an_administrator_see_no_text(console, run):
    async def walk():
        await held(console)
        look(console)
        for role in ("auditor", "admin"):
            browser = await console.signed_in(role, role)
            assert (await browser.get(PATH)).status_code == 403
        mine = await console.signed_in("autre", "officer", compartments=("medical",))
        assert (await mine.get(PATH)).status_code == 404

    run(walk())


def test_a_mail_without_an_order_is_masked():
    """As the specimen is, that each worker reads first."""
    said = preview.read(a_letter(), DEFAULT_LIMITS, {}, lambda _: None)
    assert "inventée" not in repr(said.hits).lower().replace(" ", "")


def test_a_real_worker_masks_reveals_and_outlives_a_hostile_part(console, run):
    """Behind the wall as the console raises it, with a reader of plain text that can be killed."""

    async def walk():
        wall = SandboxWall(
            read="gateway.preview:read", warm=("tests.sandbox.poison:warm",), workers=1
        )
        await wall.start()
        try:
            await see(wall)
        finally:
            await wall.close()

    async def see(wall):
        look(console, wall, limits=Limits(seconds=5.0))
        browser = await console.signed_in("claire", "officer")
        await held(console)
        text = (await browser.get(PATH)).text
        assert "est suivie pour une <mark" in text
        assert [secret for secret in SECRETS if secret in text] == []
        revealed = await post(browser, PATH, {"quoi": "whole", "mots": "vérifier"}, page=PATH)
        assert '<mark title="noms de personnes">Zoé Inventée</mark>' in revealed.text
        assert "2 79 03 99 999 001 12" in revealed.text

        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("zeros.txt", bytes(80 << 20))
        hostile = mails.mixed(
            mails.text("avant"),
            mails.attachment("note.txt", poison.poisoned("crash")),
            mails.attachment("b.zip", bomb.getvalue(), "application/zip"),
            mails.text("après"),
        )
        await kept(console, hostile, "AAAA-0002")
        answer = await browser.get("/dossiers/AAAA-0002/lecture")
        assert answer.status_code == 200
        assert "avant" in answer.text
        assert "après" in answer.text
        assert "la lecture s&#39;est arrêtée" in answer.text
        assert "trop gros" in answer.text

    run(walk())


async def kept(console, content, code):
    """Held without having been read here: it would kill the reader."""
    mail = made.a_mail(code, content=content)
    await console.store.custody.hold(mail, made.a_hold(mail), [], [])
