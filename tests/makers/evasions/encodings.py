"""Faults within base64 and quoted-printable; uuencode, yEnc, BinHex and others."""

from __future__ import annotations

import base64
import gzip
import zlib
from itertools import product
from random import Random

from tests.makers.evasions.setting import (
    B64,
    CTE,
    DECOY,
    DECOY_PART,
    PLAIN,
    QP,
    SECRET,
    TYPE,
    UU,
    Named,
    attached,
    spread,
    whole,
)


def padded_base64() -> Named:
    dense = base64.b64encode(PLAIN)
    ways = {
        "piecewise": b"\n".join(
            base64.b64encode(PLAIN[i : i + 10]) for i in range(0, len(PLAIN), 10)
        ),
        "in-one-line": b"".join(
            base64.b64encode(PLAIN[i : i + 7]) for i in range(0, len(PLAIN), 7)
        ),
        "after-padding": b"QUFBQQ==\n" + dense,
        "after-much-padding": b"QQ==\n====\n====\n" + dense,
        "after-one-pad": b"QUI=" + dense,
        "pad-first": b"====" + dense,
        "pads-within": b"=".join(dense[i : i + 8] for i in range(0, len(dense), 8)),
        "pads-out-of-step": b"=".join(dense[i : i + 7] for i in range(0, len(dense), 7)),
        "one-pad-in-the-middle": dense[:41] + b"=" + dense[41:],
        "two-pads-in-the-middle": dense[:42] + b"==\n" + dense[42:],
        "no-padding": dense.rstrip(b"="),
        "too-much-padding": dense + b"====",
        "text-after-padding": base64.b64encode(b"Bonjour") + b"\n" + PLAIN,
        "after-an-end": base64.b64encode(b"Bonjour!") + b"=\n\n\n" + dense,
    }
    for name, body in ways.items():
        yield from spread(name, f"{CTE}: base64\n", body + b"\n")


def junk_in_base64() -> Named:
    dense = base64.b64encode(PLAIN)
    rng = Random(21)
    for junk in (
        b".",
        b"%",
        b"!",
        b"\xe9",
        b"\x00",
        b"-",
        b"<>",
        b"\\",
        b"@",
        b"\x80\x81",
        b",",
        b"*#",
        b"~",
        b"=\x20",
    ):
        ways = {
            "one": dense[:30] + junk + dense[30:],
            "first": junk + dense,
            "each-line": b"\n".join(junk + dense[i : i + 60] for i in range(0, len(dense), 60)),
            "everywhere": b"".join(
                bytes((c,)) + (junk if rng.random() < 0.2 else b"") for c in dense
            ),
            "between-all": junk.join(bytes((c,)) for c in dense),
        }
        for name, body in ways.items():
            yield f"{junk!r}-{name}", attached(f"{TYPE}{CTE}: base64\n", body + b"\n")
    for name, first in (
        ("word", b"bonjour"),
        ("words", b"ceci est du texte"),
        ("colon", b"Note: x"),
        ("letters", b"abcde"),
        ("letter", b"a"),
        ("two", b"ab"),
        ("three", b"abc"),
        ("line", b"----"),
        ("empty", b"\n"),
    ):
        yield f"line-{name}", attached(f"{TYPE}{CTE}: base64\n", first + b"\n" + B64)
        yield f"last-line-{name}", attached(f"{TYPE}{CTE}: base64\n", B64 + first + b"\n")
        yield (
            f"middle-line-{name}",
            attached(
                f"{TYPE}{CTE}: base64\n", base64.encodebytes(b"Bonjour" * 30) + first + b"\n" + B64
            ),
        )
    url = base64.urlsafe_b64encode("é?>é?>é?>".encode() + PLAIN)
    yield "url-safe", attached(f"{TYPE}{CTE}: base64\n", url + b"\n")
    yield "plain-text-instead", attached(f"{TYPE}{CTE}: base64\n", PLAIN)
    yield (
        "plain-text-after",
        attached(f"{TYPE}{CTE}: base64\n", B64 + b"\n" + b"_" * 40 + b"\n" + PLAIN),
    )
    yield (
        "pem",
        attached(f"{TYPE}{CTE}: base64\n", b"-----BEGIN X-----\n" + B64 + b"-----END X-----\n"),
    )


def line_lengths() -> Named:
    dense = base64.b64encode(PLAIN)
    for width in (1, 2, 3, 4, 5, 6, 75, 77, 998, 5000):
        for indent in (b"", b" ", b"\t", b"   "):
            lines = b"\n".join(indent + dense[i : i + width] for i in range(0, len(dense), width))
            yield f"{width}-{indent!r}", attached(f"{TYPE}{CTE}: base64\n", lines + b"\n")
    yield "long-text", whole(f"{CTE}: 7bit\n", b"x " * 5000 + PLAIN)
    yield "blank-lines", attached(f"{TYPE}{CTE}: base64\n", B64.replace(b"\n", b"\n\n\n"))


def base64_without_a_word() -> Named:
    dense = base64.b64encode(PLAIN)
    for name, body in (
        ("lines", B64),
        ("one-line", dense + b"\n"),
        ("in-text", b"Bonjour,\n\n" + B64 + b"\nCordialement\n"),
        ("in-sentence", b"Voici : " + dense + b" merci\n"),
        ("quoted", b"> " + B64.replace(b"\n", b"\n> ")),
        ("short-lines", b"\n".join(dense[i : i + 40] for i in range(0, len(dense), 40))),
    ):
        yield f"{name}", whole("Content-Type: text/plain; charset=utf-8\n", body)
        yield f"{name}-part", attached("Content-Type: application/octet-stream\n", body)
        yield f"{name}-html", attached("Content-Type: text/html\n", b"<p>" + body + b"</p>")
        yield f"{name}-7bit", attached(f"{TYPE}{CTE}: 7bit\n", body)
    yield (
        "utf-16",
        attached("Content-Type: text/plain\n", base64.encodebytes(SECRET.encode("utf-16-le"))),
    )
    yield (
        "data-uri",
        attached(
            "Content-Type: text/html\n", b'<a href="data:text/plain;base64,' + dense + b'">x</a>'
        ),
    )


def quoted_printable_faults() -> Named:
    digits = b"".join(b"=%02X" % b for b in PLAIN[:-1])
    ways = {
        "lower-case": QP.lower(),
        "in-one-line": digits + b"\n",
        "blank-after-soft-break": QP.replace(b"=\n", b"= \n"),
        "tab-after-soft-break": QP.replace(b"=\n", b"=\t\n"),
        "soft-break-at-end": digits + b"=",
        "cut-escape-at-end": digits + b"=4",
        "soft-break-in-escape": digits[:61] + b"=\n" + digits[61:],
        "not-hexadecimal": b"=ZZ" + digits,
        "not-hexadecimal-each": b"=ZZ ".join(digits[i : i + 60] for i in range(0, len(digits), 60)),
        "equals-within-the-number": PLAIN.replace(b" ", b"= "),
        "soft-breaks-within-the-number": PLAIN.replace(b" ", b"=\n "),
        "soft-breaks-in-digits": b"=\n".join(PLAIN[i : i + 3] for i in range(0, len(PLAIN), 3)),
        "two-equals": digits.replace(b"=3", b"==3"),
        "underscores": PLAIN.replace(b" ", b"_"),
        "8bit-within": b"\xe9\xe8" + digits,
        "encoded-line-ends": digits.replace(b"=20", b"=0D=0A"),
        "mixed-case": digits.replace(b"A", b"a").replace(b"C", b"c"),
        "blank-lines": digits[:60] + b"=\n\n" + digits[60:],
        "empty-soft-breaks": digits[:60] + b"=\n=\n=\n" + digits[60:],
    }
    for name, body in ways.items():
        yield from spread(name, f"{CTE}: quoted-printable\n", body + b"\n")
    cr = digits[:60] + b"=\r" + digits[60:]
    yield "bare-cr", attached(f"{TYPE}{CTE}: quoted-printable\n", cr + b"\n")


def uuencoded() -> Named:
    lines = UU.split(b"\n", 1)[1]
    data = lines.partition(b"`\nend")[0]
    begin64 = b"begin-base64 644 a.txt\n" + B64 + b"====\n"
    ways = {
        "plain": UU,
        "no-end": b"begin 644 a.pdf\n" + data,
        "after-text": DECOY.encode() + UU + b"fin\n",
        "no-mode": b"begin a.txt\n" + lines,
        "four-digits": b"begin 0644 a.txt\n" + lines,
        "no-name": b"begin 644\n" + lines,
        "blanks": b"begin   644   a b c.txt\n" + lines,
        "upper": b"BEGIN 644 a.txt\n" + lines,
        "base64": begin64,
        "base64-no-end": begin64.replace(b"====\n", b""),
        "indented": b"  begin 644 a.txt\n" + lines,
        "trailing-blanks": UU.replace(b"\n", b"  \n"),
        "two": UU.replace(PLAIN, b"") + UU,
        "nested-begin": b"begin 644 x\n" + UU,
        "backticks": b"begin 644 a.txt\n" + lines.replace(b" ", b"`"),
        "tab": b"begin\t644\ta.txt\n" + lines,
        "end-spaces": UU.replace(b"end", b"end   "),
        "octal-long": b"begin 100644 a.txt\n" + lines,
        "blank-line-first": b"begin 644 a.txt\n\n" + lines,
        "quoted": b"> " + UU.replace(b"\n", b"\n> "),
        "two-blanks": b"begin  a.txt\n" + lines,
        "no-last": b"begin 644 a.txt\n" + data + b"end\n",
    }
    headers = {
        "text": "Content-Type: text/plain\n",
        "none": "",
        "octets": "Content-Type: application/octet-stream\n",
        "cte": f"Content-Type: text/plain\n{CTE}: x-uuencode\n",
        "uue": f"{TYPE}{CTE}: uue\n",
        "uuencode": f"{TYPE}{CTE}: uuencode\n",
        "x-uue": f"{TYPE}{CTE}: x-uue\n",
        "7bit": f"{TYPE}{CTE}: 7bit\n",
    }
    for (name, body), (says, header) in product(ways.items(), headers.items()):
        yield f"{name}-{says}", attached(header, body)
        if says in ("text", "cte"):
            yield f"{name}-{says}-mail", whole(header, body)
    yield "lines-only", attached(f"{TYPE}{CTE}: x-uuencode\n", data)
    yield (
        "in-preamble",
        whole(
            "Content-Type: multipart/mixed; boundary=foo\n",
            UU + b"--foo\n" + DECOY_PART + b"--foo--\n",
        ),
    )
    yield (
        "in-epilogue",
        whole(
            "Content-Type: multipart/mixed; boundary=foo\n",
            b"--foo\n" + DECOY_PART + b"--foo--\n" + UU,
        ),
    )


def yenc(data: bytes, line: int = 128) -> bytes:
    out = bytearray()
    for byte in data:
        code = (byte + 42) & 255
        out += bytes((61, (code + 64) & 255)) if code in (0, 10, 13, 61) else bytes((code,))
    rows = b"\n".join(bytes(out[i : i + line]) for i in range(0, len(out), line))
    return b"=ybegin line=%d size=%d name=base.txt\n%s\n=yend size=%d\n" % (
        line,
        len(data),
        rows,
        len(data),
    )


def yencoded() -> Named:
    body = yenc(PLAIN)
    ways = {
        "plain": body,
        "after-text": DECOY.encode() + body,
        "no-end": body.partition(b"=yend")[0],
        "with-part": body.replace(
            b"name=base.txt\n", b"name=base.txt\n=ypart begin=1 end=9\n"
        ).replace(b"=ybegin line", b"=ybegin part=1 line"),
    }
    for (name, data), header in product(
        ways.items(),
        (
            "Content-Type: text/plain\n",
            f"{TYPE}{CTE}: x-yenc\n",
            f"{TYPE}{CTE}: 8bit\n",
            f"{TYPE}{CTE}: yenc\n",
            "",
        ),
    ):
        yield f"{name}-{header[-12:]!r}", attached(header, data)
        yield f"{name}-{header[-12:]!r}-mail", whole(header, data)


_HQX = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def binhex(data: bytes) -> bytes:
    head = b"\x08base.txt\0TEXTttxt\0\0" + len(data).to_bytes(4, "big") + bytes(4)
    packed = (head + b"\0\0" + data + b"\0\0\0\0").replace(b"\x90", b"\x90\0")
    letters = base64.b64encode(packed).rstrip(b"=").translate(bytes.maketrans(_STANDARD, _HQX))
    text = b":" + letters + b":"
    rows = b"\n".join(text[i : i + 64] for i in range(0, len(text), 64))
    return b"(This file must be converted with BinHex 4.0)\n\n" + rows + b"\n"


def other_encodings() -> Named:
    hqx = binhex(PLAIN)
    for header in (
        f"{TYPE}{CTE}: x-binhex\n",
        f"{TYPE}{CTE}: binhex40\n",
        "Content-Type: application/mac-binhex40\n",
        "",
        "Content-Type: text/plain\n",
        f"{TYPE}{CTE}: 7bit\n",
    ):
        yield f"binhex-{header[-14:]!r}", attached(header, hqx)
        yield f"binhex-{header[-14:]!r}-after-text", attached(header, DECOY.encode() + hqx)
        yield f"binhex-{header[-14:]!r}-mail", whole(header, hqx)
    packed = {"gzip": gzip.compress(PLAIN, mtime=0), "zlib": zlib.compress(PLAIN)}
    for name, data in packed.items():
        for value in ("x-gzip64", "gzip64", "x-zlib64", "base64", "x-gzip"):
            yield f"{name}-{value}", attached(f"{TYPE}{CTE}: {value}\n", base64.encodebytes(data))
    others = {
        "base32": base64.b32encode(PLAIN),
        "base85": base64.b85encode(PLAIN),
        "hex": PLAIN.hex().encode(),
        "ascii85": base64.a85encode(PLAIN),
        "x-rot13": b"x",
        "base16": base64.b16encode(PLAIN),
    }
    for value, data in others.items():
        yield f"{value}", attached(f"{TYPE}{CTE}: {value}\n", data + b"\n")
