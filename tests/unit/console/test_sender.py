"""The sender's page: what it shows, what it does, once; and that nobody else opens it."""

import asyncio
import dataclasses
import html
import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from gateway import parts
from gateway.act.quarantine import Quarantine
from gateway.config import Config
from gateway.console import app
from gateway.decide.rules import RuleSet
from gateway.guard import MOST_WRONG, WINDOW_SECONDS
from gateway.model import (
    Disposition,
    Finding,
    Inspection,
    Likelihood,
    Place,
    Problem,
    Reply,
    Trouble,
    Verdict,
)
from gateway.store import tickets
from gateway.store.incidents import Kind, Report
from gateway.store.keys import address_hash
from gateway.store.schema import State
from tests.makers import held as made
from tests.unit.console.conftest import breakable, post

CODE, ZOE = "7K2F-9QXD", made.TO[0]
ONE_PERSON = Inspection(
    (Finding("fr.nir", 1, Likelihood.VERY_LIKELY, Place("1"), "2 79 **", ("ab" * 32,)),)
)
WORDS = "Le patient Jean Invente attend ce compte rendu"


@pytest.fixture
def house(console):
    """A console whose doctors may send urgently."""
    told = {"url": "https://q.chu.example", "phone": "poste 4512", "urgent": "4599"}
    console.desk = dataclasses.replace(
        console.desk,
        notices=dataclasses.replace(console.desk.notices, **told),
        urges=lambda sender: sender == made.SENDER,
    )
    console.app = app.build(console.desk)
    return console


def ticket_of(console, code=CODE, sender=made.SENDER, received=made.NOW):
    key = console.store.hmac
    return tickets.ticket(key, code, address_hash(key, sender), received)


async def hold(console, code=CODE, seen=made.SEEN, **changes):
    mail = made.a_mail(code, **changes)
    await console.store.custody.hold(mail, made.a_hold(mail, inspection=seen), [], [])
    return f"/m/{code}?t={ticket_of(console, code, mail.envelope.sender)}"


async def act(browser, page, what, **data):
    path, _, ticket = page.partition("?t=")
    return await browser.post(path, data={"t": ticket, "quoi": what} | data)


async def states(console, code=CODE):
    return [copy.state for copy in (await console.store.holds.get(code)).copies]


async def kinds(console, code=CODE):
    return [event.kind for event in await console.store.holds.history(code)]


async def outbox(console):
    return sorted(row[1] for row in await console.store.rows("outbox"))


# What is shown


def test_he_sees_where_it_stands_and_why_and_nothing_of_the_mail(house, run):
    async def walk():
        page = await hold(house)
        text = html.unescape((await house.browser().get(page)).text)
        assert ZOE in text
        assert "retenu" in text
        assert "le numéro de sécurité sociale de 2 personnes" in text
        assert "999…@patients.example" in text, "an identifier in an address is cut"
        for secret in ("dossier de Zoe", "Inventée", "canari", "2 79", "paie", "999999999999999"):
            assert secret not in text, secret
        assert "health/nir-external" not in text
        assert "/entree" not in text

    run(walk())


def test_a_robot_that_looks_and_looks_changes_nothing(house, run):
    async def walk():
        page = await hold(house)
        tables = ("holds", "copies", "desk", "events", "outbox")
        before = [await house.store.rows(table) for table in tables]
        for _ in range(10):
            assert (await house.browser().get(page)).status_code == 200
            assert (await house.browser().head(page)).status_code == 200
        assert [await house.store.rows(table) for table in tables] == before

    run(walk())


def test_addresses_made_to_break_out_are_shown_as_text(house, run):
    async def walk():
        evil = '"<script>alert(1)</script>\'onx="@mail.example'
        page = await hold(house, to=(evil, "\u202egpj.exe@mail.example"))
        text = (await house.browser().get(page)).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
        assert "\u202e" not in text

    run(walk())


def test_he_is_told_whether_anybody_read_it(house, run):
    async def walk():
        page = await hold(house)
        assert "personne ne l'a lu" in html.unescape((await house.browser().get(page)).text)
        await house.store.holds.reveal(CODE, "claire", "vérifier le destinataire")
        text = html.unescape((await house.browser().get(page)).text)
        assert "a lu le message" in text
        assert "personne ne l'a lu" not in text
        assert "claire" not in text

    run(walk())


def test_no_account_is_looked_at_on_it_and_an_officer_s_cookie_is_no_obstacle(house, run):
    async def walk():
        page = await hold(house)
        officer = await house.signed_in("agathe", "officer")
        assert "agathe" not in (await officer.get(page)).text
        assert (await act(officer, page, "annuler")).status_code == 303
        assert set(await states(house)) == {State.REJECTED}

    run(walk())


# Who opens it


def forged(house, how):
    """(path, ticket)"""
    right = ticket_of(house)
    return {
        "none": (CODE, ""),
        "cut": (CODE, right[:-1]),
        "longer": (CODE, right + "0"),
        "capitals": (CODE, right.upper()),
        "no ASCII": (CODE, "é" * 32),
        "another hold's": (CODE, ticket_of(house, "AAAA-0001")),
        "another sender's": (CODE, ticket_of(house, sender="b@chu.example")),
        "another time's": (CODE, ticket_of(house, received=made.NOW + 1)),
        "no such hold": ("ZZZZ-ZZZZ", right),
        "nobody's": ("ZZZZ-ZZZZ", tickets.ticket(house.store.hmac, "", "", 0.0)),
    }[how]


WRONG = [
    "none",
    "cut",
    "longer",
    "capitals",
    "no ASCII",
    "another hold's",
    "another sender's",
    "another time's",
    "no such hold",
    "nobody's",
]


@pytest.mark.parametrize("how", WRONG)
def test_what_is_not_the_ticket_opens_the_same_empty_page(house, run, how):
    async def walk():
        await hold(house)
        await hold(house, "AAAA-0001")
        code, ticket = forged(house, how)
        browser = house.browser()
        empty = await browser.get("/m/0000-0000", params={"t": "0" * 32})
        got = await browser.get(f"/m/{code}", params={"t": ticket})
        sent = await browser.post(f"/m/{code}", data={"t": ticket, "quoi": "annuler"})
        for answer in (got, sent):
            assert answer.status_code == empty.status_code == 404
            assert answer.text == empty.text
            assert dict(answer.headers) == dict(empty.headers)
        assert set(await states(house)) == {State.HELD}

    run(walk())


def test_the_ticket_ends_with_the_hold(house, run):
    async def walk():
        page = await hold(house)
        held = await house.store.holds.get(CODE)
        house.store.now = held.until - 1
        assert (await house.browser().get(page)).status_code == 200
        house.store.now = held.until
        assert (await house.browser().get(page)).status_code == 404
        assert (await act(house.browser(), page, "annuler")).status_code == 404
        assert set(await states(house)) == {State.HELD}

    run(walk())


def test_who_tries_tickets_is_answered_nothing_for_a_while(house, run):
    async def walk():
        page = await hold(house)
        for _ in range(MOST_WRONG):
            assert (await house.browser().get("/m/ZZZZ-ZZZZ?t=1")).status_code == 404
        assert (await house.browser().get(page)).status_code == 404
        house.store.now += WINDOW_SECONDS
        assert (await house.browser().get(page)).status_code == 200

    run(walk())


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
def test_a_form_that_stands_elsewhere_does_nothing(house, run, headers):
    async def walk():
        page = await hold(house)
        answer = await act(house.browser(**headers), page, "annuler")
        assert answer.status_code == 403
        assert set(await states(house)) == {State.HELD}

    run(walk())


# What it does


def test_he_cancels_and_is_told_so_by_letter(house, run):
    async def walk():
        page, browser = await hold(house), house.browser()
        answer = await act(browser, page, "annuler")
        assert answer.headers["location"] == page
        assert set(await states(house)) == {State.REJECTED}
        (event,) = [e for e in await house.store.holds.history(CODE) if e.kind == "rejected"]
        assert event.who == "sender"
        assert "code=withdrawn" in event.detail
        assert await outbox(house) == ["notice"]
        after = html.unescape((await browser.get(page)).text)
        assert "L'envoi est annulé." in after
        assert "<button" not in after

    run(walk())


def test_he_cancels_for_some_recipients_only(house, run):
    async def walk():
        page = await hold(house)
        nobody = await act(house.browser(), page, "annuler", boxes="1")
        assert nobody.status_code == 422
        await act(house.browser(), page, "annuler", boxes="1", position="1")
        assert await states(house) == [State.HELD, State.REJECTED]
        again = await act(house.browser(), page, "annuler", boxes="1", position="1")
        assert again.status_code == 303
        assert await outbox(house) == ["notice"]

    run(walk())


def test_two_clicks_cancel_once_and_the_second_is_told(house, run):
    async def walk():
        page = await hold(house)
        browsers = [house.browser() for _ in range(4)]
        answers = await asyncio.gather(*(act(b, page, "annuler") for b in browsers))
        assert {answer.status_code for answer in answers} == {303}
        assert (await kinds(house)).count("rejected") == 1
        assert await outbox(house) == ["notice"]
        said = [html.unescape((await b.get(page)).text) for b in browsers]
        assert sum("L'envoi est annulé." in text for text in said) == 1
        assert sum("C'était déjà fait" in text for text in said) == 3

    run(walk())


@pytest.mark.parametrize("code", [f"AAAA-000{number}" for number in range(4)])
def test_he_cancels_while_an_officer_releases_and_one_of_them_wins(house, run, code):
    async def walk():
        page = await hold(house, code)
        officer = await house.signed_in("claire", "officer")
        data = {"quoi": "release", "motif_release": "legitimate"}
        both = [
            post(officer, f"/dossiers/{code}/decision", data, f"/dossiers/{code}"),
            act(house.browser(), page, "annuler"),
        ]
        await asyncio.gather(*(both if code[-1] in "02" else reversed(both)))
        (state,) = set(await states(house, code))
        expected = {State.RELEASING: ["release"], State.REJECTED: ["notice"]}
        assert await outbox(house) == expected[state]
        done = [kind for kind in await kinds(house, code) if kind in ("release", "rejected")]
        assert len(done) == 1

    run(walk())


def test_he_asks_in_a_sentence_and_the_officers_see_it(house, run):
    async def walk():
        page = await hold(house)
        await hold(house, "AAAA-0001")
        assert (await act(house.browser(), page, "demander")).status_code == 422
        answers = await asyncio.gather(
            *(act(house.browser(), page, "demander", mots=f"{WORDS} {n}") for n in range(3))
        )
        assert {answer.status_code for answer in answers} == {303}
        assert (await kinds(house)).count("asked") == 1
        assert set(await states(house)) == {State.HELD}
        assert "Votre demande est transmise" in (await house.browser().get(page)).text
        officer = await house.signed_in("claire", "officer")
        assert WORDS in (await officer.get(f"/dossiers/{CODE}")).text
        marked = (await officer.get("/?a=demande")).text
        assert '<a href="/?a=demande"><strong>1</strong>' in marked
        assert f"/dossiers/{CODE}" in marked
        assert "demande</span>" in marked
        assert "AAAA-0001" not in marked

    run(walk())


def test_his_words_are_sealed(house, run):
    async def walk():
        page = await hold(house)
        await act(house.browser(), page, "demander", mots=WORDS)
        (event,) = [e for e in await house.store.holds.history(CODE) if e.kind == "asked"]
        assert event.reason(house.store.private) == WORDS
        assert b"Invente" not in event.sealed_reason
        assert "Invente" not in (await house.browser().get(page)).text

    run(walk())


@pytest.mark.parametrize("what", ["annuler", "demander", "corriger", "urgent"])
def test_what_an_officer_decided_stands(house, run, what):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        await house.store.holds.release(CODE, "claire")
        given = {"mots": WORDS, "position": "0", "adresse": RIGHT}
        answer = await act(house.browser(), page, what, **given)
        assert answer.status_code == 303
        assert set(await states(house)) == {State.RELEASING}
        assert await outbox(house) == ["release"]
        assert await kinds(house) == ["held", "release"]

    run(walk())


@pytest.mark.parametrize("what", ["", "release", "envoyer"])
def test_what_the_page_does_not_offer_is_not_done(house, run, what):
    async def walk():
        page = await hold(house)
        assert (await act(house.browser(), page, what, mots=WORDS)).status_code == 422
        assert set(await states(house)) == {State.HELD}

    run(walk())


# Correcting an address

RIGHT = "zoe.inventee@chu.example"  # of the house: the shipped rules let it pass


def routes(console):
    """Which copy goes where, as the release process would read it."""

    async def read():
        opened = await console.store.holds.open(CODE, console.store.private)
        return opened.mail.envelope

    return read()


def test_a_mistyped_address_is_corrected_and_that_copy_alone_leaves(house, run):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        data = {"position": "0", "adresse": f" {RIGHT} "}
        answers = await asyncio.gather(
            *(act(house.browser(), page, "corriger", **data) for _ in range(3))
        )
        assert {answer.status_code for answer in answers} == {303}
        assert await states(house) == [State.RELEASING, State.HELD]
        assert await outbox(house) == ["release"]
        envelope = await routes(house)
        assert envelope.addresses == (RIGHT, made.TO[1])
        assert envelope.recipients[0].options == ("NOTIFY=FAILURE",)
        (event,) = [e for e in await house.store.holds.history(CODE) if e.who == "sender"]
        assert event.kind == "corrected release"
        assert event.reason(house.store.private) == f"{ZOE} → {RIGHT}"
        for rows in [await house.store.rows(table) for table in ("events", "copies", "holds")]:
            assert "inventee@" not in repr(rows), "no address in clear in the store"
        assert CODE in {one.id for one in await house.store.holds.find(RIGHT)}
        shown = html.unescape((await house.browser().get(page)).text)
        assert RIGHT in shown
        assert "vous avez corrigé une adresse" in shown

    run(walk())


def test_correcting_it_again_says_that_it_was_done(house, run):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        data = {"position": "0", "adresse": RIGHT}
        for said in ("L'adresse est corrigée, le message part.", "C'était déjà fait"):
            browser = house.browser()
            assert (await act(browser, page, "corriger", **data)).status_code == 303
            assert said in html.unescape((await browser.get(page)).text)

    run(walk())


def test_no_address_is_corrected_to_one_that_said_it_was_not_for_it(house, run):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        said = Report(Kind.PORTAL, made.NOW, "", "default", made.SENDER, RIGHT, sure=True)
        await house.desk.incidents.open(said)
        await act(house.browser(), page, "corriger", position="0", adresse=RIGHT)
        assert await states(house) == [State.HELD, State.HELD]
        assert await outbox(house) == []

    run(walk())


def test_what_the_next_hop_refuses_comes_back_with_the_corrected_address(house, run):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        await act(house.browser(), page, "corriger", position="0", adresse=RIGHT)
        (item,) = await house.store.outbox.lease(1, made.NOW + 1, "me:1", 60.0)
        await house.store.outbox.give_up(item, Reply(550, "5.1.1", ("unknown",)))
        assert await states(house) == [State.HELD, State.HELD]
        again = {"position": "0", "adresse": "zoe.i@chu.example"}
        await act(house.browser(), page, "corriger", **again)
        assert (await routes(house)).addresses[0] == "zoe.i@chu.example"
        assert (await kinds(house)).count("corrected release") == 2

    run(walk())


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("zoe.inventee@autre.example", "rules hold it there as well"),
        ("pas une adresse", "no address"),
        ("zoe%ailleurs.example@chu.example", "it leads elsewhere"),
        ("zoe@ailleurs.example@chu.example", "two of them"),
        (f"{'z' * 65}@chu.example", "longer than any mailbox"),
        ("zoé@chu.example", "the envelope was not SMTPUTF8"),
        ("zoe@chu.example\r\nRCPT TO:<x@y.example>", "more than an address"),
        (made.TO[1], "it is among the recipients"),
        (ZOE.upper(), "nothing is corrected"),
        ("", "none given"),
    ],
)
def test_no_copy_leaves_for(house, run, address, why):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        answer = await act(house.browser(), page, "corriger", position="0", adresse=address)
        assert answer.status_code in (303, 422), why
        assert await states(house) == [State.HELD, State.HELD], why
        assert await kinds(house) == ["held"]
        assert (await routes(house)).addresses == made.TO

    run(walk())


def test_where_rules_want_it_encrypted_and_a_way_fits_it_leaves_so(house, run):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        house.desk.bench.fits = lambda mail, recipient: recipient == "zoe@autre.example"
        for address in ("zoe@ailleurs.example", "zoe@autre.example"):
            await act(house.browser(), page, "corriger", position="0", adresse=address)
        assert await states(house) == [State.RELEASING, State.HELD]
        (item,) = await house.store.outbox.lease(1, made.NOW + 1, "me:1", 60.0)
        assert item.route == "encrypted"
        assert (await routes(house)).addresses[0] == "zoe@autre.example"

    run(walk())


def test_he_is_told_which_rule_holds_it_at_the_new_address_as_well(house, run):
    async def walk():
        page, browser = await hold(house, seen=ONE_PERSON), house.browser()
        data = {"position": "0", "adresse": "zoe@autre.example"}
        await act(browser, page, "corriger", **data)
        text = breakable(html.unescape((await browser.get(page)).text))
        assert "Rien n'a changé : le message serait retenu pour cette adresse aussi" in text

    run(walk())


@pytest.mark.parametrize("what", ["broken", "none"])
def test_without_rules_to_judge_by_no_address_is_corrected(house, run, what):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        house.stale = "rules/x.yaml:3:1: unknown key" if what == "broken" else ""
        if what == "none":
            house.desk.bench.rules = lambda: RuleSet(())
        await act(house.browser(), page, "corriger", position="0", adresse=RIGHT)
        assert await states(house) == [State.HELD, State.HELD]

    run(walk())


@pytest.mark.parametrize("position", ["", "7", "-1", "x", "0" * 5])
def test_only_a_recipient_of_this_mail_is_corrected(house, run, position):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        await act(house.browser(), page, "corriger", position=position, adresse=RIGHT)
        assert await states(house) == [State.HELD, State.HELD]
        assert await outbox(house) == []

    run(walk())


# Urgent


def test_an_authorised_sender_sends_at_once_and_an_officer_reviews_it(house, run):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        assert (await act(house.browser(), page, "urgent")).status_code == 422, "without a reason"
        answers = await asyncio.gather(
            *(act(house.browser(), page, "urgent", mots=WORDS) for _ in range(2))
        )
        assert {answer.status_code for answer in answers} == {303}
        assert set(await states(house)) == {State.RELEASING}
        assert await outbox(house) == ["release"]
        assert await kinds(house) == ["held", "urgent release"]
        officer = await house.signed_in("claire", "officer", "auditor")
        queue = (await officer.get("/")).text
        assert CODE not in queue
        assert '<a href="/?a=revoir"><strong>1</strong>' in queue
        assert f"/dossiers/{CODE}" in (await officer.get("/?a=revoir")).text
        assert "envoyé en urgence" in (await officer.get("/registre")).text
        path = f"/dossiers/{CODE}"
        assert WORDS in (await officer.get(path)).text
        await post(officer, f"{path}/revu", {"mots": "justifié"}, path)
        await post(officer, f"{path}/revu", {"mots": "encore"}, path)
        assert (await kinds(house)).count("urgent release reviewed") == 1
        assert CODE not in (await officer.get("/?a=revoir")).text

    run(walk())


def test_nobody_reviews_his_own_urgent_sending(house, run):
    async def walk():
        page = await hold(house, seen=ONE_PERSON)
        await act(house.browser(), page, "urgent", mots=WORDS)
        officer = await house.signed_in("agathe", "officer", address=made.SENDER)
        assert (await post(officer, f"/dossiers/{CODE}/revu")).status_code == 403
        assert "urgent release reviewed" not in await kinds(house)

    run(walk())


BULK = {
    "21 persons": Inspection((Finding("fr.nir", 21, Likelihood.LIKELY, Place("2"), ""),)),
    "a table": Inspection((Finding("table.health", 3, Likelihood.POSSIBLE, Place("2"), ""),)),
    "a closed archive": Inspection((), (Problem(Trouble.ENCRYPTED, Place("2"), ""),)),
}


@pytest.mark.parametrize("what", BULK)
def test_bulk_is_never_urgent(house, run, what):
    async def walk():
        page = await hold(house, seen=BULK[what])
        assert "Envoyer en urgence" not in (await house.browser().get(page)).text
        answer = await act(house.browser(), page, "urgent", mots=WORDS)
        assert answer.status_code == 422
        assert set(await states(house)) == {State.HELD}

    run(walk())


def test_urgent_is_for_those_named_alone(house, run):
    async def walk():
        page = await hold(house, seen=ONE_PERSON, sender="b@chu.example")
        assert "urgent" not in (await house.browser().get(page)).text
        answer = await act(house.browser(), page, "urgent", mots=WORDS)
        assert answer.status_code == 422
        assert set(await states(house)) == {State.HELD}

    run(walk())


def test_no_account_may_be_called_as_the_record_calls_a_sender(house, run):
    with pytest.raises(ValueError, match="taken"):
        run(house.desk.accounts.add("sender", ["officer"]))


def test_the_link_in_the_notice_opens_the_page(house, run):
    """Written by a door, as configured; read by the console."""
    wanted = {"domains": ["chu.example"], "console": {"url": "https://q.chu.example/"}}
    config = Config.model_validate(wanted, context={"base": Path.cwd()})
    notices = parts.notices(config, lambda rule: "", house.store.hmac)
    quarantine = Quarantine(
        house.store.custody, notices.held, lambda now: (now, now + 86400), lambda v, s: False
    )

    async def walk():
        verdicts = [
            Verdict(to, Disposition.QUARANTINE, "health/nir-external", notify=("sender",))
            for to in made.TO
        ]
        await quarantine(made.a_mail(), verdicts, made.SEEN)
        (item,) = await house.store.outbox.lease(1, made.NOW + 1, "me:1", 60.0)
        letter = message_from_bytes(item.letter(house.store.private).content, policy=default)
        text = letter.get_body(("plain",)).get_content()
        link = re.search(r"^https://q\.chu\.example(/m/\S+)\r?$", text, re.MULTILINE)
        answer = await house.browser().get(link[1])
        assert answer.status_code == 200
        assert ZOE in answer.text
        assert (await act(house.browser(), link[1], "annuler")).status_code == 303
        assert set(await states(house)) == {State.REJECTED}

    run(walk())
