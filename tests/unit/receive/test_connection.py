import asyncio
import re
import ssl

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.receive import smtp
from tests.unit.receive.talk import Journey, clock, converse, on_stage, play, spin, wired

SECRET = "279019999912345"


def run(pieces, **wanted):
    journey = Journey()
    return journey, asyncio.run(converse(journey, pieces, **wanted))


def seen(journey):
    return [(m.envelope, m.content, m.client.queue_id) for m in journey.mails]


def codes(replies):
    return re.findall(r"^\d{3}[ -][\d.]*", replies, re.MULTILINE)


BEGIN = b"EHLO x\r\nMAIL FROM:<a@b.fr>\r\nRCPT TO:<b@b.fr>\r\nDATA\r\n"

DIALOGUE = (
    b"EHLO pc.example\r\nXFORWARD IDENT=4X\r\nMAIL FROM:<a@b.fr> SIZE=20\r\nRCPT TO:<c@d.fr>\r\n"
    b"RCPT TO:<b ad>\r\nDATA\r\nSubject: x\r\n\r\n..\r\n\r\n.\r\nNOOP\r\nMAIL FROM:<>\r\n"
    b"RCPT TO:<c@d.fr> NOTIFY=NEVER\r\nDATA\r\na\nb\r\n.\r\nFOO\r\nQUIT\r\n"
)


def test_a_dialogue_cut_anywhere_gives_the_same_result():
    whole, replies = run([DIALOGUE])
    assert len(whole.mails) == 1
    assert codes(replies)[-4:] == ["354 ", "550 5.6.0", "500 5.5.1", "221 2.0.0"]
    for cut in range(1, len(DIALOGUE)):
        journey, same = run([DIALOGUE[:cut], DIALOGUE[cut:]])
        assert seen(journey) == seen(whole), cut
        assert codes(same) == codes(replies), cut


words = st.sampled_from(
    [
        *(b"EHLO x\r\n", b"LHLO x\r\n", b"MAIL FROM:<a@b.fr>\r\n", b"RCPT TO:<c@d.fr>\r\n"),
        *(b"DATA\r\n", b"x\r\n.\r\n", b".\r\n", b"RSET\r\n", b"XFORWARD IDENT=+\r\n", b"NOOP\r\n"),
        *(b"STARTTLS\r\n", b"MAIL FROM:<", b"\r\n", b"\n", b"\r", b"\0", b"\xff", b"A" * 3_000),
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(words | st.binary(max_size=20), max_size=25), st.sampled_from(["smtp", "lmtp"]))
def test_no_bytes_break_the_door_nor_make_it_fail(pieces, protocol):
    journey, replies = run(pieces, protocol=protocol)
    assert all(re.match(r"[2-5]\d\d[ -]", line) for line in replies.splitlines())
    assert not [name for name, _ in journey.events if name == "session failed"]
    assert codes(replies).count("354 ") >= len(journey.mails)


def test_a_command_line_that_is_too_long_is_refused_and_not_kept():
    long = b"NOOP " + b"x" * 100_000
    for pieces in ([long + b"\r\nNOOP\r\n"], [long, b"x" * 100, b"\r\nNO", b"OP\r\n"]):
        _, replies = run(pieces)
        assert codes(replies) == ["220 ", "500 5.5.2", "250 2.0.0"]


def test_after_twenty_bad_commands_the_door_closes():
    _, replies = run([b"FOO\r\n" * 25])
    assert codes(replies) == ["220 ", *["500 5.5.1"] * 20, "421 4.7.0"]


def test_bad_recipients_are_no_bad_commands():
    _, replies = run([b"EHLO x\r\nMAIL FROM:<a@b.fr>\r\n" + b"RCPT TO:<b ad>\r\n" * 50])
    assert codes(replies).count("501 5.1.3") == 50


def test_an_unexpected_error_in_a_command_is_a_451_that_says_nothing(monkeypatch):
    def broken(*_):
        raise ValueError(SECRET)

    monkeypatch.setattr(smtp, "open_transaction", broken)
    journey, replies = run([b"EHLO x\r\nMAIL FROM:<a@b.fr>\r\nNOOP\r\n"])
    assert codes(replies)[-2:] == ["451 4.3.0", "250 2.0.0"]
    assert SECRET not in replies
    assert journey.events == [("session failed", {"door": "smtp", "error": "ValueError"})]


def test_an_unexpected_error_inside_data_ends_the_connection(monkeypatch):
    """The rest of the content must never be taken for commands."""

    class Broken(smtp.Data):
        def feed(self, piece):
            raise ValueError(SECRET)

    monkeypatch.setattr(smtp, "Data", Broken)
    for pieces in ([BEGIN, b"x\r\nNOOP\r\n"], [BEGIN + b"x\r\nNOOP\r\n"]):
        journey, replies = run(pieces)
        assert codes(replies)[-2:] == ["354 ", "451 4.3.0"]
        assert SECRET not in replies
        assert not journey.mails


def test_a_client_that_vanishes_inside_data_has_sent_nothing():
    async def scene():
        async with on_stage() as stage:
            client = await stage.hello()
            await client.envelope()
            client.say("Subject: x", "", "half a me")
            await client.writer.drain()
            client.vanish()
        assert not stage.journey.mails
        assert stage.door.load.octets == 0

    play(scene)


def test_a_client_that_vanishes_after_the_dot_is_served_once_and_may_come_back():
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        async with on_stage(journey) as stage:
            client = await stage.hello()
            await client.envelope()
            client.say("x", ".")
            await journey.until(lambda: len(journey.mails) == 1)
            client.vanish()
            other = await stage.hello()  # the loop has seen the other leave
            await other.ask("NOOP")
            journey.held.set()
            await journey.until(lambda: journey.heard == [False])
            assert journey.finished == [journey.mails[0].id]

    play(scene)


def test_a_client_that_goes_on_has_our_answer():
    async def scene():
        async with on_stage() as stage:
            client = await stage.hello()
            await client.envelope()
            await client.ask("x\r\n.")
            assert stage.journey.answered == []
            await client.ask("QUIT")
            await stage.journey.until(lambda: stage.journey.heard == [True])

    play(scene)


def test_a_client_that_leaves_after_our_answer_may_not_have_it():
    async def scene():
        async with on_stage() as stage:
            client = await stage.hello()
            await client.envelope()
            await client.ask("x\r\n.")
            client.vanish()
            await stage.journey.until(lambda: stage.journey.heard == [False])

    play(scene)


@pytest.mark.parametrize("together", [True, False])
def test_a_quit_sent_before_our_answer_proves_nothing(together):
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        async with on_stage(journey) as stage:
            client = await stage.hello()
            await client.envelope()
            client.say("x\r\n.\r\nQUIT" if together else "x\r\n.")
            await journey.until(lambda: len(journey.mails) == 1)
            if not together:
                client.say("QUIT")
                await client.writer.drain()
                await (await stage.hello()).ask("NOOP")
            journey.held.set()
            assert (await client.rest()).startswith("250 2.0.0 Ok\r\n221 ")
            client.vanish()
            await journey.until(lambda: journey.heard == [False])

    play(scene)


def test_a_quit_that_arrives_while_a_quick_answer_is_made_proves_nothing_either():
    async def scene():
        journey = Journey()
        door, wire, protocol = wired(journey)
        protocol.data_received(BEGIN + b"x\r\n.\r\n")
        asyncio.get_running_loop().call_soon(protocol.data_received, b"QUIT\r\n")
        await spin()
        assert codes(wire.sent.decode())[-2:] == ["250 2.0.0", "221 2.0.0"]
        await door.close()
        assert journey.heard == [False]

    play(scene)


def test_what_a_client_sends_while_we_work_is_bounded_and_obeyed_afterwards():
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        door, wire, protocol = wired(journey)
        protocol.data_received(BEGIN + b"x\r\n.\r\n")
        for _ in range(10):
            assert not wire.paused
            protocol.data_received(b"NOOP\r\n" * 1_100)
        assert wire.paused
        journey.held.set()
        await spin()
        assert not wire.paused
        protocol.data_received(b"QUIT\r\n")
        assert codes(wire.sent.decode())[-11_002:] == ["250 2.0.0"] * 11_001 + ["221 2.0.0"]
        await door.close()

    play(scene)


def test_a_client_that_closes_its_half_while_we_work_leaves_nothing_open():
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        async with on_stage(journey) as stage:
            client = await stage.hello()
            await client.envelope()
            client.say("x", ".", "MAIL FROM:<a@b.fr>", "RCPT TO:<b@b.fr>", "DATA", b"half")
            client.writer.write_eof()
            await journey.until(lambda: len(journey.mails) == 1)
            journey.held.set()
            assert [line[:3] for line in (await client.rest()).splitlines()] == [
                *("250", "250", "250", "354")
            ]
            assert len(journey.mails) == 1

    play(scene)


def test_a_client_that_closes_its_half_still_gets_its_replies():
    async def scene():
        async with on_stage() as stage:
            client = await stage.hello()
            await client.envelope()
            client.say("x", ".", "NOOP")
            client.writer.write_eof()
            assert (await client.rest()) == "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n"
            await stage.journey.until(lambda: stage.journey.heard == [False])

    play(scene)


SILENT = [
    (["NOOP"], {"command_seconds": 0.1}),
    (["MAIL FROM:<a@b.fr>", "RCPT TO:<b@b.fr>", "DATA"], {"data_seconds": 0.1}),
]


@pytest.mark.parametrize(("begun", "limit"), SILENT)
def test_a_silent_client_is_told_and_left(begun, limit):
    async def scene():
        async with on_stage(**limit) as stage:
            client = await stage.hello()
            await client.ask(*begun)
            client.say(b"xxx")  # a beginning is not enough
            assert (await client.rest()).startswith("421 4.4.2")
            assert stage.journey.events == [("client too slow", {"door": "smtp"})]
            assert not stage.journey.mails

    play(scene)


def test_a_slow_client_has_its_time_for_every_four_kilobytes_of_content():
    async def scene():
        with clock() as now:
            door, wire, protocol = wired(Journey(), data_seconds=300)
            protocol.data_received(BEGIN)

            async def send(octets, times):
                for _ in range(times):
                    now[0] += 100
                    protocol.data_received(b"x" * octets)
                    await spin()

            await send(4_096, times=20)
            assert not wire.closing
            await send(1, times=2)
            assert not wire.closing
            await send(1, times=1)
            assert wire.closing
            assert codes(wire.sent.decode())[-1] == "421 4.4.2"
        await door.close()

    play(scene)


def test_a_client_that_does_not_read_its_replies_is_cut_off():
    async def scene():
        with clock() as now:
            door, wire, _ = wired(Journey(), command_seconds=300)
            wire.get_write_buffer_size = lambda: 1
            now[0] += 301
            await spin()
            assert wire.closing
            assert codes(wire.sent.decode()) == ["220 "]
        await door.close()

    play(scene)


def test_the_client_is_not_too_slow_while_it_waits_for_us():
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        async with on_stage(journey, command_seconds=0.05, data_seconds=0.05) as stage:
            client = await stage.hello()
            await client.envelope()
            client.say("x", ".")
            await journey.until(lambda: len(journey.mails) == 1)
            asyncio.get_running_loop().call_later(0.3, journey.held.set)
            assert (await client.reply()).startswith("250")

    play(scene)


AUTHORITY = trustme.CA()


def server_tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("gw.example").configure_cert(context)
    return context


def client_tls():
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


async def secure(client):
    assert (await client.ask("STARTTLS")).startswith("220")
    await client.writer.start_tls(client_tls(), server_hostname="gw.example")


def test_starttls_forgets_what_was_said_and_received_says_esmtps():
    async def scene():
        async with on_stage(tls=server_tls()) as stage:
            client = await stage.client()
            await client.reply()
            assert "STARTTLS" in await client.ask("EHLO pc.example")
            await client.ask("MAIL FROM:<a@b.fr>")
            await secure(client)
            assert (await client.ask("MAIL FROM:<a@b.fr>")).startswith("503 5.5.1")
            assert "STARTTLS" not in await client.ask("EHLO pc.example")
            assert (await client.ask("STARTTLS")).startswith("503 5.5.1")
            await client.envelope()
            assert (await client.ask("x\r\n.")).startswith("250")
            assert (await client.ask("QUIT")).startswith("221")
            (mail,) = stage.journey.mails
            assert "with ESMTPS id" in mail.trace.decode()
            assert mail.client.tls == "TLSv1.3"
            await stage.journey.until(lambda: stage.journey.heard == [True])

    play(scene)


def test_a_command_slipped_in_before_the_handshake_is_not_obeyed():
    async def scene():
        async with on_stage(tls=server_tls()) as stage:
            client = await stage.hello()
            client.say(b"STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@x.fr>\r\n")
            assert (await client.reply()).startswith("220")
            await client.writer.start_tls(client_tls(), server_hostname="gw.example")
            assert (await client.ask("RCPT TO:<a@b.fr>")).startswith("503")
            assert (await client.ask("EHLO pc.example")).startswith("250")

    play(scene)


def test_old_tls_is_refused():
    async def scene():
        context = server_tls()
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        async with on_stage(tls=context) as stage:
            assert stage.door.settings.tls.minimum_version >= ssl.TLSVersion.TLSv1_2

    play(scene)


@pytest.mark.parametrize("instead", [b"NOOP\r\n" * 20, None])
def test_a_handshake_that_fails_ends_the_connection_only(instead):
    async def scene():
        async with on_stage(tls=server_tls()) as stage:
            client = await stage.hello()
            await client.ask("STARTTLS")
            if instead is None:
                client.vanish()
            else:
                client.say(instead)
                assert "250" not in await client.rest()
            assert (await stage.hello()) is not None
        assert ("tls failed", {"door": "smtp"}) in stage.journey.events
        assert stage.door.load.connections == 0

    play(scene)
