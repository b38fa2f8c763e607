"""The queue and a held mail: what is shown to whom, and that a ruling is carried out once."""

import asyncio
import re

import pytest

from gateway.store.queue import SERIES_SECONDS
from gateway.store.schema import State
from tests.makers import held as made
from tests.unit.console.conftest import post

RELEASE = {"quoi": "release", "motif_release": "false_alarm"}
REJECT = {"quoi": "reject", "motif_reject": "wrong_recipient"}


async def states(console, hold):
    return {copy.state for copy in (await console.store.holds.get(hold)).copies}


def test_the_officer_sees_why_and_for_whom_but_no_value(console, run):
    async def walk():
        hold = await console.hold()
        browser = await console.signed_in("claire", "officer")
        queue, page = await browser.get("/"), await browser.get(f"/dossiers/{hold}")
        for shown in (queue.text, page.text):
            assert hold in shown
            assert made.SENDER in shown
        assert "2 79 ** ** *** *** **" in page.text
        assert "dossier de Zoe" in page.text
        assert "Inventée" in page.text
        assert made.CANARY.decode() not in page.text

    run(walk())


def test_a_release_sends_and_a_refusal_tells_the_sender(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        first, second = await console.hold("AAAA-0001"), await console.hold("AAAA-0002")
        await post(browser, f"/dossiers/{first}/decision", RELEASE, f"/dossiers/{first}")
        await post(browser, f"/dossiers/{second}/decision", REJECT, f"/dossiers/{second}")
        assert await states(console, first) == {State.RELEASING}
        assert await states(console, second) == {State.REJECTED}
        kinds = [row[1] for row in await console.store.rows("outbox")]
        assert sorted(kinds) == ["notice", "release"]
        (event,) = [e for e in await console.store.holds.history(first) if e.kind == "release"]
        assert event.who == "claire"
        assert "code=false_alarm" in event.detail

    run(walk())


def test_some_recipients_only(console, run):
    async def walk():
        hold = await console.hold()
        browser = await console.signed_in("claire", "officer")
        data = RELEASE | {"boxes": "1", "position": "1"}
        await post(browser, f"/dossiers/{hold}/decision", data, f"/dossiers/{hold}")
        copies = (await console.store.holds.get(hold)).copies
        assert [copy.state for copy in copies] == [State.HELD, State.RELEASING]
        none = await post(
            browser, f"/dossiers/{hold}/decision", RELEASE | {"boxes": "1"}, f"/dossiers/{hold}"
        )
        assert none.status_code == 422

    run(walk())


def test_a_refusal_for_some_names_no_other_to_the_sender(console, run):
    async def walk():
        hold = await console.hold()
        browser = await console.signed_in("claire", "officer")
        data = REJECT | {"boxes": "1", "position": "0"}
        await post(browser, f"/dossiers/{hold}/decision", data, f"/dossiers/{hold}")
        (item,) = await console.store.outbox.lease(9, console.store.now, "test", 60)
        told = item.letter(console.store.private).content.decode("utf-8", "replace")
        assert made.TO[0] in told
        assert made.TO[1].partition("@")[2] not in told, "his copy still waits"

    run(walk())


def test_two_officers_and_two_clicks_send_once(console, run):
    async def walk():
        hold = await console.hold()
        browsers = [await console.signed_in(name, "officer") for name in ("claire", "paul")]
        path = f"/dossiers/{hold}"
        answers = await asyncio.gather(
            *(post(b, f"{path}/decision", RELEASE, path) for b in browsers for _ in range(2))
        )
        assert {answer.status_code for answer in answers} == {303}
        assert len(await console.store.rows("outbox")) == 1

    run(walk())


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"quoi": "release"},
        {"quoi": "burn"},
        {"quoi": "reject", "motif_reject": "false_alarm"},
        {"quoi": "reject", "motif_reject": "other"},
    ],
)
def test_a_ruling_without_a_reason_from_the_list_is_none(console, run, data):
    async def walk():
        hold = await console.hold()
        browser = await console.signed_in("claire", "officer")
        answer = await post(browser, f"/dossiers/{hold}/decision", data, f"/dossiers/{hold}")
        assert answer.status_code == 422
        assert await states(console, hold) == {State.HELD}

    run(walk())


def test_nobody_rules_on_his_own_mail_alone_or_in_bulk(console, run):
    async def walk():
        hold = await console.hold()
        browser = await console.signed_in("agathe", "officer", address=made.SENDER.upper())
        page = await browser.get(f"/dossiers/{hold}")
        assert "/decision" not in page.text
        one = await post(browser, f"/dossiers/{hold}/decision", RELEASE)
        assert one.status_code == 403
        await post(browser, "/decider", RELEASE | {"dossier": hold})
        assert await states(console, hold) == {State.HELD}

    run(walk())


def test_another_compartment_is_not_there(console, run):
    async def walk():
        hold = await console.hold(compartment="default")
        browser = await console.signed_in("medecin", "officer", compartments=("medical",))
        assert hold not in (await browser.get("/")).text
        assert hold not in (await browser.get("/registre")).text
        assert (await browser.get(f"/dossiers/{hold}")).status_code == 404
        assert (await post(browser, f"/dossiers/{hold}/decision", RELEASE)).status_code == 404
        await post(browser, "/decider", RELEASE | {"dossier": hold})
        assert await states(console, hold) == {State.HELD}

    run(walk())


def test_several_at_once(console, run):
    async def walk():
        holds = [await console.hold(f"AAAA-000{n}") for n in range(4)]
        browser = await console.signed_in("claire", "officer")
        data = REJECT | {"dossier": holds[:3]}
        answer = await post(browser, "/decider", data)
        assert answer.status_code == 303
        assert [(await states(console, hold)).pop() for hold in holds] == [
            *[State.REJECTED] * 3,
            State.HELD,
        ]

    run(walk())


def test_pages_of_the_queue_show_each_mail_once_in_every_order(console, run):
    async def walk():
        wanted = set()
        for number in range(60):
            console.store.now += number % 3  # some in the same instant
            sender = f"a{number // 2}@chu.example"  # two are no series
            wanted.add(await console.hold(f"AAAA-{number:04}", sender=sender))
        browser = await console.signed_in("claire", "officer")
        for order in ("risk", "age", "deadline"):
            seen, path = [], f"/?ordre={order}"
            while path:
                text = (await browser.get(path)).text
                table = text.partition("<tbody>")[2]
                seen += re.findall(r'href="/dossiers/([A-Z0-9-]+)"', table)
                following = re.search(r'class="button" href="([^"]+)"', text)
                path = following.group(1).replace("&amp;", "&") if following else ""
            assert sorted(seen) == sorted(wanted), order

    run(walk())


def listed(text):
    return re.findall(r'href="/dossiers/([A-Z0-9-]+)"', text.partition("<tbody>")[2])


def test_a_series_is_one_line_that_opens_and_is_ruled_on_there(console, run):
    """Of one sender under one rule: the foremost stands for all; another sender's, for itself."""

    async def walk():
        many = [await console.hold(f"AAAA-{number:04}") for number in range(60)]
        other = await console.hold("BBBB-0001", sender="b@chu.example")
        browser = await console.signed_in("claire", "officer")
        for path in ("/", "/?ordre=age", f"/?regle={(await console.store.holds.get(other)).rule}"):
            text = (await browser.get(path)).text
            assert listed(text) == [many[0], other], path
            assert "et 59 autres de la même série" in text
            assert f'value="{many[0]}"' not in text, "a tick would be for one mail, or for sixty?"
            assert f'value="{other}"' in text
        opened = (await browser.get(f"/?serie={many[0]}")).text
        assert listed(opened) == many[:50]
        (more,) = re.findall(r'class="button" href="([^"]+)"', opened)
        rest = (await browser.get(more.replace("&amp;", "&"))).text
        assert listed(rest) == many[50:]
        await post(browser, "/decider", REJECT | {"dossier": many[:58]})
        assert listed((await browser.get("/")).text) == [*many[58:], other], "two are no series"

    run(walk())


def test_whoever_asks_for_one_mail_of_a_series_is_shown_it(console, run):
    """Members differ in whom they are to, who works on them, and what became of them."""

    async def walk():
        for number in range(3):
            await console.hold(f"AAAA-000{number}", to=(f"p{number}@mail.example",))
        browser = await console.signed_in("claire", "officer")
        await post(browser, "/dossiers/AAAA-0002/prendre", page="/dossiers/AAAA-0002")
        for asked in ("adresse=p2@mail.example", "a=moi"):
            assert listed((await browser.get(f"/?{asked}")).text) == ["AAAA-0002"]
        console.store.now += SERIES_SECONDS + 1
        browser = await console.signed_in("paul", "officer")
        assert len(listed((await browser.get("/")).text)) == 3, "hours later, no series"

    run(walk())


def test_search_by_a_person_finds_sender_and_recipient_whatever_the_case(console, run):
    async def walk():
        mine, other = (
            await console.hold("AAAA-0001"),
            await console.hold("AAAA-0002", sender="b@chu.example", to=("autre@mail.example",)),
        )
        browser = await console.signed_in("claire", "officer")
        for address in (made.SENDER.lower(), made.TO[0].upper()):
            text = (await browser.get("/", params={"adresse": address})).text
            assert mine in text
            assert other not in text

    run(walk())


def test_who_works_on_it_and_a_second_reader_are_shown(console, run):
    async def walk():
        hold = await console.hold()
        browser = await console.signed_in("claire", "officer")
        path = f"/dossiers/{hold}"
        await post(browser, f"{path}/prendre", page=path)
        await post(browser, f"{path}/second", {"mots": "doute sur le nom"}, page=path)
        await post(browser, f"{path}/note", {"mots": "appelé le service"}, page=path)
        page = (await browser.get(path)).text
        assert "doute sur le nom" in page
        assert "appelé le service" in page
        assert hold in (await browser.get("/?a=moi")).text
        assert hold not in (await browser.get("/?a=personne")).text
        assert hold in (await browser.get("/?a=second")).text
        assert "doute sur le nom" not in repr(await console.store.rows("events"))

    run(walk())


XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


def test_what_strangers_write_is_shown_and_never_run(console, run):
    async def walk():
        hold = await console.hold(
            sender='"<script>"@chu.example',
            to=('"><svg/onload=alert(1)>@mail.example', "x\u202egnp.exe@mail.example"),
            content=f"Subject: {XSS}\r\n\r\nx\r\n".encode(),
        )
        browser = await console.signed_in("claire", "officer")
        await post(browser, f"/dossiers/{hold}/note", {"mots": XSS}, page=f"/dossiers/{hold}")
        for path in ("/", f"/dossiers/{hold}", f"/?adresse={XSS}&regle={XSS}"):
            text = (await browser.get(path)).text
            assert "<script>alert" not in text
            assert "<svg" not in text
            assert "<img src=x" not in text
            assert "49" not in text.partition("{{")[0][-4:]
            assert "\u202e" not in text, "turns the direction of what follows"

    run(walk())


def test_what_is_decided_by_the_clock_shows_as_such(console, run):
    async def walk():
        hold = await console.hold()
        await console.store.holds.expire(hold, [])
        browser = await console.signed_in("claire", "officer")
        assert hold not in (await browser.get("/")).text.partition("<tbody>")[2]
        assert "annulé, délai passé" in (await browser.get("/?faits=1")).text
        page = await browser.get(f"/dossiers/{hold}")
        assert "/decision" not in page.text

    run(walk())


def test_a_mail_s_page_leads_to_the_next_in_the_queue(console, run):
    async def walk():
        codes = [await console.hold(f"AAAA-000{number}") for number in range(3)]
        browser = await console.signed_in("claire", "officer")
        for code, following in zip(codes, (*codes[1:], ""), strict=True):
            page = (await browser.get(f"/dossiers/{code}")).text
            found = re.search(r'data-next href="/dossiers/([^"]+)"', page)
            assert (found[1] if found else "") == following

    run(walk())
