"""The console's pages on a running gateway's own store, asked without a process of theirs: a start
is seconds of both processors, and what is asked here is what they do."""

from __future__ import annotations

import asyncio
import quopri
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import structlog

from gateway import parts
from gateway.config import read_config
from gateway.console import app, furnish
from gateway.store.database import Database
from tests.e2e.gateway import OURS, Gateway

_LINK = re.compile(r"https://[^/\s]+(/[mq]/[0-9A-Z.-]+)\?t=([0-9a-f]+)")

_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


def link_in(letter: bytes) -> tuple[str, str]:
    """The sender's own, of a letter of ours: path and ticket."""
    found = _LINK.search(quopri.decodestring(letter).decode())
    assert found, letter
    return found[1], found[2]


@dataclass(slots=True)
class Person:
    """A browser."""

    app: object
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def asked(self, method: str, path: str, data: dict[str, str] | None = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(
                transport=transport, base_url="http://pages", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, data=data)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def fills(self, path: str, **data: str) -> httpx.Response:
        """A form, with the token of a page."""
        token = _TOKEN.search(self.asked("GET", "/compte").text)
        assert token
        return self.asked("POST", path, {"csrf": token[1]} | data)


@dataclass(slots=True)
class Pages:
    gateway: Gateway
    _app: object = field(init=False)

    def __post_init__(self) -> None:
        beside = self.gateway.root / "with-console.yaml"
        said = self.gateway.config.read_text().replace("console: null", "console: {}")
        beside.write_text(said)
        config = read_config(beside)
        database = Database.open(config.database)
        log = structlog.get_logger()
        titles = parts.Titles(config)
        self._app = app.build(furnish.desk(config, database, titles, log, None, lambda: None))

    def enter(self, account: str, role: str) -> Person:
        """Somebody new, by the link that the command line gives."""
        where = ("--role", role, "--address", f"{account}@{OURS}")
        link = self.gateway.command("users", "add", account, *where).strip()
        person = Person(self._app)
        given = dict.fromkeys(("password", "again"), "trois chevaux bleus")
        assert person.asked("POST", urlsplit(link).path, given).status_code == 303
        return person

    def get(self, path: str, ticket: str) -> httpx.Response:
        return self._asked("GET", f"{path}?t={ticket}")

    def post(self, path: str, ticket: str, what: str, **data: str) -> httpx.Response:
        return self._asked("POST", path, {"t": ticket, "quoi": what} | data)

    def _asked(self, method: str, path: str, data: dict[str, str] | None = None) -> httpx.Response:
        return Person(self._app).asked(method, path, data)
