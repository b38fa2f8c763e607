"""Mails on disk: files, Maildirs, mboxes, directories, standard input.

A file larger than any mail is not read, one that cannot be read is told of; the others go on.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path
from typing import BinaryIO

from gateway.model import Client, Envelope, Mail, Recipient

MAX_HEADER_BYTES = 256 * 1024
MAX_BYTES = 512 * 1024 * 1024  # ten times what a door takes by default
UNKNOWN = "unknown@recipient.invalid"  # outside, like whoever is named in no header
# Quoted strings, atoms, and the characters between them; white space falls out.
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"?|\\.?|[^\s"\\(),:;<>]+|[(),:;<>]', re.DOTALL)
_FAR = 1e12  # no deadline: nobody waits for a reply

Unread = Callable[[str, str], None]
"""Told where and why."""


def messages(paths: Sequence[str], unread: Unread) -> Iterator[tuple[str, bytes]]:
    """(where it came from, bytes with CRLF) of each."""
    for path in paths:
        if path == "-":
            yield from _whole("-", sys.stdin.buffer, unread)
        elif os.path.isdir(path):
            for file in _files(path, unread):
                yield from _read(file, unread)
        else:
            yield from _read(path, unread)


def _files(folder: str, unread: Unread) -> Iterator[str]:
    """Every file below, in order; of a Maildir only its mails. Links to folders are not followed,
    hidden files not read."""

    def refused(error: OSError) -> None:
        unread(str(error.filename), str(error.strerror))

    for where, below, names in os.walk(folder, onerror=refused):
        is_maildir = {"cur", "new"} <= set(below)
        if is_maildir:
            below[:] = [name for name in below if name != "tmp"]
        below.sort()
        for name in sorted(names):
            if not is_maildir and not name.startswith("."):
                yield os.path.join(where, name)


def _read(path: str, unread: Unread) -> Iterator[tuple[str, bytes]]:
    try:
        with Path(path).open("rb") as stream:
            if stream.peek(5)[:5] == b"From ":
                yield from _mbox(path, stream, unread)
            else:
                yield from _whole(path, stream, unread)
    except OSError as error:
        unread(path, error.strerror or "cannot be read")


def _whole(path: str, stream: BinaryIO, unread: Unread) -> Iterator[tuple[str, bytes]]:
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        unread(path, f"larger than {MAX_BYTES >> 20} MB: no mail")
    else:
        yield path, with_crlf(content)


def _mbox(path: str, stream: BinaryIO, unread: Unread) -> Iterator[tuple[str, bytes]]:
    """Each begins at a line "From " after an empty one."""
    number, size = 0, 0
    lines: list[bytes] = []
    for line in stream:
        if line.startswith(b"From ") and (not lines or not lines[-1].strip()):
            if number:
                yield from _message(f"{path}#{number}", lines, size, unread)
            number, size = number + 1, 0
            lines.clear()
        elif (size := size + len(line)) <= MAX_BYTES:
            lines.append(line)
    yield from _message(f"{path}#{number}", lines, size, unread)


def _message(
    path: str, lines: list[bytes], size: int, unread: Unread
) -> Iterator[tuple[str, bytes]]:
    if size > MAX_BYTES:
        unread(path, f"larger than {MAX_BYTES >> 20} MB: no mail")
    else:
        yield path, with_crlf(b"".join(lines))


def with_crlf(content: bytes) -> bytes:
    """As on the wire: files on disk mostly end their lines with LF alone."""
    end = content.find(b"\n")
    if content[max(0, end - 1) : end] == b"\r":
        return content
    return content.replace(b"\n", b"\r\n")


def as_mail(content: bytes, sender: str | None, to: Sequence[str], now: float) -> Mail:
    """The mail as if a client had handed it over: envelope as given, else from the headers."""
    head = content[:MAX_HEADER_BYTES].partition(b"\r\n\r\n")[0]
    fields = BytesHeaderParser(policy=compat32).parsebytes(head + b"\r\n\r\n")
    named = [address for name in ("To", "Cc", "Bcc") for address in _all(fields.get_all(name, []))]
    addresses = list(to) or named or [UNKNOWN]
    if sender is None:
        sender = next(iter(_all(fields.get_all("From", []))), "")
    return Mail(
        id="",
        door="scan",
        client=Client(),
        envelope=Envelope(sender, tuple(Recipient(a) for a in dict.fromkeys(addresses))),
        content=content,
        trace=b"",
        deadline=_FAR,
        received=now,
    )


def _all(fields: Sequence[object]) -> list[str]:
    return [address for field in fields for address in addresses_in(str(field))]


def addresses_in(field: str) -> Iterator[str]:
    """The addresses of a To or From (RFC 5322, 3.4), in one pass: names, comments and groups left
    out. Whatever has no "@" is none."""
    words: list[str] = []
    depth, in_angle, closed = 0, False, False
    for token in [*_TOKENS.findall(field[:MAX_HEADER_BYTES]), ""]:
        if token == "(" or depth:
            depth += (token == "(") - (token == ")")
        if token == "" or (token in (",", ";") and not in_angle and not depth):
            if "@" in "".join(words):
                yield "".join(words)
            words, in_angle, closed = [], False, False
        elif depth or token == ")":
            continue
        elif token == "<":
            words, in_angle, closed = [], True, False
        elif token == ">":
            in_angle, closed = False, True
        elif token == ":" and not in_angle:
            words = []  # the name of a group
        elif not closed:
            words.append(token)
