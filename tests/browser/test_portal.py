"""The portal as recipients see it: in Chromium on a desk and on a telephone, without a script; mail
in through SMTP, the answer out at the next hop."""

from __future__ import annotations

import email
import email.policy
import io
import re
import smtplib

import pikepdf
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import VISITORS, House
from tests.browser.test_accessible import worst
from tests.browser.test_ways import with_authenticator
from tests.e2e import parcels
from tests.e2e.gateway import OURS, eventually
from tests.e2e.test_incidents import s1

DESK = {"viewport": {"width": 1280, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SENDER = f"medecin@{OURS}"


def parcel(house: House, name: str, sender: str = SENDER) -> tuple[str, str, str]:
    """Of a mail to this visitor: the link, the code, the sender's own page."""
    to = f"{name}@cabinet.{VISITORS}"
    with smtplib.SMTP("127.0.0.1", house.gateway.smtp, timeout=60) as client:
        client.sendmail(sender, [to], s1())
    return (parcels.link(house.internet, to), *parcels.code(house.internet, sender, to))


def window(house: House, **about: object) -> Page:
    return house.window(base_url=house.gateway.more["portal"]["url"], **about)


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "telephone"])
def test_two_clicks_and_a_code_lead_to_the_text_without_any_script(house: House, device):
    name = "telephone" if device is PHONE else "bureau"
    link, code, _ = parcel(house, name)
    page = window(house, java_script_enabled=False, **device)
    page.goto(link)  # the first click, in the mail
    page.locator("#code").press_sequentially(code)  # it has the focus: nothing to click
    page.get_by_role("button", name="Lire le message").click()  # the second
    page.get_by_text("la fiche demandée").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="fiche.pdf").click()
    assert download.value.suggested_filename == "fiche.pdf"
    page.fill("#texte", f"Bien reçu, {name}.")
    page.get_by_role("button", name="Envoyer la réponse").click()
    page.get_by_role("heading", name="Réponse envoyée").wait_for()

    eventually(lambda: parcels.letters(house.internet, SENDER, f"Bien reçu, {name}."))


def test_who_chooses_a_password_gets_the_next_message_as_a_document(house: House):
    secret = "cheval agrafe juste pile"
    link, code, _ = parcel(house, "fidele")
    page = window(house, java_script_enabled=False, **PHONE)
    page.goto(link)
    page.fill("#code", code)
    page.get_by_role("button", name="Lire le message").click()
    page.get_by_role("link", name="Recevoir mes prochains messages en PDF").click()
    page.fill("#secret", secret)
    page.fill("#encore", secret)
    page.get_by_role("button", name="Prendre ce mot de passe").click()
    page.get_by_role("heading", name="Mot de passe choisi").wait_for()
    eventually(lambda: parcels.letters(house.internet, SENDER, "a choisi un mot de"))

    to = f"fidele@cabinet.{VISITORS}"
    with smtplib.SMTP("127.0.0.1", house.gateway.smtp, timeout=60) as client:
        client.sendmail(SENDER, [to], s1())
    _, second = eventually(lambda: len(several := house.internet.for_(to)) > 1 and several)
    parts = email.message_from_bytes(second.content, policy=email.policy.default)
    [document] = parts.iter_attachments()
    pikepdf.open(io.BytesIO(document.get_content()), password=secret).close()

    page.goto(re.search(r"http\S+/boite/[a-z]{32}", parts.get_body().get_content()).group())
    page.get_by_role("button", name="Y renoncer").click()
    page.get_by_role("heading", name="C'est fait").wait_for()


def test_a_passkey_is_registered_and_opens_the_next_link_without_a_code(house: House):
    link, code, _ = parcel(house, "habitue")
    page = window(house)
    with_authenticator(page)
    page.goto(link)
    page.fill("#code", code)
    page.get_by_role("button", name="Lire le message").click()
    page.get_by_role("link", name="avec une clé d'accès").click()
    page.get_by_role("button", name="Ajouter une clé d'accès").click()
    page.get_by_role("heading", name="Vos clés").wait_for()
    assert list(worst("passkeys", page)) == []
    own = page.url

    link, *_ = parcel(house, "habitue", f"infirmiere@{OURS}")
    page.goto(link)
    assert list(worst("link with passkey", page)) == []
    page.get_by_role("button", name="Lire avec ma clé d'accès").click()
    page.get_by_text("la fiche demandée").wait_for()

    page.goto(own)
    page.get_by_role("button", name="Retirer la clé").click()
    page.get_by_role("heading", name="Vos clés").wait_for(state="detached")
    page.goto(link)
    page.get_by_text("a déjà été ouvert").wait_for()
    assert page.get_by_role("button", name="Lire avec ma clé d'accès").count() == 0


@pytest.mark.timeout(600)
def test_no_serious_finding_of_axe_on_any_page_of_the_portal(house: House):
    link, code, own = parcel(house, "lecteur")
    page, sender = window(house), window(house)
    found: list[tuple[object, ...]] = []

    def look(name: str, page: Page) -> None:
        found.extend(worst(name, page))

    for path in ("/", link, link.replace("/l/", "/erreur/"), "/l/rien"):
        page.goto(path)
        look(re.sub("[a-z]{32}", "…", path), page)
    page.goto(link)
    page.fill("#code", "0000 0000")
    page.get_by_role("button", name="Lire le message").click()
    look("wrong code", page)
    page.fill("#code", code)
    page.get_by_role("button", name="Lire le message").click()
    page.locator("summary").click()
    look("message", page)
    page.goto(f"{page.url}/mot-de-passe")
    look("password", page)
    page.get_by_role("link", name="Revenir au message").click()
    sender.goto(own)
    look("sender", sender)
    sender.get_by_role("button", name="Rappeler le message").click()
    look("recalled", sender)
    page.get_by_role("button", name="Fermer", exact=True).click()
    look("ended", page)
    assert found == []
