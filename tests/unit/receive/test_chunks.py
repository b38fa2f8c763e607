"""Content by BDAT (RFC 3030), at the doors that take it: octet for octet, in any pieces."""

import asyncio
import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.receive import smtp
from gateway.receive.chunks import Chunks, chunk_size
from gateway.receive.wording import Refusal
from tests.unit.receive.talk import NO, Journey, converse, on_stage, play

BEGIN = b"EHLO x\r\nMAIL FROM:<a@b.fr>\r\nRCPT TO:<b@b.fr>\r\nRCPT TO:<c@b.fr>\r\n"
MAIL = b"Subject: x\r\n\r\n.\r\n..\r\n\0\xff\r\n.\r\n"


def run(*pieces, **wanted):
    journey = Journey()
    return journey, asyncio.run(converse(journey, list(pieces), **wanted))


def codes(replies):
    return re.findall(r"^\d{3} [\d.]*", replies, re.MULTILINE)


def after_begin(replies):
    return codes(replies)[5:]


@pytest.mark.parametrize("said", ["3", "3 LAST", "3  last", "0", "0 LAST", "0003"])
def test_a_size_and_perhaps_last(said):
    assert chunk_size(said) == (int(said.split()[0]), "l" in said.lower())


@pytest.mark.parametrize(
    "said",
    [
        *("", "LAST", "-1", "+1", "1.5", "0x10", "²", "٣", "3 LASTLY", "3 LAST LAST", "3,LAST"),
        *("99999999999999999999", "1" * 1_000, "1_000", "3\0", "3\tLAST LAST"),
    ],
)
def test_anything_else_ends_the_connection_since_nobody_knows_where_the_chunk_ends(said):
    with pytest.raises(Refusal):
        chunk_size(said)
    journey, replies = run(BEGIN + f"BDAT {said}\r\n".encode() + b"QUIT\r\nNOOP\r\n")
    assert after_begin(replies) == ["501 5.5.4"]
    assert not journey.mails


@pytest.mark.parametrize("line", [b"BDAT 6 \xff\r\n", b"BDAT6 LAST\r\n", b"bdat\t6 LAST\r\n"])
def test_so_does_a_line_that_is_hardly_a_bdat(line):
    _, replies = run(BEGIN + line + b"QUIT\r\n")
    assert after_begin(replies)[0][:2] == "50"
    assert len(after_begin(replies)) == 1


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_chunks_cut_anywhere_make_the_same_mail(protocol):
    first, second = MAIL[:17], MAIL[17:]
    begin = BEGIN if protocol == "smtp" else b"L" + BEGIN[1:]
    said = begin + b"BDAT 17\r\n" + first + b"BDAT 0\r\nBDAT %d LAST\r\n" % len(second) + second
    said += b"NOOP\r\nQUIT\r\n"
    ends = ["250 2.0.0"] * (2 if protocol == "lmtp" else 1)
    for cut in range(len(said)):
        journey, replies = run(said[:cut], said[cut:], protocol=protocol)
        assert [mail.content for mail in journey.mails] == [MAIL], cut
        expected = ["250 2.0.0", "250 2.0.0", *ends, "250 2.0.0", "221 2.0.0"]
        assert after_begin(replies) == expected, cut


@given(
    st.lists(st.sampled_from([b"", b".", b".\r\n", b"a", b"\r\n", b"\0\xff", b"x" * 50])),
    st.lists(st.integers(0, 500), max_size=6),
)
@settings(deadline=None, max_examples=60)
def test_whatever_the_chunks_and_the_pieces_the_content_is_what_was_sent(chunks, cuts):
    lines = [b"BDAT %d\r\n%b" % (len(chunk), chunk) for chunk in chunks]
    said = BEGIN + b"".join(lines) + b"BDAT 0 LAST\r\nQUIT\r\n"
    edges = [0, *sorted(len(BEGIN) + cut % (len(said) - len(BEGIN)) for cut in cuts), len(said)]
    journey, _ = run(*(said[a:b] for a, b in itertools.pairwise(edges)))
    content = b"".join(chunks)
    whole = content if not content or content.endswith(b"\r\n") else content + b"\r\n"
    (mail,) = journey.mails
    assert mail.content == whole


@pytest.mark.parametrize(
    ("content", "taken"),
    [
        (b"", b""),
        (b"a", b"a\r\n"),
        (b"a\r\n", b"a\r\n"),
        (b"a\r\n.", b"a\r\n.\r\n"),
        (b"a\r\n.\r\n", b"a\r\n.\r\n"),
    ],
)
def test_an_unfinished_line_is_finished_since_data_has_none(content, taken):
    journey, _ = run(BEGIN + b"BDAT %d LAST\r\n" % len(content) + content)
    assert [mail.content for mail in journey.mails] == [taken]


@pytest.mark.parametrize(
    "bare", [b"\n", b"\r", b"a\r", b"a\nb\r\n", b"\r\r\n", b"\n.\n", b"\r\n\r"]
)
def test_a_bare_cr_or_lf_is_refused_wherever_the_chunks_are_cut(bare):
    content = b"x\r\n" + bare
    for cut in range(len(content) + 1):
        head, tail = content[:cut], content[cut:]
        said = BEGIN + b"BDAT %d\r\n%b" % (len(head), head)
        journey, replies = run(said + b"BDAT %d LAST\r\n%b" % (len(tail), tail) + b"NOOP\r\n")
        assert after_begin(replies) == ["250 2.0.0", "550 5.6.0", "250 2.0.0"]
        assert not journey.mails


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"BDAT 3\r\nabcDATA\r\n", ["250", "503"]),
        (b"BDAT 3\r\nabcRCPT TO:<d@d.fr>\r\n", ["250", "503"]),
        (b"BDAT 3\r\nabcMAIL FROM:<d@d.fr>\r\n", ["250", "503"]),
        (b"BDAT 3\r\nabcRSET\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", ["250", "250", "503", "250"]),
        (b"BDAT 3\r\nabcEHLO y\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", ["250", "250", "503", "250"]),
        (b"BDAT 3 LAST\r\nabcBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", ["250", "503", "250"]),
        (b"BDAT 3 LAST\r\nabcQUIT\r\n", ["250", "221"]),
    ],
)
def test_what_may_follow_what(said, expected):
    """Where a chunk is not wanted, its octets are still no commands."""
    _, replies = run(BEGIN + said)
    assert [code[:3] for code in after_begin(replies)] == expected


def test_a_chunk_before_any_recipient_is_swallowed():
    said = b"EHLO x\r\nMAIL FROM:<a@b.fr>\r\nBDAT 6 LAST\r\nQUIT\r\nRCPT TO:<b@b.fr>\r\n"
    journey, replies = run(said + b"BDAT 3 LAST\r\nabc")
    assert codes(replies)[3:] == ["503 5.5.1", "250 2.1.5", "250 2.0.0"]
    assert [mail.content for mail in journey.mails] == [b"abc\r\n"]


@pytest.mark.parametrize(("protocol", "last"), [("smtp", 1), ("lmtp", 2)])
def test_a_mail_that_grows_too_big_is_refused_chunk_by_chunk_until_rset(protocol, last):
    begin = BEGIN if protocol == "smtp" else b"L" + BEGIN[1:]
    big = begin + b"BDAT 60\r\n" + b"a" * 60 + b"BDAT 60\r\n" + b"QUIT\r\n" * 10
    journey, replies = run(
        big + b"BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", size=100, protocol=protocol
    )
    expected = ["250 2.0.0", "552 5.3.4", "552 5.3.4", *["552 5.3.4"] * last, "250 2.0.0"]
    assert after_begin(replies) == expected
    assert not journey.mails
    journey, replies = run(
        big + b"RSET\r\n" + begin + b"BDAT 1 LAST\r\na", size=100, protocol=protocol
    )
    assert after_begin(replies)[-1] == "250 2.0.0"
    assert len(journey.mails) == 1


@pytest.mark.parametrize(
    ("size", "end", "code"),
    [(98, b"\r\n", "250"), (99, b"\r\n", "552"), (98, b"", "250"), (99, b"", "552")],
)
def test_the_limit_is_of_the_sum_and_of_what_will_leave(size, end, code):
    head, tail = b"a" * 50, b"a" * (size - 50) + end
    said = b"BDAT 50\r\n%bBDAT %d LAST\r\n%b" % (head, len(tail), tail)
    _, replies = run(BEGIN + said, size=100)
    assert after_begin(replies)[-1][:3] == code


def test_a_chunk_announced_beyond_all_sense_is_read_and_never_kept():
    async def scene():
        async with on_stage(size=1_000) as stage:
            client = await stage.hello()
            await client.ask("MAIL FROM:<a@b.fr>", "RCPT TO:<b@b.fr>")
            client.say("BDAT 999999999999999999 LAST", b"x" * 100_000)
            await client.writer.drain()
            other = await stage.hello()
            assert (await other.ask("NOOP")).startswith("250")
            assert stage.door.load.octets == 0
            assert not stage.journey.mails

    play(scene)


def test_thousands_of_small_chunks_take_no_more_memory_than_their_octets():
    chunks = Chunks(1 << 20)
    for _ in range(10_000):
        chunks.expect(1, last=False)
        assert chunks.feed(b"aBDAT") == b"BDAT"
    assert chunks.content() == b"a" * 10_000 + b"\r\n"


def test_lmtp_answers_each_recipient_at_the_last_chunk():
    async def scene():
        journey = Journey(replies={"n@n.fr": NO})
        async with on_stage(journey, protocol="lmtp") as stage:
            client = await stage.client()
            await client.reply()
            await client.ask("LHLO x", "MAIL FROM:<>", "RCPT TO:<a@a.fr>", "RCPT TO:<n@n.fr>")
            assert (await client.ask(b"BDAT 3\r\nabc")).startswith("250")
            client.say(b"BDAT 2 LAST\r\n\r\n")
            assert [(await client.reply())[:3] for _ in range(2)] == ["250", "550"]

    play(scene)


def test_without_memory_the_client_tries_again_later_and_nothing_is_held():
    async def scene():
        async with on_stage(memory=1_000) as stage:
            client = await stage.hello()
            await client.ask("MAIL FROM:<a@b.fr>", "RCPT TO:<b@b.fr>")
            assert (await client.ask(b"BDAT 2000\r\n" + b"a" * 2_000)).startswith("451 4.3.1")
            assert stage.door.load.octets == 0
            assert (await client.ask(b"BDAT 1 LAST\r\na")).startswith("451 4.3.1")
            assert (await client.ask("NOOP")).startswith("250")

    play(scene)


def test_an_unexpected_error_in_a_chunk_ends_the_connection(monkeypatch):
    class Broken(Chunks):
        def feed(self, piece):
            raise ValueError

    monkeypatch.setattr(smtp, "Chunks", Broken)
    for pieces in ([b"BDAT 9\r\nQUIT\r\n"], [b"BDAT 9\r\n", b"NOOP\r\n"]):
        _, replies = run(BEGIN, *pieces, b"NOOP\r\n")
        assert after_begin(replies) == ["451 4.3.0"]
