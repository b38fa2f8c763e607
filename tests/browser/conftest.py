"""A real browser before a really running gateway: mail in through SMTP, what is released comes out
at the next hop. One gateway a module; a browser context (its own cookies) for each person.
"""

from __future__ import annotations

import re
import shutil
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from gateway.cli.samples import samples
from tests.e2e.gateway import OURS, Gateway, Internet, eventually
from tests.e2e.postfix import free_port

PASSWORD = "trois chevaux bleus"
TELETRANSMISSION, LABORATORY, LOCKED = (one.content for one in list(samples())[-3:])
ACTION_MS = 10_000  # what a page may take on a busy machine before the test fails
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
        printed = self.gateway.command("users", "add", name, *options)
        return re.search(r"http://\S+/bienvenue/\S+", printed).group()

    def enter(self, name: str, *options: str, **about: object) -> Page:
        """A page of somebody who has signed in; the second time with the cookies of the first."""
        if name in self.people:
            page = self.window(storage_state=self.people[name], **about)
            page.goto("/")
            return page
        page = self.window(**about)
        page.goto(self.link(name, *options))
        page.fill("#password", PASSWORD)
        page.fill("#again", PASSWORD)
        page.click("main button")
        page.wait_for_url(lambda url: "bienvenue" not in url)
        self.people[name] = page.context.storage_state()
        return page

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


@pytest.fixture(scope="module")
def house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    listen = f"127.0.0.1:{free_port()}"
    yield from raised(browser, folder, {"listen": listen, "url": f"http://{listen}"})


def raised(browser: Browser, folder: Path, console: dict[str, object]) -> Iterator[House]:
    """console: its section of the configuration."""
    internet = Internet()
    internet.up()
    more = {"processes": 1, "console": console}
    gateway = Gateway(folder / "gateway", internet.hop.port, more)
    try:
        gateway.start()
        one = House(gateway, internet, browser)
        eventually(lambda: _answers(one), "the console never answered")
        yield one
        for context in one.contexts:
            context.close()
    finally:
        gateway.stop()
        internet.down()


def _answers(house: House) -> bool:
    page = house.window()
    answer = page.goto("/entree")
    return answer is not None and answer.status == 200
