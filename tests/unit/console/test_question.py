"""The page of a question: what it shows, what each answer does, once; and that no robot answers."""

import asyncio
import dataclasses
import html

import pytest

from gateway.console import app
from gateway.console.named import bears
from gateway.decide.observation import Observation
from gateway.model import Disposition, Finding, Inspection, Likelihood, Place, Verdict
from gateway.ports import Doubt
from gateway.store import tickets
from gateway.store.keys import address_hash
from gateway.store.outbox import ENCRYPTED, IN_CLEAR
from gateway.store.schema import State
from tests.makers import held as made
from tests.makers.waiting import HOUR, a_waiting_hold

CODE = "3MRT-84WB"
WRONG, RIGHT = "marie.dupond@mail.example", "marie.dupont@chu.example"
SEEN = Inspection(
    (Finding("fr.nir", 1, Likelihood.VERY_LIKELY, Place("1"), "2 79 **", ("ab" * 32,)),)
)
DOUBT = Doubt(True, (RIGHT, "m.dupond@cabinet.example"))


@pytest.fixture
def house(console):
    told = {"url": "https://q.chu.example", "phone": "poste 4512", "urgent": "4599"}
    console.desk = dataclasses.replace(
        console.desk,
        notices=dataclasses.replace(console.desk.notices, **told),
        urges=lambda sender: sender == made.SENDER,
    )
    console.app = app.build(console.desk)
    return console


def ticket_of(console, sender=made.SENDER):
    key = console.store.hmac
    return tickets.ticket(key, CODE, address_hash(key, sender), made.NOW)


async def ask(console, to=(WRONG,), **changes):
    """The page of a mail that waits for its sender."""
    console.store.now = made.NOW
    mail = made.a_mail(CODE, to=to)
    doubts = (DOUBT, *(Doubt() for _ in to[1:]))
    hold = a_waiting_hold(mail, **({"doubts": doubts} | changes))
    await console.store.custody.hold(mail, dataclasses.replace(hold, inspection=SEEN), [], [])
    return f"/q/{CODE}?t={ticket_of(console)}"


async def answer(browser, page, what, **data):
    path, _, ticket = page.partition("?t=")
    return await browser.post(path, data={"t": ticket, "quoi": what} | data)


async def leaving(console):
    items = await console.store.outbox.lease(99, console.store.now, "test", 0)
    return [(item.route, tuple(item.positions)) for item in items if item.is_release]


async def states(console, code=CODE):
    return [copy.state for copy in (await console.store.holds.get(code)).copies]


def test_it_asks_one_thing_and_shows_nothing_of_the_mail(house, run):
    async def walk():
        text = html.unescape((await house.browser().get(await ask(house))).text)
        for told in (WRONG, RIGHT, "la première fois", "le numéro de sécurité sociale"):
            assert told in text, told
        for secret in ("dossier de Zoe", "canari", "2 79"):
            assert secret not in text, secret
        assert "autofocus" not in text, "no answer stands ready"
        assert 'class="primary"' not in text, "no answer stands out"

    run(walk())


def test_a_robot_that_follows_every_link_answers_nothing(house, run):
    async def walk():
        page = await ask(house)
        tables = ("holds", "copies", "waits", "desk", "events", "outbox")
        before = [await house.store.rows(table) for table in tables]
        for _ in range(5):
            assert (await house.browser().get(page)).status_code == 200
            assert (await house.browser().head(page)).status_code == 200
            assert (await house.browser().get(page.replace("/q/", "/m/"))).status_code == 303
        for what in ("", "garder", "plutot", "corriger", "demander"):  # and sends empty forms
            said = await answer(house.browser(), page, what, position="0")
            assert said.status_code == 422, what
        assert [await house.store.rows(table) for table in tables] == before

    run(walk())


@pytest.mark.parametrize("how", ["none", "cut", "another's", "late"])
def test_it_opens_to_its_sender_alone(house, run, how):
    async def walk():
        page = await ask(house)
        path, _, right = page.partition("?t=")
        given = {"none": "", "cut": right[:-1], "another's": ticket_of(house, "x@chu.example")}
        if how == "late":
            house.store.now = made.NOW + 6 * 86400
        said = given.get(how, right)
        assert (await house.browser().get(f"{path}?t={said}")).status_code == 404
        kept = await answer(
            house.browser(), f"{path}?t={said}", "garder", position="0", nom="dupond"
        )
        assert kept.status_code == 404
        assert await states(house) == [State.HELD]

    run(walk())


@pytest.mark.parametrize(
    ("after", "way"),
    [(Disposition.PASS, IN_CLEAR), (Disposition.ENCRYPT, ENCRYPTED)],
)
def test_kept_with_its_name_it_leaves_once(house, run, after, way):
    async def walk():
        page = await ask(house, after=(after,))
        both = [
            answer(house.browser(), page, "garder", position="0", nom="Marie Dupond")
            for _ in range(2)
        ]
        said = {one.status_code for one in await asyncio.gather(*both)}
        assert 303 in said
        assert said <= {200, 303, 404}, "or told that it waits no more"
        assert await leaving(house) == [(way, (0,))]
        kinds = [event.kind for event in await house.store.holds.history(CODE)]
        assert kinds == ["held", "confirmed"]

    run(walk())


def test_who_types_the_name_he_had_in_mind_learns_that_it_is_another_s(house, run):
    async def walk():
        page = await ask(house)
        said = await answer(house.browser(), page, "garder", position="0", nom="Dupont")
        assert said.status_code == 422
        assert "pas dans l'adresse" in html.unescape(said.text).replace("\u2019", "'")
        assert await states(house) == [State.HELD]

    run(walk())


def test_kept_where_no_channel_leads_it_is_the_officers(house, run):
    async def walk():
        page = await ask(house, after=(Disposition.QUARANTINE,))
        await answer(house.browser(), page, "garder", position="0", nom="dupond")
        held = await house.store.holds.get(CODE)
        assert (held.awaits, held.state) == ("", State.HELD)
        assert await leaving(house) == []
        after = await house.browser().get(page)
        assert "Est-ce la bonne adresse" not in after.text, "nothing is asked any more"

    run(walk())


def test_sent_to_the_colleague_instead_it_leaves_for_nobody_else(house, run):
    async def walk():
        page = await ask(house)
        said = await answer(house.browser(), page, "plutot", position="0", lequel="0")
        assert said.status_code == 303
        held = await house.store.holds.get(CODE)
        assert held.whole(house.store.private).envelope.addresses == (RIGHT,)
        assert held.state is State.RELEASING

    run(walk())


@pytest.mark.parametrize("which", ["2", "-1", "x", ""])
def test_no_address_but_a_proposed_one_is_proposed(house, run, which):
    async def walk():
        page = await ask(house)
        said = await answer(house.browser(), page, "plutot", position="0", lequel=which)
        assert said.status_code == 422
        assert await states(house) == [State.HELD]

    run(walk())


def test_cancelled_for_one_it_waits_for_the_other(house, run):
    async def walk():
        page = await ask(house, (WRONG, "zoe@mail.example"))
        await answer(house.browser(), page, "annuler", boxes="1", position="0")
        assert await states(house) == [State.REJECTED, State.HELD]
        assert (await house.store.holds.get(CODE)).awaits == "confirm"
        await answer(house.browser(), page, "annuler")
        assert await states(house) == [State.REJECTED, State.REJECTED]

    run(walk())


def test_a_mail_that_leaves_by_itself_can_be_cancelled_and_not_hurried(house, run):
    async def walk():
        page = await ask(house, kind=Disposition.DELAY, unanswered="send")
        text = html.unescape((await house.browser().get(page)).text)
        assert "part bientôt" in text
        kept = await answer(house.browser(), page, "garder", position="0", nom="dupond")
        assert kept.status_code == 422
        await answer(house.browser(), page, "annuler")
        assert await states(house) == [State.REJECTED]

    run(walk())


def test_the_officers_sign_no_answer_of_his_meanwhile(house, run):
    """Nobody is asked to rule on what its sender has not answered for."""

    async def walk():
        page = (await ask(house)).replace("/q/", "/m/")
        for what in ("demander", "ouvrir", "proteger"):
            said = await answer(house.browser(), page, what, mots="vite", position="0")
            assert said.status_code in (303, 422), what
        assert await states(house) == [State.HELD]
        assert await leaving(house) == []
        mail = (await house.store.holds.get(CODE)).awaits
        assert mail == "confirm"

    run(walk())


def test_urgent_care_is_not_kept_waiting_for_an_answer(house, run):
    async def walk():
        page = (await ask(house)).replace("/q/", "/m/")
        await answer(house.browser(), page, "urgent", mots="Un patient attend")
        assert await leaving(house) == [(IN_CLEAR, (0,))]

    run(walk())


def test_held_twice_it_is_answered_for_by_its_own_link(house, run):
    async def walk():
        house.store.now = made.NOW
        mail = made.a_mail(CODE, to=("zoe@mail.example",))
        await house.store.custody.hold(mail, made.a_hold(mail), [], [])
        page = await ask(house)
        assert WRONG in (await house.browser().get(page)).text
        own = page.replace(f"/q/{CODE}", f"/q/{CODE}.2")
        await answer(house.browser(), own, "garder", position="0", nom="dupond")
        assert await states(house) == [State.HELD], "the officers' own is not touched"
        assert await states(house, f"{CODE}.2") == [State.RELEASING]

    run(walk())


def test_after_its_hour_the_officers_or_nobody_answer(house, run):
    async def walk():
        page = await ask(house)
        house.store.now = made.NOW + 4 * HOUR
        await house.desk.waits.hand_over(CODE, "unanswered")
        said = await answer(house.browser(), page, "garder", position="0", nom="dupond")
        assert said.status_code == 200, "what became of it"
        assert await leaving(house) == []

    run(walk())


@pytest.mark.parametrize(
    ("address", "typed", "borne"),
    [
        (WRONG, "Dupond", True),
        (WRONG, "Mme Marie DUPOND", True),
        (WRONG, "marie.dupond", True),
        ("hélène.préault@mail.example", "Preault", True),
        ("jdurand@mail.example", "Durand", True),
        ("secretariat@cabinet-martin.example", "secrétariat", True),
        ("contact@martin.example", "Martin", True),
        ("li.na@mail.example", "Li", True),
        ("secretariat@cabinet-martin.example", "Martin", True),
        (WRONG, "Dupont", False),
        (WRONG, "on", False),
        (WRONG, "oui", False),
        (WRONG, "ok", False),
        (WRONG, "d", False),
        (WRONG, "", False),
        (WRONG, "example", False),
    ],
)
def test_the_name_is_that_of_the_address(address, typed, borne):
    assert bears(address, typed) is borne


def test_of_a_mail_that_others_read_its_sender_sees_where_it_stands(house, run):
    async def walk():
        page = await ask(house, kind=Disposition.REVIEW, unanswered="quarantine")
        seen = await house.browser().get(page, follow_redirects=True)
        assert "relu par une autre personne" in html.unescape(seen.text)
        kept = await answer(house.browser(), page, "garder", position="0", nom="dupond")
        assert kept.status_code == 200
        await answer(house.browser(), page.replace("/q/", "/m/"), "proteger", position="0")
        assert await states(house) == [State.HELD], "no act of his sends it"

    run(walk())


def test_where_rules_delay_all_a_corrected_address_waits_no_longer(house, run):
    async def walk():
        page = await ask(house, kind=Disposition.DELAY, unanswered="send")
        verdict = Verdict(RIGHT, Disposition.DELAY, "house/delay", after=Disposition.ENCRYPT)
        house.desk = dataclasses.replace(house.desk, bench=Says(verdict))
        house.app = app.build(house.desk)
        await answer(house.browser(), page, "corriger", position="0", adresse="x@mail.example")
        assert await leaving(house) == [(ENCRYPTED, (0,))]

    run(walk())


@dataclasses.dataclass
class Says:
    """Rules that say this of every recipient."""

    verdict: Verdict
    observation = Observation()

    def anew(self, mail, seen, recipient):
        return self.verdict


async def also_waits(house, kind, **changes):
    """The same mail, held for another of its recipients by another order."""
    mail = made.a_mail(CODE, to=("zoe@mail.example",))
    hold = a_waiting_hold(mail, kind=kind, **changes)
    await house.store.custody.hold(mail, dataclasses.replace(hold, inspection=SEEN), [], [])


def test_a_question_is_reached_though_the_mail_is_read_for_another_recipient(house, run):
    async def walk():
        house.store.now = made.NOW
        await also_waits(house, Disposition.REVIEW)
        page, browser = await ask(house), house.browser()
        shown = (await browser.get(page)).text
        assert WRONG in shown
        assert f'action="/q/{CODE}.2"' in shown, "a form is about what was shown"
        assert f"/m/{CODE}?" in shown, "and the rest is found from there"
        again = await browser.get(page.replace(f"/q/{CODE}", f"/m/{CODE}.2"))
        assert WRONG in (await browser.get(again.headers["location"])).text

    run(walk())


@pytest.mark.parametrize(
    "form", [("annuler", {}), ("corriger", {"position": "0", "adresse": "autre@chu.example"})]
)
def test_a_page_kept_open_answers_for_nobody_but_whom_it_showed(house, run, form):
    """The hold that it showed has left; another of the same mail waits still."""

    async def walk():
        house.store.now = made.NOW
        await also_waits(house, Disposition.DELAY)
        page, (what, data) = await ask(house), form
        await house.desk.waits.grant(CODE, "delay over", "")
        said = await answer(house.browser(), page, what, **data)
        assert said.status_code == 200, "what became of it"
        assert await states(house, f"{CODE}.2") == [State.HELD]

    run(walk())


@pytest.mark.parametrize("which", ["9" * 5_000, "\u0661"])
def test_no_number_of_a_form_breaks_the_page(house, run, which):
    async def walk():
        page = await ask(house)
        said = await answer(house.browser(), page, "plutot", position="0", lequel=which)
        assert said.status_code == 422
        assert await leaving(house) == []

    run(walk())


def test_what_no_key_here_opens_is_asked_about_nowhere(house, run):
    async def walk():
        page = await ask(house)
        house.desk = dataclasses.replace(house.desk, keys=())
        house.app = app.build(house.desk)
        assert (await house.browser().get(page)).status_code == 404
        said = await answer(house.browser(), page, "garder", position="0", nom="dupond")
        assert said.status_code == 404

    run(walk())
