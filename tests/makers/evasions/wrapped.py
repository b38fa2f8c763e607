"""Names of parts, messages within messages, alternatives."""

from __future__ import annotations

import base64
import quopri

from tests.makers.evasions.setting import (
    B64,
    CTE,
    DECOY_PART,
    NIR,
    PLAIN,
    SECRET,
    SECRET_PART,
    Named,
    attached,
    mixed,
    part,
    whole,
)


def names() -> Named:
    number = NIR.replace(" ", "")
    word = base64.b64encode(number.encode()).decode()
    wide = base64.b64encode(number.encode("utf-16-le")).decode()
    halves = number[:7], number[7:]
    escaped = "".join(f"%{ord(c):02X}" for c in number)
    parameters = {
        "plain": f"filename={number}.txt",
        "pieces": f"filename=a.png; filename*1={halves[1]}; filename*0={halves[0]}",
        "pieces-in-order": f"filename*0={halves[0]}; filename*1={halves[1]}",
        "encoded-pieces": f"filename*0*=utf-8''{escaped[:21]}; filename*1*={escaped[21:]}",
        "percent": f"filename*=utf-8''{escaped}",
        "percent-and-plain": f"filename=a.png; filename*=utf-8''{escaped}",
        "word-b": f'filename="=?us-ascii?B?{word}?="',
        "word-q": f"filename==?utf-8?q?{number}?=",
        "word-utf-16": f'filename="=?utf-16-le?B?{wide}?="',
        "word-unknown": f'filename="=?klingon?B?{word}?="',
        "two-words": f'filename="=?utf-8?q?{halves[0]}?= =?utf-8?q?{halves[1]}?="',
        "second": f"filename=a.png; filename={number}.txt",
        "quoted": f'filename="dossier \\"{number}\\".txt"',
        "half-quoted": f'filename="{number}',
        "rlo": f'filename="\u202e{number[::-1]}.txt"',
        "blank-at-end": f'filename="{number} . "',
        "spaced": f'filename="{NIR}.txt"',
        "no-semicolon": f"x filename={number}",
        "gaps": f"filename*0={halves[0]}; filename*7={halves[1]}",
        "percent-utf-16": "filename*=utf-16-le''"
        + "".join(f"%{b:02X}" for b in number.encode("utf-16-le")),
        "percent-ebcdic": "filename*=cp500''"
        + "".join(f"%{b:02X}" for b in number.encode("cp500")),
        "comment": f"filename=a.png (nir {number})",
        "folded": f'filename="{halves[0]}\n {halves[1]}"',
    }
    for name, parameter in parameters.items():
        yield (
            f"{name}-filename",
            attached(
                f"Content-Type: text/plain\nContent-Disposition: attachment; {parameter}\n", b"x\n"
            ),
        )
        typed = parameter.replace("filename", "name")
        yield f"{name}-name", attached(f"Content-Type: text/plain; {typed}\n", b"x\n")
    for field in (
        "Content-Disposition: attachment; filename=a\n"
        f"Content-Disposition: inline; filename={number}.txt\n",
        f"Content-Description: {NIR}\n",
        f"Content-ID: <{number}@ch.example>\n",
        f"Content-Location: {number}.txt\n",
        f"Content-Disposition: attachment; x={number}\n",
        f"Content-Disposition: {number}\n",
        f"Content-Type: text/plain; x={number}; charset={number}\n",
    ):
        yield f"field-{field[:28]!r}", attached("Content-Type: text/plain\n" + field, b"x\n")
    yield "nul", attached(f"Content-Type: text/plain; name=a\0{number}\n", b"x\n")
    yield "as-boundary", mixed(DECOY_PART, DECOY_PART, mark=NIR)


def messages_within() -> Named:
    inner = whole(f"Content-Type: text/plain; charset=utf-8\n{CTE}: base64\n", B64)
    for value in ("base64", "quoted-printable", "7bit", "x-uuencode", "base64, 7bit"):
        coded = {
            "base64": base64.encodebytes(inner),
            "quoted-printable": quopri.encodestring(inner, quotetabs=True),
        }.get(value, inner if value == "7bit" else base64.encodebytes(inner))
        for media in (
            "message/rfc822",
            "message/global",
            "message/news",
            "application/octet-stream",
            "text/plain",
            "message/x",
        ):
            yield f"{media}-{value}", attached(f"Content-Type: {media}\n{CTE}: {value}\n", coded)
    for head in ("\n", "junk\n", "From x Mon Nov 23 10:00:00 2026\n", " \n", "X-A\n"):
        yield (
            f"starts-with-{head!r}",
            attached("Content-Type: message/rfc822\n", head.encode() + inner),
        )
    for levels in (3, 10, 60, 120):
        deep = inner
        for _ in range(levels):
            deep = whole("Content-Type: message/rfc822\n", deep)
        yield f"{levels}-levels", deep
    deep = inner
    for _ in range(8):
        deep = whole(f"Content-Type: message/rfc822\n{CTE}: base64\n", base64.encodebytes(deep))
    yield "eight-encoded-levels", deep
    digest = b"--foo\n\n" + inner + b"--foo--\n"
    yield "digest", whole("Content-Type: multipart/digest; boundary=foo\n", digest)
    yield (
        "forwarded-in-text",
        whole("Content-Type: text/plain\n", b"-----Message d'origine-----\n" + inner),
    )
    yield (
        "quoted-in-text",
        whole("Content-Type: text/plain\n", b"> " + inner.replace(b"\n", b"\n> ")),
    )


def pieces_of_messages() -> Named:
    for value in (
        "message/partial; id=a; number=1; total=2",
        "Message/Partial; id=a; number=2",
        "message/partial",
        'message/external-body; access-type=URL; URL="http://x.example"',
        "message/external-body; access-type=anon-ftp",
        "message/partial (x); id=a",
    ):
        yield (
            f"{value[:30]}",
            whole(f"Content-Type: {value}\n", b"Content-Type: text/plain\n\n" + B64[:40]),
        )
        yield f"{value[:30]}-part", attached(f"Content-Type: {value}\n", b"x\n")


def alternatives() -> Named:
    html = f"<p>{SECRET}</p>".encode()
    for kind in ("alternative", "related", "report", "signed", "x-other", "parallel"):
        for name, one in (
            ("html", part("Content-Type: text/html; charset=utf-8\n", html)),
            ("third", SECRET_PART),
            (
                "inline",
                part(
                    "Content-Type: image/png\nContent-ID: <x>\n"
                    f"Content-Disposition: inline\n{CTE}: base64\n",
                    B64,
                ),
            ),
            ("calendar", part("Content-Type: text/calendar; charset=utf-8\n", PLAIN)),
            ("unknown", part("Content-Type: x-unknown/y; charset=utf-8\n", PLAIN)),
        ):
            says = f"Content-Type: multipart/{kind}; boundary=foo\n"
            yield f"{kind}-{name}-last", mixed(DECOY_PART, one, says=says)
            yield f"{kind}-{name}-first", mixed(one, DECOY_PART, says=says)
