import re

import pytest

from gateway.receive.trace import (
    after_received,
    clean_id,
    count_received,
    queue_id,
    received_field,
    spoken,
)


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ({}, "SMTP"),
        ({"extended": True}, "ESMTP"),
        ({"extended": True, "tls": True}, "ESMTPS"),
        ({"lmtp": True, "extended": True}, "LMTP"),
        ({"lmtp": True, "extended": True, "tls": True}, "LMTPS"),
        ({"extended": True, "utf8": True}, "UTF8SMTP"),
        ({"extended": True, "utf8": True, "tls": True}, "UTF8SMTPS"),
        ({"lmtp": True, "extended": True, "utf8": True}, "UTF8LMTP"),
    ],
)
def test_the_with_word_is_the_registered_one(how, word):
    off = {"lmtp": False, "extended": False, "tls": False, "utf8": False}
    assert spoken(**(off | how)) == word


@pytest.mark.parametrize(
    ("name", "address", "origin"),
    [
        ("mx.example", "192.0.2.1", "mx.example ([192.0.2.1])"),
        ("mx.example", "2001:db8::1", "mx.example ([IPv6:2001:db8::1])"),
        ("", "192.0.2.1", "[192.0.2.1] ([192.0.2.1])"),
        ("mx.example", "", "mx.example (localhost)"),
    ],
)
def test_our_field_has_all_rfc_5321_asks_folded_and_no_recipient(name, address, origin):
    field = received_field(
        name=name,
        address=address,
        hostname="gw.example",
        with_="ESMTP",
        code="7K2F-9QXD",
        seconds=0,
    ).decode("ascii")
    first, second, third, end = field.split("\r\n")
    assert first == f"Received: from {origin}"
    assert second == "\tby gw.example (Vaguemestre) with ESMTP id 7K2F-9QXD;"
    assert re.fullmatch(r"\t\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", third)
    assert end == ""
    assert " for " not in field


def test_received_fields_are_counted_in_the_header_only():
    header = (
        b"Received: a\r\nRECEIVED: b\r\n\tfolded\r\nX-Received: no\r\nSubject: s\r\nreceived: c"
    )
    assert count_received(header + b"\r\n\r\nReceived: in the body\r\n\r\nReceived: also\r\n") == 3
    assert count_received(b"") == 0


def test_what_follows_the_topmost_received_fields_is_found():
    top = b"Received: a\r\n\tfolded\r\nreceived: b\r\n"
    assert after_received(top + b"From: x\r\nReceived: below\r\n\r\n") == len(top)
    assert after_received(b"From: x\r\n") == 0
    assert after_received(b"Received: without an end") == len(b"Received: without an end")


POSTFIX = [
    (b"by mx.example (Postfix) with ESMTPS id 4XYZ12\r\n\tfor <a@b.fr>;", "4XYZ12"),
    (b"by mx.example (Postfix, from userid 1000)\r\n\tid 3F2A1B0C9D; Tue", "3F2A1B0C9D"),
    (b"by mx.example (Postfix/MSA) with ESMTPSA id 4cTqJ25xYzzz;", "4cTqJ25xYzzz"),
    (b"by mx.example (Exim) with esmtp id 1rABCD-0001;", ""),
    (b"from a by b (Postfix) with ESMTP id 2790199999123;", ""),  # digits like a NIR's
    (b"from a by b (Postfix) with ESMTP id " + b" " * 4_000 + b"4XYZ;", ""),  # beyond the cap
]


@pytest.mark.parametrize(("field", "expected"), POSTFIX)
def test_the_queue_id_is_the_one_of_the_topmost_postfix(field, expected):
    assert queue_id(b"Received: " + field + b"\r\nReceived: by x (Postfix) id 9Z;\r\n") == expected


def test_a_received_further_down_is_not_ours_to_believe():
    assert queue_id(b"Subject: x\r\nReceived: by x (Postfix) id 9Z;\r\n") == ""


@pytest.mark.parametrize("said", ["", "a b", "a\r\nb", "é", "x" * 65, "279019999912345"])
def test_an_id_unfit_for_the_log_is_dropped(said):
    assert clean_id(said) == ""
