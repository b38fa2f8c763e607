"""What a person sees of a mail: its text and its files, for the page of an encrypted PDF.

One reading only, the one mail programs take (first field, first boundary): what is odd here is
still whole in the message.eml beside it. Linear: bodies are cut by `bytes.split`, and only short
fields are given to the standard library's parameter parser, which is quadratic on long ones.
Never raises for what the mail is.
"""

from __future__ import annotations

import binascii
import codecs
import html
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from itertools import count
from typing import TypeVar

from gateway.act import header

MAX_DEPTH = 20  # multiparts within multiparts; real mail has 4
MAX_PARTS = 500  # after which the rest is only in message.eml
MAX_FIELD = 2048  # characters of one field given to the standard library
MAX_NAME = 120  # characters of a file name
MAX_HTML = 1024 * 1024  # characters of HTML turned into text
_BREAKS = {"br", "p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "pre"}
# Python decodes by these names, too, the first in quadratic time; no mail is written so.
_NO_CHARSETS = {"punycode", "idna", "unicode_escape", "raw_unicode_escape"}
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_ODD = (ValueError, TypeError, LookupError)  # of the library, at parameters nobody writes
_SILENT = ("script", "style", "head", "title")


T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class File:
    """cid: by which the HTML of the mail names it; "" where it does not."""

    name: str
    media_type: str
    data: bytes
    cid: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Body:
    """A text of the mail as its sender laid it out: HTML where there is some."""

    text: str
    is_html: bool


@dataclass(frozen=True, slots=True, repr=False)
class Contents:
    """whole: nothing was left out but what message.eml alone holds. text: all of it in plain
    words; bodies: the same, the HTML of each alternative rather than its plain words."""

    text: str
    files: tuple[File, ...]
    whole: bool
    bodies: tuple[Body, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class _Leaf:
    fields: Message
    body: bytes
    html_twin: bool  # beside a plain text that says the same
    choice: int  # of which multipart/alternative it is one; 0: of none


def read(content: bytes) -> Contents:
    leaves: list[_Leaf] = []
    for leaf in _leaves(content, 0, count(1), alternative=False):
        if len(leaves) == MAX_PARTS:
            return _sorted(leaves, whole=False)
        leaves.append(leaf)
    return _sorted(leaves, whole=True)


def decoded(value: str) -> str:
    """A header value as a person reads it (RFC 2047), on one line."""
    try:
        value = str(make_header(decode_header(value[:MAX_FIELD])))
    except (HeaderParseError, *_ODD):
        value = value[:MAX_FIELD]  # an unknown charset or broken base64: as written
    return " ".join(_whole(value).split())


def _sorted(leaves: list[_Leaf], *, whole: bool) -> Contents:
    texts: list[str] = []
    bodies: list[tuple[_Leaf, Body]] = []
    files: dict[str, File] = {}
    for leaf in leaves:
        kind = leaf.fields.get_content_type()
        name = _name(leaf.fields)
        data = _decode(leaf.fields, leaf.body)
        apart = leaf.fields.get_content_disposition() == "attachment" or name
        if kind in ("text/plain", "text/html") and not apart:
            text = _characters(leaf.fields, data)
            bodies.append((leaf, Body(text, kind == "text/html")))
            if kind == "text/plain":
                texts.append(text)
            elif not leaf.html_twin:
                texts.append(as_text(text))
            continue
        name = _free(name or f"piece{_suffix(kind)}", files)
        files[name] = File(name, kind, data, _cid(leaf.fields))
    laid_out = {leaf.choice for leaf, body in bodies if body.is_html and leaf.choice}
    shown = (body for leaf, body in bodies if body.is_html or leaf.choice not in laid_out)
    text = "\n\n".join(text.strip() for text in texts)
    return Contents(text, tuple(files.values()), whole, tuple(shown))


def _leaves(
    entity: bytes, depth: int, choices: Iterator[int], *, alternative: bool, choice: int = 0
) -> Iterator[_Leaf]:
    head, body = header.split(entity)
    fields = _fields(head)
    multipart = fields.get_content_maintype() == "multipart"
    boundary = _asked(lambda: fields.get_boundary(None)) if multipart else None
    if not boundary or depth == MAX_DEPTH:
        yield _Leaf(fields, body, alternative, choice)
        return
    children = _children(body, boundary.encode("utf-8", "replace"))
    inner = alternative
    if fields.get_content_subtype() == "alternative":
        choice = choice or next(choices)
        inner = any(
            _fields(header.split(c)[0]).get_content_type() == "text/plain" for c in children
        )
    for child in children:
        yield from _leaves(child, depth + 1, choices, alternative=inner, choice=choice)


def _children(body: bytes, boundary: bytes) -> list[bytes]:
    """RFC 2046, 5.1.1. One more than MAX_PARTS at most."""
    mark = b"\r\n--" + boundary
    children: list[list[bytes]] = []
    for piece in (b"\r\n" + body).split(mark, MAX_PARTS + 1)[1:]:
        if piece.startswith(b"--"):
            break
        rest, _, child = piece.partition(b"\r\n")
        if not rest.strip(b" \t"):
            children.append([child])
        elif children:  # another boundary that begins like this one
            children[-1] += (mark, piece)
    return [b"".join(pieces) for pieces in children]


def _fields(head: bytes) -> Message:
    """The MIME fields, the first of each; one that is too long is no field."""
    message = Message()
    for name, raw in header.read(head).fields:
        if name.startswith(b"content-") and len(raw) <= MAX_FIELD:
            key = name.decode("ascii")
            if key not in message:
                value = raw.partition(b":")[2].replace(b"\r\n", b"").strip()
                message[key] = value.decode("utf-8", "replace")
    return message


def _decode(fields: Message, body: bytes) -> bytes:
    encoding = str(fields.get("content-transfer-encoding", "")).strip().lower()
    try:
        if encoding == "base64":
            return binascii.a2b_base64(body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(body)
    except (binascii.Error, ValueError):
        pass  # damaged: as it stands
    return body


def _characters(fields: Message, data: bytes) -> str:
    declared = _asked(lambda: fields.get_param("charset", "utf-8"))
    for charset in (declared if isinstance(declared, str) else "utf-8", "utf-8"):
        try:
            if codecs.lookup(charset).name not in _NO_CHARSETS:
                return _whole(data.decode(charset))
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _whole(text: str) -> str:
    """Without halves of characters, which UTF-7 can spell and no page can show."""
    return text.encode("utf-8", "replace").decode()


def _name(fields: Message) -> str:
    """The file name, without anything that could mean a folder or a control."""
    name = decoded(_asked(lambda: fields.get_filename("")) or "")
    kept = (c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)
    return "".join(kept).strip(". ")[-MAX_NAME:]


def _asked(question: Callable[[], T]) -> T | None:
    """What the library makes of a parameter; None where it trips over it, as if there were none."""
    try:
        return question()
    except _ODD:
        return None


def _cid(fields: Message) -> str:
    return str(fields.get("content-id", "")).strip().removeprefix("<").removesuffix(">")


def _suffix(kind: str) -> str:
    known = {"message/rfc822": ".eml", "text/plain": ".txt", "text/html": ".html"}
    return known.get(kind, ".bin")


def _free(name: str, taken: dict[str, File]) -> str:
    """message.eml is ours; a second file of one name gets a number."""
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    number = 1
    while name in taken or name.lower() == "message.eml":
        number += 1
        name = f"{stem} ({number}){dot}{suffix}"
    return name


def as_text(markup: str) -> str:
    """HTML less its tags, in one pass; an open tag or comment at the end is dropped."""
    out: list[str] = []
    markup = markup[:MAX_HTML]
    lower = markup.translate(_LOWER)  # ASCII alone, so that positions stay
    at = 0
    while (tag := markup.find("<", at)) >= 0:
        out.append(_words(markup[at:tag]))
        if markup.startswith("<!--", tag):
            end = markup.find("-->", tag)
            at = end + 3
        else:
            end = markup.find(">", tag)
            at = end + 1
        if end < 0:
            return _tidy("".join(out))
        name = lower[tag + 1 : min(end, tag + 20)].split(" ")[0].strip("/\t\r\n")
        if name in _BREAKS:
            out.append("\n")
        elif name in ("td", "th"):
            out.append(" ")
        elif name in _SILENT and markup[tag + 1] != "/":
            at = lower.find(f"</{name}", at)
            if at < 0:
                return _tidy("".join(out))
    return _tidy("".join(out) + _words(markup[at:]))


def _words(text: str) -> str:
    """Lines of the source mean nothing; a space at either end keeps words apart."""
    before, after = text[:1].isspace(), text[-1:].isspace()
    return " " * before + html.unescape(" ".join(text.split())) + " " * after


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    out: list[str] = []
    for line in lines:
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip()
