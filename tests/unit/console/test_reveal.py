"""Seeing in clear: with a reason, on record, and by two where four eyes are asked for."""

import re
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from gateway.config_words import Family
from gateway.console.sight import FAMILIES
from gateway.detect import search
from gateway.store.permits import ASKED_SECONDS, GRANTED_SECONDS
from tests.makers import held as made
from tests.unit.console.conftest import post
from tests.unit.console.seeing import SECRETS, Worker, held, look


@pytest.fixture
def console(on_sqlite):
    return on_sqlite


HOLD = "7K2F-9QXD"
PAGE = f"/dossiers/{HOLD}"
PATH = f"{PAGE}/lecture"
WHY = "vérifier le nom avec le service"


async def events(console, *kinds):
    return [e for e in await console.store.holds.history(HOLD) if e.kind in kinds]


def number_of(text, kind):
    return re.search(rf'<option value="(\d+)">{kind},', text).group(1)


def test_one_value_is_shown_and_no_other(console, run):
    async def walk():
        await held(console)
        look(console)
        browser = await console.signed_in("claire", "officer")
        number = number_of((await browser.get(PATH)).text, "numéro de sécurité sociale")
        answer = await post(browser, PATH, {"quoi": "part", "valeur": number, "mots": WHY}, PATH)
        assert "279039999900112" in answer.text
        assert "Inventée" not in answer.text
        assert "Lupus" not in answer.text
        (event,) = await events(console, "revealed")
        assert (event.who, event.detail) == ("claire", "what=part kind=fr.nir")
        assert event.reason(console.store.private) == WHY

    run(walk())


def test_the_whole_text_and_the_file(console, run):
    async def walk():
        await held(console)
        look(console)
        browser = await console.signed_in("claire", "reviewer")
        whole = await post(browser, PATH, {"quoi": "whole", "mots": WHY}, PATH)
        assert "2 79 03 99 999 001 12" in whole.text
        assert "En clair" in whole.text
        file = await post(browser, PATH, {"quoi": "download", "mots": WHY}, PATH)
        opened = await console.store.holds.open(HOLD, console.store.private)
        assert file.content == opened.mail.content
        found = [e.detail for e in await events(console, "revealed")]
        assert found == ["what=whole", "what=download"]

    run(walk())


def test_the_file_is_nothing_that_a_browser_opens(console, run):
    async def walk():
        await held(console)
        browser = await console.signed_in("claire", "officer")
        file = await post(browser, PATH, {"quoi": "download", "mots": WHY}, PATH)
        assert file.headers["content-type"] == "application/octet-stream"
        assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert file.headers["content-disposition"] == f'attachment; filename="dossier-{HOLD}.eml"'
        assert file.headers["x-content-type-options"] == "nosniff"
        assert file.headers["cache-control"] == "no-store"

    run(walk())


@pytest.mark.parametrize(
    "data",
    [
        {"quoi": "whole"},
        {"quoi": "whole", "mots": "   "},
        {"quoi": "download"},
        {"quoi": "part", "mots": WHY},
        {"quoi": "part", "valeur": "9999", "mots": WHY},
        {"quoi": "part", "valeur": "²", "mots": WHY},
        {"quoi": "everything", "mots": WHY},
    ],
    ids=str,
)
def test_without_a_reason_or_an_object_nothing_is_shown(console, run, data):
    async def walk():
        await held(console)
        look(console)
        browser = await console.signed_in("claire", "officer")
        answer = await post(browser, PATH, data, PATH)
        assert answer.status_code == 422
        assert [secret for secret in SECRETS if secret in answer.text] == []
        assert await events(console, "revealed") == []

    run(walk())


def test_it_is_on_record_before_it_is_shown(console, run):
    """A worker that fails, a browser that goes away: who tried to read stands there."""

    class Broken:
        async def read(self, content, limits, *, seconds):
            if content.startswith(b"whole"):
                raise RuntimeError("279039999900112")
            return await seeing.read(content, limits, seconds=seconds)

    async def walk():
        await held(console)
        look(console, Broken())
        browser = await console.signed_in("claire", "officer")
        answer = await post(browser, PATH, {"quoi": "whole", "mots": WHY}, PATH)
        assert answer.status_code == 500
        assert "279039999900112" not in answer.text
        assert len(await events(console, "revealed")) == 1

    seeing = Worker()
    run(walk())


def test_no_value_stands_in_logs_addresses_headers_or_the_record(console, run):
    async def walk():
        await held(console)
        look(console)
        browser = await console.signed_in("claire", "officer")
        text = (await browser.get(PATH)).text
        number = number_of(text, "numéro de sécurité sociale")
        answers = [
            await post(browser, PATH, {"quoi": what, "valeur": number, "mots": WHY}, PATH)
            for what in ("part", "whole", "download")
        ]
        page = await browser.get(PAGE)
        outside = [str(a.url) + repr(a.headers) for a in [*answers, page]]
        outside += [repr(await console.store.rows("events")), page.text, repr(logged)]
        for secret in (*SECRETS, "279039999900112"):
            assert not any(secret in text for text in outside), secret
        assert WHY not in repr(await console.store.rows("events"))

    with capture_logs() as logged:
        run(walk())


def test_who_may_not_read_reveals_nothing(console, run):
    async def walk():
        await held(console)
        look(console)
        for role in ("auditor", "admin"):
            browser = await console.signed_in(role, role)
            answer = await post(browser, PATH, {"quoi": "whole", "mots": WHY})
            assert answer.status_code == 403
        other = await console.signed_in("autre", "officer", compartments=("medical",))
        for path in (PATH, f"{PAGE}/accord", f"{PAGE}/accord/donner"):
            answer = await post(other, path, {"quoi": "whole", "mots": WHY, "compte": "autre"})
            assert answer.status_code == 404
        assert await events(console, "revealed", "reading asked", "reading granted") == []

    run(walk())


async def asking(console, four_eyes=("health",)):
    """Claire, who wants to read, and Paul, who may allow it."""
    await held(console)
    look(console, four_eyes=four_eyes)
    return [await console.signed_in(name, "officer") for name in ("claire", "paul")]


async def reads(browser, what="whole"):
    answer = await post(browser, PATH, {"quoi": what, "mots": WHY}, PATH)
    return "279039999900112" in answer.text.replace(" ", "") and answer.status_code == 200


def test_four_eyes_one_asks_another_grants_and_both_are_on_record(console, run):
    async def walk():
        claire, paul = await asking(console)
        assert not await reads(claire)
        assert not await reads(claire, "download")
        await post(claire, f"{PAGE}/accord", {"mots": WHY}, PATH)
        assert not await reads(claire)
        assert "claire demande à lire" in (await paul.get(PAGE)).text
        await post(paul, f"{PAGE}/accord/donner", {"compte": "claire"}, PAGE)
        assert await reads(claire)
        assert await reads(claire, "download")
        assert not await reads(paul), "what is granted to one is not to the other"
        steps = await events(console, "reading asked", "reading granted", "revealed")
        assert [(e.kind, e.who, e.detail) for e in steps] == [
            ("reading asked", "claire", ""),
            ("reading granted", "paul", "to=claire"),
            ("revealed", "claire", "what=whole"),
            ("revealed", "claire", "what=download"),
        ]
        console.store.now += GRANTED_SECONDS
        browser = await console.signed_in("claire")
        assert not await reads(browser), "half an hour, no longer"

    run(walk())


def test_nobody_grants_himself(console, run):
    async def walk():
        claire, _ = await asking(console)
        await post(claire, f"{PAGE}/accord", {"mots": WHY}, PATH)
        assert "/accord/donner" not in (await claire.get(PAGE)).text
        await post(claire, f"{PAGE}/accord/donner", {"compte": "claire"})
        assert not await reads(claire)
        assert await events(console, "reading granted") == []

    run(walk())


@pytest.mark.parametrize("how", ["never asked", "asked the day before", "a reviewer grants"])
def test_what_is_no_grant(console, run, how):
    async def walk():
        claire, paul = await asking(console)
        if how != "never asked":
            await post(claire, f"{PAGE}/accord", {"mots": WHY}, PATH)
        if how == "asked the day before":
            console.store.now += ASKED_SECONDS
            claire, paul = await console.signed_in("claire"), await console.signed_in("paul")
        if how == "a reviewer grants":
            paul = await console.signed_in("nadia", "reviewer")
        await post(paul, f"{PAGE}/accord/donner", {"compte": "claire"})
        assert not await reads(claire)

    run(walk())


def test_the_sender_grants_nobody_his_own_mail(console, run):
    async def walk():
        claire, _ = await asking(console)
        await post(claire, f"{PAGE}/accord", {"mots": WHY}, PATH)
        sender = await console.signed_in("agathe", "officer", address=made.SENDER)
        answer = await post(sender, f"{PAGE}/accord/donner", {"compte": "claire"})
        assert answer.status_code == 403
        assert not await reads(claire)

    run(walk())


def test_asking_needs_a_reason_and_other_families_need_no_second(console, run):
    async def walk():
        claire, _ = await asking(console, four_eyes=("bank",))
        await post(claire, f"{PAGE}/accord", {}, PATH)
        assert await events(console, "reading asked") == []
        assert await reads(claire)

    run(walk())


def test_a_family_can_be_configured_and_names_kinds_that_exist():
    assert set(FAMILIES) == set(Family.__args__)
    for kinds in FAMILIES.values():
        for start in kinds:
            assert any(kind.startswith(start) for kind in search.kinds()), start


def test_the_page_of_the_mail_tells_which_letters_went(console, run):
    async def walk():
        mail = made.a_mail()
        letter = replace(made.a_letter(), about=mail.id)
        await console.store.custody.hold(mail, made.a_hold(mail), [letter], [])
        browser = await console.signed_in("claire", "officer")
        text = (await browser.get(PAGE)).text
        assert "avis, en attente" in text
        assert "votre message" not in text, "its text is sealed"

    run(walk())
