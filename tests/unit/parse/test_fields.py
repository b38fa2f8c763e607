import pytest

from gateway.parse import fields


def read(data):
    return fields.read(data, 0, len(data))


@pytest.mark.parametrize(
    ("data", "found", "body"),
    [
        (b"A: b\r\nC: d\r\n\r\nx", [(b"a", b"b"), (b"c", b"d")], b"x"),
        (b"A: b\nC: d\n\nx", [(b"a", b"b"), (b"c", b"d")], b"x"),
        (b"A: b\r\n c\r\n\td\r\n\r\nx", [(b"a", b"b c\td")], b"x"),
        (b"A : b\r\n\r\n", [(b"a", b"b")], b""),
        (b"\r\nx", [], b"x"),
        (b"A: b", [(b"a", b"b")], b""),
        (b"", [], b""),
    ],
)
def test_reads_the_header_and_where_the_body_begins(data, found, body):
    header = read(data)
    assert list(header.fields) == found
    assert data[header.body :] == body
    assert header.doubts == ()


def test_a_line_that_is_no_field_is_kept_and_told():
    header = read(b"A: b\r\n2 79 03 51 999 151 89\r\n\r\n")
    assert (b"", b"2 79 03 51 999 151 89") in header.fields
    assert header.stray
    assert header.doubts == (), "without MIME, all that is shown is the same text"
    assert read(b"Content-Type: text/html\r\nBonjour\r\n\r\n").doubts


def test_a_field_longer_than_the_limit_is_cut_and_told():
    header = read(b"A: " + b"x" * (fields.MAX_FIELD + 9) + b"\r\n\r\n")
    assert len(header.fields[0][1]) <= fields.MAX_FIELD
    assert header.cut


@pytest.mark.parametrize(
    ("data", "mail"),
    [
        (b"From: a\r\n", True),
        (b"X-A: b\r\n c\r\nSubject: d\r\n", True),
        (b"From x\r\nDate: d\r\n", True),
        (b"Bonjour\r\nFrom: a\r\n", False),
        (b"%PDF-1.4\r\n", False),
        (b"key: value\r\n", False),
        (b"", False),
    ],
)
def test_tells_a_header_from_other_things(data, mail):
    assert fields.looks_like(data) is mail


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"Content-Type(x): a/b", b"content-type"),
        (b"(x)Content-Type: a/b", b"content-type"),
        (b" Content-Type: a/b", b"content-type"),
        (b"Content_Transfer_Encoding: base64", b"content-transfer-encoding"),
        (b"Content- Disposition: inline", b"content-disposition"),
        (b"Content-Transfer-Encoding base64", b"content-transfer-encoding"),
    ],
)
def test_a_mime_field_is_known_however_its_name_is_written_and_told(line, name):
    header = read(line + b"\r\n\r\n")
    assert [found for found, _ in header.fields] == [name]
    assert header.doubts


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (
            b"DKIM-Signature: h=From:To:\r\n Content-Type:Content-Transfer-Encoding;\r\n b=a/b=",
            "a list of names",
        ),
        (b"Subject: a\r\n b\r\nContent-Type: text/plain;\r\n charset=utf-8", "ordinary folding"),
        (
            b"X-A: b\r\n \r\nSubject: c\r\nContent-Type: a/b".replace(
                b"Content-Type: a/b", b"X-D: e"
            ),
            "no MIME after it",
        ),
        (b"Subject: \x1b$B\x1b(B\r\nContent-Type: text/plain", "controls elsewhere"),
    ],
)
def test_what_changes_nothing_is_no_doubt(block, why):
    assert read(block + b"\r\n\r\n").doubts == (), why
