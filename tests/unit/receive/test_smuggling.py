"""Smuggling: a mail within a mail, by an end of data that one server sees and the next does not.

Each published variant, at each door, by DATA and by BDAT, cut at every offset: what stands behind
it is never a command, and what is taken never leaves in a form in which a next hop, however
generous, could see an end before the end.
"""

from __future__ import annotations

import asyncio
import re

import pytest

from gateway.act.smtp_client import Body
from tests.unit.receive.talk import Journey, spin, wired

# CVE-2023-51764 to 51766 and kin, RFC 5321's own end aside.
ENDS = [
    *(b"\n.\n", b"\r.\r", b"\n.\r", b"\r.\n", b"\n.\r\n", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r"),
    *(b"\r\r\n.\r\r\n", b"\n\r.\n\r", b"\r\n\n.\r\n", b"\n\n.\r\n", b"\r\n\r.\r\n", b"\r\n.\r\r\n"),
    *(b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\0\n.\r\n", b"\r\n\0\r\n.\0\r\n", b"\0\n.\n"),
    *(b"\r\n. \r\n", b"\r\n.\t\r\n", b"\r\n .\r\n", b"\r\n..\r\n", b"\r\n.\x0b\r\n"),
    *(b"\x85.\x85", b"\xe2\x80\xa8.\xe2\x80\xa8", b"\r\n.=0D=0A", b"\x0c.\x0c", b"\x1a\r\n"),
]
INNER = (
    b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<victim@x.example>\r\nDATA\r\nSubject: inner\r\n\r\nx"
)
HEAD = b"Subject: outer\r\n\r\na"
DOORS = ["smtp", "lmtp", "submission"]
BEGIN = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
# What some server somewhere has taken for the end of data.
ANY_END = re.compile(rb"(?:\r\n|\n|\r)\.(?:\r\n|\n|\r)")


def dialogue(journey: Journey, protocol: str, pieces: list[bytes]) -> str:
    async def whole() -> str:
        door, wire, session = wired(journey, protocol=protocol)
        session.data_received((b"LHLO" if protocol == "lmtp" else b"EHLO") + b" x\r\n")
        if protocol == "submission":
            session._logged_in, session._senders = True, ("@b.example", "@x.example")
        session.data_received(BEGIN)
        wire.sent = b""
        for piece in pieces:
            session.data_received(piece)
        await spin()
        wire.close()
        await spin()
        await door.close(grace=5)
        return wire.sent.decode("ascii")

    return asyncio.run(whole())


def cuts(said: bytes, around: bytes) -> list[list[bytes]]:
    """Whole; in single octets; cut once at every offset of the end and its neighbours."""
    at = said.index(around)
    places = range(at - 1, at + len(around) + 2)
    return [[said], [bytes([o]) for o in said], *([said[:p], said[p:]] for p in places)]


def leaves_whole(content: bytes) -> bool:
    """Whether our client sends it, and nobody could see an end of data before the end."""
    body = Body.of([content])
    if body is None:
        return False
    return ANY_END.search(b"".join(body.pieces)) is None


@pytest.mark.parametrize("end", ENDS, ids=repr)
@pytest.mark.parametrize("protocol", DOORS)
def test_no_false_end_of_data_ends_it(protocol, end):
    said = b"DATA\r\n" + HEAD + end + INNER + b"\r\n.\r\n"
    for pieces in cuts(said, end):
        journey = Journey()
        replies = dialogue(journey, protocol, pieces)
        bare = re.search(rb"\r(?!\n)|(?<!\r)\n", end)
        assert re.findall(r"^\d{3}", replies, re.M) == ["354", "550" if bare else "250"]
        assert len(journey.mails) == (0 if bare else 1)
        for mail in journey.mails:
            assert mail.content == (HEAD + end + INNER + b"\r\n").replace(b"\r\n.", b"\r\n")
            assert leaves_whole(mail.content)


@pytest.mark.parametrize("end", [*ENDS, b"\r\n.\r\n"], ids=repr)
@pytest.mark.parametrize("protocol", DOORS)
def test_nothing_in_a_chunk_ends_it(protocol, end):
    """By BDAT even the true end of data is content, and leaves stuffed."""
    content = HEAD + end + INNER + b"\r\n.\r\n"
    first = content.index(end) + 1  # the chunks meet within the end
    said = b"BDAT %d\r\n%b" % (first, content[:first])
    said += b"BDAT %d LAST\r\n%b" % (len(content) - first, content[first:])
    bare = re.search(rb"\r(?!\n)|(?<!\r)\n", content)
    for pieces in [[said], [bytes([o]) for o in said]]:
        journey = Journey()
        replies = dialogue(journey, protocol, pieces)
        assert re.findall(r"^\d{3}", replies, re.M) == ["250", "550" if bare else "250"]
        assert [mail.content for mail in journey.mails] == ([] if bare else [content])
        assert all(leaves_whole(mail.content) for mail in journey.mails)


@pytest.mark.parametrize("end", ENDS, ids=repr)
def test_what_comes_from_elsewhere_leaves_in_no_such_form_either(end):
    """From the store, from a letter of ours: bytes that no door has seen."""
    content = HEAD + end + INNER + b"\r\n"
    body = Body.of([content])
    assert body is None or ANY_END.search(b"".join(body.pieces)) is None


def test_the_judge_of_these_tests_sees_an_end():
    assert ANY_END.search(b"a\r\n.\r\n")
    assert leaves_whole(b"a\r\n.\r\nb\r\n")
