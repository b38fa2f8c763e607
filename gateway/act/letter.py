"""From blocks of fixed text to a mail: text/plain first, then HTML without anything remote.

RFC 3834: our letters are marked Auto-Submitted and go from the null sender, so that no automaton
answers them and no failure to deliver one makes another.
"""

from __future__ import annotations

import html
import quopri
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.charset import QP, Charset
from email.header import Header
from email.utils import formatdate

from gateway.act.outside import token

WIDTH = 78  # columns, RFC 5322, 2.1.1
MAX_LINE = 300  # columns of what must stand on one line; the encoding cuts it on the way
_NBSP = "\u00a0"
_CRLF = "\r\n"
_STYLE = "font-family:sans-serif;max-width:40em"


@dataclass(frozen=True, slots=True)
class Words:
    """One paragraph. tight: without an empty line before it."""

    text: str
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Shown on a line of its own, in full: people must see where it leads."""

    url: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Numbered from 1."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Two columns. indent: how far the first stands from the margin. wrap: else a line a row."""

    rows: tuple[tuple[str, str], ...]
    indent: int = 0
    wrap: bool = True


Block = Words | Link | Choices | Rows


def compose(
    subject: str, blocks: Sequence[Block], *, sender: str, to: Iterable[str], when: float
) -> bytes:
    """RFC 5322 bytes with CRLF, in seven bits."""
    domain = sender.rpartition("@")[2].rstrip(">")
    head = (
        f"From: {sender}",
        f"To: {f',{_CRLF} '.join(to)}",
        f"Date: {formatdate(when, localtime=False)}",
        f"Message-ID: <{token()}@{domain}>",
        f"Subject: {encoded(typeset(subject))}",
        "Auto-Submitted: auto-generated",
    )
    return f"{_CRLF.join(head)}{_CRLF}".encode() + in_both(subject, blocks)


def in_both(subject: str, blocks: Sequence[Block]) -> bytes:
    """The MIME fields of a mail in text and HTML, and its body."""
    boundary = token()
    head = (
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
    )
    parts = (("plain", as_plain(blocks)), ("html", as_html(typeset(subject), blocks)))
    body = "".join(
        f"{_CRLF}--{boundary}{_CRLF}Content-Type: text/{kind}; charset=utf-8{_CRLF}"
        f"Content-Transfer-Encoding: quoted-printable{_CRLF}{_CRLF}{_quoted(text)}"
        for kind, text in parts
    )
    return (_CRLF.join(head) + body + f"{_CRLF}--{boundary}--{_CRLF}").encode()


def typeset(text: str) -> str:
    """French typography: no-break space before : ; ? ! and inside « »."""
    for sign in ":;?!»":
        text = text.replace(f" {sign}", f"{_NBSP}{sign}")
    return text.replace("« ", f"«{_NBSP}")


def as_plain(blocks: Sequence[Block]) -> str:
    """Paragraphs apart, save a link, which follows its sentence, and what is tight."""
    out: list[str] = []
    for block in blocks:
        tight = isinstance(block, Link) or (isinstance(block, Words) and block.tight)
        if out and not tight:
            out.append("")
        out += _plain(block)
    return "\n".join(out) + "\n"


def as_html(title: str, blocks: Sequence[Block]) -> str:
    inner = "\n".join(_markup(block) for block in blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n</head>\n"
        f'<body style="{_STYLE}">\n{inner}\n</body>\n</html>\n'
    )


def _plain(block: Block) -> list[str]:
    match block:
        case Words(text):
            return _wrap(typeset(text), "", "")
        case Link(url):
            return [url]
        case Choices(texts):
            return [
                line
                for number, text in enumerate(texts, 1)
                for line in _wrap(typeset(text), f"  {number}. ", "     ")
            ]
        case Rows(rows, indent, wrap):
            left = " " * indent
            column = max((len(first) for first, _ in rows), default=0) + 3
            return [
                line
                for first, second in rows
                for line in _wrap(
                    typeset(second),
                    left + first.ljust(column),
                    left + " " * column,
                    WIDTH if wrap else MAX_LINE,
                )
            ]


def _wrap(text: str, first: str, rest: str, width: int = WIDTH) -> list[str]:
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [first.rstrip()]


def _markup(block: Block) -> str:
    match block:
        case Words(text):
            return f"<p>{html.escape(typeset(text))}</p>"
        case Link(url):
            return f'<p><a href="{html.escape(url)}">{html.escape(url)}</a></p>'
        case Choices(texts):
            items = "".join(f"<li>{html.escape(typeset(text))}</li>\n" for text in texts)
            return f"<ol>\n{items}</ol>"
        case Rows(rows):
            cells = "".join(
                f'<tr><th scope="row" align="left" valign="top">{html.escape(first)}</th>'
                f"<td>{html.escape(typeset(second))}</td></tr>\n"
                for first, second in rows
            )
            return f"<table>\n{cells}</table>"


def encoded(title: str) -> str:
    """RFC 2047, folded with CRLF."""
    charset = Charset("utf-8")
    charset.header_encoding = QP
    return Header(title, charset, header_name="Subject").encode(linesep=_CRLF)


def _quoted(text: str) -> str:
    return quopri.encodestring(text.encode()).decode("ascii").replace("\n", _CRLF)
