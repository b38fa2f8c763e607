"""Apple Mail on the Mac and on the telephone.

The boundary is Apple-Mail=_UUID, pictures stand between pieces of text, names are decomposed
(NFD) and written as RFC 2231 pieces, also where RFC 2047 would do.
"""

from __future__ import annotations

import unicodedata
from random import Random

from tests.makers.ordinary import setting
from tests.makers.ordinary.setting import Letter
from tests.makers.ordinary.writing import (
    b64,
    cut_words,
    entity,
    hexadecimal,
    multipart,
    numbered,
    qp,
    words,
)


def _uuid(rng: Random) -> str:
    return "-".join(hexadecimal(rng, n).upper() for n in (8, 4, 4, 4, 12))


def _boundary(rng: Random) -> str:
    return f"Apple-Mail=_{_uuid(rng)}"


def _mac(rng: Random, letter: Letter, content: str) -> list[str]:
    return [
        f"From: {words(letter.name, 'utf-8', 'Q')} <{letter.sender}>",
        content,
        "Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3774.600.62\\))",
        f"Subject: {cut_words(letter.subject, 'utf-8', 'Q')}",
        f"X-Universally-Unique-Identifier: {_uuid(rng)}",
        f"Message-Id: <{_uuid(rng)}@chu.example>",
        f"Date: {letter.date}",
        f"To: {letter.to}",
        "X-Mailer: Apple Mail (2.3774.600.62)",
    ]


def _plain(text: str) -> bytes:
    return entity(
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Type: text/plain;\n\tcharset=utf-8",
        body=qp(text),
    )


def _pieces(name: str) -> str:
    return ";\n".join(f"\t{piece}" for piece in numbered(name, "filename", size=60))


def mail_with_document_between_texts(rng: Random) -> bytes:
    """alternative of text and of a mixed that holds HTML, the document and HTML again."""
    letter, either, mixed = setting.letter(rng), _boundary(rng), _boundary(rng)
    name = unicodedata.normalize("NFD", "Procès-verbal de l’assemblée générale extraordinaire.docx")
    html = entity(
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Type: text/html;\n\tcharset=utf-8",
        body=qp(f'<html><head></head><body dir="auto">{letter.html}<br></body></html>'),
    )
    document = entity(
        f"Content-Disposition: attachment;\n{_pieces(name)}",
        "Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document;\n"
        f'\tx-unix-mode=0644;\n\tname="{words(name, "utf-8", "Q", 60)}"',
        "Content-Transfer-Encoding: base64",
        body=b64(setting.docx()),
    )
    tail = entity(
        "Content-Transfer-Encoding: 7bit",
        "Content-Type: text/html;\n\tcharset=us-ascii",
        body=b"<html><head></head><body><br></body></html>",
    )
    inner = entity(
        f'Content-Type: multipart/mixed;\n\tboundary="{mixed}"',
        body=b"\n" + multipart(mixed, html, document, tail),
    )
    content = f'Content-Type: multipart/alternative;\n\tboundary="{either}"'
    return entity(
        *_mac(rng, letter, content), body=b"\n" + multipart(either, _plain(letter.text), inner)
    )


def mail_with_related_picture(rng: Random) -> bytes:
    letter, either, related = setting.letter(rng), _boundary(rng), _boundary(rng)
    picture = _uuid(rng)
    html = f'<html><body>{letter.html}<img id="x" src="cid:{picture}"></body></html>'
    inner = entity(
        f'Content-Type: multipart/related;\n\ttype="text/html";\n\tboundary="{related}"',
        body=b"\n"
        + multipart(
            related,
            entity(
                "Content-Transfer-Encoding: quoted-printable",
                "Content-Type: text/html;\n\tcharset=utf-8",
                body=qp(html),
            ),
            entity(
                "Content-Transfer-Encoding: base64",
                "Content-Disposition: inline;\n\tfilename=PastedGraphic-1.png",
                'Content-Type: image/png;\n\tx-unix-mode=0666;\n\tname="PastedGraphic-1.png"',
                f"Content-Id: <{picture}>",
                body=b64(setting.logo()),
            ),
        ),
    )
    content = f'Content-Type: multipart/alternative;\n\tboundary="{either}"'
    return entity(
        *_mac(rng, letter, content), body=b"\n" + multipart(either, _plain(letter.text), inner)
    )


def mail_old_boundary_with_blanks(rng: Random) -> bytes:
    """RFC 2046 allows blanks and "=" in a quoted boundary; older versions used them."""
    letter, boundary = setting.letter(rng), f"Apple Mail = {_uuid(rng)} / 1"
    content = f'Content-Type: multipart/mixed;\n\tboundary="{boundary}"'
    attached = entity(
        "Content-Disposition: attachment;\n\tfilename=Ordre du jour.pdf",
        'Content-Type: application/pdf;\n\tname="Ordre du jour.pdf"',
        "Content-Transfer-Encoding: base64",
        body=b64(setting.pdf()),
    )
    return entity(
        *_mac(rng, letter, content), body=b"\n" + multipart(boundary, _plain(letter.text), attached)
    )


def iphone_with_photograph(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"Apple-Mail-{_uuid(rng)}"
    return entity(
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        "Content-Transfer-Encoding: 7bit",
        f"From: {words(letter.name, 'utf-8', 'Q')} <{letter.sender}>",
        "Mime-Version: 1.0 (1.0)",
        f"Date: {letter.date}",
        f"Subject: {cut_words(letter.subject, 'utf-8', 'Q')}",
        f"Message-Id: <{_uuid(rng)}@chu.example>",
        f"To: {letter.to}",
        "X-Mailer: iPhone Mail (22D63)",
        body=b"\n"
        + multipart(
            boundary,
            entity(
                "Content-Type: text/plain;\n\tcharset=us-ascii",
                "Content-Transfer-Encoding: 7bit",
            ),
            entity(
                "Content-Type: image/jpeg;\n\tname=IMG_0412.jpeg;\n\tx-apple-part-url="
                + _uuid(rng),
                "Content-Disposition: inline;\n\tfilename=IMG_0412.jpeg",
                "Content-Transfer-Encoding: base64",
                body=b"\n" + b64(setting.photograph()),
            ),
            entity(
                "Content-Type: text/plain;\n\tcharset=utf-8",
                "Content-Transfer-Encoding: quoted-printable",
                body=qp("\n\nEnvoyé de mon iPhone"),
            ),
        ),
    )


def iphone_reply(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"Apple-Mail-{_uuid(rng)}"
    head = "D’accord, merci.\n\nEnvoyé de mon iPad\n\n> Le 3 mars 2025 à 09:12, X a écrit :\n> \n"
    html = (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>'
        f'<body dir="auto">D’accord, merci.<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">'
        f'Envoyé de mon iPad</div><blockquote type="cite">{letter.html}</blockquote></body></html>'
    )
    return entity(
        f"Content-Type: multipart/alternative;\n\tboundary={boundary}",
        "Content-Transfer-Encoding: 7bit",
        f"From: {words(letter.name, 'utf-8', 'Q')} <{letter.sender}>",
        "Mime-Version: 1.0 (1.0)",
        f"Subject: {cut_words('Re: ' + letter.subject, 'utf-8', 'Q')}",
        f"Date: {letter.date}",
        f"Message-Id: <{_uuid(rng)}@chu.example>",
        f"To: {letter.to}",
        "X-Mailer: iPad Mail (22D63)",
        body=b"\n"
        + multipart(
            boundary,
            _plain(head + letter.quoted),
            entity(
                "Content-Type: text/html;\n\tcharset=utf-8",
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(html),
            ),
        ),
    )


def iphone_with_heic(rng: Random) -> bytes:
    """A photograph as the camera stores it."""
    letter, boundary = setting.letter(rng), f"Apple-Mail-{_uuid(rng)}"
    photo = b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + rng.randbytes(4000)
    return entity(
        f"Content-Type: multipart/mixed; boundary={boundary}",
        f"From: {letter.sender}",
        "Mime-Version: 1.0 (1.0)",
        f"Date: {letter.date}",
        "Subject: Photo",
        f"To: {letter.to}",
        body=b"\n"
        + multipart(
            boundary,
            entity(
                "Content-Type: image/heic;\n\tname=IMG_0413.HEIC",
                "Content-Disposition: attachment;\n\tfilename=IMG_0413.HEIC",
                "Content-Transfer-Encoding: base64",
                body=b"\n" + b64(photo),
            ),
            _plain(letter.text),
        ),
    )
