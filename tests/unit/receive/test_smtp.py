import asyncio
import re
import smtplib
import time

import pytest

from tests.unit.receive.talk import BUSY, DONE, NO, Journey, on_stage, play

TEXT = (
    b"Subject: Bonjour\r\nFrom: a@b.example\r\n\r\nBonjour\r\n.dot\r\n\xe9\x00"
    + b"x" * 9_000
    + b"\r\n"
)


def test_smtplib_hands_a_mail_over_byte_for_byte():
    async def scene():
        async with on_stage() as stage:

            def send():
                with smtplib.SMTP("127.0.0.1", stage.port, local_hostname="pc.example") as client:
                    return client.sendmail(
                        "agent@cpam.example",
                        ["b@b.example", "c@c.example"],
                        TEXT,
                        mail_options=["BODY=8BITMIME", "RET=HDRS"],
                        rcpt_options=["NOTIFY=NEVER"],
                    )

            before = asyncio.get_running_loop().time()
            assert await asyncio.to_thread(send) == {}
            (mail,) = stage.journey.mails
            assert mail.content == TEXT
            assert mail.door == "smtp"
            assert mail.envelope.sender == "agent@cpam.example"
            assert mail.envelope.addresses == ("b@b.example", "c@c.example")
            assert mail.envelope.options == ("BODY=8BITMIME", "RET=HDRS")
            assert mail.envelope.recipients[0].options == ("NOTIFY=NEVER",)
            assert (mail.client.address, mail.client.name) == ("127.0.0.1", "pc.example")
            assert 79 < mail.deadline - before < 120
            assert abs(mail.received - time.time()) < 60
            trace = mail.trace.decode()
            assert trace.startswith("Received: from pc.example ([127.0.0.1])\r\n\tby gw.example ")
            assert f"with ESMTP id {mail.id};\r\n\t" in trace
            assert trace.endswith("\r\n")

    play(scene)


def test_ehlo_offers_what_we_do_and_neither_auth_nor_tls_without_a_key():
    async def scene():
        async with on_stage(size=1_000_000) as stage:
            client = await stage.client()
            assert await client.reply() == "220 gw.example ESMTP Vaguemestre"
            offers = (await client.ask("EHLO pc.example")).split("\n")
            assert offers == [
                "250-gw.example",
                "250-PIPELINING",
                "250-SIZE 1000000",
                "250-8BITMIME",
                "250-SMTPUTF8",
                "250-ENHANCEDSTATUSCODES",
                "250-DSN",
                "250-CHUNKING",
                "250 XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT",
            ]

    play(scene)


DIALOGUE = [
    ("MAIL FROM:<a@b.fr>", "503 5.5.1"),
    ("XFORWARD IDENT=4X", "503 5.5.1"),
    ("RCPT TO:<a@b.fr>", "503 5.5.1"),
    ("DATA", "503 5.5.1"),
    ("EHLO", "501 5.5.4"),
    ("HELO pc.example", "250 gw.example"),
    ("FOO", "500 5.5.1"),
    ("AUTH PLAIN AGEAYg==", "500 5.5.1"),
    ("STARTTLS", "503 5.5.1"),
    ("LHLO pc.example", "500 5.5.1"),
    (b"BDAT 6 LAST\r\nQUIT\r\n", "503 5.5.1"),
    ("XCLIENT ADDR=192.0.2.1", "550 5.7.1"),
    ("noop", "250 2.0.0"),
    ("NOOP anything", "250 2.0.0"),
    ("VRFY a@b.fr", "252 2.0.0"),
    ("VRFY", "501 5.5.4"),
    ("EXPN list", "502 5.5.1"),
    ("HELP", "214 2.0.0"),
    (b"NOOP \xff\r\n", "501 5.5.2"),
    ("MAIL FROM:<a@b.fr> XYZ=1", "555 5.5.4"),
    ("mail from: <a@b.fr> size=10", "250 2.1.0"),
    ("MAIL FROM:<a@b.fr>", "503 5.5.1"),
    ("XFORWARD IDENT=4X", "503 5.5.1"),
    ("DATA", "503 5.5.1"),
    ("RCPT TO:<a b@c.fr>", "501 5.1.3"),
    ("RCPT TO:<andré@c.fr>", "553 5.6.7"),
    ("RCPT TO:<b@c.fr>", "250 2.1.5"),
    ("DATA now", "501 5.5.4"),
    ("RSET", "250 2.0.0"),
    ("DATA", "503 5.5.1"),
    ("QUIT", "221 2.0.0"),
]


def test_every_command_has_its_reply():
    async def scene():
        async with on_stage(help="Aide : poste 4512") as stage:
            client = await stage.client()
            await client.reply()
            for said, expected in DIALOGUE:
                reply = await client.ask(said)
                assert reply.startswith(expected), (said, reply)
                assert reply.isascii()
            assert await client.rest() == ""
            assert not stage.journey.mails

    play(scene)


def test_commands_that_come_together_are_answered_in_order():
    async def scene():
        async with on_stage() as stage:
            client = await stage.client()
            await client.reply()
            client.say(
                "EHLO pc.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@a.fr>\r\nRCPT TO:<b b@b.fr>\r\n"
                "DATA\r\nSubject: 1\r\n\r\n.\r\nMAIL FROM:<x@x.fr>\r\nRCPT TO:<c@c.fr>\r\nDATA\r\n"
                "Subject: 2\r\n\r\n.\r\nQUIT"
            )
            codes = re.findall(r"^(\d{3}) ", await client.rest(), re.MULTILINE)
            assert codes == ["250"] * 3 + ["501", "354"] + ["250"] * 3 + ["354", "250", "221"]
            first, second = stage.journey.mails
            assert (first.envelope.sender, first.content) == ("", b"Subject: 1\r\n\r\n")
            assert (second.envelope.sender, second.content) == ("x@x.fr", b"Subject: 2\r\n\r\n")

    play(scene)


def test_with_several_replies_the_client_hears_what_must_be_tried_again():
    async def scene():
        journey = Journey(replies={"n@n.fr": NO, "w@w.fr": BUSY})
        async with on_stage(journey) as stage:
            client = await stage.hello()
            for to, code in ((["a@a.fr", "n@n.fr"], "550"), (["n@n.fr", "w@w.fr"], "451")):
                await client.envelope(*to)
                assert (await client.ask("x\r\n.")).startswith(code)
            await client.ask("NOOP")
            assert journey.answered == []

    play(scene)


SENT = [
    ("HELO pc", "", "with SMTP id"),
    ("EHLO pc", "", "with ESMTP id"),
    ("EHLO pc", " SMTPUTF8", "with UTF8SMTP id"),
]


@pytest.mark.parametrize(("hello", "option", "word"), SENT)
def test_received_says_how_it_came(hello, option, word):
    async def scene():
        async with on_stage() as stage:
            client = await stage.client()
            await client.reply()
            await client.ask(
                hello, f"MAIL FROM:<a@b.fr>{option}", "RCPT TO:<b@b.fr>", "DATA", "x\r\n."
            )
            assert word in stage.journey.mails[0].trace.decode()

    play(scene)


def test_the_queue_id_comes_from_xforward_for_one_mail_else_from_postfix_received():
    async def scene():
        async with on_stage() as stage:
            client = await stage.hello()
            content = (
                "Received: from x\r\n\tby mx (Postfix) with ESMTP id 4TOP;\r\n\t date\r\n\r\n."
            )
            await client.ask("XFORWARD NAME=x IDENT=4FWD", "XFORWARD ADDR=192.0.2.1")
            for _ in range(2):
                await client.envelope()
                await client.ask(content)
            assert [mail.client.queue_id for mail in stage.journey.mails] == ["4FWD", "4TOP"]

    play(scene)


REFUSED = [
    (b"a\nb\r\n.\r\n", "550 5.6.0"),
    (b"a\r\n.\n\r\nb\r\n.\r\n", "550 5.6.0"),
    (b"a\n.\r\nMAIL FROM:<evil@x.fr>\r\n.\r\n", "550 5.6.0"),
    (b"a\r.\r\r\n.\r\n", "550 5.6.0"),
    (b"Received: x\r\n" * 101 + b"\r\n.\r\n", "554 5.4.6"),
    (b"x" * 2_001 + b"\r\n.\r\n", "552 5.3.4"),
]


@pytest.mark.parametrize(("content", "expected"), REFUSED)
def test_what_is_wrong_with_a_message_is_told_after_its_end(content, expected):
    async def scene():
        async with on_stage(size=2_000, help="Aide : poste 4512") as stage:
            client = await stage.hello()
            await client.envelope()
            reply = await client.ask(content)
            assert reply.startswith(expected)
            assert reply.endswith("Aide : poste 4512")
            assert not stage.journey.mails
            assert stage.door.load.octets == 0
            assert (await client.envelope()).startswith("354")  # the next transaction is sound

    play(scene)


def test_a_hundred_received_fields_are_still_no_loop():
    async def scene():
        async with on_stage() as stage:
            client = await stage.hello()
            await client.envelope()
            assert (await client.ask(b"Received: x\r\n" * 100 + b"\r\n.\r\n")).startswith("250")

    play(scene)


def test_a_declared_size_beyond_the_limit_is_refused_at_mail():
    async def scene():
        async with on_stage(size=2_000) as stage:
            client = await stage.hello()
            assert (await client.ask("MAIL FROM:<a@b.fr> SIZE=2001")).startswith("552 5.3.4")
            assert (await client.ask("MAIL FROM:<a@b.fr> SIZE=2000")).startswith("250")

    play(scene)


def test_a_thousand_recipients_are_taken_and_the_next_is_told_to_wait():
    async def scene():
        async with on_stage() as stage:
            client = await stage.hello()
            await client.ask("MAIL FROM:<a@b.fr>")
            client.say(*(f"RCPT TO:<p{i}@b.fr>" for i in range(1_001)))
            replies = [await client.reply() for _ in range(1_001)]
            assert {reply[:9] for reply in replies[:1_000]} == {"250 2.1.5"}
            assert replies[-1].startswith("452 4.5.3")
            assert (await client.ask("DATA", "x\r\n.")).startswith("250")
            assert len(stage.journey.mails[0].envelope.recipients) == 1_000

    play(scene)


def test_thirty_megabytes_arrive_whole():
    async def scene():
        async with on_stage() as stage:
            client = await stage.hello()
            await client.envelope()
            body = (b"A" * 76 + b"\r\n") * (30 * 1024 * 1024 // 78)
            client.say(body, b".\r\n")
            assert (await client.reply()).startswith("250")
            assert stage.journey.mails[0].content == body
            assert stage.door.load.octets == 0

    play(scene)


def test_a_slow_sender_is_heard_to_the_end():
    async def scene():
        async with on_stage() as stage:
            client = await stage.hello()
            await client.envelope()
            for octet in b"..a\r\n.b\r\n..\r\n.\r\n":
                client.say(bytes([octet]))
                await client.writer.drain()
                await asyncio.sleep(0)
            assert (await client.reply()).startswith("250")
            assert stage.journey.mails[0].content == b".a\r\nb\r\n.\r\n"

    play(scene)


def test_an_empty_message_is_a_message():
    async def scene():
        async with on_stage() as stage:
            client = await stage.hello()
            await client.envelope()
            assert (await client.ask(".")).startswith("250")
            assert stage.journey.mails[0].content == b""

    play(scene)


def test_memory_in_flight_is_bounded_and_given_back():
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        async with on_stage(journey, memory=10_000) as stage:
            holder, other = await stage.hello(), await stage.hello()
            await holder.envelope()
            holder.say(b"x" * 8_000 + b"\r\n.\r\n")
            await journey.until(lambda: len(journey.mails) == 1)
            assert (await other.ask("MAIL FROM:<a@b.fr> SIZE=5000")).startswith("451 4.3.1")
            await other.envelope()
            other.say(b"x" * 5_000)
            third = await stage.hello()
            assert stage.door.load.octets < 9_000  # what cannot be taken is not held
            assert (await third.ask("MAIL FROM:<a@b.fr> SIZE=500")).startswith("250")
            assert (await other.ask(b"\r\n.\r\n")).startswith("451 4.3.1")
            journey.held.set()
            assert (await holder.reply()).startswith("250")
            await other.envelope()
            assert (await other.ask(b"x" * 5_000 + b"\r\n.\r\n")).startswith("250")
            assert len(journey.mails) == 2
            assert stage.door.load.octets == 0

    play(scene)


def test_the_next_mail_waits_until_the_last_answer_is_noted():
    async def scene():
        journey, noted = Journey(), asyncio.Event()

        async def slow_note(mail, heard):
            await noted.wait()
            await Journey.note(journey, mail, heard)

        journey.note = slow_note
        async with on_stage(journey) as stage:
            client = await stage.hello()
            for _ in range(2):
                await client.envelope()
                client.say("x", ".")
                if not journey.finished:
                    assert (await client.reply()).startswith("250")
            await stage.hello()
            assert len(journey.mails) == 1
            noted.set()
            assert (await client.reply()).startswith("250")
            assert len(journey.mails) == 2

    play(scene)


def test_done_is_what_the_journey_said():
    async def scene():
        async with on_stage(Journey(DONE)) as stage:
            client = await stage.hello()
            await client.envelope()
            assert await client.ask("x\r\n.") == "250 2.0.0 Ok"

    play(scene)
