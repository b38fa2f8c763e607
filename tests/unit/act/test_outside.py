"""What an encrypted mail shows to everybody."""

import email

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.act import header, outside
from tests.makers import sealing


def shown(*fields, **envelope):
    return outside.of(sealing.mail(sealing.message(*fields), **envelope))


def fields(*given_fields, **envelope):
    return dict(shown(*given_fields, **envelope).fields)


def test_exactly_these_fields_and_no_name():
    head = shown("Cc: =?utf-8?q?M=2E?= Paul <paul@mail.example>", "X-Patient: Jean").head(())
    assert head == (
        b"From: helene@ch.example\r\n"
        b"To: marie@cabinet.example\r\n"
        b"Cc: paul@mail.example\r\n"
        b"Date: Mon, 23 Nov 2026 14:31:00 +0100\r\n"
        b"Message-ID: <abc@ch.example>\r\n"
        b"Subject: =?utf-8?q?Message_chiffr=C3=A9?=\r\n"
        b"\r\n"
    )


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        ("a@b.example", "a@b.example"),
        ("<a@b.example>", "a@b.example"),
        ('"Jean, Paul" <a@b.example>, c@d.example', "a@b.example,\r\n c@d.example"),
        ("a@b.example (Jean Martin)", "a@b.example"),
        ("(x(y)z)a@b.example(\\))", "a@b.example"),
        ("Service: a@b.example, c@d.example;", "a@b.example,\r\n c@d.example"),
        ("a@b.example,\r\n a@b.example", "a@b.example"),
        ('"un secret"@b.example, c@d.example', "c@d.example"),
        ("Jean Martin, c@d.example", "c@d.example"),
        ("Jean <a b@b.example>", outside.NOBODY),
        ("a@[192.0.2.1]", outside.NOBODY),  # could hold a sentence, RFC 5321 general literals
        ("hélène@b.example", outside.NOBODY),  # not without SMTPUTF8
        ("undisclosed-recipients:;", outside.NOBODY),
        ("", outside.NOBODY),
        ("<" * 50, outside.NOBODY),
        ('"' * 51, outside.NOBODY),
        ("(" * 51, outside.NOBODY),
    ],
)
def test_addresses_only(written, addresses):
    assert fields(f"To: {written}")["To"] == addresses


def test_an_accented_address_is_shown_where_the_session_allows_it():
    assert fields("To: hélène@b.example", options=("SMTPUTF8",))["To"] == "hélène@b.example"


def test_several_fields_of_one_name_are_all_shown():
    assert fields("To: a@b.example", "to: c@d.example")["To"] == "a@b.example,\r\n c@d.example"


def test_without_an_author_the_envelope_names_him():
    assert fields("From: nobody")["From"] == "helene@ch.example"
    assert shown("From: nobody", sender="") is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, 23 Nov 2026 14:31:00 +0100 (Jean Martin)", "Mon, 23 Nov 2026 14:31:00 +0100"),
        ("hier", "Mon, 23 Nov 2026 13:32:00 +0000"),
        ("Mon, 99 Nov 2026 99:31:00 +0100", "Mon, 23 Nov 2026 13:32:00 +0000"),
        ("x" * 5000, "Mon, 23 Nov 2026 13:32:00 +0000"),
    ],
)
def test_the_date_is_written_anew(written, expected):
    assert fields(f"Date: {written}")["Date"] == expected


@pytest.mark.parametrize(
    "written", ["", "Jean Martin", "<a b@c.example>", '<"a b"@c.example>', "<a@b@c>", "<aé@c>"]
)
def test_what_is_no_message_id_is_replaced(written):
    made = fields(f"Message-ID: {written}")["Message-ID"]
    assert made.endswith("@ch.example>")
    assert not any(c.isdigit() for c in made)


def test_more_addresses_than_anybody_writes_name_nobody():
    many = ", ".join(f"a{n}@b.example" for n in range(1001))
    assert fields(f"To: {many}")["To"] == outside.NOBODY


WORDS = "secretpatient"
PIECES = st.sampled_from(
    ['"', "(", ")", "<", ">", ",", ";", ":", "\\", "@", " ", "\r\n ", "a@b.example", WORDS, "é"]
)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_only_what_is_an_address_of_its_own_comes_out(written):
    to = fields(f"To: {written}")["To"]
    head = email.message_from_bytes(shown(f"To: {written}").head(()))
    assert set(head.keys()) == {"From", "To", "Date", "Message-ID", "Subject"}
    for address in [] if to == outside.NOBODY else to.split(",\r\n "):
        assert outside.is_plain(address)
        assert " " not in address


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_header_can_be_taken_apart(head):
    read = header.read(head)
    if not read.odd and head:
        assert b"".join(raw for _, raw in read.fields) == head.removesuffix(b"\r\n") + b"\r\n"


@pytest.mark.parametrize(
    ("head", "odd"),
    [
        (b"A: b\r\nC: d\r\n e\r\n", False),
        (b"", False),
        (b" folded: before\r\n", True),
        (b"no field\r\n", True),
        (b"A : b\r\n", True),
        (b"A: b\nC: d\r\n", True),
        (b"A: b\rC: d\r\n", True),
        (b"A: \0\r\n", True),
        (b"A: b\r\n" * 50_000, True),
    ],
)
def test_an_odd_header_is_told_from_a_plain_one(head, odd):
    assert header.read(head).odd is odd


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"A: b\r\n\r\nbody", (b"A: b\r\n", b"body")),
        (b"\r\nbody\r\n\r\nmore", (b"", b"body\r\n\r\nmore")),
        (b"A: b\r\n", (b"A: b\r\n", b"")),
        (b"A: b\r\n\r\n", (b"A: b\r\n", b"")),
    ],
)
def test_a_header_ends_at_the_first_empty_line(content, parts):
    assert header.split(content) == parts
