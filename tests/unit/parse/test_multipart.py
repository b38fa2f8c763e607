import pytest

from gateway.parse import multipart


def split(body, boundary=b"b"):
    found = multipart.split(body, 0, len(body), boundary, 100)
    spans = [*found.parts, found.preamble, found.epilogue]
    *parts, before, after = (body[start:end] for start, end in spans)
    return parts, before, after


@pytest.mark.parametrize(
    ("body", "parts", "before", "after"),
    [
        (b"--b\r\nx\r\n--b--", [b"x"], b"", b""),
        (b"p\r\n--b\r\nx\r\n--b\r\ny\r\n--b--\r\ne", [b"x", b"y"], b"p\r\n", b"\r\ne"),
        (b"--b\nx\n--b--\n", [b"x"], b"", b"\n"),
        (b"--b  \r\nx\r\n--b--", [b"x"], b"", b""),
        (b"--b\r\nx", [b"x"], b"", b""),
        (b"--b\r\n\r\n--b--", [b""], b"", b""),
        (b"--bc\r\nx\r\n--bc--", [], b"--bc\r\nx\r\n--bc--", b""),
        (b"x --b\r\n", [], b"x --b\r\n", b""),
    ],
)
def test_splits_at_whole_lines(body, parts, before, after):
    assert split(body) == (parts, before, after)


def test_a_boundary_is_guessed_from_a_line_before_a_mime_field():
    body = b"text\r\n--\r\n--real\r\nContent-Type: a/b\r\n\r\nx\r\n--real--"
    assert multipart.guess(body, 0, len(body)) == b"real"
    assert multipart.guess(b"-- \r\nsignature", 0, 14) is None
