"""Contents that officers' sign-ins unlock: who opens what, until when, and what a thief has."""

import asyncio
from dataclasses import replace
from unittest import mock

import pytest

from gateway.clockwork import case_of
from gateway.console import app
from gateway.store import keys, tickets
from gateway.store.accounts import FREE_FAILURES
from gateway.store.keys import (
    address_hash,
    load_private,
    make_content_keys,
    make_keys,
    read_escrow,
)
from gateway.store.outbox import Outbox
from gateway.store.schema import State
from gateway.store.sessions import IDLE_SECONDS
from gateway.store.vault import UnderLock
from tests.fakes import NextHop
from tests.makers import held as made
from tests.makers.waiting import a_waiting_hold
from tests.release import a_release
from tests.stores import KINDS, Store, fresh
from tests.unit.console import seeing
from tests.unit.console.api.conftest import program
from tests.unit.console.conftest import PASSWORD, Console, post, told

HOLD, OTHER = "7K2F-9QXD", "8M3G-1ABC"
WHERE = f"/dossiers/{HOLD}"
SECRET = b"phrase de la copie"
OWN = "quatre lapins verts"
RELEASE = {"quoi": "release", "motif_release": "legitimate"}
BODY = b"Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour, canari-7f3a, secret.\r\n"


def under_lock(folder, compartment="medical"):
    """A content pair of that compartment; its escrow lies beside the keys, not among them."""
    escrow = folder / f"escrow-{len(list(folder.iterdir()))}"
    with mock.patch.object(keys, "_SCRYPT_N", 2):
        made_key = make_content_keys(
            folder / "keys", compartment=compartment, escrow=escrow, passphrase=SECRET
        )
    return made_key, escrow


def escrowed(path):
    with mock.patch.object(keys, "_SCRYPT_N", 2):
        return read_escrow(path, SECRET)


@pytest.fixture(params=KINDS)
def house(request, tmp_path):
    yield from raised(request.param, tmp_path)


@pytest.fixture
def one(tmp_path):
    """Where the database makes no difference."""
    yield from raised("sqlite", tmp_path)


def raised(kind, folder):
    for compartment in ("default", "medical"):
        make_keys(folder / "keys", compartment=compartment)
    _, escrow = under_lock(folder)
    store = Store(fresh(kind, folder), folder)
    console = Console(store)
    console.escrow = escrow
    seeing.look(console)
    yield console
    store.database.close()


async def hold(console, code=HOLD, **about):
    about = {"compartment": "medical", "content": BODY} | about
    return await console.hold(code, **about)


async def officer(console, name="claire", *roles, given=True, **about):
    """Signed in, with the key: the account is known by its first sign-in and given the key then."""
    browser = await console.signed_in(name, *(roles or ("officer",)), **about)
    if given:
        ring = console.desk.coffer.keyrings
        assert await ring.give(escrowed(console.escrow), name, "root")
    return browser


async def reads(browser, hold=HOLD):
    answer = await browser.get(f"/dossiers/{hold}/lecture")
    assert (answer.status_code == 200) == ("canari-7f3a" in answer.text), answer.text
    return answer.status_code


async def states(console, hold=HOLD):
    return [copy.state for copy in (await console.store.holds.get(hold)).copies]


async def delivered(store):
    """What the release process sends, and nothing of it comes from this process's memory."""
    async with NextHop() as hop:
        again = Store(store.url, store.directory, now=store.now)
        release = a_release(again, hop.port)
        while await release.drain():
            pass
        again.database.close()
        return [one.content for one in hop.taken if b"canari" in one.content]


async def row(console, hold=HOLD):
    held = await console.store.holds.get(hold)
    return bool(held.sealed_content_key), bool(held.sealed_release_key)


# What lies on disk


def test_a_thief_of_the_disk_opens_the_dossier_and_no_content(house, run):
    """Database, blobs and every private half of the keys directory, officers signed in or not."""

    async def walk():
        await hold(house)
        await hold(house, OTHER, compartment="default")
        browser = await officer(house)
        assert await reads(browser) == 200
        thief = load_private(house.store.directory / "keys")
        held = await house.store.holds.get(HOLD)
        assert held.dossier(thief).envelope.sender == made.SENDER
        for ordered in (False, True):
            with pytest.raises(UnderLock):
                await house.store.holds.open(HOLD, thief, unseen=True, ordered=ordered)
        with pytest.raises(UnderLock):
            held.lent(thief, house.store.public)
        # Fingerprints are keyed with what he has: he could try all numbers there are.
        [finding] = held.whole(thief).inspection.findings
        assert not set(finding.fingerprints) & set(made.SEEN.findings[0].fingerprints)
        both = (*thief, escrowed(house.escrow))
        assert (await house.store.holds.open(HOLD, both)).inspection == made.SEEN
        other = await house.store.holds.open(OTHER, thief)
        assert other.mail.content == BODY, "what is not under lock is as before"
        everything = [repr(await house.store.rows(t)) for t in ("holds", "keyrings", "grants")]
        [pair] = house.desk.coffer._pairs.values()
        private = escrowed(house.escrow).private.private_bytes_raw()
        for secret in (pair.private_bytes_raw(), private):
            assert not any(repr(secret)[2:-1] in text for text in everything)

    run(walk())


def test_the_escrow_opens_under_its_passphrase_alone_and_lies_where_it_was_put(tmp_path):
    make_keys(tmp_path / "keys")
    made_key, escrow = under_lock(tmp_path)
    assert escrow.stat().st_mode & 0o777 == 0o400
    assert escrowed(escrow).id == made_key.id
    with mock.patch.object(keys, "_SCRYPT_N", 2):
        for wrong in (b"", SECRET + b" "):
            with pytest.raises(keys.Misconfigured):
                read_escrow(escrow, wrong)
    assert {one.compartment for one in load_private(tmp_path / "keys")} == {"default"}


def test_a_door_without_a_content_key_holds_nothing_there_rather_than_in_the_open(one, run):
    one.store.custody._content_keys = {"medical": ()}
    with pytest.raises(Exception, match="no content key"):
        run(hold(one))


# One session


def test_locked_one_sees_why_and_refuses_and_does_not_read_or_send(one, run):
    async def walk():
        await hold(one)
        browser = await officer(one, given=False)
        page = await browser.get(WHERE)
        assert page.status_code == 200
        assert "2 79 ** **" in page.text
        assert "déverrouillez votre coffre" in page.text
        assert made.SENDER in (await browser.get("/")).text
        answer = await browser.get(f"{WHERE}/lecture")
        assert answer.status_code == 423
        assert f"/coffre?suite={WHERE}/lecture" in answer.text
        whole = {"quoi": "whole", "mots": "voir"}
        assert (await post(browser, f"{WHERE}/lecture", whole)).status_code == 423
        refused = await post(browser, f"{WHERE}/decision", RELEASE)
        assert refused.status_code == 422
        assert "Déverrouillez" in refused.text
        told_so = await post(browser, "/decider", RELEASE | {"dossier": HOLD})
        said = bytes.fromhex(told_so.cookies["said"]).decode()
        assert "0 dossier décidé sur 1. Déverrouillez" in said
        assert await states(one) == [State.HELD] * 2
        assert [e for e in await one.store.holds.history(HOLD) if e.kind != "held"] == []
        await post(browser, f"{WHERE}/note", {"mots": "j'appelle"})
        reject = {"quoi": "reject", "motif_reject": "insecure"}
        await post(browser, f"{WHERE}/decision", reject)
        assert await states(one) == [State.REJECTED] * 2

    run(walk())


def test_a_sign_in_unlocks_and_what_is_released_arrives_byte_for_byte(house, run):
    async def walk():
        await hold(house)
        browser = await officer(house)
        assert await reads(browser) == 200
        assert await row(house) == (True, False)
        some = RELEASE | {"boxes": "1", "position": "0"}
        assert (await post(browser, f"{WHERE}/decision", some)).status_code == 303
        assert await row(house) == (True, True)
        [taken] = await delivered(house.store)  # the console may be dead by now
        assert taken == made.a_mail(content=BODY).trace + BODY
        assert await states(house) == [State.RELEASED, State.HELD]
        assert await row(house) == (True, False), "what was lent is gone"

    run(walk())


def test_a_restart_locks_and_the_page_unlocks_again(one, run):
    async def walk():
        await hold(one)
        browser = await officer(one)
        one.desk = replace(one.desk, coffer=replace(one.desk.coffer, _pairs={}))
        one.app = app.build(one.desk)
        browser._transport = one.browser()._transport
        assert await reads(browser) == 423
        wrong = await post(browser, "/coffre", {"password": "x"})
        assert wrong.status_code == 422
        assert await reads(browser) == 423
        onward = {"password": PASSWORD, "suite": f"{WHERE}/lecture"}
        answer = await post(browser, "/coffre", onward)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{WHERE}/lecture")
        assert await reads(browser) == 200
        away = onward | {"suite": "//evil.example/x"}
        assert (await post(browser, "/coffre", away)).headers["location"] == "/"
        await post(browser, "/coffre/verrouiller")
        assert await reads(browser) == 423

    run(walk())


def test_what_is_unlocked_belongs_to_one_session(one, run):
    """Another session of the same account has nothing, whatever cookie it came by."""

    async def walk():
        await hold(one)
        browser = await officer(one)
        token, _ = await one.desk.sessions.open("claire", "elsewhere", "passkey")
        other = one.browser()
        other.cookies.set("session", token)
        assert (await reads(browser), await reads(other)) == (200, 423)
        thief = await officer(one, "paul", given=False)
        stranger = await post(thief, "/coffre", {"password": PASSWORD})
        assert stranger.status_code == 303
        assert await reads(thief) == 423, "his own pair, to which nothing was given"

    run(walk())


@pytest.mark.parametrize("how", ["out", "closed", "expired", "disabled", "by another process"])
def test_the_end_of_a_session_forgets(one, run, how):
    async def walk():
        browser = await officer(one)
        coffer, desk = one.desk.coffer, one.desk
        [session] = coffer._pairs
        if how == "out":
            await post(browser, "/sortie")
        elif how == "closed":
            await post(browser, "/compte/session", {"session": session})
        elif how == "expired":
            one.store.now += IDLE_SECONDS + 1
        elif how == "disabled":
            await desk.accounts.disable("claire", True, "admin")
        else:
            await desk.sessions.close(session, "claire")
        if how in ("out", "closed"):
            assert coffer._pairs == {}, "at once"
        await coffer.sweep(desk.sessions)
        assert coffer._pairs == {}

    run(walk())


def test_a_sweep_leaves_the_living_alone(one, run):
    async def walk():
        await officer(one)
        await one.desk.coffer.sweep(one.desk.sessions)
        assert len(one.desk.coffer._pairs) == 1
        stopping = asyncio.Event()
        stopping.set()
        await one.desk.coffer.watch(one.desk.sessions, stopping)
        assert one.desk.coffer._pairs == {}

    run(walk())


@pytest.mark.parametrize("change", ["role", "compartment", "grant"])
def test_whoever_loses_his_rights_opens_nothing_from_the_next_page_on(one, run, change):
    async def walk():
        await hold(one)
        accounts, rings = one.desk.accounts, one.desk.coffer.keyrings
        browser = await officer(one)
        assert await reads(browser) == 200
        if change == "grant":
            await rings.take("claire", "medical", "paul")
            assert await reads(browser) == 423
        elif change == "role":
            await accounts.set_roles("claire", ("auditor",), (), "admin")
            assert await reads(browser) == 403
            await accounts.set_roles("claire", ("reviewer",), (), "admin")
            assert await reads(browser) == 200, "a role is the console's, the key stayed"
        else:
            await accounts.set_roles("claire", ("officer",), ("default",), "admin")
            assert (await browser.get(WHERE)).status_code == 404
            await accounts.set_roles("claire", ("officer",), (), "admin")
            assert await reads(browser) == 423, "taken for good: an administrator gives nothing"

    run(walk())


def test_wrong_passphrases_lock_as_wrong_sign_ins_do(one, run):
    async def walk():
        await hold(one)
        browser = await officer(one)
        await post(browser, "/coffre/verrouiller")
        for _ in range(FREE_FAILURES):
            assert (await post(browser, "/coffre", {"password": "faux"})).status_code == 422
        assert (await post(browser, "/coffre", {"password": PASSWORD})).status_code == 422
        data = {"name": "claire", "password": PASSWORD}
        assert (await one.browser().post("/entree", data=data)).status_code == 401
        one.store.now += 61
        assert (await post(browser, "/coffre", {"password": PASSWORD})).status_code == 303
        assert ("claire", "way=vault failures=5") in await told(one, "sign-in failed")

    run(walk())


def test_many_guesses_at_once_count_one_by_one(one, run):
    async def walk():
        browser = await officer(one)
        guesses = (post(browser, "/coffre", {"password": f"faux {n}"}) for n in range(9))
        await asyncio.gather(*guesses)
        assert (await one.desk.accounts.get("claire")).failures == FREE_FAILURES

    run(walk())


# Passwords and passphrases


def test_another_password_keeps_access_and_a_reset_loses_it_until_it_is_given_again(house, run):
    async def walk():
        await hold(house)
        browser = await officer(house)
        new = {"password": PASSWORD, "new": OWN, "again": OWN}
        assert (await post(browser, "/compte/mot-de-passe", new)).status_code == 303
        assert await reads(browser) == 200
        token = await house.desk.accounts.invite("claire")
        data, browser = {"password": PASSWORD, "again": PASSWORD}, house.browser()
        assert (await browser.post(f"/bienvenue/{token}", data=data)).status_code == 303
        assert await reads(browser) == 423
        assert await house.store.rows("grants") == []
        assert await house.desk.coffer.keyrings.give(escrowed(house.escrow), "claire", "root")
        assert await reads(browser) == 200

    run(walk())


def test_who_has_no_password_here_chooses_a_passphrase(one, run):
    """By a provider of identities, say; and whoever finds the browser open chooses nothing."""

    async def by_provider():
        await one.desk.accounts.add("claire", ("officer",))
        token, _ = await one.desk.sessions.open("claire", "x", "oidc")
        browser = one.browser()
        browser.cookies.set("session", token)
        return browser

    async def walk():
        await hold(one)
        browser = await by_provider()
        assert "Choisir une phrase" in (await browser.get("/coffre")).text
        assert (await post(browser, "/coffre", {"password": OWN})).status_code == 422
        twice = {"new": OWN, "again": OWN}
        one.store.now += 601
        assert (await post(browser, "/coffre/phrase", twice)).status_code == 422
        one.store.now -= 601
        for short in ({"new": "court", "again": "court"}, {"new": OWN, "again": PASSWORD}):
            assert (await post(browser, "/coffre/phrase", short)).status_code == 422
        assert (await post(browser, "/coffre/phrase", twice)).status_code == 303
        assert await one.desk.coffer.keyrings.give(escrowed(one.escrow), "claire", "root")
        assert await reads(browser) == 200
        other = {"new": PASSWORD, "again": PASSWORD}
        assert (await post(browser, "/coffre/phrase", other | {"password": "x"})).status_code == 422
        assert (await post(browser, "/coffre/phrase", other | {"password": OWN})).status_code == 303
        await post(browser, "/coffre/verrouiller")
        assert (await post(browser, "/coffre", {"password": OWN})).status_code == 422
        assert (await post(browser, "/coffre", {"password": PASSWORD})).status_code == 303
        assert await reads(browser) == 200
        again = twice | {"recommencer": "1"}
        assert (await post(browser, "/coffre/phrase", again)).status_code == 303
        assert await reads(browser) == 423, "a fresh one is empty"

    run(walk())


def test_a_password_account_that_came_by_passkey_is_asked_for_its_password(one, run):
    async def walk():
        await hold(one)
        await one.account("claire", "officer")
        token, _ = await one.desk.sessions.open("claire", "x", "passkey")
        browser = one.browser()
        browser.cookies.set("session", token)
        assert (await post(browser, "/coffre", {"password": "x"})).status_code == 422
        assert await one.store.rows("keyrings") == []
        phrase = {"new": OWN, "again": OWN}
        assert (await post(browser, "/coffre/phrase", phrase)).status_code == 422
        assert (await post(browser, "/coffre", {"password": PASSWORD})).status_code == 303
        assert await one.desk.coffer.keyrings.give(escrowed(one.escrow), "claire", "root")
        assert await reads(browser) == 200

    run(walk())


def test_a_directory_s_password_unlocks_until_it_changes_there(one, run):
    async def walk():
        await one.desk.accounts.add("claire", ("officer",))
        account, coffer = await one.desk.accounts.get("claire"), one.desk.coffer
        opened = []
        for password in (OWN, OWN, PASSWORD):
            _, session = await one.desk.sessions.open("claire", "x", "ldap")
            await coffer.at_sign_in(session, account, password)
            opened.append(coffer.is_open(session))
        return opened, account.failures

    assert run(walk()) == ([True, True, False], 0)


def test_nobody_has_a_vault_where_nothing_asks_for_one(on_sqlite, run):
    async def walk():
        browser = await on_sqlite.signed_in("claire", "officer")
        assert "Aucun de vos compartiments" in (await browser.get("/coffre")).text
        assert "/coffre" not in (await browser.get("/compte")).text
        assert await on_sqlite.store.rows("keyrings") == []

    run(walk())


# Several officers


def test_an_officer_gives_the_key_to_another_and_a_deputy_and_takes_it_back(house, run):
    async def walk():
        await hold(house)
        await house.store.holds.remind([HOLD], [])
        claire = await officer(house)
        paul = await officer(house, "paul", given=False)
        depute = await officer(house, "lea", "deputy", given=False, compartments=("medical",))
        for name, browser in (("paul", paul), ("lea", depute)):
            about = {"compte": name, "compartiment": "medical"}
            wrong = await post(claire, "/coffre/confier", about | {"password": "x"})
            assert wrong.status_code == 422
            assert await reads(browser) == 423
            done = await post(claire, "/coffre/confier", about | {"password": PASSWORD})
            assert done.status_code == 303
            assert await reads(browser) == 200
        await post(depute, f"{WHERE}/decision", RELEASE)
        assert len(await delivered(house.store)) == 1
        about = {"compartiment": "medical", "password": PASSWORD}
        assert (
            await post(claire, "/coffre/reprendre", about | {"compte": "claire"})
        ).status_code == 422
        await post(paul, "/coffre/reprendre", about | {"compte": "claire"})
        assert (await reads(claire), await reads(paul)) == (423, 200)
        page = (await paul.get("/coffre")).text
        assert "<strong>lea</strong>" in page
        assert len(await told(house, "vault key given")) == 3
        assert len(await told(house, "vault key taken")) == 1

    run(walk())


@pytest.mark.parametrize(
    ("name", "roles", "compartments"),
    [
        ("vue", ("auditor",), ()),  # reads nothing
        ("ailleurs", ("officer",), ("default",)),  # sees nothing there
        ("admin", ("admin",), ()),
        ("personne", None, ()),
    ],
)
def test_the_key_goes_to_nobody_who_may_not_read_there(one, run, name, roles, compartments):
    async def walk():
        claire = await officer(one)
        if roles:
            await one.account(name, *roles, compartments=compartments)
            await one.desk.coffer.keyrings.make(name, PASSWORD)
        about = {"compte": name, "compartiment": "medical", "password": PASSWORD}
        assert (await post(claire, "/coffre/confier", about)).status_code == 422
        assert len(await one.store.rows("grants")) == 1

    run(walk())


def test_who_has_no_key_gives_and_takes_none(one, run):
    async def walk():
        await officer(one)
        await officer(one, "lea", given=False)
        paul = await officer(one, "paul", given=False)
        about = {"compartiment": "medical", "password": PASSWORD}
        for page in ("confier", "reprendre"):
            for whose in ("paul", "claire", "lea"):
                answer = await post(paul, f"/coffre/{page}", about | {"compte": whose})
                assert answer.status_code == 422, (page, whose)
        assert len(await one.store.rows("grants")) == 1

    run(walk())


def test_a_grant_moved_to_another_account_opens_nothing(one, run):
    """Whoever writes into the database gains nothing by copying rows."""

    async def walk():
        await hold(one)
        await officer(one)
        paul = await officer(one, "paul", given=False)
        copied = (
            "INSERT INTO grants SELECT 'paul', key_id, compartment, sealed, 'x', at FROM grants"
        )
        await one.store.database.write(lambda c: c.exec_driver_sql(copied))
        assert await reads(paul) == 423

    run(walk())


def test_a_pair_whose_public_half_was_changed_opens_no_more(one, run):
    """Else the next key would be given to whoever changed it, and nobody would notice."""

    async def walk():
        await officer(one, given=False)
        browser = await officer(one, "paul", given=False)
        await post(browser, "/coffre/verrouiller")
        changed = (
            "UPDATE keyrings SET public = (SELECT public FROM keyrings WHERE account = 'claire')"
        )
        await one.store.database.write(lambda c: c.exec_driver_sql(changed))
        assert (await post(browser, "/coffre", {"password": PASSWORD})).status_code == 422

    run(walk())


def test_a_pair_reset_while_it_is_given_a_key_gets_none(one, run):
    async def walk():
        await officer(one, given=False)
        rings = one.desk.coffer.keyrings
        before = await rings.of("claire")
        await rings.make("claire", OWN, instead=True)
        with mock.patch.object(type(rings), "of", mock.AsyncMock(return_value=before)):
            assert not await rings.give(escrowed(one.escrow), "claire", "root")
        assert await one.store.rows("grants") == []

    run(walk())


# Rulings


def test_two_who_rule_at_once_deliver_each_copy_once(house, run):
    async def walk():
        await hold(house)
        claire, paul = await officer(house), await officer(house, "paul")
        some = [RELEASE | {"boxes": "1", "position": str(number)} for number in (0, 0, 1)]
        answers = await asyncio.gather(
            *(
                post(browser, f"{WHERE}/decision", which)
                for browser, which in zip((claire, paul, paul), some, strict=True)
            )
        )
        assert {answer.status_code for answer in answers} == {303}
        [*taken] = await delivered(house.store)
        assert len(taken) == 2
        assert await states(house) == [State.RELEASED] * 2
        assert await row(house) == (True, False)

    run(walk())


def test_what_the_next_hop_refuses_comes_back_under_lock(one, run):
    async def walk():
        await hold(one)
        browser = await officer(one)
        await post(browser, f"{WHERE}/decision", RELEASE)
        async with NextHop(says={"RCPT": ["550 5.1.1 nobody"] * 2}) as hop:
            release = a_release(one.store, hop.port)
            while await release.drain():
                pass
        assert await states(one) == [State.HELD] * 2
        assert await row(one) == (True, False)
        with pytest.raises(UnderLock):
            await one.store.holds.open(HOLD, one.store.private, unseen=True, ordered=True)
        assert await reads(browser) == 200

    run(walk())


def test_no_order_is_given_that_nobody_could_carry_out(house, run):
    """Whatever page forgets to ask: the store refuses, and everything stays held."""

    async def walk():
        await hold(house)
        held, store, appeals = await house.store.holds.get(HOLD), house.store, house.desk.appeals
        sealed = held.corrected("a@b.example", store.private)
        for order in (
            store.holds.release(HOLD, "x"),
            store.holds.release(HOLD, "x", unlocking=store.private),
            appeals.urge(HOLD, "vite", (0,)),
            appeals.protect(HOLD, (0,)),
            appeals.correct(held, 0, "x@x.example", "a@b.example", sealed),
        ):
            with pytest.raises(UnderLock):
                await order
        counts = await Outbox(store.database).counts()
        return await states(house), counts.waiting, len(await store.holds.history(HOLD))

    assert run(walk()) == ([State.HELD] * 2, 0, 1)


def test_its_sender_asks_and_cancels_and_sends_nothing_himself(one, run):
    async def walk():
        one.desk = replace(
            one.desk, urges=lambda sender: True, practice=True, why_not=lambda mail, to: ""
        )
        one.app = app.build(one.desk)
        await hold(one)
        key = one.store.hmac
        of = tickets.ticket(key, HOLD, address_hash(key, made.SENDER), made.NOW)
        page = await one.browser().get(f"/m/{HOLD}?t={of}")
        assert "Sous clé" in page.text
        for word in ("Corriger et envoyer", "Envoyer en urgence", "Envoyer par une voie"):
            assert word not in page.text
        correct = {"position": "0", "adresse": "a@chu.example"}
        for what in ("corriger", "proteger", "urgent"):
            data = {"t": of, "quoi": what, "mots": "vite"} | correct
            assert (await one.browser().post(f"/m/{HOLD}", data=data)).status_code == 422
        assert await states(one) == [State.HELD] * 2
        for what, status in (("demander", 303), ("annuler", 303)):
            data = {"t": of, "quoi": what, "mots": "il attend"}
            assert (await one.browser().post(f"/m/{HOLD}", data=data)).status_code == status
        assert await states(one) == [State.REJECTED] * 2

    run(walk())


def test_a_program_is_told_that_it_is_locked(one, run):
    async def walk():
        await hold(one)
        await officer(one)
        token = await program(one, "claire")
        reason = {"reason": "voir"}
        asked = [
            await token("GET", f"/holds/{HOLD}/preview"),
            await token("POST", f"/holds/{HOLD}/message", reason),
            await token("POST", f"/holds/{HOLD}/reveals", reason | {"what": "whole"}),
            await token(
                "POST", f"/holds/{HOLD}/rulings", {"decision": "release", "code": "agreed"}
            ),
        ]
        assert [answer.status_code for answer in asked] == [423] * 4
        assert {answer.json()["type"].rpartition(":")[2] for answer in asked} == {"locked"}
        whole = await token("GET", f"/holds/{HOLD}")
        assert whole.status_code == 200
        several = {"decision": "release", "code": "agreed", "holds": [HOLD]}
        refused = (await token("POST", "/rulings", several)).json()["refused"]
        assert refused == [{"hold": HOLD, "reason": "locked"}]
        reject = {"decision": "reject", "code": "insecure"}
        assert (await token("POST", f"/holds/{HOLD}/rulings", reject)).status_code == 200

    run(walk())


def test_the_sender_s_own_stays_his_whoever_has_the_key(one, run):
    async def walk():
        for number, hidden in enumerate(("personal", "compartment")):
            code = await hold(one, f"AAAA-000{number}", hidden=hidden)
            browser = await officer(one, f"n{number}")
            answer = await browser.get(f"/dossiers/{code}/lecture")
            assert answer.status_code == 409
            assert await one.desk.appeals.open_up(code)
            assert await reads(browser, code) == 200

    run(walk())


def test_four_eyes_hold_behind_the_lock(one, run):
    async def walk():
        seeing.look(one, four_eyes=("identity",))
        await hold(one)
        claire, paul = await officer(one), await officer(one, "paul", given=False)
        whole = {"quoi": "whole", "mots": "voir"}
        assert (await post(claire, f"{WHERE}/lecture", whole)).status_code == 422
        await post(claire, f"{WHERE}/accord", {"mots": "le service attend"})
        await post(paul, f"{WHERE}/accord/donner", {"compte": "claire"})
        assert (await post(claire, f"{WHERE}/lecture", whole)).status_code == 200
        assert (await post(paul, f"{WHERE}/lecture", whole)).status_code == 423

    run(walk())


def test_expiry_reminders_and_lists_need_no_officer(one, run):
    async def walk():
        await hold(one)
        held = await one.store.holds.get(HOLD)
        assert case_of(held, one.store.private).sender == made.SENDER
        letter = one.desk.notices.cancelled(case_of(held, one.store.private), one.store.now)
        assert await one.store.holds.expire(HOLD, [letter])
        assert await states(one) == [State.EXPIRED] * 2

    run(walk())


# The option, switched


def test_what_was_held_before_and_after_the_option_is_opened_as_it_was_sealed(one, run):
    async def walk():
        locked = one.store.custody._content_keys
        one.store.custody._content_keys = {}
        await hold(one, OTHER)
        one.store.custody._content_keys = locked
        await hold(one)
        one.store.custody._content_keys = {}  # switched off again
        await hold(one, "9N4H-2DEF")
        browser = await officer(one, given=False)
        found = [await reads(browser, code) for code in (OTHER, HOLD, "9N4H-2DEF")]
        assert found == [200, 423, 200]
        assert await one.desk.coffer.keyrings.give(escrowed(one.escrow), "claire", "root")
        assert await reads(browser) == 200

    run(walk())


def test_after_a_rotation_each_key_opens_what_was_sealed_to_it(one, run):
    async def walk():
        await hold(one)
        claire = await officer(one)
        fresh_key, escrow = under_lock(one.store.directory)
        again = Store(one.store.url, one.store.directory, now=one.store.now)
        house = Console(again)
        seeing.look(house)
        await hold(house, OTHER)
        both = await again.holds.get(OTHER)
        assert both.unlocked_by([escrowed(one.escrow)])
        assert both.unlocked_by([escrowed(escrow)])
        first = escrowed(one.escrow).id
        (again.directory / "keys" / f"content-{first}.pub").unlink()
        again.custody._content_keys = {"medical": (fresh_key,)}
        await hold(house, "9N4H-2DEF")
        claire._transport = house.browser()._transport
        await post(claire, "/coffre", {"password": PASSWORD})
        found = [await reads(claire, code) for code in (HOLD, OTHER, "9N4H-2DEF")]
        assert found == [200, 200, 423]
        assert await house.desk.coffer.keyrings.give(escrowed(escrow), "claire", "root")
        assert await reads(claire, "9N4H-2DEF") == 200
        again.database.close()

    run(walk())


def test_closing_an_account_takes_its_keys_for_good(one, run):
    async def walk():
        await officer(one)
        await one.desk.accounts.disable("claire", True, "admin")
        await one.desk.accounts.disable("claire", False, "admin")
        assert await one.store.rows("grants") == []

    run(walk())


# What waits for its sender: no officer is asked, so release is lent the key until he answers


@pytest.mark.parametrize("kept", [True, False])
def test_what_its_sender_keeps_leaves_and_what_is_the_officers_is_under_lock_again(one, run, kept):
    async def walk():
        one.store.now = made.NOW
        mail = made.a_mail(HOLD, content=BODY)
        waiting = a_waiting_hold(mail, compartment="medical")
        await one.store.custody.hold(mail, waiting, [], [])
        assert await row(one) == (True, True)
        if kept:
            for position in (0, 1):
                await one.desk.waits.grant(HOLD, "confirmed", "sender", positions=[position])
                assert await delivered(one.store)
        else:
            await one.desk.waits.hand_over(HOLD, "unanswered")
            with pytest.raises(UnderLock):
                await one.store.holds.release(HOLD, "claire")
        assert await row(one) == (True, False)

    run(walk())
