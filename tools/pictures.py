"""Write docs/images/*.png: the console as it is, with made-up mails on it.

    python -m tools.pictures        (make pictures)

A gateway is started for it on free ports, in a temporary folder; mails come in through SMTP, and
Debian's Chromium is signed in by the printed link, as a person would be. Look at what comes out:
nothing else does.
"""

from __future__ import annotations

import re
import smtplib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from gateway.cli.samples import OURS, Sample, samples
from gateway.decide.samples import sample
from tests.browser.conftest import PASSWORD, VISITORS, House, launched
from tests.browser.test_portal import parcel, window
from tests.e2e.gateway import Gateway, Internet
from tests.e2e.postfix import free_port

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images"
COLOURS = 128  # of a palette: flat pages lose nothing by it, and weigh a third
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
SENDERS = ("facturation", "laboratoire", "secretariat", "archives", "admissions", "consultations")


def main() -> None:
    internet = Internet()
    internet.up()
    with tempfile.TemporaryDirectory() as spare, sync_playwright() as playwright:
        port = free_port()
        oidc = {"name": "Pro Santé Connect", "issuer": "https://x.example", "client_id": "x"}
        console = {
            "listen": f"127.0.0.1:{port}",
            "url": f"http://localhost:{port}",  # passkeys want a name
            "oidc": oidc,
        }
        pickup = free_port()
        portal = {
            "listen": f"127.0.0.1:{pickup}",
            "url": f"http://127.0.0.1:{pickup}",
            "site": "www.ch-exemple.example",
            "sms": {"url": f"http://127.0.0.1:{pickup}/"},
        }
        more = {
            "portal": portal,
            "channels_for": {f"*.{VISITORS}": ["portal"]},
            "notices": {"organisation": "Le Centre hospitalier d'Exemple", "phone": "poste 4512"},
            "domains": [OURS],
            "officers": [f"dpo@{OURS}"],
            "processes": 1,
            "console": console,
        }
        gateway = Gateway(Path(spare), internet.hop.port, more)
        gateway.start()
        try:
            send(gateway.smtp)
            with launched(playwright) as browser:
                FOLDER.mkdir(parents=True, exist_ok=True)
                for name, png in pictures(House(gateway, internet, browser)):
                    path = FOLDER / f"{name}.png"
                    path.write_bytes(png)
                    shrink(path)
                    print(f"{path.name}: {path.stat().st_size // 1024} KB")
        finally:
            gateway.stop()
            internet.down()


def send(port: int) -> None:
    """The samples that are held, again from several services, so that the queue looks like one."""
    *_, claims, laboratory, locked = samples()
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        for number, service in enumerate(SENDERS):
            sample: Sample = (claims, laboratory, locked)[number % 3]
            client.sendmail(f"{service}@{OURS}", list(sample.to), sample.content)


def pictures(house: House) -> Iterator[tuple[str, bytes]]:
    gateway, browser = house.gateway, house.browser
    base = gateway.more["console"]["url"]
    stranger = browser.new_page(locale="fr-FR", viewport={"width": 560, "height": 760})
    stranger.goto(f"{base}/entree")
    yield "entrer", stranger.screenshot()
    page = signed_in(gateway, browser)
    yield "file", page.screenshot()
    page.get_by_role("link", name=re.compile("^[A-Z0-9]{4}-[A-Z0-9]{4}$")).first.click()
    dossier = page.url
    yield "dossier", page.screenshot()
    page.check("#reject")
    page.select_option("#motif_reject", "wrong_recipient")
    page.fill("#mots", "Le service visé était la facturation interne.")
    yield "decider", page.locator(".ruling").locator("xpath=ancestor::form").screenshot()
    yield "essai", of_a_rule(page)
    yield "expediteur", of_a_sender(house, dossier.rpartition("/")[2])
    page.goto("/compte")
    page.fill("#on", PASSWORD)
    page.get_by_role("button", name="Commencer").click()
    yield "second-facteur", page.screenshot()
    yield from of_the_portal(house)
    page.set_viewport_size(PHONE)
    page.goto("/")
    yield "telephone", page.screenshot()
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="dark")
    page.goto(dossier)
    yield "sombre", page.screenshot()


def of_a_rule(page: Page) -> bytes:
    page.goto("/regles/modifier?regle=health/nir-external")
    page.fill("#yaml", page.input_value("#yaml") + "mode: monitor\n")
    page.fill("#de", f"laboratoire@{OURS}")
    page.fill("#a", "cabinet@exemple.example")
    page.fill("#texte", f"Numéro de sécurité sociale : {sample('nir', 0)}")
    page.get_by_role("button", name="Essayer").click()
    return page.screenshot()


def of_a_sender(house: House, code: str) -> bytes:
    (sender,) = (one["sender"] for one in house.gateway.held() if one["id"] == code)
    page = house.window(viewport=WIDE)
    page.goto(house.own_page(code, str(sender)))
    return page.screenshot()


def of_the_portal(house: House) -> Iterator[tuple[str, bytes]]:
    """On a telephone, as most recipients have it."""
    link, code, own = parcel(house, "patiente", f"secretariat@{OURS}")
    page = window(house, viewport=PHONE)
    page.goto(link)
    page.fill("#code", code)
    yield "portail", page.screenshot()
    page.get_by_role("button", name="Lire le message").click()
    page.get_by_role("heading", name="Fichiers").wait_for()
    yield "portail-message", page.screenshot()
    page.set_viewport_size(WIDE)
    page.goto(own)
    yield "portail-expediteur", page.screenshot()


def signed_in(gateway: Gateway, browser: Browser) -> Page:
    printed = gateway.command("users", "add", "claire.martin", "--role", "officer")
    link = re.search(r"http://\S+/bienvenue/\S+", printed)
    assert link
    base = gateway.more["console"]["url"]
    context = browser.new_context(locale="fr-FR", base_url=base, viewport=WIDE)
    page = context.new_page()
    page.goto(link.group())
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("main button")
    page.wait_for_selector("table.queue")
    return page


def shrink(path: Path) -> None:
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
