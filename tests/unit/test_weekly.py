"""The week's figures by mail: on Monday, once, without a name or an address."""

import asyncio
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes

import pytest

from gateway.clockwork import LATE_WEEKLY_SECONDS
from gateway.config import Config
from gateway.detect import search
from gateway.parse.message import parse
from gateway.store.figures import RIPE_SECONDS, Figures
from tests.makers.held import SENDER, TO, a_hold, a_mail
from tests.release import OFFICER, PARIS, Silent, a_clockwork, some_notices
from tests.stores import KINDS, Store, fresh


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


def at(day, hour):
    """November 2026: the 16th and the 23rd are Mondays."""
    return datetime(2026, 11, day, hour, tzinfo=PARIS).timestamp()


async def posted(store):
    items = await store.outbox.lease(99, store.now + 1e9, "test", 0)
    return [item.letter(store.private) for item in items if item.kind != "release"]


def plain(letter):
    parts = message_from_bytes(letter.content).walk()
    text = next(part for part in parts if part.get_content_type() == "text/plain")
    return text.get_payload(decode=True).decode().replace("\u00a0", " ")


async def a_week(store):
    """Four held on Wednesday the 18th, three ruled on; doors counted what passed."""
    store.now = at(18, 10)
    for number in range(4):
        mail = a_mail(f"AAAA-000{number}", received=store.now)
        await store.custody.hold(mail, a_hold(mail), [], [])
    await Figures(store.database, PARIS, clock=store.clock).add(
        {("pass", "", ""): 12310, ("encrypt", "", ""): 214}
    )
    store.now = at(18, 12)
    await store.holds.release("AAAA-0000", "claire", "", None, code="false_alarm")
    await store.holds.release("AAAA-0001", "claire", "", None, code="legitimate")
    store.now = at(19, 9)
    await store.holds.reject("AAAA-0002", "claire", "", None, [], code="wrong_recipient")


def test_the_letter_says_what_the_week_was(store):
    async def go():
        await a_week(store)
        store.now = at(23, 9)
        await a_clockwork(store, weekly="09:00").report()
        (letter,) = [one for one in await posted(store) if one.kind == "weekly"]
        return letter

    letter = asyncio.run(go())
    assert [one.address for one in letter.recipients] == [OFFICER]
    text = plain(letter)
    assert text.startswith(
        "Du lundi 16 novembre 2026 au dimanche 22 novembre 2026 (heure de Paris)"
    )
    for line in (
        "Retenus 4",
        "Décidés 3 : 2 envoyés, 1 refusé",
        "la moitié des décisions en moins de 4 h, 9 sur 10 en moins de 24 h",
        "Partis 12 310 en clair, 214 par voie chiffrée",
        "En attente 1",
        "depuis 4 jours (dossier AAAA-0003)",
        "règle health/nir-external 1 fausse alerte sur 3",
    ):
        assert line in " ".join(text.split()), text


def test_nobody_is_named_and_our_own_detectors_find_nothing(store):
    async def go():
        await a_week(store)
        store.now = at(23, 9)
        await a_clockwork(store, weekly="09:00").report()
        return next(one for one in await posted(store) if one.kind == "weekly")

    letter = asyncio.run(go())
    body = letter.content.split(b"\r\n\r\n", 1)[1].decode().lower()
    for word in (SENDER, *TO, "agathe", "zoe", "claire", "@"):
        assert word.lower() not in body
    hits, problems = search.search(parse(letter.content).texts)
    assert (list(hits), list(problems)) == ([], [])


@pytest.mark.parametrize(
    ("moments", "sent"),
    [
        pytest.param([(22, 9)], 0, id="on Sunday it is not Monday"),
        pytest.param([(23, 8)], 0, id="too early on Monday"),
        pytest.param([(23, 9), (23, 10), (24, 9)], 1, id="once a week"),
        pytest.param([(16, 9), (23, 9)], 2, id="each week"),
        pytest.param([(25, 8)], 1, id="down on Monday"),
        pytest.param([(26, 9)], 0, id="down for so long that it is the next one's"),
    ],
)
def test_when_it_is_sent(store, moments, sent):
    async def go():
        for day, hour in moments:
            store.now = at(day, hour)
            await a_clockwork(store, weekly="09:00")()
        return [one.kind for one in await posted(store)]

    assert asyncio.run(go()).count("weekly") == sent
    assert LATE_WEEKLY_SECONDS == 2 * 86400


def test_two_processes_send_one(store):
    async def go():
        store.now = at(23, 9)
        others = [Store(store.url, store.directory, store.now) for _ in range(2)]
        works = [a_clockwork(one, weekly="09:00").report() for one in (store, *others)]
        await asyncio.gather(*works)
        for one in others:
            one.database.close()
        return [one.kind for one in await posted(store)]

    assert asyncio.run(go()) == ["weekly"]


def test_the_digest_of_that_hour_is_another_letter(store):
    async def go():
        await a_week(store)
        store.now = at(23, 9)
        await a_clockwork(store, hours=("09:00",), weekly="09:00")()
        return sorted(one.kind for one in await posted(store))

    assert {"digest", "weekly"} <= set(asyncio.run(go()))


def test_it_leads_to_the_pictures_where_there_is_a_console(store):
    async def go():
        store.now = at(23, 9)
        notices = replace(some_notices(Silent), url="https://v.chu.example")
        await a_clockwork(store, notices=notices, weekly="09:00").report()
        return plain((await posted(store))[0])

    text = asyncio.run(go())
    assert "https://v.chu.example/apercu" in text
    assert "Aucune fausse alerte n'a été signalée" in text


def test_no_hour_no_letter(store):
    async def go():
        store.now = at(23, 9)
        await a_clockwork(store)()
        return [one.kind for one in await posted(store)]

    assert "weekly" not in asyncio.run(go())
    assert Config.least(["chu.example"]).notices.weekly == "09:00"


def test_the_clock_folds_the_figures(store):
    async def go():
        await a_week(store)
        store.now += RIPE_SECONDS * 2
        await a_clockwork(store)()
        return {row[1] for row in await store.rows("daily")}

    assert asyncio.run(go()) >= {"held", "released", "refused", "false_alarm", "oldest", "folded"}
