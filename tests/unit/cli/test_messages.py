"""Mails found on disk, and the envelope read from their headers."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli import messages

MAIL = b"From: a@chu.example\r\nTo: b@mail.example\r\n\r\nBonjour\r\n"


def found(*paths: object) -> tuple[list[tuple[str, bytes]], list[str]]:
    unread: list[str] = []
    read = list(messages.messages([str(path) for path in paths], lambda p, w: unread.append(p)))
    return read, unread


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("a@b.example", ["a@b.example"]),
        ("Zoé <a@b.example>", ["a@b.example"]),
        ('"Inventée, Zoé" <a@b.example>, c@d.example', ["a@b.example", "c@d.example"]),
        ('"dit \\"la <z@z.example>\\"" <a@b.example>', ["a@b.example"]),
        ("a@b.example (le (vrai) a@c.example)", ["a@b.example"]),
        ("moi@ici.example <a@b.example>", ["a@b.example"]),
        ("Groupe: a@b.example, c@d.example;", ["a@b.example", "c@d.example"]),
        ("undisclosed-recipients:;", []),
        ("a@b.example;c@d.example", ["a@b.example", "c@d.example"]),
        ('"le service"@b.example', ['"le service"@b.example']),
        ("a @\r\n b.example", ["a@b.example"]),
        ("<a@b.example", ["a@b.example"]),
        ("Zoé Inventée", []),
        ("", []),
        (",,;;", []),
    ],
)
def test_addresses_of_a_field(field, expected):
    assert list(messages.addresses_in(field)) == expected


@given(st.text(alphabet='ab@.<>()",;:\\ \r\n', max_size=60))
def test_no_field_breaks_the_reading_of_addresses(field):
    assert all("@" in address for address in messages.addresses_in(field))


def test_a_thousand_brackets_are_read_in_one_pass():
    """The standard library recurses into each, and ends there."""
    field = "(" * 30_000 + ")" * 30_000 + " a@b.example"
    assert list(messages.addresses_in(field)) == ["a@b.example"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (b"To: b@x.example\r\nCc: c@x.example\r\n", ["b@x.example", "c@x.example"]),
        (b"To: b@x.example\r\nTo: c@x.example\r\n", ["b@x.example", "c@x.example"]),
        (b"Bcc: b@x.example\r\n", ["b@x.example"]),
        (b"To: b@x.example\r\nCc: b@x.example\r\n", ["b@x.example"]),
        (b"Subject: b@x.example\r\n", [messages.UNKNOWN]),
        (b"To: undisclosed-recipients:;\r\n", [messages.UNKNOWN]),
    ],
)
def test_the_envelope_of_the_headers(headers, expected):
    mail = messages.as_mail(b"From: A <a@chu.example>\r\n" + headers + b"\r\nx", None, [], 0.0)
    assert mail.envelope.sender == "a@chu.example"
    assert list(mail.envelope.addresses) == expected


def test_an_envelope_given_beats_the_headers():
    mail = messages.as_mail(MAIL, "z@chu.example", ["y@mail.example"], 0.0)
    assert (mail.envelope.sender, mail.envelope.addresses) == ("z@chu.example", ("y@mail.example",))


def test_the_null_sender_may_be_given():
    assert messages.as_mail(MAIL, "", [], 0.0).envelope.sender == ""


def test_addresses_of_the_body_are_nobody_s():
    content = b"From: a@chu.example\r\n\r\nTo: b@mail.example\r\n"
    assert messages.as_mail(content, None, [], 0.0).envelope.addresses == (messages.UNKNOWN,)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"A: 1\n\nx\n", b"A: 1\r\n\r\nx\r\n"),
        (b"A: 1\r\n\r\nx\r\n", b"A: 1\r\n\r\nx\r\n"),
        (b"", b""),
        (b"x", b"x"),
        (b"\nx", b"\r\nx"),
        (b"A: 1\n\nx\r\n", b"A: 1\r\n\r\nx\r\r\n"),  # the first line tells
    ],
)
def test_lines_end_as_on_the_wire(written, read):
    assert messages.with_crlf(written) == read


def test_a_maildir_is_its_mails_and_nothing_else(tmp_path):
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1.host:2,S").write_bytes(MAIL)
    (tmp_path / "dovecot-uidlist").write_bytes(b"3 V1\n")
    sub = tmp_path / ".Sent"
    for folder in ("cur", "new", "tmp"):
        (sub / folder).mkdir(parents=True)
    (sub / "cur" / "2.host:2,S").write_bytes(MAIL)
    read, unread = found(tmp_path)
    names = [os.path.relpath(path, tmp_path) for path, _ in read]
    assert (sorted(names), unread) == (
        [".Sent/cur/2.host:2,S", "cur/1.host:2,S", "new/1.host:2,S"],
        [],
    )


def test_a_folder_is_read_in_order_without_hidden_files(tmp_path):
    for name in ("b.eml", "a.eml", ".hidden", "sub/c.eml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(MAIL)
    names = [os.path.relpath(path, tmp_path) for path, _ in found(tmp_path)[0]]
    assert names == ["a.eml", "b.eml", "sub/c.eml"]


def test_a_link_to_its_own_folder_ends(tmp_path):
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(found(tmp_path)[0]) == 1


def test_an_mbox_gives_its_mails_one_by_one(tmp_path):
    box = tmp_path / "box"
    lf = MAIL.replace(b"\r\n", b"\n")
    box.write_bytes(b"From a Mon\n" + lf + b"Un\nFrom ici, pas un message\n\nFrom b Tue\n" + lf)
    read, _ = found(box)
    assert [path for path, _ in read] == [f"{box}#1", f"{box}#2"]
    assert b"pas un message" in read[0][1]
    assert read[1][1] == MAIL


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(MAIL)))
    assert found("-") == ([("-", MAIL)], [])


@pytest.mark.parametrize("where", ["nowhere.eml", "dangling"])
def test_what_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path, where):
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    good = tmp_path / "good.eml"
    good.write_bytes(MAIL)
    read, unread = found(tmp_path / where, good)
    assert (read, unread) == ([(str(good), MAIL)], [str(tmp_path / where)])


@pytest.mark.parametrize("start", [b"", b"From a Mon\n"], ids=["file", "mbox"])
def test_a_file_larger_than_any_mail_is_not_read(tmp_path, monkeypatch, start):
    monkeypatch.setattr(messages, "MAX_BYTES", 1000)
    path = Path(tmp_path / "huge")
    path.write_bytes(start + b"x" * 600 + b"\n" + b"x" * 600)
    read, unread = found(path)
    assert not read
    assert len(unread) == 1
