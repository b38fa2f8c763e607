"""Officers hear of the first incident at once, of a series once an hour, and of nobody's name."""

from __future__ import annotations

import asyncio
import email
import email.policy

import pytest
import structlog

from gateway import ledger_parts
from gateway.act.calendar import WorkingDays
from gateway.config import Config
from gateway.means.incident_care import BETWEEN_SECONDS, IncidentCare
from gateway.store.incidents import Incidents, Kind, Outcome, Report
from tests.stores import ANY, Store, fresh

OFFICERS = {"default": ("dpo@ch.example",), "medical": ("dim@ch.example",), "nobody": ()}
ANNE = "anne@ch.example"


class House:
    def __init__(self, store, url="https://console.ch.example"):
        self.store = store
        self.incidents = Incidents(store.database, store.public, store.hmac, clock=store.clock)
        self.care = IncidentCare(
            self.incidents,
            lambda compartment: OFFICERS[compartment],
            "vaguemestre@ch.example",
            url,
            WorkingDays(),
            structlog.get_logger(),
        )

    async def said(self, recipient, compartment="default"):
        now = self.store.now
        await self.incidents.open(
            Report(Kind.PORTAL, now, "7K2F-9QXD", compartment, ANNE, recipient, sure=True)
        )

    async def told(self):
        """(to, subject, text) of the letters since the last time."""
        await self.care(self.store.now)
        items = await self.store.outbox.lease(50, self.store.now + 1, "test", 1e9)
        return [_read(item.letter(self.store.private)) for item in items]


def _read(letter):
    mail = email.message_from_bytes(letter.content, policy=email.policy.default)
    text = mail.get_body(("plain",)).get_content().replace("\u00a0", " ")
    return letter.recipients[0].address, str(mail["Subject"]).replace("\u00a0", " "), text


@pytest.fixture
def house(tmp_path):
    store = Store(fresh(ANY, tmp_path), tmp_path)
    yield House(store)
    store.database.close()


def test_the_first_at_once_the_series_of_the_hour_in_one_letter_and_none_twice(house):
    async def go():
        letters = [await house.told()]
        await house.said("p0@domicile.example")
        letters += [await house.told(), await house.told()]
        for number in range(1, 30):
            await house.said(f"p{number}@domicile.example")
        letters.append(await house.told())
        house.store.now += BETWEEN_SECONDS
        return [*letters, await house.told(), await house.told()]

    before, first, again, soon, later, after = asyncio.run(go())
    assert (before, again, soon, after) == ([], [], [], [])
    [(to, subject, text)] = first
    assert to == "dpo@ch.example"
    assert subject == "[Incident] 1 message arrivé à une autre personne, à qualifier"
    assert "https://console.ch.example/incidents" in text
    assert "72 heures" in " ".join(text.split())
    [(_, subject, text)] = later
    assert subject.startswith("[Incident] 29 messages arrivés")
    for word in ("anne", "domicile", "7K2F"):
        assert word not in text.lower()


def test_each_compartment_has_its_own_letter_and_one_without_officers_has_none(house):
    async def go():
        for name in OFFICERS:
            await house.said(
                "p@domicile.example" if name == "default" else f"{name}@x.example", name
            )
        return await house.told(), await house.incidents.untold()

    letters, untold = asyncio.run(go())
    assert sorted(to for to, *_ in letters) == ["dim@ch.example", "dpo@ch.example"]
    assert untold == (), "nobody to tell is not asked for every half minute"


def test_what_was_qualified_before_anybody_was_told_needs_no_letter(house):
    async def go():
        await house.said("p@domicile.example")
        [one] = await house.incidents.page()
        await house.incidents.qualify(one, Outcome.MISTAKE, "", "claire")
        return await house.told()

    assert asyncio.run(go()) == []


def test_without_a_console_the_command_is_named(house):
    async def go():
        await house.said("p@domicile.example")
        return await House(house.store, url="").told()

    [(_, _, text)] = asyncio.run(go())
    assert "vaguemestre incident" in text


def test_it_is_built_from_a_configuration(tmp_path):
    """As the release process has it among its duties; with the officers that are named there."""
    store = Store(fresh(ANY, tmp_path), tmp_path)
    written = {"domains": ["ch.example"], "data": str(tmp_path), "officers": ["dpo@ch.example"]}
    config = Config.model_validate(written, context={"base": tmp_path})

    async def go():
        await House(store).said("p@domicile.example")
        await ledger_parts.care(config, store.database, structlog.get_logger())(store.now)
        items = await store.outbox.lease(50, 4e9, "test", 1e9)
        return [item.letter(store.private).recipients[0].address for item in items]

    told = asyncio.run(go())
    store.database.close()
    assert told == ["dpo@ch.example"]
