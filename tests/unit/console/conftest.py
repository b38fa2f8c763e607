"""A console on a real store, and browsers without a screen that ask it over ASGI."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import httpx
import pytest
import structlog
from argon2 import PasswordHasher
from sqlalchemy import select

from gateway import passwords, preview
from gateway.act.calendar import WorkingDays
from gateway.act.notice import Notices
from gateway.console import app
from gateway.console.bench import Bench, Values
from gateway.console.coffer import Coffer
from gateway.console.desk import Desk
from gateway.console.exceptions import Exceptions
from gateway.console.sight import Sight
from gateway.console.ways.entrance import Entrance
from gateway.decide.places import Places
from gateway.detect import search
from gateway.model import DEFAULT_LIMITS
from gateway.passkey import Site
from gateway.reviewers import Group
from gateway.reviewing import Reviewing
from gateway.rulebook import read_rules
from gateway.sandbox.inspector import DoorInspector
from gateway.store import keyrings
from gateway.store.accounts import Accounts
from gateway.store.appeals import Appeals
from gateway.store.attempts import Attempts
from gateway.store.figures import Figures
from gateway.store.health import Health
from gateway.store.identities import Identities
from gateway.store.incidents import Incidents
from gateway.store.keyrings import Keyrings
from gateway.store.letters import Letters
from gateway.store.monitored import Monitored
from gateway.store.passkeys import Passkeys
from gateway.store.permits import Permits
from gateway.store.queue import Queue
from gateway.store.schema import events
from gateway.store.sessions import Sessions
from gateway.store.tokens import Tokens
from gateway.store.votes import Votes
from tests.makers import held as made
from tests.stores import ANY, KINDS, Store, fresh

REAL_HASHER = passwords._hasher
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)  # what these tests
# look at is who gets in, hundreds of times; `test_sign_in` looks at what guessing costs
keyrings.COST = (1, 8, 1)
PASSWORD = "trois chevaux bleus"
HASH = passwords.hashed(PASSWORD)
# Of a browser: its session's cookies, and the token that goes with them.
TOKENS: WeakKeyDictionary[httpx.AsyncClient, tuple[tuple[str, ...], str]] = WeakKeyDictionary()


SHIPPED = Path(__file__).parents[3] / "rules"
PARIS = ZoneInfo("Europe/Paris")
ABOUT = ("rule", "compartment", "hidden", "inspection", "wait")  # what a test may say of a hold


def breakable(text: str) -> str:
    """As the sources write it: French spaces are shown unbreakable."""
    return text.replace("\u00a0", " ")


@cache
def shipped():
    return read_rules((SHIPPED,), search.kinds())


@dataclass
class NoWall:
    """Reads here what a worker would, and says what it was given."""

    seen: list[bytes]

    async def read(self, content, limits, *, seconds):
        self.seen.append(content)
        return preview.read(content, limits, {}, lambda _: None)


def a_bench(console, clock):
    wall = Values(NoWall(console.tried))
    return Bench(
        rules=shipped,
        stale=lambda: console.stale,
        directories=(SHIPPED,),
        places=Places(("chu.example",)),
        fits=None,
        inspector=DoorInspector(wall, b"k" * 32, DEFAULT_LIMITS),
        clock=clock,
    )


@dataclass
class Console:
    """A desk with everything on it; `run` runs what the test wants done."""

    store: Store
    desk: Desk = field(init=False)
    reloads: list[bool] = field(default_factory=list)
    stale: str = ""
    tried: list[bytes] = field(default_factory=list)  # what went behind the wall
    ways: dict[str, object] = field(default_factory=dict)  # to sign in, beside local accounts
    groups: dict[str, Group] = field(default_factory=dict)  # of second readers

    def __post_init__(self):
        store, clock = self.store, self.store.clock
        notices = Notices(ours=lambda a: a.endswith("@chu.example"), sender="v@chu.example")
        votes = Votes(store.database, store.public, store.hmac, self.groups, clock=clock)
        self.desk = Desk(
            holds=store.holds,
            waits=store.waits,
            reviewing=Reviewing(votes, store.waits, store.holds, notices, store.private, clock),
            queue=Queue(store.database, store.public, store.hmac, clock=clock),
            accounts=Accounts(store.database, store.public, store.hmac, clock=clock),
            sessions=Sessions(store.database, clock=clock),
            tokens=Tokens(store.database, clock=clock),
            entrance=Entrance(
                Attempts(store.database, clock=clock),
                Identities(store.database, store.hmac, clock=clock),
                Passkeys(store.database, store.public, store.hmac, clock=clock),
                Site.of("http://localhost"),
                **self.ways,
            ),
            coffer=Coffer(Keyrings(store.database, clock=clock), store.content),
            appeals=Appeals(store.database, store.public, store.hmac, clock=clock),
            sight=Sight(
                Permits(store.database, store.public, clock=clock),
                Letters(store.database),
                store.hmac,
            ),
            exceptions=Exceptions(
                (store.directory / "rules",),
                search.kinds,
                (),
                lambda address: address.endswith("@gmail.example"),
                lambda: self.reloads.append(True),
            ),
            figures=Figures(store.database, PARIS, clock=clock),
            health=Health(store.database, store.blobs, clock=clock),
            monitored=Monitored(store.database, clock=clock),
            incidents=Incidents(store.database, store.public, store.hmac, clock=clock),
            bench=a_bench(self, clock),
            notices=notices,
            keys=store.private,
            calendar=WorkingDays("Europe/Paris"),
            rule_title=lambda rule: "",
            log=structlog.get_logger(),
            clock=clock,
        )
        self.app = app.build(self.desk)

    def browser(self, **headers):
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(
            transport=transport, base_url="http://console.test", headers=headers
        )

    async def account(self, name, *roles, compartments=(), address=""):
        token = await self.desk.accounts.add(name, roles, compartments, address=address)
        await self.desk.accounts.redeem(token, HASH)

    async def signed_in(self, name, *roles, **about):
        """A browser that has signed in as a new account."""
        if await self.desk.accounts.get(name) is None:
            await self.account(name, *roles, **about)
        browser = self.browser()
        answer = await browser.post("/entree", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    async def hold(self, code="7K2F-9QXD", **changes):
        about = {name: changes.pop(name) for name in ABOUT if name in changes}
        mail = made.a_mail(code, **changes)
        await self.store.custody.hold(mail, made.a_hold(mail, **about), [], [])
        return code


async def post(browser, path, data=None, page="/compte"):
    """As a person does: from a page that has the form's token, which a session keeps."""
    session = tuple(cookie.value for cookie in browser.cookies.jar)
    known, token = TOKENS.get(browser, ((), ""))
    if known != session or page != "/compte":
        found = re.search(r'name="csrf" value="([^"]+)"', (await browser.get(page)).text)
        token = found.group(1)
        TOKENS[browser] = session, token
    return await browser.post(path, data={"csrf": token} | (data or {}))


async def told(console, kind):
    """(who, detail) of the record's events of that kind."""
    query = select(events.c.who, events.c.detail).where(events.c.kind == kind)
    rows = await console.store.database.read(lambda c: c.execute(query.order_by(events.c.id)).all())
    return [tuple(row) for row in rows]


@pytest.fixture(params=KINDS)
def console(request, tmp_path):
    store = Store(fresh(request.param, tmp_path), tmp_path)
    yield Console(store)
    store.database.close()


@pytest.fixture
def on_sqlite(tmp_path):
    """For files to which the store makes no difference, or that try it in tests/unit/store."""
    store = Store(fresh(ANY, tmp_path), tmp_path)
    yield Console(store)
    store.database.close()


@pytest.fixture
def run():
    return asyncio.run
