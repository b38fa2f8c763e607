"""Recall by an officer: by the code of a mail, in his compartments alone, on the record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.console import app
from gateway.parcel import Parcel, new_code, new_token, packed
from gateway.store import portal_tables
from gateway.store.database import Database, engine_of
from gateway.store.file_blobs import FileBlobs
from gateway.store.parcel_parts import Parties
from gateway.store.parcel_sender import Senders
from gateway.store.parcels import Parcels
from tests.makers import sealing
from tests.stores import empty
from tests.unit.console.conftest import breakable, post, told

CODE = "7K2F-9QXD"
PATH = "/portail"


@pytest.fixture
def parcels(console, tmp_path):
    """On SQLite: the portal's own database is looked at by `tests/unit/portal`."""
    engine = engine_of(empty("sqlite", tmp_path / "portal"))
    portal_tables.prepare(engine)
    database, clock = Database(engine), console.store.clock
    console.desk = replace(console.desk, parcels=Senders(database, clock=clock))
    console.app = app.build(console.desk)
    yield Parcels(database, FileBlobs(tmp_path / "blobs"), console.store.public, clock=clock)
    database.close()


async def keep(parcels, console, *, whose="default"):
    mail, until = sealing.mail(b"Subject: x\r\n\r\nx"), console.store.now + 86400.0
    tokens = new_token(), new_token(), new_code()
    one = Parcel(mail, "patient@x.example", packed(b"x"), until, "<a@x>", *tokens)
    parties = Parties("a@chu.example", one.recipient, one.own, "<a@x>", 0.0, until)
    await parcels.keep(parcels.sealed(one, parties, whose))
    await parcels.sent(one.link)
    return one


@pytest.mark.parametrize("read", [False, True], ids=["unread", "read"])
def test_an_officer_recalls_it_and_is_told_whether_it_had_been_read(console, parcels, run, read):
    async def walk():
        one = await keep(parcels, console)
        if read:
            await parcels.prove(one.link, one.code)
        browser = await console.signed_in("claire", "officer")
        page = (await browser.get(PATH)).text
        assert CODE in page
        assert "patient@" not in page
        answer = await post(browser, f"{PATH}/rappel", {"dossier": CODE}, PATH)
        assert answer.status_code == 303
        said = breakable((await browser.get(PATH)).text)
        assert ("1 avait déjà été lu" in said) is read
        assert ("1 jamais lu." in said) is not read
        assert await parcels.find(one.link) is None
        counts = "unread=0 read=1" if read else "unread=1 read=0"
        assert await told(console, "portal recall") == [("claire", counts)]
        assert "Rappeler " + CODE not in said
        await post(browser, f"{PATH}/rappel", {"dossier": CODE}, PATH)
        assert "était plus à rappeler" in (await browser.get(PATH)).text
        assert len(await told(console, "portal recall")) == 1

    run(walk())


def test_of_another_compartment_there_is_nothing_to_see_or_recall(console, parcels, run):
    async def walk():
        one = await keep(parcels, console, whose="medical")
        browser = await console.signed_in("claire", "officer", compartments=("default",))
        assert CODE not in (await browser.get(PATH)).text
        await post(browser, f"{PATH}/rappel", {"dossier": CODE}, PATH)
        assert await parcels.find(one.link) is not None
        assert await told(console, "portal recall") == []

    run(walk())


def test_who_may_only_look_sees_no_button_and_a_code_finds_its_mail(console, parcels, run):
    async def walk():
        await keep(parcels, console)
        browser = await console.signed_in("paul", "auditor")
        page = (await browser.get(f"{PATH}?dossier={CODE.lower()}")).text
        assert CODE in page
        assert "/portail/rappel" not in page
        assert "Rien sur le portail" in (await browser.get(f"{PATH}?dossier=AAAA-0000")).text
        for odd in ("nan", "-inf", "x", "1e400"):
            assert (await browser.get(f"{PATH}?avant={odd}")).status_code == 200

    run(walk())


def test_without_a_portal_there_is_no_such_page(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        assert (await browser.get(PATH)).status_code == 404
        assert 'href="/portail"' not in (await browser.get("/")).text

    run(walk())
