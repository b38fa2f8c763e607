import asyncio
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.act import smtp_client
from gateway.act.server import Server
from gateway.act.smtp_client import LATE, NO_8BIT, NO_UTF8, Body, Unusable, connect
from gateway.act.smtp_wire import NONSENSE, STALLED
from gateway.model import Envelope, Recipient, Reply
from tests.fakes import EXTENSIONS, Deed, NextHop

CONTENT = b"From: s@ours.example\r\n\r\nBonjour\r\n"
LINES = st.lists(
    st.one_of(
        st.sampled_from([b"", b".", b"..", b".x", b"x.", b"\0", b"\xe9", b"-" * 1200]),
        st.binary(max_size=30).map(lambda b: b.replace(b"\r", b"").replace(b"\n", b"")),
    ),
    max_size=12,
)


def unstuffed(pieces):
    """What a server that knows nothing of ours reads: RFC 5321, 4.5.2."""
    raw = b"".join(pieces) + b".\r\n"
    lines = raw.split(b"\r\n")
    assert lines.index(b".") == len(lines) - 2, "the first lone dot must be the last line"
    return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:-2])


@given(LINES, st.booleans(), st.lists(st.integers(0, 300), max_size=4))
@example([b".", b"", b"."], True, [1])
def test_a_body_is_what_was_sent_however_it_is_cut(lines, ended, cuts):
    content = b"\r\n".join(lines) + (b"\r\n" if ended else b"")
    edges = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    body = Body.of([content[a:b] for a, b in pairwise(edges)])
    whole = content + (b"\r\n" if content and not content.endswith(b"\r\n") else b"")
    assert unstuffed(body.pieces) == whole
    assert body.size == len(whole)


@pytest.mark.parametrize(
    "lines", [1, 31, 32, 33, 500], ids=lambda n: f"{n} dots before the one that matters"
)
def test_a_dot_that_begins_a_line_is_found_after_any_number_of_others(lines):
    content = b"a.b\r\n" * lines + b".\r\nMAIL FROM:<x@y>\r\n"
    assert unstuffed(Body.of([content]).pieces) == content


def test_a_large_body_without_dot_lines_is_not_copied():
    chunk = b"QUJDREVGR0g=\r\n" * 100_000
    assert Body.of([b"Received: x\r\n", chunk]).pieces[1] is chunk


@pytest.mark.parametrize(
    "content",
    [
        b"a\n.\nb\r\n",
        b"a\n.\r\nb\r\n",
        b"a\r.\rb\r\n",
        b"a\r.\r\nb\r\n",
        b"a.b\r\n" * 100 + b"x\n.\r\n",
        b".a\r\n\r.\r\n",
    ],
)
def test_a_dot_after_a_bare_line_end_makes_no_body(content):
    assert Body.of([content]) is None, "a server that takes CR or LF for a line end would cut here"


def test_bare_line_ends_elsewhere_go_as_they_are():
    content = b"a\nb\rc\n\r\n"
    assert unstuffed(Body.of([content]).pieces) == content


def talk(hop, *mails, content=CONTENT, seconds=30, timeout=5, **server):
    """Deliver these envelopes one after the other over one connection. timeout: seconds, few where
    the hop is to stall."""

    async def run():
        async with hop:
            client = await connect(
                Server("127.0.0.1", hop.port, **server), "gw.example", timeout, deadline()
            )
            body = Body.of([content])
            replies = [await client.deliver(mail, body, deadline(seconds)) for mail in mails]
            reusable = client.reusable
            client.wire.close()
            return replies, reusable

    return asyncio.run(run())


def deadline(seconds=30):
    return asyncio.get_running_loop().time() + seconds


def envelope(*to, sender="s@ours.example", options=()):
    return Envelope(
        sender,
        tuple(r if isinstance(r, Recipient) else Recipient(r) for r in to),
        options,
    )


WITHOUT_PIPELINING = tuple(e for e in EXTENSIONS if e != "PIPELINING")
either_way = pytest.mark.parametrize(
    "extensions", [EXTENSIONS, WITHOUT_PIPELINING], ids=["pipelined", "one by one"]
)


@either_way
def test_each_recipient_gets_the_reply_the_hop_gave(extensions):
    hop = NextHop(
        extensions,
        says={"RCPT TO:<b@": "550 5.1.1 unknown", "RCPT TO:<c@": "452-4.5.3 too\r\n452 4.5.3 many"},
    )
    [replies], reusable = talk(hop, envelope("a@x.example", "b@x.example", "c@x.example"))
    assert replies == {
        "a@x.example": Reply(250, "2.0.0", ("Ok: queued",)),
        "b@x.example": Reply(550, "5.1.1", ("unknown",)),
        "c@x.example": Reply(452, "4.5.3", ("too", "many")),
    }
    assert [taken.rcpts for taken in hop.taken] == [("RCPT TO:<a@x.example>",)]
    assert reusable


@either_way
def test_where_all_are_refused_no_content_goes_out_and_the_connection_serves_on(extensions):
    hop = NextHop(extensions, says={"RCPT": ["550 5.1.1 no", "450 4.2.0 later"]})
    replies, reusable = talk(hop, envelope("a@x.example", "b@x.example"), envelope("c@x.example"))
    assert [r.code for r in replies[0].values()] == [550, 450]
    assert [t.rcpts for t in hop.taken] == [("RCPT TO:<c@x.example>",)]
    assert hop.connections == 1
    assert reusable


@either_way
def test_where_mail_is_refused_everybody_hears_why(extensions):
    hop = NextHop(extensions, says={"MAIL": ["552 5.3.4 too big"]})
    replies, _ = talk(hop, envelope("a@x.example", "b@x.example"), envelope("c@x.example"))
    assert set(replies[0].values()) == {Reply(552, "5.3.4", ("too big",))}
    assert [t.rcpts for t in hop.taken] == [("RCPT TO:<c@x.example>",)]


@either_way
def test_where_data_is_refused_those_accepted_hear_it(extensions):
    hop = NextHop(extensions, says={"RCPT TO:<b@": "550 no", "DATA": ["451 4.3.0 busy"]})
    replies, _ = talk(hop, envelope("a@x.example", "b@x.example"), envelope("c@x.example"))
    assert [r.code for r in replies[0].values()] == [550, 451]
    assert len(hop.taken) == 1


def test_a_354_for_nobody_is_ended_by_a_lone_dot_that_delivers_nothing():
    hop = NextHop(says={"RCPT": ["550 5.1.1 no"], "DATA": "354 go on"})
    replies, reusable = talk(hop, envelope("a@x.example"), envelope("b@x.example"))
    assert replies[0]["a@x.example"].code == 550
    assert [t.rcpts for t in hop.taken] == [("RCPT TO:<b@x.example>",)]
    assert hop.connections == 1
    assert reusable


@pytest.mark.parametrize("says", [{"MAIL": "550 no"}, {"RCPT": "354 what"}])
def test_a_354_that_makes_no_sense_gets_no_dot_at_all(says):
    hop = NextHop(says=says | {"DATA": "354 go on", "RCPT TO:<b@": "250 yes", ".": "250 taken"})
    hop.says["RCPT"] = hop.says.get("RCPT", "250 yes")
    [replies], reusable = talk(hop, envelope("a@x.example"))
    assert not replies["a@x.example"].accepted
    assert hop.taken == []
    assert not reusable


@pytest.mark.parametrize(
    ("said", "code", "reusable"),
    [
        ("554 5.7.1 spam", 554, True),
        ("451 4.3.0 later", 451, True),
        ("421 4.3.2 closing", 451, False),
        ("354 what", 451, False),
        (Deed.CLOSE, 451, False),
        (Deed.STALL, 451, False),
        (b"250 hal", 451, False),
        (Deed.ENDLESS_LINES, 451, False),
        (Deed.ENDLESS_LINE, 451, False),
        (b"\xff\x00junk\r\n", 451, False),
    ],
)
def test_what_the_hop_says_of_the_content_is_what_everybody_hears(
    said, code, reusable, monkeypatch
):
    monkeypatch.setattr(smtp_client, "DOT_RESERVE_SECONDS", 0.1)
    mail = envelope("a@x.example", "b@x.example")
    [replies], kept = talk(NextHop(says={".": said}), mail, seconds=1)
    assert [r.code for r in replies.values()] == [code, code]
    assert kept == reusable


def test_without_time_for_its_answer_the_final_dot_is_never_sent():
    hop = NextHop()
    [replies], reusable = talk(hop, envelope("a@x.example"), seconds=9.9)
    assert (replies["a@x.example"], hop.taken, reusable) == (LATE, [], False)
    assert hop.commands[-1] == "DATA"


def test_nor_after_a_body_that_took_too_long():
    hop = NextHop(says={"body": Deed.STALL})
    content = b"x\r\n" + b"y" * (1 << 24)
    [replies], _ = talk(hop, envelope("a@x.example"), content=content, seconds=10.2)
    assert (replies["a@x.example"], hop.taken) == (LATE, [])


@either_way
def test_a_hop_out_of_step_gets_no_content_and_has_accepted_nothing(extensions):
    hop = NextHop(extensions, says={"DATA": "250 2.0.0 Ok"})
    [replies], reusable = talk(hop, envelope("a@x.example"))
    assert (replies["a@x.example"], hop.taken, reusable) == (NONSENSE, [], False)


def test_lmtp_answers_each_recipient_apart():
    hop = NextHop(
        lmtp=True, says={"RCPT TO:<b@": "550 5.1.1 no", ".c@": "452 4.2.2 full", ".d@": "550 no"}
    )
    to = ("a@x.example", "b@x.example", "c@x.example", "d@x.example")
    [first, second], reusable = talk(hop, envelope(*to), envelope("a@x.example"), lmtp=True)
    assert [first[a].code for a in to] == [250, 550, 452, 550]
    assert second["a@x.example"].code == 250
    assert hop.commands[0].startswith("LHLO")
    assert reusable


def test_an_lmtp_hop_lost_between_two_answers_keeps_the_first():
    hop = NextHop(lmtp=True, says={".b@": Deed.CLOSE})
    [replies], reusable = talk(hop, envelope("a@x.example", "b@x.example"), lmtp=True)
    assert [r.code for r in replies.values()] == [250, 451]
    assert not reusable


def test_an_lmtp_hop_that_takes_data_for_nobody_gets_no_dot():
    hop = NextHop(lmtp=True, says={"RCPT": "550 no", "DATA": "354 go"})
    [replies], reusable = talk(hop, envelope("a@x.example"), lmtp=True)
    assert replies["a@x.example"].code == 550
    assert not reusable


MAIL_OPTIONS = ("BODY=8BITMIME", "SMTPUTF8", "RET=HDRS", "ENVID=QQ314", "AUTH=<>", "X-OWN=1")
RCPT_OPTIONS = ("NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;a@x.example")
SIZE = f"SIZE={len(CONTENT)}"


@pytest.mark.parametrize(
    ("extensions", "mail", "rcpt"),
    [
        ((), "", ""),
        (("8BITMIME",), " BODY=8BITMIME", ""),
        (("SIZE",), f" {SIZE}", ""),
        (("SMTPUTF8", "auth PLAIN LOGIN"), " SMTPUTF8 AUTH=<>", ""),
        (("DSN",), " RET=HDRS ENVID=QQ314", " " + " ".join(RCPT_OPTIONS)),
    ],
)
def test_parameters_are_carried_only_where_the_hop_knows_them(extensions, mail, rcpt):
    hop = NextHop(extensions)
    recipient = Recipient("a@x.example", RCPT_OPTIONS)
    [replies], _ = talk(hop, envelope(recipient, options=MAIL_OPTIONS))
    assert replies["a@x.example"].accepted
    assert hop.commands[1:3] == [
        f"MAIL FROM:<s@ours.example>{mail}",
        f"RCPT TO:<a@x.example>{rcpt}",
    ]


def test_the_null_sender_is_sent_as_such():
    hop = NextHop(())
    talk(hop, envelope("a@x.example", sender=""))
    assert hop.commands[1] == "MAIL FROM:<>"


UTF8_HEADER = "Subject: été\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("mail", "content", "refused"),
    [
        (envelope("é@x.example", "a@x.example"), CONTENT, {"é@x.example"}),
        (envelope("a@x.example", sender="é@ours.example"), CONTENT, {"a@x.example"}),
        (envelope("a@x.example", options=("SMTPUTF8",)), UTF8_HEADER, {"a@x.example"}),
        (envelope("a@x.example", options=("SMTPUTF8",)), CONTENT, set()),
        (envelope("a@x.example"), UTF8_HEADER, set()),
    ],
)
def test_without_smtputf8_only_what_needs_it_is_refused(mail, content, refused):
    [replies], reusable = talk(NextHop(("PIPELINING", "8BITMIME")), mail, content=content)
    assert {a for a, reply in replies.items() if reply == NO_UTF8} == refused
    assert all(replies[a].accepted for a in replies.keys() - refused)
    assert reusable


@pytest.mark.parametrize("lmtp", [False, True])
@pytest.mark.parametrize(
    ("extensions", "content", "reply"),
    [
        ((), "Subject: x\r\n\r\né\r\n", NO_8BIT),
        ((), "Subject: é\r\n\r\nx\r\n", NO_8BIT),
        (("SMTPUTF8",), "Subject: é\r\n\r\nx\r\n", NO_8BIT),
        ((), "Subject: x\r\n\r\nx\r\n", None),
        (("8BITMIME",), "Subject: x\r\n\r\né\r\n", None),
    ],
)
def test_eight_bits_go_only_where_they_are_taken(lmtp, extensions, content, reply):
    """RFC 6152, 3: else convert, which would break signatures, or refuse for good: never send."""
    hop = NextHop(extensions, lmtp=lmtp)
    mail = envelope("a@x.example", options=("BODY=8BITMIME",))
    [replies], reusable = talk(hop, mail, content=content.encode())
    assert (replies["a@x.example"] == reply) == (reply is not None)
    assert bool(hop.taken) == (reply is None)
    assert reusable


def test_smtputf8_is_asked_for_where_an_address_needs_it():
    hop = NextHop(("SMTPUTF8",))
    talk(hop, envelope("é@x.example"))
    assert hop.commands[1:3] == ["MAIL FROM:<s@ours.example> SMTPUTF8", "RCPT TO:<é@x.example>"]


@pytest.mark.parametrize(
    "says",
    [
        {"greeting": Deed.CLOSE},
        {"greeting": Deed.STALL},
        {"greeting": "554 5.7.1 not you"},
        {"greeting": "421 4.3.2 later"},
        {"greeting": b"220 hal"},
        {"greeting": b"SSH-2.0-OpenSSH_9.2p1\r\n"},
        {"EHLO": Deed.CLOSE},
        {"EHLO": Deed.STALL},
        {"EHLO": "502 5.5.1 what"},
        {"EHLO": Deed.ENDLESS_LINES},
        {"EHLO": Deed.ENDLESS_LINE},
    ],
    ids=str,
)
def test_a_hop_that_cannot_be_talked_to_is_unusable_for_now(says):
    with pytest.raises(Unusable) as failure:
        talk(NextHop(says=says), timeout=1)
    assert failure.value.reply.code == 451


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    "deed", [Deed.CLOSE, Deed.STALL, b"250-hal", b"junk\r\n", Deed.ENDLESS_LINES], ids=str
)
@either_way
def test_a_hop_that_fails_on_the_way_leaves_everybody_to_be_retried(extensions, command, deed):
    hop = NextHop(extensions, says={command: deed})
    [replies], reusable = talk(hop, envelope("a@x.example", "b@x.example"), timeout=1)
    assert [r.code for r in replies.values()] == [451, 451]
    assert hop.taken == []
    assert not reusable


def test_a_hop_that_closes_in_the_middle_of_the_body_has_nothing():
    content = b"x" * 100 + b"\r\n"
    hop = NextHop(says={"body": Deed.CLOSE})
    [replies], _ = talk(hop, envelope("a@x.example"), content=content * 50_000)
    assert replies["a@x.example"].code == 451
    assert hop.taken == []


def test_a_hop_that_stops_reading_the_body_is_left():
    hop = NextHop(says={"body": Deed.STALL})
    [replies], _ = talk(
        hop, envelope("a@x.example"), content=b"x" * 98 + b"\r\n" + b"y" * (1 << 24), timeout=1
    )
    assert replies["a@x.example"] == STALLED


REPLY = st.sampled_from(
    [
        *("250 2.0.0 Ok", "354 go", "550 5.1.1 no", "451 4.3.0 later", "421 4.3.2 bye"),
        *(b"250-a\r\n250 b\r\n", b"250 a\r\n250 b\r\n", b"junk\r\n", Deed.CLOSE),
    ]
)


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(["MAIL", "RCPT TO:<a", "RCPT TO:<b", "DATA", ".", "RSET"], REPLY)
    ),
    st.booleans(),
    st.sampled_from([EXTENSIONS, WITHOUT_PIPELINING]),
)
def test_whatever_a_hop_says_all_are_answered_and_250_means_taken_whole(says, lmtp, extensions):
    hop = NextHop(extensions, says=says, lmtp=lmtp)
    [replies], _ = talk(hop, envelope("a@x.example", "b@x.example"), lmtp=lmtp)
    assert replies.keys() == {"a@x.example", "b@x.example"}
    assert {reply.code // 100 for reply in replies.values()} <= {2, 4, 5}
    assert {taken.content for taken in hop.taken} <= {CONTENT}
    given_to = {rcpt for taken in hop.taken for rcpt in taken.rcpts}
    for address, reply in replies.items():
        if reply.accepted:
            assert f"RCPT TO:<{address}>" in given_to


def test_a_password_is_in_no_representation():
    server = Server("h", 25, auth=("user", "s3cret"))
    assert "s3cret" not in repr(server)
