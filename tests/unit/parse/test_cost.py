"""What reading costs: twice the message, at most about twice the work, however hostile it is.

Work is counted, not timed: calls of functions, and octets in what comes out.
"""

from __future__ import annotations

import sys

import pytest

from gateway.model import Limits
from gateway.parse import message
from gateway.parse.message import parse

LARGE = Limits(parts=10**9, bytes=10**12)  # so that no limit stops what would be too much
FEW = 1500  # calls that any message may cost besides


def work(content: bytes) -> tuple[int, int]:
    """Calls, Python's and C's, and octets."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        parsed = parse(content, LARGE)
    finally:
        sys.setprofile(None)
    octets = sum(len(part.data) for part in parsed.parts)
    return calls, octets + sum(len(text.text) for text in parsed.texts)


TOP = b"Subject: x\r\nMIME-Version: 1.0\r\n"
MIXED = TOP + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
CTE = b"Content-Transfer-Encoding: "
LETTERS = b"TklSIDIgNzkgMDMgNTEgOTk5IDE1MSA4OSAuIE5JUiAyIDc5IDAzIDUx\r\n"


def nested(levels: int, head: bytes) -> bytes:
    """Each level in doubt, so that each is read in several ways."""
    return TOP + b"".join(
        b"%sContent-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (head, level, level)
        for level in range(levels)
    )


HOSTILE = {
    "parts": lambda n: MIXED + b"--a\r\n\r\nx\r\n" * n,
    "boundaries": lambda n: TOP + b"Content-Type: multipart/mixed" + b"".join(
        b"; boundary=b%d" % i for i in range(n)
    ) + b"\r\n\r\n" + b"--b1\r\n\r\nx\r\n" * n,
    "types": lambda n: b"".join(b"Content-Type: x-%d/y\r\n" % i for i in range(n))
    + b"\r\n" + b"x\r\n" * n,
    "encodings": lambda n: b"".join(CTE + b"x%d\r\n" % i for i in range(n)) + b"\r\n" + LETTERS * n,
    "names": lambda n: TOP + b"Content-Type: a/b" + b"; name=a" * n + b"\r\n\r\nx",
    "comments": lambda n: TOP + CTE + b"(" * n + b"base64\r\n\r\n" + LETTERS * n,
    "blank lines": lambda n: TOP + b" \r\n" * n + CTE + b"base64\r\n\r\n" + LETTERS * n,
    "lines that are no field": lambda n: TOP + b"x y\r\n" * n + CTE + b"base64\r\n\r\n"
    + LETTERS * n,
    "bare returns": lambda n: TOP + CTE + b"base64\rX: y\r" * n + b"\r\n\r\n" + LETTERS * n,
    "levels in doubt": lambda n: nested(n // 8, CTE + b"x\r\n"),
    "levels with blanks": lambda n: nested(n // 8, b"X-A: b\r\n \r\n"),
    "levels with returns": lambda n: nested(n // 8, b"X-A: b\rContent-Type: a/b\r\n"),
    "uuencode": lambda n: TOP + b"\r\n" + b"begin 644 a\r\n#3DE2\r\n" * n,
    "yenc": lambda n: TOP + b"\r\n" + b"=ybegin name=a\r\nabc=\r\n" * n,
    "binhex": lambda n: TOP + b"\r\nconverted with BinHex 4.0)\r\n:" + b"!*\x90" * n,
    "base64 in text": lambda n: TOP + b"\r\n" + (b"mot " + LETTERS) * n,
    "padding": lambda n: TOP + CTE + b"base64\r\n\r\n" + b"Q=" * n,
    "headers in text": lambda n: TOP + b"\r\n" + b"content-type: a/b\r\n\r\nx\r\n--\r\n" * n,
    "headers around": lambda n: MIXED + b"content-type: a/b\r\n\r\nx\r\n" * n + b"--a\r\n\r\nx",
    "doubtful headers in text": lambda n: TOP + b"\r\n"
    + b"content-type(x): a/b\r\ny\r\n\r\nx\r\n--\r\n" * n,
    "messages": lambda n: TOP + b"Content-Type: message/rfc822\r\n\r\n" * (n // 8),
    "faulty escapes": lambda n: TOP + CTE + b"quoted-printable\r\n\r\n" + b"=Z= =4" * n,
    "encoded words": lambda n: b"Subject: " + b"=?a?q?b?= " * n + b"\r\n\r\nx",
    "hyphens": lambda n: TOP + b"Content-Type: multipart/mixed\r\n\r\n" + b"--x\r\n" * n,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_twice_the_message_is_at_most_twice_the_work(name):
    once, twice = HOSTILE[name](1500), HOSTILE[name](3000)
    (calls, octets), (more_calls, more_octets) = work(once), work(twice)
    assert more_calls <= 2.3 * calls + FEW
    assert more_octets <= 2.3 * octets + FEW
    assert more_octets <= (message.READINGS + 8) * len(twice) + message.SPARE
