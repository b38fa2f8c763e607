"""Webmails: Gmail, Yahoo, Outlook.com, Roundcube, Zimbra, SOGo, Horde, and those of French
providers."""

from __future__ import annotations

import base64
from random import Random

from tests.makers.ordinary import setting
from tests.makers.ordinary.setting import Letter
from tests.makers.ordinary.writing import (
    b64,
    cut_words,
    digits,
    entity,
    folded,
    hexadecimal,
    multipart,
    percent,
    qp,
    token,
    words,
)

_UTF8 = 'charset="UTF-8"'
_ENCODING = "Content-Transfer-Encoding"


def _alternative(letter: Letter, boundary: str, *, base: bool = False) -> bytes:
    html = f'<div dir="ltr">{letter.html}</div>'
    if base:
        code, plain, rich = "base64", b64(letter.text.encode()), b64(html.encode())
    else:
        code, plain, rich = "quoted-printable", qp(letter.text), qp(html)
    return multipart(
        boundary,
        entity(f"Content-Type: text/plain; {_UTF8}", f"{_ENCODING}: {code}", body=plain),
        entity(f"Content-Type: text/html; {_UTF8}", f"{_ENCODING}: {code}", body=rich),
    )


def gmail_with_attachment(rng: Random) -> bytes:
    """The boundaries of one message differ in two digits; f_… ids, X-Attachment-Id."""
    letter = setting.letter(rng)
    head, tail = "0000000000" + hexadecimal(rng, 4), hexadecimal(rng, 10)
    mixed, either = f"{head}b6{tail}", f"{head}b4{tail}"
    seal = base64.b64encode(rng.randbytes(256)).decode()
    identity = f"f_m{token(rng, 7).lower()}0"
    name = words("Ordre du jour – réunion.pdf", "UTF-8", "B", 60)
    return entity(
        folded("DKIM-Signature", f"v=1; a=rsa-sha256; c=relaxed/relaxed; d=chu.example; b={seal}"),
        folded("X-Google-DKIM-Signature", f"v=1; a=rsa-sha256; c=relaxed/relaxed; bh={seal}"),
        f"X-Gm-Message-State: {token(rng, 60)}",
        f"X-Google-Smtp-Source: AGHT+{token(rng, 70)}",
        "MIME-Version: 1.0",
        f"From: {words(letter.name, 'UTF-8', 'Q')} <{letter.sender}>",
        f"Date: {letter.date}",
        f"Message-ID: <CA+{token(rng, 40)}=@chu.example>",
        f"Subject: {cut_words(letter.subject, 'UTF-8')}",
        f"To: {letter.to}",
        f'Content-Type: multipart/mixed; boundary="{mixed}"',
        body=multipart(
            mixed,
            entity(
                f'Content-Type: multipart/alternative; boundary="{either}"',
                body=_alternative(letter, either),
            ),
            entity(
                f'Content-Type: application/pdf; name="{name}"',
                f'Content-Disposition: attachment; filename="{name}"',
                "Content-Transfer-Encoding: base64",
                f"Content-ID: <{identity}>",
                f"X-Attachment-Id: {identity}",
                body=b64(setting.pdf()),
            ),
        ),
    )


def gmail_base64_alternative(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"0000000000{hexadecimal(rng, 16)}"
    return entity(
        "MIME-Version: 1.0",
        f"Date: {letter.date}",
        "References: <CAF1@mail.example> \n <CAF2@mail.example>",
        f"Message-ID: <CAF{token(rng, 40)}@chu.example>",
        f"Subject: {cut_words('Re: ' + letter.subject, 'UTF-8')}",
        f"From: {words(letter.name, 'UTF-8')} <{letter.sender}>",
        f"To: {words(letter.to_name, 'UTF-8')} <{letter.to}>",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        body=_alternative(letter, boundary, base=True),
    )


def yahoo(rng: Random) -> bytes:
    letter = setting.letter(rng)
    boundary = f"----=_Part_{digits(rng, 6)}_{digits(rng, 9)}.{digits(rng, 13)}"
    references = (
        f"References: <{digits(rng, 9)}.{digits(rng, 6)}.{digits(rng, 13)}.ref@mail.example>"
    )
    return entity(
        f"X-YMail-OSG: {token(rng, 30)}",
        *(f" {token(rng, 70)}" for _ in range(6)),
        f"Date: {letter.date.replace('+0100', '+0000 (UTC)')}",
        f"From: {words(letter.name, 'UTF-8', 'Q')} <{letter.sender}>",
        f"To: {words(letter.to_name, 'UTF-8', 'Q')} <{letter.to}>",
        f"Message-ID: <{digits(rng, 9)}.{digits(rng, 6)}.{digits(rng, 13)}@chu.example>",
        f"Subject: {words(letter.subject, 'UTF-8', 'Q')}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; \n\tboundary="{boundary}"',
        references,
        f"X-Mailer: WebService/1.1.{digits(rng, 5)} YMailNorrin",
        body=_alternative(letter, boundary),
    )


def outlook_com(rng: Random) -> bytes:
    letter = setting.letter(rng)
    boundary = f"_000_AS8P{digits(rng, 3)}MB{digits(rng, 4)}{token(rng, 24)}AS8P{digits(rng, 3)}MB_"
    return entity(
        f"From: {words(letter.name, 'iso-8859-1', 'Q')} <{letter.sender}>",
        f'To: "{letter.to}" <{letter.to}>',
        f"Subject: {words(setting.latin1(letter.subject), 'iso-8859-1', 'Q')}",
        f"Thread-Index: AQH{token(rng, 24)}==",
        f"Date: {letter.date}",
        f"Message-ID:\n <AS8P{token(rng, 50)}@AS8P.eurprd.prod.outlook.example>",
        "Accept-Language: fr-FR, en-US",
        "Content-Language: fr-FR",
        "X-MS-Has-Attach:",
        "X-MS-TNEF-Correlator:",
        'x-tmn: [4bKq]',
        f'Content-Type: multipart/alternative;\n\tboundary="{boundary}"',
        "MIME-Version: 1.0",
        body=multipart(
            boundary,
            entity(
                'Content-Type: text/plain; charset="iso-8859-1"',
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(setting.latin1(letter.text), "iso-8859-1"),
            ),
            entity(
                'Content-Type: text/html; charset="iso-8859-1"',
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(setting.latin1(f'<html>\n<body dir="ltr">{letter.html}'), "iso-8859-1"),
            ),
        ),
    )  # fmt: skip


def roundcube_with_attachment(rng: Random) -> bytes:
    """RFC 2231 and RFC 2047 side by side; a size; a boundary that starts with "=_"."""
    letter, mixed, either = (
        setting.letter(rng),
        f"=_{hexadecimal(rng, 32)}",
        f"=_{hexadecimal(rng, 32)}",
    )
    name = "Devis n° 118 – mobilier réglable.xlsx"
    text = entity(
        f"{_ENCODING}: 8bit",
        "Content-Type: text/plain; charset=UTF-8;\n format=flowed",
        body=letter.text.encode(),
    )
    html = entity(
        f"{_ENCODING}: quoted-printable",
        "Content-Type: text/html; charset=UTF-8",
        body=qp(f"<html><body style='font-size: 10pt'>{letter.html}</body></html>"),
    )
    inner = entity(
        f'Content-Type: multipart/alternative;\n boundary="{either}"',
        body=multipart(either, text, html, gap="\n\n"),
    )
    return entity(
        "MIME-Version: 1.0",
        f"Date: {letter.date}",
        f"From: {words(letter.name, 'UTF-8', 'Q')} <{letter.sender}>",
        f"To: {letter.to}",
        f"Subject: {words(letter.subject, 'UTF-8', 'Q')}",
        "User-Agent: Roundcube Webmail/1.6.9",
        f"Message-ID: <{hexadecimal(rng, 32)}@chu.example>",
        f"X-Sender: {letter.sender}",
        f'Content-Type: multipart/mixed;\n boundary="{mixed}"',
        body=multipart(
            mixed,
            inner,
            entity(
                "Content-Transfer-Encoding: base64",
                "Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;\n"
                f" name={words(name, 'UTF-8', 'Q', 60)}",
                f"Content-Disposition: attachment;\n filename*=UTF-8''{percent(name)};\n"
                f" size={len(setting.xlsx())}",
                body=b64(setting.xlsx()),
            ),
        ),
    )  # fmt: skip


def zimbra(rng: Random) -> bytes:
    letter, boundary = (
        setting.letter(rng),
        f"=_{hexadecimal(rng, 8)}-{hexadecimal(rng, 4)}-{hexadecimal(rng, 12)}",
    )
    return entity(
        f"Date: {letter.date} (CET)",
        f"From: {words(letter.name, 'utf-8', 'Q')} <{letter.sender}>",
        f"To: {words(letter.to_name, 'utf-8', 'Q')} <{letter.to}>",
        f"Message-ID: <{digits(rng, 10)}.{digits(rng, 13)}.JavaMail.zimbra@chu.example>",
        f"Subject: {words(letter.subject, 'utf-8', 'Q')}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; \n\tboundary="{boundary}"',
        f"X-Originating-IP: [192.0.2.{rng.randint(1, 250)}]",
        "X-Mailer: Zimbra 8.8.15_GA_4652 (ZimbraWebClient - GC134 (Win)/8.8.15_GA_4652)",
        f"Thread-Index: {base64.b64encode(rng.randbytes(22)).decode()}",
        f"Thread-Topic: {words(letter.subject, 'utf-8', 'Q')}",
        body=_alternative(letter, boundary),
    )  # fmt: skip


def sogo(rng: Random) -> bytes:
    letter, boundary = (
        setting.letter(rng),
        f"----=_=-_OpenGroupware_org_NGMime-{digits(rng, 5)}-{digits(rng, 10)}.{digits(rng, 6)}-"
        f"{digits(rng, 3)}------",
    )
    return entity(
        f"From: {words(letter.name, 'utf-8', 'Q')} <{letter.sender}>",
        "User-Agent: SOGoMail 5.8.0",
        "MIME-Version: 1.0",
        f"Message-ID: <{hexadecimal(rng, 4)}-{hexadecimal(rng, 8)}-a1-9@{digits(rng, 9)}>",
        f"X-Forward: 192.0.2.{rng.randint(1, 250)}",
        f"Date: {letter.date}",
        f"Subject: {cut_words(letter.subject, 'utf-8', 'q')}",
        f"To: {letter.to}",
        f'content-type: multipart/alternative; boundary="{boundary}"',
        body=b"\n"
        + multipart(
            boundary,
            entity(
                "content-type: text/plain; charset=utf-8",
                "content-length: 212",
                "content-transfer-encoding: quoted-printable",
                body=qp(letter.text),
            ),
            entity(
                "content-type: text/html; charset=utf-8",
                "content-length: 312",
                "content-transfer-encoding: quoted-printable",
                body=qp(f"<html>{letter.html}</html>"),
            ),
        ),
    )  # fmt: skip


def horde(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"=_{token(rng, 22)}-{token(rng, 5)}"
    return entity(
        f"Date: {letter.date}",
        f"Message-ID: <20250303091245.Horde.{token(rng, 22)}@chu.example>",
        f"From: {words(letter.name)} <{letter.sender}>",
        f"To: {letter.to}",
        f"Subject: {words(letter.subject, letter='Q')}",
        "User-Agent: Horde Application Framework 5",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        "MIME-Version: 1.0",
        body=multipart(
            boundary,
            entity(
                "Content-Type: text/plain; charset=utf-8; format=flowed; DelSp=Yes",
                "Content-Disposition: inline",
                "Content-Transfer-Encoding: 8bit",
                body=letter.text.encode(),
            ),
            entity(
                "Content-Type: application/pdf; name=ordre.pdf",
                "Content-Disposition: attachment; size=1500; filename=ordre.pdf",
                "Content-Transfer-Encoding: base64",
                body=b64(setting.pdf()),
            ),
            preamble="This message is in MIME format.\n\n",
        ),
    )


def orange(rng: Random) -> bytes:
    """Java Mail behind: RFC 2047 in ISO-8859-1, a boundary with "=_Part"."""
    letter = setting.letter(rng)
    boundary = f"----=_Part_{digits(rng, 4)}_{digits(rng, 8)}.{digits(rng, 13)}"
    return entity(
        f"Date: {letter.date} (CET)",
        f"From: {words(letter.name, 'ISO-8859-1', 'Q')} <{letter.sender}>",
        f"Reply-To: {words(letter.name, 'ISO-8859-1', 'Q')} <{letter.sender}>",
        f"To: {letter.to}",
        f"Message-ID: <{digits(rng, 9)}.{digits(rng, 5)}.{digits(rng, 13)}@wwinf1e12>",
        f"Subject: {words(setting.latin1(letter.subject), 'ISO-8859-1', 'Q')}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; \n\tboundary="{boundary}"',
        f"X-ORIGINATING-IP: 192.0.2.{rng.randint(1, 250)}",
        "X-Wum-Nature: EMAIL-NATURE",
        f"X-WUM-FROM: |~|{letter.sender}",
        f"X-WUM-TO: |~|{letter.to}|~|",
        body=_alternative(letter, boundary),
    )


def la_poste(rng: Random) -> bytes:
    letter, boundary = (
        setting.letter(rng),
        f"----=_Part_{digits(rng, 6)}_{digits(rng, 10)}.{digits(rng, 13)}",
    )
    name = "pièce jointe.pdf"
    return entity(
        f"Date: {letter.date}",
        f"From: {letter.sender}",
        f"To: {letter.to}",
        f"Message-ID: <{digits(rng, 16)}.{digits(rng, 13)}.JavaMail.zimbra@chu.example>",
        f"Subject: {words(letter.subject, 'utf-8', 'Q')}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; \n\tboundary="{boundary}"',
        "X-Originating-IP: [192.0.2.7]",
        "X-Authenticated-User: contact",
        body=multipart(
            boundary,
            entity(
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: 8bit",
                body=letter.text.encode(),
            ),
            entity(
                f"Content-Type: application/pdf; name=\"{words(name, 'utf-8', 'Q', 60)}\"",
                f"Content-Disposition: attachment; filename=\"{words(name, 'utf-8', 'Q', 60)}\"",
                "Content-Transfer-Encoding: base64",
                body=b64(setting.pdf()) + b"\n",
            ),
            gap="",
        ),
    )  # fmt: skip


def proton(rng: Random) -> bytes:
    """Boundaries b1_… of b2_…, everything in base64, the public key attached."""
    letter, tail = setting.letter(rng), token(rng, 40)
    mixed, either = f"b1={tail}", f"b2={tail}"
    return entity(
        f"Date: {letter.date}",
        f"To: {letter.to}",
        f"From: {words(letter.name, 'utf-8')} <{letter.sender}>",
        f"Subject: {words(letter.subject, 'utf-8')}",
        f"Message-ID: <{token(rng, 80)}=@chu.example>",
        "Feedback-ID: 12345678:user:proton",
        f"X-Pm-Message-ID: {hexadecimal(rng, 40)}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed;\n boundary="{mixed}"',
        body=b"This is a multi-part message in MIME format.\n\n"
        + multipart(
            mixed,
            entity(
                f'Content-Type: multipart/alternative;\n boundary="{either}"',
                body=_alternative(letter, either, base=True),
            ),
            entity(
                "Content-Type: application/pgp-keys;"
                ' filename="publickey.asc"; name="publickey.asc"',
                "Content-Transfer-Encoding: base64",
                'Content-Disposition: attachment; filename="publickey.asc"; name="publickey.asc"',
                body=b64(
                    b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
                    + base64.encodebytes(rng.randbytes(300))
                    + b"-----END PGP PUBLIC KEY BLOCK-----\n"
                ),
            ),
        ),
    )
