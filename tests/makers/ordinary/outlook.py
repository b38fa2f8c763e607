"""Outlook on Windows (classic, new), on the Mac and on the web, and Exchange behind them.

Exchange numbers the boundaries of one message _000_, _004_, _005_… with the same tail, and writes
very long antispam fields; classic Outlook says NextPart.
"""

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

_WORD_HTML = """\
<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
 xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40"><head>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset={charset}">
<meta name=Generator content="Microsoft Word 15 (filtered medium)">
<!--[if !mso]><style>v\\:* {{behavior:url(#default#VML);}} o\\:* {{behavior:url(#default#VML);}}
</style><![endif]-->
<style><!-- @font-face {{font-family:"Cambria Math"; panose-1:2 4 5 3 5 4 6 3 2 4;}}
p.MsoNormal {{margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;}} --></style>
<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]--></head>
<body lang=FR link="#0563C1" vlink="#954F72"><div class=WordSection1>
{text}<p class=MsoNormal><o:p>&nbsp;</o:p></p>{picture}</div></body></html>
"""
_PICTURE = '<img width=96 height=40 id="Image_x0020_1" src="cid:{id}" alt="Logo">'


def _rich(letter: Letter, charset: str, picture: str = "") -> str:
    return _WORD_HTML.format(
        charset=charset,
        text=letter.html.replace("<p>", "<p class=MsoNormal>").replace("</p>", "<o:p></o:p></p>"),
        picture=_PICTURE.format(id=picture) if picture else "",
    )


def _text(subtype: str, charset: str, text: str) -> bytes:
    """subtype: with what stands between it and its charset."""
    return entity(
        f'Content-Type: text/{subtype}charset="{charset}"',
        "Content-Transfer-Encoding: quoted-printable",
        body=qp(text, charset),
    )


def _thread(rng: Random) -> list[str]:
    index = base64.b64encode(b"\x01\xdb" + rng.randbytes(25)).decode()
    return [f"Thread-Index: {index}", "Content-Language: fr"]


def _exchange(rng: Random, letter: Letter) -> list[str]:
    """What Exchange Online puts on top of every message."""
    seal = base64.b64encode(rng.randbytes(256)).decode()
    report = ";".join(f"{token(rng, 4)}:{digits(rng, 14)}" for _ in range(40))
    host = f"PR3PR0{rng.randint(1, 9)}MB{digits(rng, 4)}.eurprd08.prod.outlook.example"
    return [
        f"Received: from {host} ([fe80::{hexadecimal(rng, 4)}:{hexadecimal(rng, 4)}]) by\n"
        f" {host} ([fe80::{hexadecimal(rng, 4)}%6]) with mapi id 15.20.{digits(rng, 4)}.013;\n"
        f" {letter.date}",
        folded(
            "ARC-Seal",
            f"i=1;a=rsa-sha256;s=arcselector10001;d=microsoft.example;cv=none;b={seal}",
        ),
        folded(
            "ARC-Message-Signature",
            "i=1;a=rsa-sha256;c=relaxed/relaxed;d=microsoft.example;"
            f"h=From:Date:Subject:Message-ID:Content-Type:MIME-Version;bh={seal[:44]};b={seal}",
        ),
        f"From: {words(letter.name, 'iso-8859-1', 'Q', 60)} <{letter.sender}>",
        f"To: {letter.to_name} <{letter.to}>",
        f"Subject: {words(letter.subject)}",
        f"Thread-Topic: {words(letter.subject)}",
        *_thread(rng),
        f"Date: {letter.date}",
        f"Message-ID:\n <{token(rng, 20)}{hexadecimal(rng, 20)}@{host}>",
        "Accept-Language: fr-FR, en-US",
        "X-MS-Has-Attach: yes",
        "X-MS-TNEF-Correlator:",
        folded("x-ms-exchange-antispam-report", report),
        folded("x-microsoft-antispam-message-info", seal + seal),
        f"X-MS-Exchange-CrossTenant-Network-Message-Id: {hexadecimal(rng, 8)}-{hexadecimal(rng, 4)}"
        f"-{hexadecimal(rng, 4)}-{hexadecimal(rng, 12)}",
        "MIME-Version: 1.0",
    ]


def classic_with_signature_and_docx(rng: Random) -> bytes:
    """mixed > related > alternative, the boundaries alike but for four digits."""
    letter = setting.letter(rng)
    tail = f"{hexadecimal(rng, 8).upper()}.{hexadecimal(rng, 8).upper()}"
    mixed, related, either = (f"----=_NextPart_000_{n}_{tail}" for n in ("0012", "0013", "0014"))
    picture = f"image001.png@{tail}"
    rich = setting.latin1(_rich(letter, "iso-8859-1", picture))
    alternative = multipart(
        either,
        _text("plain;\n\t", "iso-8859-1", setting.latin1(letter.text)),
        _text("html;\n\t", "iso-8859-1", rich),
        gap="\n\n",
    )
    logo = entity(
        'Content-Type: image/png;\n\tname="image001.png"',
        "Content-Transfer-Encoding: base64",
        f"Content-ID: <{picture}>",
        body=b64(setting.logo()),
    )
    name = "Compte rendu d'équipe.docx"
    attached = entity(
        "Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document;\n"
        f'\tname="{words(name, "iso-8859-1", "Q", 60)}"',
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment;\n\tfilename="{words(name, "iso-8859-1", "Q", 60)}"',
        body=b64(setting.docx()),
    )
    inner = entity(
        f'Content-Type: multipart/alternative;\n\tboundary="{either}"', body=b"\n" + alternative
    )
    body = multipart(related, inner, logo, gap="\n\n")
    outer = entity(f'Content-Type: multipart/related;\n\tboundary="{related}"', body=b"\n" + body)
    return entity(
        f'From: "{letter.name}" <{letter.sender}>',
        f'To: "{letter.to_name}" <{letter.to}>',
        f"Subject: {words(setting.latin1(letter.subject), 'iso-8859-1', 'Q')}",
        f"Date: {letter.date}",
        f"Message-ID: <000001db{hexadecimal(rng, 4)}${hexadecimal(rng, 8)}@chu.example>",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed;\n\tboundary="{mixed}"',
        "X-Mailer: Microsoft Outlook 16.0",
        *_thread(rng),
        body=multipart(
            mixed,
            outer,
            attached,
            preamble="This is a multipart message in MIME format.\n\n",
            gap="\n\n",
        ),
    )


def classic_plain_reply(rng: Random) -> bytes:
    letter = setting.letter(rng)
    text = f"Bonjour,\n\nBien reçu, merci.\n\n-----Message d'origine-----\nDe : {letter.to}\n\n"
    return entity(
        f"From: {letter.name} <{letter.sender}>",
        f"To: <{letter.to}>",
        f"Subject: {words('RE: ' + setting.cp1252(letter.subject), 'Windows-1252', 'Q')}",
        f"Date: {letter.date}",
        f"Message-ID: <{token(rng, 16)}@chu.example>",
        "MIME-Version: 1.0",
        'Content-Type: text/plain;\n\tcharset="Windows-1252"',
        "Content-Transfer-Encoding: 8bit",
        "X-Priority: 3 (Normal)",
        "X-MSMail-Priority: Normal",
        "X-MimeOLE: Produced By Microsoft MimeOLE V6.00.2900.5931",
        body=setting.cp1252(text + letter.text).encode("cp1252"),
    )


def exchange_with_inline_picture_and_pdf(rng: Random) -> bytes:
    """_005_ > _004_ > _000_: each boundary is the others but for one digit."""
    letter = setting.letter(rng)
    tail = f"{token(rng, 32)}PR3PR08MB{digits(rng, 4)}eurp_"
    mixed, related, either = (f"_00{n}_{tail}" for n in (5, 4, 0))
    picture = f"{hexadecimal(rng, 8)}-{hexadecimal(rng, 4)}"
    alternative = multipart(
        either,
        entity(
            'Content-Type: text/plain; charset="utf-8"',
            "Content-Transfer-Encoding: base64",
            body=b64(letter.text.encode()),
        ),
        entity(
            'Content-Type: text/html; charset="utf-8"',
            f"Content-ID: <{hexadecimal(rng, 32).upper()}@eurprd08.prod.outlook.example>",
            "Content-Transfer-Encoding: base64",
            body=b64(_rich(letter, "utf-8", picture).encode()),
        ),
    )
    when = letter.when.strftime("%a, %d %b %Y %H:%M:%S GMT")
    name = "Convocation – réunion d’été.pdf"
    attached = entity(
        f'Content-Type: application/pdf; name="{words(name, size=60)}"',
        f"Content-Description: {words(name, size=60)}",
        f'Content-Disposition: attachment;\n\tfilename="{words(name, size=60)}";\n'
        f'\tsize={len(setting.pdf())}; creation-date="{when}"',
        "Content-Transfer-Encoding: base64",
        body=b64(setting.pdf()),
    )
    inner = entity(f'Content-Type: multipart/alternative;\n\tboundary="{either}"', body=alternative)
    outer = entity(
        f'Content-Type: multipart/related;\n\tboundary="{related}";\n'
        '\ttype="multipart/alternative"',
        body=multipart(related, inner, _outlook_logo(picture, when)),
    )
    return entity(
        *_exchange(rng, letter),
        f'Content-Type: multipart/mixed;\n\tboundary="{mixed}"',
        body=multipart(mixed, outer, attached),
    )


def _outlook_logo(identity: str, when: str) -> bytes:
    return entity(
        'Content-Type: image/png; name="Outlook-Logo.png"',
        "Content-Description: Outlook-Logo.png",
        f'Content-Disposition: inline; filename="Outlook-Logo.png"; size={len(setting.logo())};\n'
        f'\tcreation-date="{when}";\n\tmodification-date="{when}"',
        f"Content-ID: <{identity}>",
        "Content-Transfer-Encoding: base64",
        body=b64(setting.logo()),
    )


def exchange_html_only(rng: Random) -> bytes:
    letter = setting.letter(rng)
    return entity(
        *_exchange(rng, letter),
        'Content-Type: text/html; charset="iso-8859-1"',
        "Content-Transfer-Encoding: quoted-printable",
        body=qp(setting.latin1(_rich(letter, "iso-8859-1")), "iso-8859-1"),
    )


def new_outlook_alternative(rng: Random) -> bytes:
    letter = setting.letter(rng)
    either = f"_000_{token(rng, 34)}eurp_"
    html = f'<html><body dir="ltr"><div class="elementToProof">{letter.html}</div></body></html>'
    return entity(
        *_exchange(rng, letter),
        f'Content-Type: multipart/alternative;\n\tboundary="{either}"',
        body=multipart(
            either,
            _text("plain; ", "Windows-1252", setting.cp1252(letter.text)),
            _text("html; ", "Windows-1252", setting.cp1252(html)),
        ),
    )


def mac_with_spreadsheet(rng: Random) -> bytes:
    """Outlook for Mac: boundaries B_…, RFC 2231 names, a preamble of its own."""
    letter = setting.letter(rng)
    mixed, either = f"B_{digits(rng, 10)}_{digits(rng, 8)}", f"B_{digits(rng, 10)}_{digits(rng, 9)}"
    name = "Planning prévisionnel – été.xlsx"
    warning = (
        "> This message is in MIME format. Since your mail reader does not understand\n"
        "this format, some or all of this message may not be legible.\n\n"
    )
    inner = entity(
        f'Content-type: multipart/alternative;\n\tboundary="{either}"',
        body=b"\n"
        + multipart(
            either,
            _text("plain;\n\t", "UTF-8", letter.text),
            _text("html;\n\t", "UTF-8", f"<html><body>{letter.html}</body></html>"),
            gap="\n\n",
        ),
    )
    attached = entity(
        f"Content-type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet; name*="
        f"UTF-8''{percent(name)}",
        f"Content-disposition: attachment;\n\tfilename*=UTF-8''{percent(name)}",
        "Content-transfer-encoding: base64",
        body=b"\n" + b64(setting.xlsx()),
    )
    return entity(
        "User-Agent: Microsoft-MacOutlook/16.89.24090815",
        f"Date: {letter.date}",
        f"Subject: {cut_words(letter.subject, 'UTF-8')}",
        f"From: {words(letter.name, 'UTF-8')} <{letter.sender}>",
        f"To: {letter.to}",
        f"Message-ID: <{hexadecimal(rng, 32).upper()}@chu.example>",
        f"Thread-Topic: {cut_words(letter.subject, 'UTF-8')}",
        "Mime-version: 1.0",
        f'Content-type: multipart/mixed;\n\tboundary="{mixed}"',
        body=multipart(mixed, inner, attached, preamble=warning, gap="\n\n"),
    )


def web_forward_of_a_mail(rng: Random) -> bytes:
    """ "Forward as attachment" of Outlook on the web: message/rfc822 without a name."""
    letter, inner = setting.letter(rng), new_outlook_alternative(rng)
    mixed = f"_002_{token(rng, 34)}eurp_"
    return entity(
        *_exchange(rng, letter),
        f'Content-Type: multipart/mixed;\n\tboundary="{mixed}"',
        body=multipart(
            mixed,
            entity(
                'Content-Type: text/plain; charset="us-ascii"',
                "Content-Transfer-Encoding: quoted-printable",
                body=b"Pour information.\n",
            ),
            entity(
                "Content-Type: message/rfc822",
                f'Content-Disposition: attachment;\n\tcreation-date="{letter.date}";\n'
                f'\tmodification-date="{letter.date}"',
                body=inner,
            ),
        ),
    )
