"""A portal on a real store, and browsers without a screen that ask it over ASGI."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
import pytest
import structlog

from gateway.act.calendar import WorkingDays
from gateway.act.portal_letters import PortalLetters
from gateway.means.pickup import DoorPickup
from gateway.means.porter import Porter
from gateway.parcel import Parcel, Terms, new_code, new_token, packed
from gateway.passkey import Site
from gateway.portal import app
from gateway.portal.desk import Accounts, Desk
from gateway.store import portal_tables
from gateway.store.boxes import Boxes, Office
from gateway.store.database import Database, engine_of
from gateway.store.file_blobs import FileBlobs
from gateway.store.incidents import Incidents
from gateway.store.parcel_clock import ParcelClock
from gateway.store.parcel_sender import Senders
from gateway.store.parcels import Parcels
from gateway.store.portal_keys import PortalKeys
from gateway.store.schema import incidents, outbox
from tests.makers import mails, sealing
from tests.stores import KINDS, Store, empty, fresh

DAY = 86400.0
SENDER, PATIENT = "anne@ch.example", "patient@domicile.example"
NUMBER = "06 39 98 12 34"
LETTER = mails.mixed(
    mails.text("Bonjour,\n\nvoici vos résultats.\n"),
    mails.attachment("analyses d'été.txt", b"taux : normal\n"),
)


@dataclass
class SmsBox:
    """A gateway of text messages. taken: (number, text)."""

    taken: list[tuple[str, str]] = field(default_factory=list)
    works: bool = True

    async def send(self, number, text):
        self.taken.append((number, text))
        return self.works


@dataclass
class Portal:
    """The whole journey but for the mail: door, portal, release. `run` runs what a test wants."""

    store: Store
    database: Database
    folder: Path
    sms: SmsBox = field(default_factory=SmsBox)
    unread: int = 0
    inspected: list[object] = field(default_factory=list)

    def __post_init__(self):
        self.blobs = FileBlobs(self.folder)
        clock = self.store.clock
        self.parcels = Parcels(self.database, self.blobs, self.store.public, clock=clock)
        self.senders = Senders(self.database, clock=clock)
        self.letters = PortalLetters(
            ours=lambda address: address.endswith("@ch.example"),
            sender="vaguemestre@ch.example",
            url="https://portail.example",
            sms=True,
            calendar=WorkingDays(),
        )
        self.boxes = Boxes(self.folder.with_name("boxes"), 365 * DAY, clock=clock)
        self.office = Office(self.boxes, bytes(32))
        self.pickup = DoorPickup(
            self.parcels, self.letters, lambda sender: "default", clock, self.office.box
        )
        self.clockwork = ParcelClock(self.database, self.blobs, clock=clock)
        self.incidents = Incidents(
            self.store.database, self.store.public, self.store.hmac, clock=clock
        )
        self.porter = Porter(
            self.clockwork,
            self.store.database,
            self.letters,
            self.incidents,
            self.store.private,
            self.store.public,
            structlog.get_logger(),
            clock,
        )
        self.desk = Desk(
            parcels=self.parcels,
            senders=self.senders,
            terms=Terms("https://portail.example", 15, phone="poste 4512"),
            organisation="Le CH d'Exemple",
            colour="#0b5563",
            reply=200_000,
            unread=self._unread,
            log=structlog.get_logger(),
            sms=self.sms,
            boxes=self.boxes,
            accounts=Accounts(
                Site.of("https://portail.example", "Le CH d'Exemple"),
                PortalKeys(self.database, clock=clock),
            ),
            clock=clock,
        )
        self.app = app.build(self.desk)

    async def _unread(self, answer):
        self.inspected.append(answer)
        return self.unread

    def run(self, work):
        return asyncio.run(work)

    def later(self, seconds: float):
        self.store.now += seconds

    def keep(self, content: bytes = LETTER, *to: str, sent: bool = True) -> list[Parcel]:
        """Parcels as the door keeps them, for each recipient."""
        mail = sealing.mail(content, sender=SENDER, to=to or (PATIENT,))
        package, until = packed(content), self.store.now + 15 * DAY
        tokens = (new_token, new_token, new_code)
        several = [
            Parcel(mail, one, package, until, "<a@ch.example>", *(new() for new in tokens))
            for one in mail.envelope.addresses
        ]

        async def work():
            for one in several:
                await self.pickup.keep(one)
                if sent:
                    await self.pickup.sent(one)

        self.run(work())
        return several

    def told(self) -> list[object]:
        """Letters that came into the outbox since the last time."""
        self.run(self.porter.once())

        async def taken():
            items = await self.store.outbox.lease(50, self.store.now + 1, "test", 1e9)
            return [item.letter(self.store.private) for item in items]

        return self.run(taken())

    def browser(self, **headers) -> Browser:
        return Browser(self, dict(headers))


@dataclass
class Browser:
    """Keeps cookies by their path, follows redirects."""

    portal: Portal
    headers: dict[str, str]
    jar: httpx.Cookies = field(default_factory=httpx.Cookies)
    address: str = "192.0.2.1"

    def _send(self, method, path, **more):
        async def work():
            transport = httpx.ASGITransport(self.portal.app, client=(self.address, 1))
            async with httpx.AsyncClient(
                transport=transport,
                base_url="https://portail.example",
                follow_redirects=True,
                cookies=self.jar,
                headers=self.headers,
            ) as client:
                answer = await client.request(method, path, **more)
                self.jar = client.cookies
                return answer

        return asyncio.run(work())

    def get(self, path, **more):
        return self._send("GET", path, **more)

    def post(self, path, data=None, **more):
        return self._send("POST", path, data=data or {}, **more)

    def enter(self, parcel: Parcel):
        """The page of the message, by link and code."""
        answer = self.post(f"/l/{parcel.link}", {"code": parcel.code})
        assert answer.status_code == 200, answer.text
        return answer

    def act(self, page, what, data=None, **more):
        """A form of a session's page."""
        csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)[1]
        return self.post(f"{page.url.path}/{what}", {"csrf": csrf, **(data or {})}, **more)


Stores = Callable[[str], tuple[Store, Database]]


@pytest.fixture(scope="module")
def stores(tmp_path_factory) -> Iterator[Stores]:
    """The quarantine's store and the portal's, one of each kind: to make them takes longer than
    most tests."""

    @cache
    def of(kind):
        directory = tmp_path_factory.mktemp(kind)
        engine = engine_of(empty(kind, directory))
        portal_tables.prepare(engine)
        made.append((Store(fresh(kind, directory), directory), Database(engine)))
        return made[-1]

    made: list[tuple[Store, Database]] = []
    yield of
    for store, database in made:
        database.close()
        store.database.close()


@pytest.fixture(params=KINDS)
def portal(request, stores, tmp_path):
    """On both databases."""
    return _portal(request.param, stores, tmp_path)


@pytest.fixture
def quick(stores, tmp_path):
    """On SQLite alone: for what does not depend on the database."""
    return _portal("sqlite", stores, tmp_path)


def _portal(kind, stores, tmp_path):
    store, database = stores(kind)
    store.now = Store.now
    one = Portal(store, database, tmp_path / "parcels")
    tables = reversed(portal_tables.metadata.sorted_tables)
    emptied = [table.delete() for table in tables if table is not portal_tables.version]
    one.run(database.write(lambda c: [c.execute(each) for each in emptied]))
    left = (outbox.delete(), incidents.delete())
    one.run(store.database.write(lambda c: [c.execute(each) for each in left]))
    return one
