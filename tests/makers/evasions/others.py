"""Header fields that carry data, too much of everything, data cut in pieces."""

from __future__ import annotations

import base64

from tests.makers.evasions.setting import (
    B64,
    CTE,
    DECOY,
    DECOY_PART,
    NIR,
    QP,
    QP_PART,
    SECRET,
    TOP,
    Named,
    attached,
    mixed,
    part,
    whole,
)


def smuggled() -> Named:
    word = base64.b64encode(SECRET.encode()).decode()
    fields = {
        "subject": f"Subject: {NIR}",
        "from": f'From: "{NIR}" <a@ch.example>',
        "x": f"X-Note: {NIR}",
        "name": f"X-{NIR.replace(' ', '')}: y",
        "id": f"Message-ID: <{NIR.replace(' ', '')}@ch.example>",
        "word": f"Subject: =?utf-8?B?{word}?=",
        "word-q": "Subject: =?utf-8?Q?" + "".join(f"={b:02X}" for b in NIR.encode()) + "?=",
        "word-in-x": f"X-Note: =?utf-8?B?{word}?=",
        "halves": f"Subject: =?utf-8?q?{NIR[:8]}?=\n =?utf-8?q?{NIR[8:]}?=".replace(
            " ", "_"
        ).replace("_=?", " =?"),
        "comment": f"To: b@mail.example ({NIR})",
        "received": f"Received: from x ({NIR})",
        "keywords": f"Keywords: {NIR}",
        "folded": f"X-A: {NIR[:8]}\n {NIR[8:]}",
        "word-wide": "Subject: =?utf-16-be?B?"
        + base64.b64encode(NIR.encode("utf-16-be")).decode()
        + "?=",
        "unsubscribe": f"List-Unsubscribe: <mailto:a@b.example?subject={NIR.replace(' ', '')}>",
        "word-utf-7": "Subject: =?utf-7?Q?+"
        + base64.b64encode(NIR.encode("utf-16-be")).rstrip(b"=").decode()
        + "-?=",
        "version": f"MIME-Version: 1.0 ({NIR})",
        "no-field": f"{NIR}",
        "date": f"Date: Mon, 23 Nov 2026 10:00:00 +0100 ({NIR})",
        "word-in-comment": f"To: b@mail.example (=?utf-8?B?{word}?=)",
        "base64-in-x": f"X-Data: {word}",
        "word-unclosed": f"Subject: =?utf-8?B?{word}",
        "word-with-blanks": f"Subject: =?utf-8?Q?{NIR}?=",
    }
    for name, field in fields.items():
        yield (
            name,
            TOP.replace("Subject: Document\n", "").encode()
            + field.encode()
            + b"\n\n"
            + DECOY.encode(),
        )
        if name not in ("subject", "from"):
            yield f"{name}-of-part", attached(f"Content-Type: text/plain\n{field}\n", b"x\n")


def too_much() -> Named:
    pad = "x" * 200_000
    yield "huge-field-before", whole(f"X-A: {pad}\n{CTE}: base64\n", B64)
    yield "huge-field-around", whole(f"X-A: {pad} {NIR}\n", b"x\n")
    yield "huge-subject", whole("Subject: " + "=?utf-8?B?w6k=?= " * 10_000 + NIR + "\n", b"x\n")
    yield "many-parts", mixed(*([part("", b"x\n")] * 2500), QP_PART)
    yield (
        "many-parameters",
        whole(
            "Content-Type: multipart/mixed" + "; a=b" * 10_000 + "; boundary=foo\n",
            b"--foo\n" + QP_PART + b"--foo--\n",
        ),
    )
    yield "many-fields", whole("X-A: b\n" * 20_000 + f"{CTE}: base64\n", B64)
    yield (
        "many-types",
        whole("".join(f"Content-Type: x-{i}/y\n" for i in range(500)) + f"{CTE}: base64\n", B64),
    )
    yield (
        "many-boundaries",
        mixed(
            DECOY_PART,
            QP_PART,
            says="Content-Type: multipart/mixed"
            + "".join(f"; boundary=b{i}" for i in range(500))
            + "; boundary=foo\n",
        ),
    )
    yield (
        "many-encodings",
        whole("".join(f"{CTE}: x{i}\n" for i in range(500)) + f"{CTE}: quoted-printable\n", QP),
    )
    yield (
        "many-names",
        attached(
            "Content-Type: text/plain"
            + "".join(f"; name=n{i}" for i in range(500))
            + f'; name="{NIR}"\n',
            b"x\n",
        ),
    )
    yield "long-boundary", mixed(DECOY_PART, QP_PART, mark="b" * 100_100)
    deep = QP_PART
    for level in range(300):
        deep = part(
            f"Content-Type: multipart/mixed; boundary=b{level}\n", f"--b{level}\n".encode() + deep
        )
    yield "deep", mixed(deep)


def split_data() -> Named:
    number = NIR.replace(" ", "")
    yield (
        "two-lines",
        whole("Content-Type: text/plain\n", f"n° sécu {number[:7]}\n{number[7:]}\n".encode()),
    )
    yield (
        "two-lines-quoted",
        whole("Content-Type: text/plain\n", f"> NIR {number[:7]}\n> {number[7:]}\n".encode()),
    )
    yield (
        "soft-broken",
        whole(f"{CTE}: quoted-printable\n", f"NIR {number[:7]}=\n{number[7:]}\n".encode()),
    )
    yield (
        "without-key",
        whole(
            "Content-Type: text/plain\n",
            f"Assuré DUPONT Jean, NIR {number[:13]} clé {number[13:]}\n".encode(),
        ),
    )
    yield (
        "boxes",
        whole(
            "Content-Type: text/plain\n", f"N° de sécurité sociale : {' '.join(number)}\n".encode()
        ),
    )
    yield (
        "bars",
        whole(
            "Content-Type: text/plain\n",
            f"N° de sécurité sociale : |{'|'.join(number)}|\n".encode(),
        ),
    )
    yield (
        "flowed",
        whole("Content-Type: text/plain; format=flowed\n", f"NIR {NIR[:9]} \n{NIR[9:]}\n".encode()),
    )
    yield (
        "delsp",
        whole(
            "Content-Type: text/plain; format=flowed; delsp=yes\n",
            f"NIR {number[:7]} \n{number[7:]}\n".encode(),
        ),
    )
