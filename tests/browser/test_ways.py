"""The ways to sign in, in a real browser: a passkey with Chromium's virtual authenticator, and a
provider of identities in a thread."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, House, raised
from tests.e2e.postfix import free_port
from tests.makers.provider import CLIENT, SECRET, Provider, running

pytestmark = pytest.mark.timeout(300)  # the gateway's start counts, too


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running(Provider(time.time, {"sub": "x", "preferred_username": "bertrand"})) as one:
        yield one


@pytest.fixture(scope="module")
def house(
    browser: Browser, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("ways")
    (folder / "secret").write_text(SECRET)
    port = free_port()
    console = {
        "listen": f"127.0.0.1:{port}",
        "url": f"http://localhost:{port}",  # keys are bound to names, never to numbers
        "oidc": {
            "name": "Annuaire du CHU",
            "issuer": provider.issuer,
            "client_id": CLIENT,
            "client_secret": str(folder / "secret"),
        },
    }
    yield from raised(browser, folder, console)


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


def test_no_serious_finding_of_axe_where_all_ways_are_offered(house: House):
    stranger, page = house.window(), house.enter("paul")
    stranger.goto("/entree")
    page.goto("/compte")
    for one in (stranger, page):
        one.evaluate(AXE_SCRIPT)
        found = one.evaluate("axe.run()")["violations"]
        assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
        one.set_viewport_size({"width": 320, "height": 900})
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert one.evaluate(over) <= 0
