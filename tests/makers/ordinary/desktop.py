"""Thunderbird, K-9, Evolution, Claws, mutt: what free desktop and mobile clients write."""

from __future__ import annotations

import base64
from random import Random

from tests.makers.ordinary import setting
from tests.makers.ordinary.setting import Letter
from tests.makers.ordinary.writing import (
    b64,
    digits,
    entity,
    hexadecimal,
    multipart,
    numbered,
    percent,
    qp,
    token,
    words,
)

_FLOWED = "Content-Type: text/plain; charset=UTF-8; format=flowed"
_EIGHT_BIT = "Content-Transfer-Encoding: 8bit"


def _flowed(text: str) -> str:
    """RFC 3676: soft lines end in a blank, quotes and lines that start with From are stuffed."""
    out = []
    for line in text.split("\n"):
        while len(line) > 72:
            cut = line.rfind(" ", 0, 72) + 1 or 72
            out.append(line[:cut])
            line = line[cut:]
        out.append(f" {line}" if line.startswith((" ", ">", "From ")) else line)
    return "\n".join(out)


def _thunderbird(rng: Random, letter: Letter) -> list[str]:
    return [
        f"Message-ID: <{hexadecimal(rng, 8)}-4a1b-{hexadecimal(rng, 12)}@chu.example>",
        f"Date: {letter.date}",
        "MIME-Version: 1.0",
        "User-Agent: Mozilla Thunderbird",
        f"From: {words(letter.name, 'UTF-8', 'Q', 60)} <{letter.sender}>",
        f"Subject: {words(letter.subject, 'UTF-8', 'Q', 25)}",
        f"To: {letter.to}",
        "Content-Language: fr",
        "Organization: Centre hospitalier",
    ]


def _boundary(rng: Random) -> str:
    return f"------------{token(rng, 24)}"


def thunderbird_flowed(rng: Random) -> bytes:
    letter = setting.letter(rng)
    text = f"{letter.text}\nLe 12/03/2025 à 10:12, {letter.to_name} a écrit :\n{letter.quoted}"
    return entity(
        *_thunderbird(rng, letter),
        _FLOWED,
        _EIGHT_BIT,
        body=_flowed(text + "\n-- \nService des achats\n").encode(),
    )


def thunderbird_with_attachments(rng: Random) -> bytes:
    """The same name as encoded word and, cut in pieces, as RFC 2231."""
    letter, boundary = setting.letter(rng), _boundary(rng)
    name = "Relevé des dépenses de l’année écoulée, présenté au comité.xlsx"
    pieces = ";\n".join(f" {piece}" for piece in numbered(name, "filename", charset="UTF-8"))
    return entity(
        "X-Mozilla-Status: 0001",
        "X-Mozilla-Status2: 00800000",
        "X-Mozilla-Keys:                                                                        ",
        *_thunderbird(rng, letter),
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(
            boundary,
            entity(_FLOWED, _EIGHT_BIT, body=_flowed(letter.text).encode()),
            entity(
                "Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;\n"
                f' name="{words(name, "UTF-8", "B", 20)}"',
                f"Content-Disposition: attachment;\n{pieces}",
                "Content-Transfer-Encoding: base64",
                body=b64(setting.xlsx()),
            ),
            entity(
                'Content-Type: image/png; name="signature.png"',
                'Content-Disposition: inline; filename="signature.png"',
                "Content-Transfer-Encoding: base64",
                body=b64(setting.logo()),
            ),
            entity(
                'Content-Type: text/vcard; charset=utf-8; name="contact.vcf"',
                'Content-Disposition: attachment; filename="contact.vcf"',
                "Content-Transfer-Encoding: base64",
                body=b64(b"begin:vcard\nfn:Service\nn:Service;\nversion:2.1\nend:vcard\n\n"),
            ),
            preamble="This is a multi-part message in MIME format.\n",
        ),
    )


def thunderbird_html_with_picture(rng: Random) -> bytes:
    letter, either, related = setting.letter(rng), _boundary(rng), _boundary(rng)
    picture = f"part1.{token(rng, 8)}.{token(rng, 8)}@chu.example"
    html = (
        '<!DOCTYPE html>\n<html data-lt-installed="true"><head>\n<meta http-equiv="content-type"'
        ' content="text/html; charset=UTF-8"></head><body style="padding-bottom: 1px;">'
        f'{letter.html}<img src="cid:{picture}" moz-do-not-send="false" alt=""></body></html>\n'
    )
    inner = entity(
        f'Content-Type: multipart/related;\n boundary="{related}"',
        body=b"\n"
        + multipart(
            related,
            entity("Content-Type: text/html; charset=UTF-8", _EIGHT_BIT, body=html.encode()),
            entity(
                "Content-Type: image/jpeg; name=photo.jpg",
                f"Content-Disposition: inline; filename=photo.jpg\nContent-Id: <{picture}>",
                "Content-Transfer-Encoding: base64",
                body=b64(setting.photograph()),
            ),
        ),
    )
    return entity(
        *_thunderbird(rng, letter),
        f'Content-Type: multipart/alternative;\n boundary="{either}"',
        body=multipart(
            either,
            entity(_FLOWED, _EIGHT_BIT, body=_flowed(letter.text).encode()),
            inner,
            preamble="This is a multi-part message in MIME format.\n",
        ),
    )


def thunderbird_forward_thrice(rng: Random) -> bytes:
    """A mail in a mail in a mail, each attached under its subject."""
    message = thunderbird_flowed(rng)
    for _ in range(3):
        letter, boundary = setting.letter(rng), _boundary(rng)
        name = words(letter.subject + ".eml", "UTF-8", "Q", 60)
        message = entity(
            *_thunderbird(rng, letter),
            f'Content-Type: multipart/mixed; boundary="{boundary}"',
            body=multipart(
                boundary,
                entity(_FLOWED, "Content-Transfer-Encoding: 7bit", body=b"FYI\n\n"),
                entity(
                    f'Content-Type: message/rfc822; charset=UTF-8;\n name="{name}"',
                    "Content-Disposition: attachment;"
                    f" filename*=UTF-8''{percent(letter.subject)}.eml",
                    "Content-Transfer-Encoding: 8bit",
                    body=message,
                ),
                preamble="This is a multi-part message in MIME format.\n",
            ),
        )
    return message


def thunderbird_smime_signed(rng: Random) -> bytes:
    """multipart/signed with a detached CMS signature: SignedData without content."""
    letter, boundary = setting.letter(rng), f"------------ms{digits(rng, 22)}"
    text = entity(
        "Content-Type: text/plain; charset=UTF-8; format=flowed",
        "Content-Transfer-Encoding: quoted-printable",
        body=qp(letter.text),
    )
    return entity(
        *_thunderbird(rng, letter),
        'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\n'
        f' micalg=sha-256; boundary="{boundary}"',
        body=multipart(
            boundary,
            text,
            entity(
                'Content-Type: application/pkcs7-signature; name="smime.p7s"',
                "Content-Transfer-Encoding: base64",
                'Content-Disposition: attachment; filename="smime.p7s"',
                "Content-Description: Signature cryptographique S/MIME",
                body=b64(setting.signature(text), 64),
            ),
            preamble="This is a cryptographically signed message in MIME format.\n\n",
        ),
    )


def thunderbird_pgp_signed(rng: Random) -> bytes:
    """Protected headers in the signed part, the public key attached, Autocrypt on top."""
    letter, signed, mixed, inner = (setting.letter(rng), *(_boundary(rng) for _ in range(3)))
    key = base64.b64encode(rng.randbytes(600)).decode()
    armour = "\n".join(key[at : at + 64] for at in range(0, len(key), 64))
    text = entity("Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: base64",
                  body=b64(letter.text.encode()))  # fmt: skip
    public = entity(
        'Content-Type: application/pgp-keys; name="OpenPGP_0x1234567890ABCDEF.asc"',
        'Content-Disposition: attachment; filename="OpenPGP_0x1234567890ABCDEF.asc"',
        "Content-Description: OpenPGP public key",
        "Content-Transfer-Encoding: quoted-printable",
        body=qp(
            f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{armour}\n"
            "-----END PGP PUBLIC KEY BLOCK-----\n"
        ),
    )
    body = entity(
        f'Content-Type: multipart/mixed; boundary="{mixed}";\n protected-headers="v1"',
        f"From: {words(letter.name, 'UTF-8', 'Q', 60)} <{letter.sender}>",
        f"To: {letter.to}",
        f"Subject: {words(letter.subject, 'UTF-8', 'Q', 25)}",
        body=multipart(
            mixed,
            entity(
                f'Content-Type: multipart/mixed; boundary="{inner}"',
                body=multipart(inner, text, public),
            ),
        ),
    )
    signature = entity(
        'Content-Type: application/pgp-signature; name="OpenPGP_signature.asc"',
        "Content-Description: OpenPGP digital signature",
        'Content-Disposition: attachment; filename="OpenPGP_signature.asc"',
        body=f"-----BEGIN PGP SIGNATURE-----\n\n{armour[:400]}\n=AbCd\n".encode()
        + b"-----END PGP SIGNATURE-----\n",
    )
    return entity(
        *_thunderbird(rng, letter),
        f"Autocrypt: addr={letter.sender}; keydata=\n " + armour.replace("\n", "\n "),
        "Content-Type: multipart/signed; micalg=pgp-sha256;\n"
        ' protocol="application/pgp-signature";\n'
        f' boundary="{signed}"',
        body=multipart(
            signed, body, signature,
            preamble="This is an OpenPGP/MIME signed message (RFC 4880 and 3156)\n",
        ),
    )  # fmt: skip


def mutt_plain(rng: Random) -> bytes:
    letter = setting.letter(rng)
    text = f"{letter.text}\nFrom tomorrow on, use the new address.\n-- \n{letter.name}\n"
    return entity(
        f"Date: {letter.date}",
        f"From: {words(letter.name, 'iso-8859-1', 'Q')} <{letter.sender}>",
        f"To: {letter.to}",
        f"Subject: {words(setting.latin1(letter.subject), 'iso-8859-1', 'Q')}",
        f"Message-ID: <2025{digits(rng, 10)}.GA{digits(rng, 5)}@chu.example>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=iso-8859-1",
        "Content-Disposition: inline",
        "Content-Transfer-Encoding: 8bit",
        "User-Agent: Mutt/1.10.1 (2018-07-13)",
        "Lines: 12",
        body=setting.latin1(text).encode("iso-8859-1", "replace"),
    )


def mutt_clear_signed(rng: Random) -> bytes:
    """An old-style PGP signature around the text itself."""
    letter = setting.letter(rng)
    signature = base64.encodebytes(rng.randbytes(280)).decode()
    text = (
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{letter.text}"
        f"-----BEGIN PGP SIGNATURE-----\n\n{signature}=Zz9a\n-----END PGP SIGNATURE-----\n"
    )
    return entity(
        f"Date: {letter.date}",
        f"From: <{letter.sender}>",
        f"To: <{letter.to}>",
        "Subject: Release notes",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8; x-action=pgp-signed",
        "Content-Transfer-Encoding: 8bit",
        body=text.encode(),
    )


def k9_alternative(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"----{token(rng, 30).upper()}"
    return entity(
        f"Date: {letter.date}",
        f"From: {letter.sender}",
        f"To: {letter.to}",
        f"Subject: {words(letter.subject, 'UTF-8', 'Q')}",
        "User-Agent: K-9 Mail for Android",
        f"Message-ID: <{hexadecimal(rng, 8).upper()}@chu.example>",
        "MIME-Version: 1.0",
        f"Content-Type: multipart/alternative; boundary={boundary}",
        "Content-Transfer-Encoding: 7bit",
        body=multipart(
            boundary,
            entity(
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(letter.text),
            ),
            entity(
                "Content-Type: text/html; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(f"<!DOCTYPE html><html><body>{letter.html}</body></html>"),
            ),
        ),
    )


def evolution_with_calendar(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"=-{token(rng, 20)}"
    event = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:1@chu.example\r\n"
        "SUMMARY:Point d'équipe\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return entity(
        f"Message-ID: <{hexadecimal(rng, 40)}.camel@chu.example>",
        f"Subject: {words(letter.subject)}",
        f"From: {words(letter.name)} <{letter.sender}>",
        f"To: {letter.to}",
        f"Date: {letter.date}",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        "User-Agent: Evolution 3.46.4-2 ",
        "MIME-Version: 1.0",
        body=b"\n"
        + multipart(
            boundary,
            entity(
                'Content-Type: text/plain; charset="UTF-8"',
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(letter.text),
            ),
            entity(
                'Content-Type: text/calendar; name="meeting.ics"; charset="utf-8"; METHOD="REPLY"',
                "Content-Transfer-Encoding: base64",
                body=b64(event.encode()),
            ),
        ),
    )


def claws_all_kinds(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"MP_/{token(rng, 18)}=_{token(rng, 4)}"
    return entity(
        f"Date: {letter.date}",
        f"From: {words(letter.name, 'UTF-8')} <{letter.sender}>",
        f"To: {letter.to}",
        f"Subject: {words(letter.subject, 'UTF-8')}",
        f"Message-ID: <2025{digits(rng, 10)}.{hexadecimal(rng, 8)}@chu.example>",
        "X-Mailer: Claws Mail 4.1.1 (GTK 3.24.38; x86_64-pc-linux-gnu)",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(
            boundary,
            entity(
                "Content-Type: text/plain; charset=UTF-8",
                "Content-Transfer-Encoding: quoted-printable",
                "Content-Disposition: inline",
                body=qp(letter.text),
            ),
            entity(
                "Content-Type: text/x-patch",
                "Content-Transfer-Encoding: 7bit",
                "Content-Disposition: attachment; filename=0001-fix.patch",
                body=b"From 1234567 Mon Sep 17 00:00:00 2001\nFrom: <dev@chu.example>\n"
                b"Subject: [PATCH] fix\n\n---\n a.c | 2 +-\n\n--- a/a.c\n+++ b/a.c\n"
                b"@@ -1 +1 @@\n-x\n+y\n",
            ),
            entity(
                "Content-Type: application/pdf",
                "Content-Transfer-Encoding: base64",
                f"Content-Disposition: attachment;\n filename*=UTF-8''{percent('été.pdf')}",
                body=b64(setting.pdf()),
            ),
        ),
    )
