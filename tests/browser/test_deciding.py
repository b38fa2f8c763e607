"""An officer's day in a real browser: the first sign-in, a refusal, a release, filters, several at
once; each mail comes in through SMTP, and what is released arrives at the next hop."""

from __future__ import annotations

import re

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, House
from tests.e2e.gateway import OURS, eventually
from tests.makers import mails, pdfs

LIST = "Nom;Prénom;Date de naissance;Pathologie\n" + "".join(
    f"Fictif{chr(97 + n % 26)}{chr(97 + n // 26)};Ursule;{1 + n % 28:02}/03/19{40 + n % 50};Lupus\n"
    for n in range(150)
)
pytestmark = pytest.mark.timeout(300)  # the gateway's start counts, too


def decide(page: Page, answer: str, code: str) -> None:
    """As on the page of a mail: choosing a reason chooses its answer."""
    page.select_option(f"#motif_{answer}", code)
    page.click(".ruling button.primary")


def test_from_the_printed_link_to_the_first_two_rulings(house: House):
    """What `make run` promises: five minutes, no help."""
    kept, sent = house.send("erreur@exemple.example"), house.send("bonne@exemple.example")
    page = house.enter("premiere")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dossiers retenus")
    page.get_by_role("link", name=kept, exact=True).click()
    expect(page.get_by_text("2 85 ** ** *** *** **")).to_be_visible()
    decide(page, "reject", "wrong_recipient")
    expect(page.get_by_role("status").filter(has_text=kept)).to_contain_text("ne part pas")
    page.get_by_role("link", name=sent, exact=True).click()
    decide(page, "release", "legitimate")
    expect(page.get_by_role("status").filter(has_text=sent)).to_contain_text("Le message part.")
    eventually(lambda: house.arrived("bonne@exemple.example") == 1)
    assert house.arrived("erreur@exemple.example") == 0
    page.goto("/registre")
    row = page.locator("tbody tr").filter(has_text=kept).first
    expect(row).to_contain_text("premiere")


def test_a_mistyped_address_is_corrected_by_its_sender_and_the_mail_arrives_there(house: House):
    hers = f"redactrice@{OURS}"  # nobody else's: told of at once, as no mail of a series is
    code = house.send("pual.exemple@exemple.example", hers)
    page = house.window()
    page.goto(house.own_page(code, hers))
    right = f"paul.exemple@{OURS}"
    page.fill("#adresse", "paul.exemple@ailleurs.example")
    page.get_by_role("button", name="Corriger et envoyer").click()
    expect(page.get_by_role("status")).to_contain_text("Rien n'a changé")
    page.fill("#adresse", right)
    page.get_by_role("button", name="Corriger et envoyer").click()
    expect(page.get_by_role("status")).to_contain_text("le message part")
    eventually(lambda: house.arrived(right) == 1)
    assert house.arrived("pual.exemple@exemple.example") == 0


def test_the_page_of_a_pdf_is_really_shown_and_once(house: House):
    letter = mails.mixed(
        mails.attachment("a.pdf", pdfs.drawn("BT /F 40 Tf 60 700 Td (Mot) Tj ET")),
        mails.attachment("b.csv", LIST.encode(), "text/csv"),
    )
    code = house.send("images@exemple.example", content=letter)
    page = house.enter("premiere")
    page.goto(f"/dossiers/{code}/lecture")
    page.check("#picture")
    page.fill("#mots", "vérifier la pièce")
    page.get_by_role("button", name="Voir en clair").click()
    picture = page.locator("figure.plate img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("one => one.naturalWidth") > 500
    source = picture.get_attribute("src")
    assert page.request.get(f"{house.url}{source}").status == 404, "it was fetched"


def test_filters_find_one_person_s_mails_and_those_that_are_mine(house: House):
    hers = house.send("elle@exemple.example")
    other = house.send("autre@exemple.example")
    page = house.enter("premiere")
    page.fill("#adresse", "Elle@exemple.example")
    page.click("form.filters button")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text(hers)
    page.goto(f"/dossiers/{other}")
    page.get_by_role("button", name="Je m'en occupe").click()
    page.goto("/")
    page.select_option("#a", "moi")
    page.click("form.filters button")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text(other)
    page.goto("/?faits=1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dossiers décidés")
    assert hers not in page.locator("tbody").inner_text()


def test_several_are_refused_at_once(house: House):
    sender = f"serie@{OURS}"
    codes = [house.send(f"serie{n}@exemple.example", sender) for n in range(3)]
    page = house.enter("premiere")
    page.goto(f"/?adresse={sender}")
    for code in codes[:2]:
        page.get_by_role("checkbox", name=f"Choisir {code}").check()
    page.locator("details.bulk summary").click()
    decide(page, "reject", "wrong_recipient")
    expect(page.get_by_role("status").filter(has_text="sur 2")).to_contain_text(
        "2 dossiers décidés"
    )
    page.goto(f"/?adresse={sender}")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_note_and_a_second_reader_are_seen_by_the_other_officer(house: House):
    code = house.send("doute@exemple.example")
    page = house.enter("premiere")
    page.goto(f"/dossiers/{code}")
    page.fill("#note", "appelé le service")
    page.get_by_role("button", name="Ajouter").click()
    page.fill("#second", "le nom ne va pas avec l'adresse")
    page.get_by_role("button", name="Demander").click()
    other = house.enter("seconde")
    other.goto("/?a=second")
    expect(other.locator("tbody tr")).to_have_count(1)
    other.get_by_role("link", name=code, exact=True).click()
    expect(other.locator(".history")).to_contain_text("appelé le service")
    expect(other.locator(".history")).to_contain_text("le nom ne va pas avec l'adresse")


def test_two_officers_send_the_same_mail_once_and_the_second_is_told(house: House):
    code = house.send("une-fois@exemple.example")
    pages = [house.enter("premiere"), house.enter("seconde")]
    for page in pages:
        page.goto(f"/dossiers/{code}")
    for page in pages:
        decide(page, "release", "legitimate")
    expect(pages[0].get_by_role("status").filter(has_text=code)).to_contain_text("part")
    expect(pages[1].get_by_role("status").last).to_contain_text("déjà décidé")
    eventually(lambda: house.arrived("une-fois@exemple.example") == 1)
    page = pages[1]
    page.goto(f"/dossiers/{code}")
    eventually(lambda: page.reload() and "envoyé" in page.locator(".lead").inner_text())
    assert house.arrived("une-fois@exemple.example") == 1


def test_a_second_factor_is_set_up_and_then_asked_for(house: House):
    page = house.enter("prudente")
    page.goto("/compte")
    page.fill("#on", PASSWORD)
    page.get_by_role("button", name="Commencer").click()
    secret = page.locator(".secret code").inner_text()
    page.fill("#code", pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Mettre en place").click()
    expect(page.get_by_text("un code du téléphone est demandé")).to_be_visible()
    page.get_by_role("button", name="Sortir").click()
    expect(page).to_have_url(re.compile("/entree$"))
    page.fill("#name", "prudente")
    page.fill("#password", PASSWORD)
    page.click("main button")
    expect(page.get_by_role("alert")).to_be_visible()
    page.fill("#password", PASSWORD)
    page.fill("#code", pyotp.TOTP(secret).now())
    page.click("main button")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dossiers retenus")


def test_who_has_left_is_out_even_by_the_back_button(house: House):
    page = house.enter("partante")
    page.goto("/compte")
    page.get_by_role("button", name="Sortir").click()
    expect(page).to_have_url(re.compile("/entree$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/entree\?suite=/compte$"))


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_pages_speak_the_browser_s_language(house: House, language: str):
    page = house.enter("premiere", locale=language)
    heading = {"en-GB": "Held mail", "fr-FR": "Dossiers retenus"}[language]
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator("html")).to_have_attribute("lang", language[:2])
