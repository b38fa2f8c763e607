"""A real browser before a really running gateway: mail in through SMTP, what is released comes out
at the next hop. One gateway for all files that a process runs, so names and addresses are a file's
own; a browser context (its own cookies) for each person.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import smtplib
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from gateway.cli.samples import samples
from gateway.store.keys import make_content_keys, make_keys
from tests.e2e.gateway import OURS, Gateway, Internet, eventually
from tests.e2e.postfix import free_port
from tests.makers.provider import CLIENT, SECRET, Provider, running

PASSWORD = "trois chevaux bleus"
VISITORS = "portail.example"  # whoever is there reads on the portal
UNION = "syndicat"  # its contents open by signing in
TELETRANSMISSION, LABORATORY, LOCKED = (one.content for one in list(samples())[-3:])
ACTION_MS = 60_000  # what a page may take on a busy machine before the test fails
expect.set_options(timeout=ACTION_MS)
_ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@dataclass
class House:
    """The gateway with its console, the internet behind it, and the browser in front."""

    gateway: Gateway
    internet: Internet
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    people: dict[str, dict[str, object]] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)

    @property
    def url(self) -> str:
        console = self.gateway.more["console"]
        return str(console.get("url", f"http://{console['listen']}"))

    def window(self, **about: object) -> Page:
        """A browser of nobody's yet, in French."""
        context = self.browser.new_context(**({"locale": "fr-FR", "base_url": self.url} | about))
        context.set_default_timeout(ACTION_MS)
        self.contexts.append(context)
        return context.new_page()

    def link(self, name: str, *options: str) -> str:
        """What `vaguemestre users add` prints."""
        if "compartments" in self.gateway.more:
            options = (*options, "--compartment", "*")
        printed = self.gateway.command("users", "add", name, *options)
        return re.search(r"http://\S+/bienvenue/\S+", printed).group()

    def enter(self, name: str, *options: str, **about: object) -> Page:
        """A page of somebody who has signed in; the second time the same, or one with the cookies
        of the first if it is to be another kind of browser."""
        if name not in self.people:
            page = self.window(**about)
            self._sign_in(page, self.link(name, *options))
            self.people[name] = page.context.storage_state()
        elif about or name not in self.pages:
            page = self.window(storage_state=self.people[name], **about)
            page.goto("/")
        else:
            page = self.pages[name]
            page.goto("/")
        if not about:
            self.pages[name] = page
        return page

    def _sign_in(self, page: Page, link: str) -> None:
        page.goto(link)
        page.fill("#password", PASSWORD)
        page.fill("#again", PASSWORD)
        page.click("main button")
        page.wait_for_url(lambda url: "bienvenue" not in url)

    def send(
        self, to: str, sender: str = f"agent@{OURS}", content: bytes = TELETRANSMISSION
    ) -> str:
        """A mail that is held; its code in the quarantine."""
        before = len(self.gateway.lines())
        with smtplib.SMTP("127.0.0.1", self.gateway.smtp, timeout=60) as client:
            client.sendmail(sender, to.split(","), content)
        (line,) = self.gateway.lines()[before:]
        assert {one["order"] for one in line["recipients"]} == {"quarantine"}
        return str(line["id"])

    def own_page(self, code: str, sender: str = f"agent@{OURS}") -> str:
        """The link in the sender's notice of this mail."""
        found: list[str] = []

        def comes() -> bool:
            letters = (message_from_bytes(one.content) for one in self.internet.for_(sender))
            texts = (part.get_payload(decode=True) for m in letters for part in m.walk())
            links = (re.search(rf"http\S+/m/{code}\?t=\S+", _text(one)) for one in texts)
            found.extend(link.group() for link in links if link)
            return bool(found)

        eventually(comes, "no notice with a link ever came")
        return found[0]

    def arrived(self, to: str) -> int:
        return len(self.internet.for_(to))


def _text(payload: object) -> str:
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def launched(playwright: Playwright) -> Browser:
    """Debian's Chromium: the registry's own build is another download, and not what people have."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("missing: chromium (apt-get install chromium)")
    return playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file, not for the session: while Playwright lives, its event loop counts as
    running in this thread, and another file's ``asyncio.run`` is refused."""
    with sync_playwright() as playwright, launched(playwright) as one:
        yield one


@pytest.fixture(scope="package")
def provider() -> Iterator[Provider]:
    with running(Provider(time.time, {"sub": "x", "preferred_username": "bertrand"})) as one:
        yield one


@pytest.fixture(scope="package")
def standing(
    provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Gateway, Internet]]:
    """Every way to sign in, and a compartment under lock."""
    folder: Path = tmp_path_factory.mktemp("house")
    (folder / "secret").write_text(SECRET)
    port = free_port()
    console = {
        "listen": f"127.0.0.1:{port}",
        "url": f"http://localhost:{port}",  # passkeys are bound to names, never to numbers
        "oidc": {
            "name": "Annuaire du CHU",
            "issuer": provider.issuer,
            "client_id": CLIENT,
            "client_secret": str(folder / "secret"),
        },
    }
    keys = folder / "gateway" / "var" / "keys"
    for compartment in ("default", UNION):
        make_keys(keys, compartment=compartment)
    make_content_keys(keys, compartment=UNION, escrow=folder / "escrow", passphrase=b"copie")
    union = {"senders": [f"cse@{OURS}"], "officers": [f"rp@{OURS}"], "unlock": "sign_in"}
    pickup = free_port()
    portal = {
        "listen": f"127.0.0.1:{pickup}",
        "url": f"http://localhost:{pickup}",
        "accounts": True,
    }
    more = {
        "processes": 1,
        "console": console,
        "compartments": {UNION: union},
        "portal": portal,
        "pdf": {"chosen": True},
        "channels_for": {f"*.{VISITORS}": ["pdf", "portal"]},
        "notices": {"organisation": "Le Centre hospitalier d'Exemple", "phone": "poste 4512"},
    }
    internet = Internet()
    internet.up()
    gateway = Gateway(folder / "gateway", internet.hop.port, more)
    try:
        gateway.start()
        eventually(lambda: _answers(f"http://localhost:{port}/entree"), "no console")
        yield gateway, internet
    finally:
        gateway.stop()
        internet.down()


@pytest.fixture(scope="package")
def people() -> dict[str, dict[str, object]]:
    """What each brings along who has signed in before."""
    return {}


@pytest.fixture(scope="module")
def house(
    browser: Browser,
    standing: tuple[Gateway, Internet],
    people: dict[str, dict[str, object]],
) -> Iterator[House]:
    one = House(*standing, browser, people=people)
    yield one
    for context in one.contexts:
        context.close()


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError):
        return bool(urllib.request.urlopen(url, timeout=60).status == 200)
    return False
