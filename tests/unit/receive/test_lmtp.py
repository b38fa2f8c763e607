import pytest

from gateway.receive import smtp
from tests.unit.receive.talk import BUSY, NO, Journey, on_stage, play


async def hello(stage):
    client = await stage.client()
    assert await client.reply() == "220 gw.example LMTP Vaguemestre"
    assert (await client.ask("LHLO mx.example")).startswith("250-gw.example\n250-PIPELINING")
    return client


def test_the_lmtp_door_wants_lhlo():
    async def scene():
        async with on_stage(protocol="lmtp") as stage:
            client = await stage.client()
            await client.reply()
            for said in ("EHLO mx.example", "HELO mx.example"):
                assert (await client.ask(said)).startswith("500 5.5.1")
            assert await client.ask("MAIL FROM:<a@b.fr>") == "503 5.5.1 LHLO d'abord"

    play(scene)


def test_each_recipient_has_its_reply_in_order_duplicates_too():
    async def scene():
        journey = Journey(replies={"n@n.fr": NO, "w@w.fr": BUSY})
        async with on_stage(journey, protocol="lmtp") as stage:
            client = await hello(stage)
            await client.envelope("n@n.fr", "a@a.fr", "w@w.fr", "n@n.fr")
            client.say("x", ".")
            codes = [(await client.reply())[:3] for _ in range(4)]
            assert codes == ["550", "250", "451", "550"]
            (mail,) = journey.mails
            assert mail.door == "lmtp"
            assert mail.envelope.addresses == ("n@n.fr", "a@a.fr", "w@w.fr")
            assert "with LMTP id" in mail.trace.decode()
            await client.ask("NOOP")
            await journey.until(lambda: journey.heard == [True])  # one of them was 2yz

    play(scene)


def test_nothing_is_noted_when_nobody_was_accepted():
    async def scene():
        journey = Journey(replies={"n@n.fr": NO, "w@w.fr": BUSY})
        async with on_stage(journey, protocol="lmtp") as stage:
            client = await hello(stage)
            await client.envelope("n@n.fr", "w@w.fr")
            client.say("x", ".", "NOOP")
            assert [(await client.reply())[:3] for _ in range(3)] == ["550", "451", "250"]
        assert journey.answered == []

    play(scene)


@pytest.mark.parametrize("content", ["a\nb\r\n.", "x" * 3_000 + "\r\n."])
def test_what_is_wrong_with_a_message_is_told_to_each(content):
    async def scene():
        async with on_stage(protocol="lmtp", size=2_000) as stage:
            client = await hello(stage)
            await client.envelope("a@a.fr", "b@b.fr")
            client.say(content, "NOOP")
            codes = [(await client.reply())[:2] for _ in range(3)]
            assert codes == ["55", "55", "25"]
            assert not stage.journey.mails

    play(scene)


def test_our_own_failure_is_told_to_each_and_never_its_text():
    async def scene():
        journey = Journey()
        journey.error = ValueError("279019999912345")
        async with on_stage(journey, protocol="lmtp") as stage:
            client = await hello(stage)
            await client.envelope("a@a.fr", "b@b.fr")
            client.say("x", ".", "NOOP")
            for _ in range(2):
                reply = await client.reply()
                assert reply.startswith(
                    "451 4.3.0 Nouvel essai automatique en cours. Rien n'est perdu."
                )
                assert "2790" not in reply
            assert (await client.reply()).startswith("250")

    play(scene)


def test_a_failure_of_the_door_itself_after_the_final_dot_is_told_to_each(monkeypatch):
    async def scene():
        async with on_stage(protocol="lmtp") as stage:
            client = await hello(stage)
            await client.envelope("a@a.fr", "b@b.fr")
            monkeypatch.setattr(smtp, "count_received", lambda content: 1 / 0)
            client.say("x", ".", "NOOP")
            codes = [(await client.reply())[:9] for _ in range(3)]
            assert codes == ["451 4.3.0", "451 4.3.0", "250 2.0.0"]
            told = {"door": "lmtp", "error": "ZeroDivisionError"}
            assert stage.journey.events == [("session failed", told)]

    play(scene)


def test_a_refused_recipient_has_no_reply_after_the_dot():
    async def scene():
        async with on_stage(protocol="lmtp") as stage:
            client = await hello(stage)
            await client.ask("MAIL FROM:<>", "RCPT TO:<a@a.fr>", "RCPT TO:<b ad>", "DATA")
            client.say("x", ".", "NOOP")
            assert (await client.reply()).startswith("250 2.0.0 Ok")
            assert (await client.reply()).startswith("250 2.0.0 Ok")
            client.say("QUIT")
            assert (await client.rest()).startswith("221")

    play(scene)
