"""The submission door over real TLS: nobody sends without a password, nor in another's name."""

from __future__ import annotations

import asyncio
import base64
import smtplib

import pytest

from gateway.errors import Temporary
from gateway.receive import lockout, submission
from gateway.receive.lockout import Lockout
from tests.unit.receive.talk import Client, Journey, on_stage, play
from tests.unit.receive.test_connection import client_tls, server_tls

USER, PASSWORD = "cabinet", "une phrase à retenir"
OWN, HOUSE = "dr.exemple@cabinet.example", "accueil@clinique.example"
SENDERS = (OWN, "@clinique.example")


async def login(user: str, password: str):
    return SENDERS if (user, password) == (USER, PASSWORD) else None


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PLAIN = b64(f"\0{USER}\0{PASSWORD}")
WRONG = b64(f"\0{USER}\0devine")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(submission, "WRONG_SECONDS", 0)


def stage(journey: Journey | None = None, **more):
    settings = {"protocol": "submission", "tls": server_tls(), "login": login}
    return on_stage(journey, **settings | more)


async def secured(one) -> Client:
    client = await one.hello()
    assert (await client.ask("STARTTLS")).startswith("220")
    await client.writer.start_tls(client_tls(), server_hostname="gw.example")
    await client.ask("EHLO pc.example")
    return client


def scene(**more):
    def decorate(test):
        def run():
            async def whole():
                async with stage(**more) as one:
                    await test(one)

            play(whole)

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return decorate


@scene()
async def test_a_password_is_never_asked_for_in_clear(one):
    client = await one.client()
    await client.reply()
    offers = await client.ask("EHLO pc.example")
    assert "AUTH" not in offers
    assert "XFORWARD" not in offers
    assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("538 5.7.11")
    assert (await client.ask(f"MAIL FROM:<{OWN}>")).startswith("530 5.7.0")


@scene()
async def test_with_a_password_mail_is_taken_and_the_trace_says_so(one):
    client = await secured(one)
    assert "AUTH PLAIN LOGIN" in await client.ask("EHLO pc.example")
    assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 2.7.0")
    assert "AUTH" not in await client.ask("EHLO pc.example")
    assert (await client.envelope(sender=OWN)).startswith("354")
    assert (await client.ask("Subject: x\r\n\r\nBonjour\r\n.")).startswith("250")
    [mail] = one.journey.mails
    assert mail.door == "submission"
    assert b"with ESMTPSA id" in mail.trace


@pytest.mark.parametrize(
    "words",
    [
        ("AUTH PLAIN", PLAIN),
        (f"auth plain {PLAIN}",),
        (f"AUTH PLAIN {b64(f'{USER}{chr(0)}{USER}{chr(0)}{PASSWORD}')}",),
        ("AUTH LOGIN", b64(USER), b64(PASSWORD)),
        (f"AUTH LOGIN {b64(USER)}", b64(PASSWORD)),
    ],
)
def test_each_way_that_mail_programs_say_it(words):
    @scene()
    async def whole(one):
        client = await secured(one)
        assert (await client.ask(*words)).startswith("235")

    whole()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("AUTH",), "504"),
        (("AUTH CRAM-MD5",), "504"),
        (("AUTH PLAIN", "*"), "501"),
        (("AUTH PLAIN ***",), "501"),
        (("AUTH PLAIN =",), "501"),
        ((f"AUTH PLAIN {b64('seul')}",), "501"),
        ((f"AUTH PLAIN {b64(f'autre{chr(0)}{USER}{chr(0)}{PASSWORD}')}",), "501"),
        (("AUTH LOGIN", "é"), "501"),
        ((f"AUTH PLAIN {WRONG}",), "535"),
        ((f"AUTH PLAIN {b64(f'{chr(0)}personne{chr(0)}{PASSWORD}')}",), "535"),
        (("AUTH LOGIN", b64(USER), b64("devine")), "535"),
    ],
)
def test_what_is_no_password_lets_nobody_in(words, code):
    @scene()
    async def whole(one):
        client = await secured(one)
        assert (await client.ask(*words)).startswith(code)
        assert (await client.ask(f"MAIL FROM:<{OWN}>")).startswith("530")
        assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235"), "and may try again"

    whole()


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        (OWN, "250"),
        (OWN.upper(), "250"),
        (HOUSE, "250"),
        ("", "250"),
        ("directeur@cabinet.example", "553 5.7.1"),
        ("x@sous.clinique.example", "553 5.7.1"),
        ("clinique.example@autre.example", "553 5.7.1"),
    ],
)
def test_a_user_writes_in_his_own_name_only(sender, code):
    @scene()
    async def whole(one):
        client = await secured(one)
        await client.ask(f"AUTH PLAIN {PLAIN}")
        assert (await client.ask(f"MAIL FROM:<{sender}>")).startswith(code)
        if code != "250":
            assert (await client.ask("RCPT TO:<a@b.fr>")).startswith("503")

    whole()


@scene()
async def test_the_third_wrong_password_ends_the_connection(one):
    client = await secured(one)
    for _ in range(2):
        assert (await client.ask(f"AUTH PLAIN {WRONG}")).startswith("535")
    client.say(f"AUTH PLAIN {WRONG}")
    assert "421" in await client.rest()
    told = ("login refused", {"door": "submission", "client": "127.0.0.1"})
    assert one.journey.events == [told] * 3


def test_who_guessed_too_often_is_not_even_heard(monkeypatch):
    monkeypatch.setattr(lockout, "GUESSES", 2)

    @scene()
    async def whole(one):
        client = await secured(one)
        await client.ask(f"AUTH PLAIN {WRONG}", f"AUTH PLAIN {WRONG}")
        assert (await (await one.client()).rest()).startswith("421 4.7.0")

    whole()


def test_who_guesses_on_many_connections_at_once_is_heard_no_longer(monkeypatch):
    monkeypatch.setattr(lockout, "GUESSES", 2)

    @scene()
    async def whole(one):
        earlier = await secured(one)
        await (await secured(one)).ask(f"AUTH PLAIN {WRONG}", f"AUTH PLAIN {WRONG}")
        earlier.say(f"AUTH PLAIN {PLAIN}")
        assert (await earlier.rest()).startswith("421 4.7.0")

    whole()


@scene(connections=1)
async def test_a_full_door_lets_no_stranger_in(one):
    await one.hello()
    assert (await (await one.client()).rest()).startswith("421 4.3.2")


def test_a_stranger_must_not_take_its_time(monkeypatch):
    monkeypatch.setattr(submission, "STRANGER_SECONDS", 0.05)

    @scene()
    async def silent(one):
        assert (await (await one.hello()).rest()).startswith("421 4.4.2")

    @scene()
    async def known(one):
        client = await secured(one)
        await client.ask(f"AUTH PLAIN {PLAIN}")
        session = next(iter(one.door._sessions))
        assert session._timeout_duration == one.door.settings.command_seconds

    silent()
    monkeypatch.setattr(submission, "STRANGER_SECONDS", 30)
    known()


@scene(protocol="submissions", implicit=True, connections_per_client=1)
async def test_who_opens_handshakes_and_goes_on_with_none_is_limited(one):
    await one.client()
    assert await (await one.client()).rest() == ""
    assert ("client limited", {"door": "submissions", "client": "127.0.0.1"}) in one.journey.events


def test_what_comes_while_a_password_is_verified_waits_for_the_answer():
    asked = []

    async def slow(user, password):
        asked.append(user)
        await asyncio.sleep(0)
        return SENDERS

    @scene(login=slow)
    async def whole(one):
        client = await secured(one)
        client.say(f"AUTH PLAIN {PLAIN}", f"MAIL FROM:<{OWN}>")
        assert (await client.reply()).startswith("235")
        assert (await client.reply()).startswith("250")

    whole()
    assert asked == [USER]


@scene(protocol="submissions", implicit=True)
async def test_on_465_tls_comes_first_and_a_plain_client_hears_nothing(one):
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", one.port, ssl=client_tls(), server_hostname="gw.example"
    )
    client = Client(reader, writer)
    one.clients.append(client)
    assert (await client.reply()).startswith("220")
    offers = await client.ask("EHLO pc.example")
    assert "STARTTLS" not in offers
    assert "AUTH PLAIN LOGIN" in offers
    assert (await client.ask("STARTTLS")).startswith("503")
    clear = await one.client()
    clear.say("EHLO pc.example")
    assert "220" not in await clear.rest()
    assert ("tls failed", {"door": "submissions"}) in one.journey.events


def test_a_slow_handshake_keeps_nobody_else_out():
    """And the client is one that shares no code with the door."""

    async def anybody(user, password):
        return SENDERS

    def send(port: int) -> None:
        with smtplib.SMTP_SSL("localhost", port, context=unverified(), timeout=60) as client:
            client.login(USER, "phrase")
            client.sendmail(OWN, ["a@b.fr"], b"Subject: x\r\n\r\nBonjour\r\n")

    @scene(protocol="submissions", implicit=True, login=anybody)
    async def whole(one):
        await one.client()  # says nothing
        await asyncio.to_thread(send, one.port)
        assert len(one.journey.mails) == 1

    whole()


def unverified():
    context = client_tls()
    context.check_hostname = False
    return context


@pytest.mark.parametrize(
    ("client", "other", "same"),
    [
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "", True),
    ],
)
def test_who_holds_a_network_is_one_guesser(client, other, same):
    one = Lockout()
    for moment in range(lockout.GUESSES):
        one.note(client, moment)
    assert one.holds(other, lockout.GUESSES) is same


def test_guesses_are_forgotten_in_time_and_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(lockout, "MOST_CLIENTS", 3)
    one = Lockout()
    for moment in range(lockout.GUESSES):
        assert not one.holds("a", moment)
        one.note("a", moment)
    assert one.holds("a", lockout.GUESSES)
    assert not one.holds("b", lockout.GUESSES)
    assert not one.holds("a", lockout.WINDOW_SECONDS + 1)
    for client in "bcd":
        one.note(client, 10.0)
    assert not one.holds("a", 10.0)


def test_where_nobody_can_judge_a_password_none_is_called_wrong_nor_counted(monkeypatch):
    monkeypatch.setattr(lockout, "GUESSES", 1)
    away = [True]

    async def judged(user, password):
        if away.pop():
            raise Temporary
        return SENDERS

    @scene(login=judged)
    async def whole(one):
        client = await secured(one)
        assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("454 4.7.0")
        assert one.journey.events == [("login not judged", {"door": "submission"})]
        away.append(False)
        assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235"), "not locked out"

    whole()


@pytest.mark.parametrize(
    ("compare", "sender", "author", "codes"),
    [
        ("from", OWN, OWN, "250 250"),
        ("from", "", OWN, "250 250"),
        ("from", OWN, "autre@cabinet.example", "250 550"),
        ("from", OWN, f"{OWN}, autre@cabinet.example", "250 550"),
        ("from", OWN, f"x@y.example <{OWN}>", "250 550"),
        ("from", OWN, "Jean", "250 550"),
        ("from", "autre@cabinet.example", OWN, "553 503"),
        ("envelope", OWN, "autre@cabinet.example", "250 250"),
        ("nothing", "autre@cabinet.example", "x@y.example", "250 250"),
    ],
)
def test_what_is_compared_with_a_user_s_addresses(compare, sender, author, codes):
    @scene(compare=compare)
    async def whole(one):
        client = await secured(one)
        await client.ask(f"AUTH PLAIN {PLAIN}")
        begun = await client.ask(f"MAIL FROM:<{sender}>")
        await client.ask("RCPT TO:<a@b.fr>")
        content = f"From: {author}\r\nSubject: x\r\n\r\nFrom: {OWN}\r\n".encode()
        ended = await client.ask(b"BDAT %d LAST\r\n%b" % (len(content), content))
        assert f"{begun[:3]} {ended[:3]}" == codes

    whole()


@scene()
async def test_a_chunk_before_a_password_ends_the_connection(one):
    """It is no commands, and to swallow it would serve a stranger for as long as it is."""
    client = await secured(one)
    client.say(b"BDAT 1000000000000 LAST\r\nQUIT\r\n")
    assert (await client.rest()).startswith("530 5.7.0 Identification requise\r\n")
    assert one.journey.mails == []


@scene(proxies=("127.0.0.1/32",), clients=("0.0.0.0/0",))
async def test_behind_a_proxy_it_is_the_client_who_is_locked_out(one):
    async def behind(address: str) -> Client:
        client = await one.client()
        client.say(f"PROXY TCP4 {address} 192.0.2.1 4711 587")
        return client

    for _ in range(lockout.GUESSES // 2):
        client = await (await behind("192.0.2.7")).hello()
        await client.ask("STARTTLS")
        await client.writer.start_tls(client_tls(), server_hostname="gw.example")
        await client.ask("EHLO x", f"AUTH PLAIN {WRONG}", f"AUTH PLAIN {WRONG}")
    assert (await (await behind("192.0.2.7")).rest()).startswith("421 4.7.0")
    assert one.door.lockout.holds("192.0.2.7", asyncio.get_running_loop().time())
    assert not one.door.lockout.holds("127.0.0.1", asyncio.get_running_loop().time())
    assert (await (await behind("192.0.2.8")).reply()).startswith("220")
