"""Programs that ask the console's API over ASGI, each with a token of an account."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import httpx
import pytest

from gateway.console import app
from gateway.console.access import Act
from gateway.store.keys import make_keys
from tests.stores import Store, fresh
from tests.unit.console import seeing
from tests.unit.console.conftest import Console

EVERY_ACT = tuple(act for act in Act if act not in (Act.SIGN_IN, Act.BE_SIGNED_IN, Act.REVIEW))


@dataclass
class Program:
    """One token and how it asks. id: the token's."""

    console: Console
    secret: str
    id: str

    async def __call__(self, method, path, json=None, **about):
        headers = {"authorization": f"Bearer {self.secret}"} | about.pop("headers", {})
        return await ask(self.console, method, path, json=json, headers=headers, **about)


async def ask(console, method, path, **about):
    transport = httpx.ASGITransport(console.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://console.test") as client:
        return await client.request(method, f"/api/v1{path}", **about)


async def program(console, name, *roles, acts=EVERY_ACT, days=30, **about):
    """With a token for these acts, of an account that is made if there is none."""
    if await console.desk.accounts.get(name) is None:
        await console.account(name, *roles, **about)
    expires = console.desk.clock() + days * 86400
    secret, token = await console.desk.tokens.make(name, "essai", acts, expires)
    return Program(console, secret, token.id)


def a_console(kind, directory):
    """Of two compartments, that looks into mails without processes, and has no tests of rules to
    run."""
    for compartment in ("default", "medical"):
        make_keys(directory / "keys", compartment=compartment)
    store = Store(fresh(kind, directory), directory)
    console = Console(store)
    console.desk = replace(console.desk, bench=replace(console.desk.bench, directories=()))
    seeing.look(console)
    return console


@pytest.fixture
def console(tmp_path):
    """On SQLite: what a database has to do with is tried on both where it matters."""
    one = a_console("sqlite", tmp_path)
    yield one
    one.store.database.close()


class Open:
    """A guard that lets everybody try for ever."""

    def is_shut(self, place, now):
        return False

    def wrong(self, place, now):
        pass


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """One for all tests of a file that change nothing in it."""
    one = a_console("sqlite", tmp_path_factory.mktemp("quiet"))
    yield one
    one.store.database.close()


@pytest.fixture(scope="module")
def claire(quiet):
    """Her program, an officer's, on that console."""
    return asyncio.run(program(quiet, "claire", "officer"))


def guard(console, one):
    """Another guard on the desk."""
    console.desk = replace(console.desk, guard=one)
    console.app = app.build(console.desk)
