"""Digits that are not those of ASCII, and lies about character sets."""

from __future__ import annotations

import base64
from itertools import product

from tests.makers.evasions.setting import CTE, NIR, PLAIN, SECRET, Named, attached, whole


def look_alikes() -> Named:
    number = NIR.replace(" ", "")
    digits = {
        "full-width": 0xFF10,
        "arabic": 0x660,
        "persian": 0x6F0,
        "devanagari": 0x966,
        "bold": 0x1D7CE,
        "monospace": 0x1D7F6,
        "thai": 0xE50,
        "double-struck": 0x1D7D8,
        "sans": 0x1D7E2,
    }
    for name, zero in digits.items():
        yield (
            name,
            whole(
                "Content-Type: text/plain; charset=utf-8\n",
                f"sécu {''.join(chr(zero + int(c)) for c in number)}\n".encode(),
            ),
        )
    others = {"superscript": "⁰¹²³⁴⁵⁶⁷⁸⁹", "subscript": "₀₁₂₃₄₅₆₇₈₉", "circled": "⓪①②③④⑤⑥⑦⑧⑨"}
    for name, table in others.items():
        yield (
            name,
            whole(
                "Content-Type: text/plain; charset=utf-8\n",
                f"sécu {''.join(table[int(c)] for c in number)}\n".encode(),
            ),
        )
    for mark in (
        "\u00a0",
        "\u202f",
        "\u2009",
        ".",
        "-",
        "\u2013",
        "_",
        "\u200b",
        "\u00ad",
        "\u2060",
        "\u200d",
        "\u0301",
        "\u034f",
        "\ufe0f",
        "\U000e0020",
    ):
        yield (
            f"mark-{ord(mark):x}",
            whole(
                "Content-Type: text/plain; charset=utf-8\n",
                f"sécu {mark.join(NIR.split())}\n".encode(),
            ),
        )


def character_sets() -> Named:
    text = SECRET
    for name in (
        "utf-16-le",
        "utf-16-be",
        "utf-16",
        "utf-32-le",
        "utf-32-be",
        "utf-32",
        "utf-7",
        "cp500",
        "cp037",
        "cp1140",
        "cp273",
        "hz",
        "iso2022_jp",
        "shift_jis",
        "gb18030",
        "big5",
        "koi8_r",
        "mac_roman",
        "cp437",
    ):
        plain = (
            text
            if name not in ("hz", "iso2022_jp", "shift_jis", "big5", "koi8_r")
            else text.replace("é", "e").replace("à", "a")
        )
        wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in plain)
        written = {"plain": plain.encode(name, "replace")}
        if name in ("hz", "iso2022_jp", "shift_jis", "gb18030", "big5"):
            written["full-width"] = wide.encode(name, "replace")
        for (form, data), says in product(
            written.items(),
            (
                name,
                name.replace("_", "-"),
                "utf-8",
                "us-ascii",
                "x-unknown",
                "",
                "cp297",
                "utf-16",
                "iso-8859-1",
            ),
        ):
            declared = f"; charset={says}" if says else ""
            lies = says not in (name, name.replace("_", "-"))
            if lies and form == "full-width":
                continue  # nobody would see a number
            if lies and name in ("utf-7", "hz", "koi8_r"):
                continue
            yield (
                f"{name}-says-{says or 'nothing'}-{form}",
                attached(
                    f"Content-Type: text/plain{declared}\n{CTE}: base64\n", base64.encodebytes(data)
                ),
            )
            yield (
                f"{name}-says-{says or 'nothing'}-{form}-mail",
                whole(
                    f"Content-Type: text/plain{declared}\n{CTE}: base64\n", base64.encodebytes(data)
                ),
            )
            page = (
                b"".join(("<html><p>".encode(name), data, "</p></html>".encode(name)))
                if not name.endswith(("16", "32"))
                else (f"<html>{text}</html>").encode(name)
            )
            yield (
                f"{name}-says-{says or 'nothing'}-{form}-html",
                whole(
                    f"Content-Type: text/html{declared}\n{CTE}: base64\n", base64.encodebytes(page)
                ),
            )
    shifted = "+" + base64.b64encode(text.encode("utf-16-be")).rstrip(b"=").decode() + "-"
    for says in (
        "utf-7",
        "UTF7",
        "unicode-1-1-utf-7",
        "x-unicode-2-0-utf-7",
        "csUnicode11UTF7",
        '"utf-7"',
    ):
        yield (
            f"all-shifted-{says}",
            whole(f"Content-Type: text/plain; charset={says}\n", shifted.encode() + b"\n"),
        )
    for pair in (
        "charset=utf-8; charset=utf-7",
        "charset=utf-7; charset=utf-8",
        "charset*=''utf-7",
        "charset*0=utf; charset*1=-7",
        "charset=(utf-8)utf-7",
    ):
        yield f"two-{pair}", whole(f"Content-Type: text/plain; {pair}\n", shifted.encode() + b"\n")
    page = f'<html><meta charset="utf-7"><p>{shifted}</p></html>\n'.encode()
    for header in (
        "Content-Type: text/html\n",
        "Content-Type: text/html; charset=utf-8\n",
        "Content-Type: text/html; charset=x-unknown\n",
    ):
        yield f"meta-{header[14:-1]}", whole(header, page)
    for says in (
        "idna",
        "punycode",
        "unicode_escape",
        "rot13",
        "base64",
        "hex",
        "zlib",
        "undefined",
        "\0",
        "utf-8\0",
        "x" * 5000,
        "é",
        "../../x",
    ):
        yield f"never-{says[:12]!r}", whole(f"Content-Type: text/plain; charset={says}\n", PLAIN)
