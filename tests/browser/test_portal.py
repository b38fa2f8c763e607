"""The portal as recipients see it: in Chromium on a desk and on a telephone, without a script; mail
in through SMTP, the answer out at the next hop."""

from __future__ import annotations

import re
import smtplib

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import VISITORS, House
from tests.browser.test_accessible import worst
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
    sender.goto(own)
    look("sender", sender)
    sender.get_by_role("button", name="Rappeler le message").click()
    look("recalled", sender)
    page.get_by_role("button", name="Fermer", exact=True).click()
    look("ended", page)
    assert found == []
