"""The ways to sign in, in a real browser: a passkey with Chromium's virtual authenticator, and a
provider of identities in a thread."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from gateway.store.database import Database
from gateway.store.keyrings import Keyrings
from gateway.store.keys import read_escrow
from tests.browser.conftest import PASSWORD, House
from tests.e2e.gateway import OURS, eventually
from tests.makers.provider import Provider

pytestmark = pytest.mark.timeout(300)  # the gateway's start counts, too


def with_authenticator(page: Page) -> None:
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    about = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    able = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    chromium.send("WebAuthn.addVirtualAuthenticator", {"options": about | able})


def test_a_passkey_is_added_and_signs_in_without_a_password(house: House):
    page = house.enter("claire")
    with_authenticator(page)
    page.goto("/compte")
    page.fill("#keyname", "Ordinateur du bureau")
    page.fill("#keyproof", "pas le bon mot")
    page.get_by_role("button", name="Ajouter une clé d'accès").click()
    expect(page.get_by_role("alert")).to_contain_text("n'est pas le bon")
    page.fill("#keyproof", PASSWORD)
    page.get_by_role("button", name="Ajouter une clé d'accès").click()
    expect(page.get_by_role("status").filter(has_text="ajoutée")).to_be_visible()
    expect(page.get_by_text("Ordinateur du bureau")).to_be_visible()
    page.get_by_role("button", name="Sortir").click()
    page.get_by_role("button", name="Entrer avec une clé d'accès").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dossiers retenus")
    page.goto("/compte")
    page.get_by_role("button", name="Retirer la clé Ordinateur du bureau").click()
    page.get_by_role("button", name="Sortir").click()
    page.get_by_role("button", name="Entrer avec une clé d'accès").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("n'ouvre aucun compte"))


def test_without_script_keys_are_said_to_need_it_and_the_rest_works(house: House):
    page = house.window(java_script_enabled=False)
    page.goto("/entree")
    expect(page.get_by_text("Les clés d'accès demandent JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Entrer avec une clé d'accès")).to_have_count(0)
    page.fill("#name", "claire")
    page.fill("#password", PASSWORD)
    page.locator("main button").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dossiers retenus")


def test_the_provider_signs_in_to_the_page_that_was_asked_for_and_out_again(
    house: House, provider: Provider
):
    house.link("bertrand")
    code = house.send("erreur@exemple.example")
    page = house.window()
    page.goto(f"/dossiers/{code}")
    page.get_by_role("button", name="Se connecter avec Annuaire du CHU").click()
    page.wait_for_url(f"**/dossiers/{code}")
    expect(page.get_by_role("link", name="bertrand")).to_be_visible()
    page.go_back()
    assert "code=" not in page.url, "the provider's answer is not in the way back"
    page.goto("/compte")
    page.get_by_role("button", name="Sortir").click()
    page.wait_for_url(lambda url: url.startswith(f"{provider.issuer}/end_session"))
    page.goto("/compte")
    expect(page.get_by_role("heading", level=1)).to_have_text("Entrer")


def test_a_link_on_another_site_opens_the_page_for_who_is_signed_in(
    house: House, provider: Provider
):
    """A mail read in a browser is such a site: the strict cookie stays behind at first."""
    page = house.enter("paul")
    page.goto(f"{provider.issuer}/elsewhere")
    page.evaluate("url => { location.href = url }", f"{house.url}/compte")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")


def test_what_is_under_lock_is_unlocked_read_and_sent(house: House):
    code = house.send("avocat@exemple.example", f"cse@{OURS}")
    page = house.enter("paul")
    page.goto(f"/dossiers/{code}/lecture")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sous clé")
    _give(house, "paul")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce que contient le message")
    page.goto("/coffre")
    page.get_by_role("button", name="Fermer le coffre").click()
    _is_accessible(page)
    page.goto(f"/dossiers/{code}")
    page.get_by_role("link", name="Déverrouiller").click()
    page.fill("#phrase", PASSWORD)
    page.get_by_role("button", name="Déverrouiller").click()
    page.wait_for_url(f"**/dossiers/{code}")
    page.select_option("#motif_release", "legitimate")
    page.click(".ruling button.primary")
    eventually(lambda: house.arrived("avocat@exemple.example") == 1)


def _give(house: House, name: str) -> None:
    """As `keys grant` does, in a thread: Playwright's loop is this one's."""

    async def give() -> bool:
        var = house.gateway.root / "var"
        database = Database.open(f"sqlite:///{var}/vaguemestre.db")
        try:
            key = read_escrow(house.gateway.root.parent / "escrow", b"copie")
            return await Keyrings(database).give(key, name, "root")
        finally:
            database.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: asyncio.run(give())).result()


def test_no_serious_finding_of_axe_where_all_ways_are_offered(house: House):
    stranger, page = house.window(), house.enter("paul")
    stranger.goto("/entree")
    page.goto("/compte")
    for one in (stranger, page):
        _is_accessible(one)


def _is_accessible(page: Page) -> None:
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run()")["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    page.set_viewport_size({"width": 320, "height": 900})
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) <= 0
