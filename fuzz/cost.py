"""The time that parsing takes grows no faster than the mail: two pieces of any mail, over and over.

Input: three octets say how long a head, a piece and a middle are; what follows is head, piece,
middle and a second piece. Each "#" in a piece becomes its number, so that no two are the same.
What looks dear is measured again, and once more, since a machine has other things to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from fuzz import seeds as made
from gateway.extract import html
from gateway.inspection import SIMPLE_HTML
from gateway.model import Limits, Part
from gateway.parse.message import parse

WORDS = [*made.WORDS, b"#"]
LONGEST = 600
SHORT, LONG = 16 << 10, 128 << 10  # bytes of the mails made
LIMITS = Limits(parts=200)

_STEEP = 4 * LONG // SHORT  # times the time of the short one: quadratic would be the square of 8
_FAST_SECONDS = 0.2  # for 128 KB: nothing that anybody could be harmed by
_TRIES = 3


def seeds() -> Iterator[bytes]:
    for head, piece, middle, second in (
        (b"", b"X-#: a\r\n", b"\r\n", b"body\r\n"),
        (b"Subject:", b" =?utf-8?Q?=C3?=", b"\r\n\r\n", b"x"),
        (b"Content-Type: multipart/mixed", b'; boundary="b#"', b"\r\n\r\n", b"--b1\r\n\r\na\r\n"),
        (b"", b"Content-Type: text/x#\r\n", b"\r\n", b"QUFB"),
        (b"Content-Type: a/b", b"; name*#*=%41", b"\r\n\r\n", b"begin 644 a\n#86)C\nend\n"),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"--b\r\n\r\nx\r\n", b"", b"--b--"),
        (b"Content-Transfer-Encoding: base64\r\n\r\n", b"QQ==", b"\r\n", b"Q!"),
        (b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b"= \r\n", b"=\r", b"=C3="),
        (b"Content-Type: text/html\r\n\r\n", b"<p>", b"<!--", b"&#x#;</"),
    ):
        yield bytes(map(len, (head, piece, middle))) + head + piece + middle + second
    nested = b'Content-Type: multipart/mixed; boundary="#"\r\n\r\n--#\r\n'
    yield bytes((0, len(nested), 0)) + nested


def check(data: bytes) -> None:
    if len(data) < 4:
        return
    first = data[0] + 3
    second, third = first + data[1], first + data[1] + data[2]
    head, piece, middle, other = data[3:first], data[first:second], data[second:third], data[third:]
    for read in (parsed, stripped):
        long = head + pumped(piece, LONG) + middle + pumped(other, LONG)
        for _ in range(_TRIES):
            took = seconds(read, long)
            if took < _FAST_SECONDS:
                break
            short = head + pumped(piece, SHORT) + middle + pumped(other, SHORT)
            if took < _STEEP * seconds(read, short):
                break
        else:
            raise AssertionError(f"{read.__name__}: {took:.2f} s for {len(long)} bytes")


def pumped(piece: bytes, size: int) -> bytes:
    """Over and over, to half of the size: there are two of them."""
    count = size // 2 // len(piece) if piece else 0
    if b"#" not in piece:
        return piece * count
    return b"".join(piece.replace(b"#", b"%d" % number) for number in range(count))


def parsed(mail: bytes) -> None:
    parse(mail, LIMITS)


def stripped(page: bytes) -> None:
    """The door's own reader of HTML, which no limit of time stands above."""
    list(html.texts(part := Part("1", page[:SIMPLE_HTML], "text/html"), html.pages(part)))


def seconds(read: Callable[[bytes], None], mail: bytes) -> float:
    began = time.process_time()
    read(mail)
    return time.process_time() - began
