"""An MTA that says anything to the milter door, in pieces of any size: nothing escapes, what is
judged is what was shown since the sender was named, and nothing is kept that was not judged.

The first octet of an input says whether the rest is a stream as it comes, or commands whose lengths
are put right (each: the command, two octets of length, data), which come further; whether the MTA
has said hello already; and how large a mail may be.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from fuzz import pieces
from fuzz.door import Session
from gateway.model import Mail, Reply, Stay

SPACED = 0x100000
OFFER = struct.pack("!III", 6, 0x1FF, 0x1FFFFF)
HELLO = b"".join(
    struct.pack("!I", 1 + len(data)) + command + data
    for command, data in ((b"O", OFFER), (b"C", b"c\x004\x10\x00192.0.2.1\0"), (b"H", b"c\0"))
)
LENGTH = 2  # octets, of commands whose lengths are put right
LONGEST = 3_000
SMALL, LARGE = 60, 1_500  # octets a mail may have

_ANSWERS = frozenset(b"Ocadpyib")


def _record(command: bytes, data: bytes = b"") -> bytes:
    return command + struct.pack("!H", len(data)) + data


_MAIL = (
    _record(b"D", b"Mi\x004XqueueZ\0{tls_version}\0TLSv1.3\0"),
    _record(b"M", b"<a@ch.example>\0SIZE=9\0BODY=8BITMIME\0"),
    _record(b"R", b"<b@x.example>\0NOTIFY=NEVER\0"),
    _record(b"R", b"<C@x.example>\0"),
    _record(b"T"),
    _record(b"L", b"Subject\0 x\n\ty \0"),
    _record(b"N"),
    _record(b"B", b"a\r\n.\r\n"),
    _record(b"E"),
)
WORDS = [
    *_MAIL,
    *(_record(command) for command in (b"A", b"Q", b"K", b"U", b"#")),
    *(struct.pack("!III", version, 0x3F, steps) for version in (2, 4) for steps in (0, 0x7F)),
    *b"<>\0|<@r:a@b>\0|<root>\0|a@b\0|SMTPUTF8\0|\xc3\xa9|\xff|Received\0|i\0|\0|\r\n|\n".split(
        b"|"
    ),
    *(struct.pack("!I", n) for n in (0, 1, 2, 0xFFFFFFFF, 1 << 24, (1 << 24) + 1)),
]


def seeds() -> Iterator[bytes]:
    mail = b"".join(_MAIL)
    twice = mail + _record(b"A") + mail + _record(b"K") + mail + _record(b"Q")
    old = _record(b"O", struct.pack("!III", 2, 0x3F, 0x7F)) + _record(b"C", b"c\0U") + mail
    for first in range(8):
        for sizes in (b"\0\0\0\0", b"\x1f\x1f\x1f\x1f", b"\3\7\2\x29"):
            head = bytes((first,)) + sizes
            for dialogue in (twice, old, mail[: len(mail) // 2] + mail):
                yield head + (dialogue if first & 1 else b"".join(framed(dialogue)))


def framed(records: bytes) -> Iterator[bytes]:
    while len(records) > LENGTH:
        size = int.from_bytes(records[1 : 1 + LENGTH], "big")
        data, rest = records[1 + LENGTH :][:size], records[1 + LENGTH + size :]
        yield struct.pack("!I", 1 + len(data)) + records[:1] + data
        records = rest


def check(data: bytes) -> None:
    first = data[0] if data else 0
    stream = data[1 + pieces.SIZES :]
    if first & 1:
        stream = b"".join(framed(stream))
    parts = pieces.cut(data[1 : 1 + pieces.SIZES] + stream)
    if first & 2:
        parts = [HELLO, *parts]
    session = Session("milter", LARGE if first & 4 else SMALL, verdict)
    session.hold(parts)
    shown = list(contents(b"".join(parts)))
    for mail in session.mails:
        while shown and shown[0] != mail.content:
            shown.pop(0)
        assert shown, "a mail that was not shown"
        shown.pop(0)
    kinds = [said[:1] for said in packets(session.said)]
    assert not set(b"".join(kinds)) - _ANSWERS, "an answer that no MTA knows"
    finals = [kind for kind in kinds if kind in (b"a", b"d")]
    assert len(finals) <= len(session.mails), "an answer to a mail that nobody judged"
    wanted = [b"a" if verdict(m).stay else b"d" for m in session.mails if verdict(m).accepted]
    assert wanted[: len(finals)] == finals, "another answer than the mail was given"


def packets(stream: bytes) -> Iterator[bytes]:
    """Those that are whole, up to the first that cannot be."""
    at = 0
    while 0 < (size := int.from_bytes(stream[at : at + 4], "big")) <= len(stream) - at - 4:
        yield stream[at + 4 : at + 4 + size]
        at += 4 + size


def contents(stream: bytes) -> Iterator[bytes]:
    """At each end of a mail: what an MTA showed since it named the sender."""
    head, body, offered, space = b"", b"", b" ", b" "
    for packet in packets(stream):
        command, data = packet[:1], packet[1:]
        match command:
            case b"O" if len(data) >= 12:
                offered = b"" if data[9] & (SPACED >> 16) else b" "
            case b"M" | b"A" | b"K":
                head, body, space = b"", b"", offered
            case b"L":
                name, _, value = data.removesuffix(b"\0").partition(b"\0")
                head += name + b":" + space + b"\r\n".join(value.split(b"\n")) + b"\r\n"
            case b"B":
                body += data
            case b"E":
                yield head + b"\r\n" + body + data
                head = body = b""


def verdict(mail: Mail) -> Reply:
    """By the length of the mail, so that all of them come."""
    match len(mail.content) % 4:
        case 0:
            return Reply(250, "2.0.0", ("Ok",))
        case 1:
            return Reply(451, "4.3.0", ("plus tard",))
        case 2:
            return Reply(250, "2.0.0", ("Ok",), Stay(((b"X-A", b"b"),), b"autre\r\n"))
        case _:
            return Reply(250, "2.0.0", ("Ok",), Stay())
