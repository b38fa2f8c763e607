"""Mail libraries and groupware that business software sends through: Notes, GroupWise, .NET, CDO,
Python, Perl, BlueMind, SAP."""

from __future__ import annotations

from random import Random

from tests.makers import documents
from tests.makers.ordinary import setting
from tests.makers.ordinary.setting import Letter
from tests.makers.ordinary.writing import (
    b64,
    digits,
    entity,
    hexadecimal,
    multipart,
    percent,
    qp,
    words,
)


def _fields(letter: Letter, charset: str = "utf-8", letter_of_code: str = "B") -> list[str]:
    subject = setting.latin1(letter.subject) if charset == "ISO-8859-1" else letter.subject
    return [
        f"From: {letter.sender}",
        f"To: {letter.to}",
        f"Subject: {words(subject, charset, letter_of_code)}",
        f"Date: {letter.date}",
        "MIME-Version: 1.0",
    ]


def _part(
    media: str, text: str, charset: str = "utf-8", encoding: str = "quoted-printable"
) -> bytes:
    body = {"base64": b64(text.encode(charset)), "8bit": text.encode(charset)}
    return entity(
        f"Content-Type: {media}; charset={charset}",
        f"Content-Transfer-Encoding: {encoding}",
        body=body.get(encoding) or qp(text, charset),
    )


def lotus_notes(rng: Random) -> bytes:
    """Blanks within each boundary: "=_alternative 004F3C9AC1258A1E_="."""
    letter, tail = setting.letter(rng), f"{hexadecimal(rng, 16).upper()}_="
    either, related, mixed = (f"=_{kind} {tail}" for kind in ("alternative", "related", "mixed"))
    text = setting.latin1(letter.text)
    alternative = entity(
        f'Content-Type: multipart/alternative; boundary="{either}"',
        body=b"\n\n"
        + multipart(
            either,
            _part("text/plain", text, "ISO-8859-1"),
            _part("text/html", f'<font size=2 face="sans-serif">{text}</font>', "ISO-8859-1"),
        ),
    )
    picture = entity(
        "Content-Type: image/gif",
        f"Content-ID: <_1_{hexadecimal(rng, 32).upper()}>",
        "Content-Transfer-Encoding: base64",
        body=b"\n" + b64(b"GIF89a\x60\0\x28\0\xf0\0\0" + rng.randbytes(300)),
    )
    attached = entity(
        'Content-Type: application/octet-stream; name="Ordre du jour.pdf"',
        'Content-Disposition: attachment; filename="Ordre du jour.pdf"',
        "Content-Transfer-Encoding: base64",
        body=b"\n" + b64(setting.pdf(), 72),
    )
    inner = entity(
        f'Content-Type: multipart/related; boundary="{related}"',
        body=b"\n\n" + multipart(related, alternative, picture),
    )
    return entity(
        *_fields(letter, "ISO-8859-1", "Q"),
        "X-Mailer: HCL Notes Build V1201_10282021 October 28, 2021",
        "X-MIMETrack: Serialize by Router on SRV1/EX(Release 12.0.1|November 16, 2021) at\n"
        f" {letter.date}",
        f'Content-Type: multipart/mixed; boundary="{mixed}"',
        body=b"\n\n" + multipart(mixed, inner, attached),
    )


def groupwise(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"=__Part{hexadecimal(rng, 8).upper()}.0__="
    return entity(
        *_fields(letter),
        "X-Mailer: Novell GroupWise Internet Agent 18.4.2 ",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        body=b"This is a MIME message. If you are reading this text, you may want to \n"
        b"consider changing to a mail reader or gateway that understands how to \n"
        b"properly handle MIME multipart messages.\n\n"
        + multipart(
            boundary, _part("text/plain", letter.text), _part("text/html", letter.html)
        ),
    )  # fmt: skip


def dotnet(rng: Random) -> bytes:
    """System.Net.Mail: --boundary_N_GUID, content types in lower case, everything in base64."""
    letter = setting.letter(rng)
    guid = "-".join(hexadecimal(rng, n) for n in (8, 4, 4, 4, 12))
    mixed, either = f"--boundary_1_{guid}", f"--boundary_0_{guid}"
    inner = entity(
        f"content-type: multipart/alternative;\n boundary={either}",
        body=b"\n\n"
        + multipart(
            either,
            _part("text/plain", letter.text, encoding="base64"),
            _part("text/html", letter.html, encoding="base64"),
        ),
    )
    name = words("État récapitulatif.xlsx", "utf-8", "B", 60)
    attached = entity(
        f'Content-Type: application/octet-stream; name="{name}"',
        "Content-Transfer-Encoding: base64",
        "Content-Disposition: attachment",
        body=b"\n" + b64(setting.xlsx()),
    )
    return entity(
        *_fields(letter),
        f"Content-Type: multipart/mixed;\n boundary={mixed}",
        body=b"\n\n" + multipart(mixed, inner, attached, gap="\n\n"),
    )


def microsoft_cdo(rng: Random) -> bytes:
    letter = setting.letter(rng)
    boundary = (
        f"----=_NextPart_000_{hexadecimal(rng, 4).upper()}_01DB8C1A.{hexadecimal(rng, 8).upper()}"
    )
    return entity(
        "Thread-Topic: Alerte",
        f"thread-index: AduM{digits(rng, 28)}",
        *_fields(letter),
        f'Content-Type: multipart/alternative;\n\tboundary="{boundary}"',
        "X-Mailer: Microsoft CDO for Windows 2000",
        "Content-Class: urn:content-classes:message",
        "Importance: normal\nPriority: normal",
        "X-MimeOLE: Produced By Microsoft MimeOLE",
        body=b"This is a multi-part message in MIME format.\n\n"
        + multipart(
            boundary,
            _part("text/plain", letter.text),
            _part("text/html", f"<HTML><BODY>{letter.html}</BODY></HTML>"),
            gap="\n\n",
        ),
    )


def python_email(rng: Random) -> bytes:
    """smtplib scripts: MIME-Version in each part, names in RFC 2231 with an empty language."""
    letter, boundary = setting.letter(rng), f"==============={digits(rng, 19)}=="
    attached = entity(
        "Content-Type: application/octet-stream",
        "MIME-Version: 1.0",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: attachment; filename*=utf-8''{percent('relevé.csv')}",
        body=b64("Service;Effectif\nAccueil;12\nCaisse;4\n".encode("utf-16")),
    )
    text = entity(
        'Content-Type: text/plain; charset="utf-8"',
        "MIME-Version: 1.0",
        "Content-Transfer-Encoding: base64",
        body=b64(letter.text.encode()),
    )
    return entity(
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        *_fields(letter),
        body=multipart(boundary, text, attached),
    )


def perl_mime_lite(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"_----------={digits(rng, 16)}"
    return entity(
        "Content-Transfer-Encoding: binary",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        *_fields(letter),
        "X-Mailer: MIME::Lite 3.031 (F2.84; T1.38; A2.12; B3.13; Q3.13)",
        body=b"This is a multi-part message in MIME format.\n\n"
        + multipart(
            boundary,
            entity(
                "Content-Disposition: inline",
                "Content-Transfer-Encoding: binary",
                "Content-Type: text/plain",
                body=letter.text.encode(),
            ),
            entity(
                'Content-Disposition: attachment; filename="export.zip"',
                "Content-Transfer-Encoding: base64",
                'Content-Type: application/zip; name="export.zip"',
                body=b64(documents.zip_of({"planning.xlsx": setting.xlsx()})),
            ),
        ),
    )


def bluemind(rng: Random) -> bytes:
    letter, boundary = (
        setting.letter(rng),
        f"--=_Part_{digits(rng, 3)}_{digits(rng, 9)}.{digits(rng, 13)}",
    )
    return entity(
        *_fields(letter, "UTF-8", "Q"),
        f"Message-ID: <{hexadecimal(rng, 8)}#{hexadecimal(rng, 8)}@chu.example>",
        "User-Agent: BlueMind-MAPI v5",
        f'Content-Type: multipart/related; boundary="{boundary}"; type="text/html"',
        body=multipart(
            boundary,
            _part("text/html", letter.html + '<img src="cid:logo.svg@bm">'),
            entity(
                "Content-Type: image/svg+xml; name=logo.svg",
                "Content-ID: <logo.svg@bm>",
                "Content-Disposition: inline; filename=logo.svg",
                "Content-Transfer-Encoding: base64",
                body=b64(b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9"/></svg>'),
            ),
        ),
    )  # fmt: skip


def business_suite(rng: Random) -> bytes:
    """SAPconnect: a description for a name, binary documents behind octet-stream."""
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 32).upper()}"
    return entity(
        *_fields(letter),
        f'Content-Type: multipart/mixed;\n boundary="{boundary}"',
        "X-Mailer: SAP NetWeaver 7.50",
        body=b"This is a multi-part message in MIME format.\n\n"
        + multipart(
            boundary,
            _part("text/plain", letter.text),
            entity(
                'Content-Type: application/octet-stream;\n name="BON DE COMMANDE 4512.PDF"',
                "Content-Transfer-Encoding: base64",
                'Content-Disposition: attachment;\n filename="BON DE COMMANDE 4512.PDF"',
                "Content-Description: BON DE COMMANDE 4512.PDF",
                body=b64(setting.pdf()),
            ),
        ),
    )


def forwarded_by_a_gateway(rng: Random) -> bytes:
    """A message in Lotus's or another's hands twice: message/rfc822 as the message itself."""
    letter = setting.letter(rng)
    return entity(
        *_fields(letter),
        "Content-Type: message/rfc822",
        "Content-Disposition: inline",
        body=groupwise(rng),
    )
