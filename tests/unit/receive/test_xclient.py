"""XCLIENT: who may say it becomes another client, and nothing said before counts any more."""

from __future__ import annotations

import pytest

from tests.unit.receive.talk import on_stage, play
from tests.unit.receive.test_connection import client_tls, server_tls
from tests.unit.receive.test_submission import OWN, PLAIN, login

CLIENT = "192.0.2.7"
TRUSTED = {"xclient": ("127.0.0.1/32",), "clients": ("127.0.0.1/32", "192.0.2.0/24")}
SAID = f"XCLIENT NAME=pc.example ADDR={CLIENT} PORT=4711 HELO=pc.example PROTO=ESMTP"


def scene(**settings):
    def decorate(test):
        def run():
            async def whole():
                async with on_stage(**TRUSTED | settings) as stage:
                    await test(stage)

            play(whole)

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return decorate


@pytest.mark.parametrize(("protocol", "hello"), [("smtp", "EHLO"), ("lmtp", "LHLO")])
def test_the_session_begins_anew_with_the_client_that_is_told(protocol, hello):
    @scene(protocol=protocol)
    async def whole(stage):
        client = await stage.client()
        await client.reply()
        offers = await client.ask(f"{hello} proxy.example")
        assert "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT" in offers
        assert (await client.ask("XFORWARD IDENT=4X")).startswith("250")
        assert (await client.ask(SAID)).startswith("220")
        assert (await client.ask("MAIL FROM:<a@b.fr>")).startswith("503")
        await client.ask(f"{hello} proxy.example")
        await client.envelope()
        assert (await client.ask("x\r\n.")).startswith("250")
        (mail,) = stage.journey.mails
        said = mail.client
        assert (said.address, said.port, said.name) == (CLIENT, 4711, "pc.example")
        assert said.queue_id == "", "XFORWARD was said of another client"
        assert f"from pc.example ([{CLIENT}])".encode() in mail.trace
        assert stage.door.load.of_client(CLIENT) == 1
        assert stage.door.load.of_client("127.0.0.1") == 0

    whole()


@pytest.mark.parametrize("xclient", [(), ("192.0.2.0/24",)])
def test_from_others_it_is_refused_and_not_even_offered(xclient):
    """192.0.2.0/24: the one who asks is meant, not the one he would like to be."""

    @scene(xclient=xclient)
    async def whole(stage):
        client = await stage.client()
        await client.reply()
        assert "XCLIENT" not in await client.ask("EHLO x")
        assert (await client.ask(SAID)).startswith("550 5.7.1")
        await client.envelope()
        await client.ask("x\r\n.")
        assert stage.journey.mails[0].client.address == "127.0.0.1"

    whole()


@scene()
async def test_the_right_is_of_the_host_that_connected_and_lasts(stage):
    client = await stage.hello()
    assert (await client.ask(SAID)).startswith("220")
    await client.ask("EHLO x")
    assert (await client.ask("XCLIENT ADDR=192.0.2.8")).startswith("220")
    assert stage.door.load.of_client(CLIENT) == 0
    assert stage.door.load.of_client("192.0.2.8") == 1


@scene()
async def test_a_client_that_may_not_relay_may_not_by_xclient_either(stage):
    client = await stage.hello()
    client.say("XCLIENT ADDR=198.51.100.7")
    assert (await client.rest()).startswith("554 5.7.1")


@scene(connections_per_client=1)
async def test_limits_are_those_of_the_client_that_is_told(stage):
    first = await stage.hello()
    assert (await first.ask(SAID)).startswith("220")
    second = await stage.hello()
    second.say(SAID)
    assert (await second.rest()).startswith("421 4.7.0")


@scene()
async def test_it_comes_after_hello_and_not_within_a_mail(stage):
    client = await stage.client()
    await client.reply()
    assert (await client.ask(SAID)).startswith("503")
    await client.ask("EHLO x", "MAIL FROM:<a@b.fr>")
    assert (await client.ask(SAID)).startswith("503")
    await client.ask("RCPT TO:<b@b.fr>", b"BDAT 3\r\nabc")
    assert (await client.ask(SAID)).startswith("503")
    await client.ask("RSET")
    assert (await client.ask("XCLIENT ADDR=nobody")).startswith("501")
    assert (await client.ask("XCLIENT ADDR=[UNAVAILABLE]")).startswith("220")
    assert stage.door.load.of_client("127.0.0.1") == 1


@scene()
async def test_what_is_pipelined_behind_it_is_said_by_the_new_client(stage):
    client = await stage.hello()
    client.say(SAID, "EHLO y", "MAIL FROM:<a@b.fr>", "RCPT TO:<b@b.fr>", "DATA", "x\r\n.", "QUIT")
    assert (await client.rest()).rstrip().endswith("Au revoir")
    assert stage.journey.mails[0].client.address == CLIENT


@scene(tls=server_tls())
async def test_it_is_heard_before_starttls_and_after(stage):
    client = await stage.hello()
    assert (await client.ask(SAID)).startswith("220")
    await client.ask("EHLO x", "STARTTLS")
    await client.writer.start_tls(client_tls(), server_hostname="gw.example")
    await client.ask("EHLO x")
    await client.envelope()
    await client.ask("x\r\n.")
    assert (await client.ask("XCLIENT ADDR=192.0.2.8")).startswith("220")
    offers = await client.ask("EHLO x")
    assert "STARTTLS" not in offers, "TLS goes on"
    await client.envelope()
    await client.ask("y\r\n.")
    assert [mail.client.address for mail in stage.journey.mails] == [CLIENT, "192.0.2.8"]


@scene(protocol="submission", tls=server_tls(), login=login)
async def test_a_password_was_that_of_the_client_before(stage):
    client = await stage.hello()
    await client.ask("STARTTLS")
    await client.writer.start_tls(client_tls(), server_hostname="gw.example")
    await client.ask("EHLO x", f"AUTH PLAIN {PLAIN}")
    assert (await client.ask(f"{SAID} LOGIN=cabinet")).startswith("220")
    await client.ask("EHLO x")
    assert (await client.ask(f"MAIL FROM:<{OWN}>")).startswith("530"), "a login told is none"
    assert (await client.ask(f"AUTH PLAIN {PLAIN}")).startswith("235")
    assert (await client.ask(f"MAIL FROM:<{OWN}>")).startswith("250")
