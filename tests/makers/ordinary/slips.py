"""Slips of scripts and of old programs, which every reader of mail takes alike."""

from __future__ import annotations

from random import Random

from tests.makers.ordinary import habits, setting
from tests.makers.ordinary.habits import attached_pdf, fields_of, text_part
from tests.makers.ordinary.writing import b64, entity, hexadecimal, multipart, qp

_MIME = "MIME-Version: 1.0"


def name_in_raw_latin1(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 20)}"
    attached = entity(
        b'Content-Type: application/pdf; name="\xe9t\xe9.pdf"',
        b'Content-Disposition: attachment; filename="\xe9t\xe9.pdf"',
        "Content-Transfer-Encoding: base64",
        body=b64(setting.pdf()),
    )
    return entity(
        *fields_of(letter),
        b"Subject: Pi\xe8ce jointe",
        _MIME,
        f"Content-Type: multipart/mixed; boundary={boundary}",
        body=multipart(boundary, text_part(letter), attached),
    )


def no_mime_version(rng: Random) -> bytes:
    """Readers do not ask for it."""
    letter = setting.letter(rng)
    return entity(
        *fields_of(letter),
        "Subject: Note",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        body=qp(letter.text),
    )


def no_mime_at_all(rng: Random) -> bytes:
    """UTF-8 without saying so."""
    letter = setting.letter(rng)
    return entity(*fields_of(letter), "Subject: Note", body=letter.text.encode())


def text_without_charset(rng: Random) -> bytes:
    letter = setting.letter(rng)
    return entity(
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        "Content-Type: text/plain;",
        "Content-Transfer-Encoding: 8bit;",
        body=setting.cp1252(letter.text).encode("cp1252"),
    )


def ascii_that_is_not(rng: Random) -> bytes:
    """Declared us-ascii and 7bit, written in UTF-8."""
    letter = setting.letter(rng)
    return entity(
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        "Content-Type: text/plain; charset=us-ascii",
        "Content-Transfer-Encoding: 7bit",
        body=letter.text.encode(),
    )


def header_alone(rng: Random) -> bytes:
    """Not even the empty line."""
    letter = setting.letter(rng)
    return entity(*fields_of(letter), "Subject: OK pour moi").removesuffix(b"\n")


def no_last_line_end(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 20)}"
    return entity(
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(boundary, text_part(letter), attached_pdf(rng)).removesuffix(b"\n"),
    )


def script_with_an_empty_header(rng: Random) -> bytes:
    """What a script pipes into sendmail: its output, an empty line first."""
    return f"\nSauvegarde finie, {rng.randint(10, 99)} fichiers.\n\nRien à signaler.\n".encode()


def script_without_a_header(rng: Random) -> bytes:
    return f"Sauvegarde finie, {rng.randint(10, 99)} fichiers.\nRien d'autre.\n".encode()


def two_attached_mails(rng: Random) -> bytes:
    """A message/rfc822 in base64, which RFC 2046 forbids and gateways write; a saved .eml."""
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 20)}"
    return entity(
        *fields_of(letter),
        "Subject: Deux mails",
        _MIME,
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(
            boundary,
            text_part(letter),
            entity(
                "Content-Type: message/rfc822; name=un.eml",
                "Content-Transfer-Encoding: base64",
                "Content-Disposition: attachment; filename=un.eml",
                body=b64(no_mime_version(rng)),
            ),
            entity(
                "Content-Type: application/octet-stream; name=deux.eml",
                "Content-Transfer-Encoding: base64",
                "Content-Disposition: attachment; filename=deux.eml",
                body=b64(habits.relay_fields_on_top(rng)),
            ),
        ),
    )


def no_closing_delimiter(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), hexadecimal(rng, 32)
    body = multipart(boundary, text_part(letter), attached_pdf(rng))
    return entity(
        *fields_of(letter),
        "Subject: Votre commande",
        _MIME,
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=body.removesuffix(f"--{boundary}--\n".encode()),
    )


def unquoted_boundary(rng: Random) -> bytes:
    """With characters that should have been quoted, and a semicolon at the end."""
    letter, boundary = setting.letter(rng), f"----=_Part:{hexadecimal(rng, 12)}/1"
    return entity(
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        f"Content-Type: multipart/mixed; charset=utf-8; boundary={boundary};",
        body=multipart(boundary, text_part(letter), attached_pdf(rng)),
    )


def half_a_quotation_mark(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), hexadecimal(rng, 32)
    return entity(
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(
            boundary, text_part(letter), attached_pdf(rng, 'attachment; filename="note.pdf')
        ),
    )


def the_path_for_a_name(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), hexadecimal(rng, 32)
    name = 'attachment; filename="C:\\\\Users\\\\Accueil\\\\Mes documents\\\\note; (v2).pdf"'
    return entity(
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(boundary, text_part(letter), attached_pdf(rng, name)),
    )


def fields_written_twice(rng: Random) -> bytes:
    """The same, but for blanks and capitals: the script and its library both write them."""
    letter = setting.letter(rng)
    return entity(
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        "Content-type: text/html; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        "MIME-Version: 1.0",
        'Content-Type: text/html;charset="utf-8"',
        "Content-Transfer-Encoding: 8Bit",
        body=letter.html.encode(),
    )


def blank_before_the_colon(rng: Random) -> bytes:
    letter = setting.letter(rng)
    return entity(
        f"From : {letter.sender}",
        f"To : {letter.to}",
        "Subject : Note",
        "Content-Type : text/plain; charset='utf-8'",
        "Content-Transfer-Encoding : 8-bit",
        body=letter.text.encode(),
    )


def saved_from_a_mailbox(rng: Random) -> bytes:
    """The line of an mbox on top, and another quoted in the text."""
    letter = setting.letter(rng)
    return entity(
        f"From {letter.sender} Mon Mar  3 09:12:45 2025",
        *fields_of(letter),
        "Subject: Note",
        "Status: RO\nX-UID: 12\nContent-Length: 999",
        _MIME,
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        body=letter.text.encode() + b"\n>From here on\n\n",
    )
