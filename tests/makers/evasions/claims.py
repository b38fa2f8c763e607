"""What a header says of the transfer encoding."""

from __future__ import annotations

import base64
import quopri
from itertools import product

from tests.makers.evasions.boundaries import bounded
from tests.makers.evasions.setting import (
    B64,
    CTE,
    DECOY_PART,
    ENCODED,
    QP,
    QP_PART,
    TYPE,
    Named,
    attached,
    mixed,
    spread,
)


def two_encodings() -> Named:
    others = ("quoted-printable", "7bit", "base64", "x-uuencode", "xxxxx", "")
    for (real, body), other in product(ENCODED.items(), others):
        if real != other:
            yield from spread(f"{real}-then-{other}", f"{CTE}: {real}\n{CTE}: {other}\n", body)
            yield from spread(f"{other}-then-{real}", f"{CTE}: {other}\n{CTE}: {real}\n", body)
    for real, body in ENCODED.items():
        yield from spread(
            f"{real}-twice-then-7bit", f"{CTE}: {real}\n{CTE}: {real}\n{CTE}: 7bit\n", body
        )
        yield from spread(
            f"far-apart-{real}", f"{CTE}: 7bit\nX-A: b\n{CTE.upper()}: {real}\n", body
        )


def list_of_encodings() -> Named:
    for (real, body), comma in product(ENCODED.items(), (", ", ",", "; ", " ", "/", "|", "\n ")):
        for other in ("quoted-printable", "base64", "7bit", "xxxxx"):
            if real != other:
                name = f"{real}-{other}-{comma!r}"
                yield f"{name}-first", attached(f"{TYPE}{CTE}: {real}{comma}{other}\n", body)
                yield f"{name}-last", attached(f"{TYPE}{CTE}: {other}{comma}{real}\n", body)
    both = base64.encodebytes(QP)
    yield "one-within-the-other", attached(f"{TYPE}{CTE}: base64, quoted-printable\n", both)
    turned = quopri.encodestring(B64.replace(b"\n", b""), quotetabs=True)
    yield "the-other-within-one", attached(f"{TYPE}{CTE}: base64, quoted-printable\n", turned)


def invalid_encodings() -> Named:
    for real, body in ENCODED.items():
        odd = [
            f"{real}5",
            f'"{real}"',
            f"'{real}'",
            f"x-{real}",
            f"{real} junk",
            f"junk {real}",
            f"{real};",
            f"{real}.",
            f"{real},",
            f"<{real}>",
            f"={real}",
            f"{real}=",
            f"{real[:-1]}",
            f"{real[:3]} {real[3:]}",
            f"{real[:3]}-{real[3:]}",
            f"{real.upper()}",
            f"{real}; x=y",
            f"\\{real}",
            f'"{real}',
            f'{real}"',
            f"{real}\n junk",
            f"{real}/",
            f"{real}:",
            f"\u00a0{real}",
            f"{real}\u00a0",
            f"{real}\u200b",
            f":{real}",
            f"({real})",
            f"[{real}]",
        ]
        for value in odd:
            yield from spread(f"{value!r}", f"{CTE}: {value}\n".encode(), body)
        for value in ("", "none", "unknown", "8-bit", "utf-8", "binary", "7bit"):
            if real != "quoted-printable":
                yield from spread(f"{real}-says-{value!r}", f"{CTE}: {value}\n", body)
    for value in (
        "b64",
        "base-64",
        "base_64",
        "Base64",
        "qp",
        "quoted_printable",
        "uu",
        "uue",
        "hex",
    ):
        for real, body in ENCODED.items():
            if (value, real) != ("hex", "quoted-printable"):
                yield f"{value}-is-{real}", attached(f"{TYPE}{CTE}: {value}\n", body)


def comments_in_encodings() -> Named:
    for real, body in ENCODED.items():
        for value in (
            f"{real}(x)",
            f"(x){real}",
            f"(x) {real}",
            f"{real} (x)",
            f"{real[:2]}(x){real[2:]}",
            f"({real}) 7bit",
            f"7bit ({real})",
            f"({real})quoted-printable",
            f"(a(b){real}",
            f"{real}(",
            f"{real})",
            f"((x)) {real}",
            f'"(" {real}',
            f"(\n x) {real}",
            f"(\\)){real}",
        ):
            yield f"{value!r}", attached(f"{TYPE}{CTE}: {value}\n", body)
        for name in (
            f"{CTE}(x)",
            f"(x){CTE}",
            "Content(x)-Transfer-Encoding",
            f"{CTE} (a b)",
            f"{CTE}(: )",
            f"{CTE}(x",
            f'"{CTE}"',
            f"<{CTE}>",
        ):
            yield from spread(f"{name!r}-{real}", f"{name}: {real}\n", body)


def encoded_words() -> Named:
    for real, body in ENCODED.items():
        word = base64.b64encode(real.encode()).decode()
        for value in (
            f"=?utf-8?q?{real}?=",
            f"=?utf-8?B?{word}?=",
            f'"=?us-ascii?Q?{real}?="',
            f"=?x?q?{real[:3]}?= =?x?q?{real[3:]}?=",
        ):
            yield f"{value}", attached(f"{TYPE}{CTE}: {value}\n", body)
    for says in (
        '"=?us-ascii?q?foo?="',
        "=?us-ascii?B?Zm9v?=",
        "=?x?q?f?= =?x?q?oo?=",
        '"=?utf-8?Q?f=6fo?="',
        "=?utf-8?q?foo?",
        "=?utf-8''foo?=",
    ):
        yield from bounded(f"boundary-{says}", f"boundary={says}", says.strip('"'))
    yield "type", attached("Content-Type: =?utf-8?q?text/html?=\n" + CTE + ": base64\n", B64)


def control_characters() -> Named:
    name = CTE.encode()
    for code, (real, body) in product((0, 1, 8, 11, 12, 14, 27, 31, 127, 160), ENCODED.items()):
        char = bytes((code,))
        headers = {
            "after-name": name + char + b": " + real.encode(),
            "before-name": char + name + b": " + real.encode(),
            "in-name": name[:9] + char + name[9:] + b": " + real.encode(),
            "before-value": name + b":" + char + real.encode(),
            "after-value": name + b": " + real.encode() + char,
            "in-value": name + b": " + real[:4].encode() + char + real[4:].encode(),
            "instead-of-line-end": b"X-A: b" + char + name + b": " + real.encode(),
            "then-junk": name + b": " + real.encode() + char + b" 7bit",
        }
        for where, header in headers.items():
            yield f"{code}-{where}-{real}", attached(TYPE.encode() + header + b"\n", body)
    for code, where in product(
        (0, 11, 12, 27), ("after-name", "in-value", "in-mark", "after-mark")
    ):
        char = chr(code)
        says = {
            "after-name": f"Content-Type{char}: multipart/mixed; boundary=foo",
            "in-value": f"Content-Type: multipart/{char}mixed; boundary=foo",
            "in-mark": f"Content-Type: multipart/mixed; boundary=f{char}oo",
            "after-mark": f"Content-Type: multipart/mixed; boundary{char}=foo{char}bar",
        }[where]
        for mark in ("foo", f"f{char}oo", f"foo{char}bar"):
            yield (
                f"type-{code}-{where}-{mark!r}",
                mixed(DECOY_PART, QP_PART, mark=mark, says=says + "\n"),
            )
    for blank, (real, body) in product(("", " ", "\t", "  "), ENCODED.items()):
        yield f"blank-after-{blank!r}-{real}", attached(f"{TYPE}{CTE}{blank}: {real}\n", body)
        yield f"blank-before-{blank!r}-{real}", attached(f"{blank}{CTE}: {real}\n{TYPE}", body)
        yield (
            f"blank-first-{blank!r}-{real}",
            attached(f"X-A: b\n{blank}{CTE}: {real}\n{TYPE}", body),
        )
        yield f"without-blank-{blank!r}-{real}", attached(f"{TYPE}{CTE}:{blank}{real}\n", body)
    for sign, (real, body) in product((";", "=", " ", "::", ": :", " - "), ENCODED.items()):
        yield f"colon-{sign!r}-{real}", attached(f"{TYPE}{CTE}{sign}{real}\n", body)
