"""Habits and slips that many programs share, and that every reader of mail understands alike."""

from __future__ import annotations

from random import Random

from tests.makers.ordinary import setting
from tests.makers.ordinary.setting import Letter
from tests.makers.ordinary.writing import (
    b64,
    cut_words,
    entity,
    hexadecimal,
    multipart,
    qp,
    words,
)

_MIME = "MIME-Version: 1.0"


def fields_of(letter: Letter) -> list[str]:
    return [
        f"From: {words(letter.name)} <{letter.sender}>",
        f"To: {letter.to}",
        f"Date: {letter.date}",
    ]


def text_part(letter: Letter) -> bytes:
    return entity(
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        body=letter.text.encode(),
    )


def attached_pdf(rng: Random, disposition: str = 'attachment; filename="note.pdf"') -> bytes:
    return entity(
        "Content-Type: application/pdf",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: {disposition}",
        body=b64(setting.pdf(), rng.choice((60, 64, 72, 76))),
    )


def words_cut_within_characters(rng: Random) -> bytes:
    letter = setting.letter(rng)
    return entity(
        *fields_of(letter),
        f"Subject: {cut_words('Été : réservé aux élèves – « être prêt » – déjà reporté', size=17)}",
        _MIME,
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        body=b64(letter.text.encode()),
    )


def words_of_mixed_charsets(rng: Random) -> bytes:
    """And glued to plain text, within quotation marks, with a language (RFC 2231, 5)."""
    letter = setting.letter(rng)
    subject = (
        f"{words('Été', 'iso-8859-15', 'Q')} {words(' déjà', 'windows-1252')}\n"
        f" =?utf-8*fr?Q?=C3=A0_Paris?= (suite)"
    )
    return entity(
        f'From: "{words(letter.name)}" <{letter.sender}>',
        f"To: {letter.to}",
        f"Date: {letter.date}",
        f"Subject: {subject}",
        _MIME,
        "Content-Type: text/plain; charset=ISO-8859-15",
        "Content-Transfer-Encoding: 8bit",
        body=setting.latin1(letter.text).encode("iso-8859-15", "replace"),
    )


def smtputf8(rng: Random) -> bytes:
    """RFC 6532: fields, addresses and file names in UTF-8 as they are."""
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 20)}"
    return entity(
        f"From: {letter.name} <hélène.test@chu.example>",
        "To: Zoé TEST <zoé@mail.example>",
        f"Date: {letter.date}",
        f"Subject: {letter.subject}",
        _MIME,
        f"Content-Type: multipart/mixed; boundary={boundary}",
        body=multipart(
            boundary, text_part(letter), attached_pdf(rng, 'attachment; filename="été.pdf"')
        ),
    )


def name_for_old_and_new_clients(rng: Random) -> bytes:
    """RFC 6266 fashion: a plain name, and the same with accents."""
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 20)}"
    disposition = "attachment; filename=\"ete.pdf\"; filename*=UTF-8''%C3%A9t%C3%A9.pdf"
    return entity(
        *fields_of(letter),
        "Subject: Documents",
        _MIME,
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(boundary, text_part(letter), attached_pdf(rng, disposition)),
    )


def empty_body(rng: Random) -> bytes:
    letter = setting.letter(rng)
    return entity(
        *fields_of(letter), "Subject: Vu", _MIME, "Content-Type: text/plain; charset=utf-8"
    )


def only_attachments(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 20)}"
    return entity(
        *fields_of(letter),
        "Subject:",
        _MIME,
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(
            boundary,
            attached_pdf(rng, 'attachment; filename="1.pdf"'),
            attached_pdf(rng, 'attachment; filename="2.pdf"'),
        ),
    )


def attachment_as_the_message(rng: Random) -> bytes:
    letter = setting.letter(rng)
    return entity(
        *fields_of(letter),
        "Subject: Planning",
        _MIME,
        "Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;\n"
        ' name="planning.xlsx"',
        "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="planning.xlsx"',
        body=b64(setting.xlsx()),
    )


def fields_in_capitals(rng: Random) -> bytes:
    letter = setting.letter(rng)
    return entity(
        f"FROM: {letter.sender}",
        f"TO: {letter.to}",
        f"DATE: {letter.date}",
        "SUBJECT: COMMANDE 4512",
        "MIME-VERSION: 1.0",
        'CONTENT-TYPE: TEXT/PLAIN; CHARSET="ISO-8859-1"',
        "CONTENT-TRANSFER-ENCODING: QUOTED-PRINTABLE",
        body=qp(setting.latin1(letter.text), "iso-8859-1"),
    )


def comments_infields_of(rng: Random) -> bytes:
    """Legal since 1982, and gateways still write them."""
    letter = setting.letter(rng)
    return entity(
        f"From: {letter.sender} (Service)",
        f"To: {letter.to} (Contact)",
        f"Date: {letter.date} (CET)",
        "Subject: Note (1)",
        "MIME-Version: 1.0 (produced by gateway 2.1)",
        "Content-Type: text/plain; charset=utf-8 (Unicode)",
        "Content-Transfer-Encoding: 8bit",
        body=letter.text.encode(),
    )


def folded_everywhere(rng: Random) -> bytes:
    """Tabs, several blanks, a fold right after the colon."""
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 20)}"
    return entity(
        f"From:\n\t{words(letter.name)}\n\t<{letter.sender}>",
        f"To:\n {letter.to}",
        "References:\n" + "\n".join(f" <{hexadecimal(rng, 30)}@mail.example>" for _ in range(40)),
        f"Date:\t{letter.date}",
        f"Subject:\n {words(letter.subject)}",
        _MIME,
        f'Content-Type:\n\tmultipart/mixed;\n\t boundary\n\t="{boundary}"',
        body=multipart(boundary, text_part(letter), attached_pdf(rng)),
    )


def preamble_and_trailing_blank_lines(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"----=_{hexadecimal(rng, 20)}"
    return entity(
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(
            boundary,
            text_part(letter),
            attached_pdf(rng),
            preamble="This is a multi-part message in MIME format.\n\n",
            epilogue="\n\n\n\n",
            gap="\n\n\n",
        ),
    )


def nested_boundaries_that_begin_alike(rng: Random) -> bytes:
    """The outer one is a prefix of the inner one."""
    letter, boundary = setting.letter(rng), f"=-{hexadecimal(rng, 12)}"
    inner = f"{boundary}-1"
    return entity(
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(
            boundary,
            entity(
                f'Content-Type: multipart/alternative; boundary="{inner}"',
                body=multipart(
                    inner,
                    text_part(letter),
                    entity(
                        "Content-Type: text/html; charset=utf-8",
                        "Content-Transfer-Encoding: quoted-printable",
                        body=qp(letter.html),
                    ),
                ),
            ),
            attached_pdf(rng),
        ),
    )


def multipart_of_one(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 20)}"
    return entity(
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        f"Content-Type: multipart/mixed; boundary={boundary}",
        body=multipart(boundary, entity(body=b"Bonjour,\n\nVu avec la direction.\n")),
    )


def text_that_looks_like_mime(rng: Random) -> bytes:
    """Someone asks for help with mail, and quotes it; dashes, rulers, "begin" at a line's start."""
    letter = setting.letter(rng)
    text = (
        "Bonjour,\n\nVoici l'en-tête reçu :\n\nContent-Type: multipart/mixed; boundary=abc\n"
        "Content-Transfer-Encoding: base64\n\n--abc\nContent-Type: text/plain\n\n--\n"
        "begin with the second file\n--------\nAdresse =3D ?\n=?utf-8?Q?x?=\n.\n"
    )
    return entity(
        *fields_of(letter),
        "Subject: Question",
        _MIME,
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        body=(text + letter.text).encode(),
    )


def relay_fields_on_top(rng: Random) -> bytes:
    """Received by ten servers, checked by five filters."""
    letter = setting.letter(rng)
    received = [
        f"Received: from mx{n}.chu.example (mx{n}.chu.example [192.0.2.{n}])\n"
        f"\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
        f"\tby mx{n + 1}.chu.example (Postfix) with ESMTPS id {hexadecimal(rng, 12)}\n"
        f"\tfor <{letter.to}>; {letter.date}"
        for n in range(10)
    ]
    return entity(
        f"Return-Path: <{letter.sender}>",
        *received,
        "X-Virus-Scanned: Debian amavis at chu.example",
        "X-Spam-Flag: NO\nX-Spam-Score: -1.9\nX-Spam-Level:",
        "X-Spam-Status: No, score=-1.9 required=6.31 tests=[BAYES_00=-1.9,\n\tDKIM_SIGNED=0.1,"
        " DKIM_VALID=-0.1, HTML_MESSAGE=0.001]\n\tautolearn=ham autolearn_force=no",
        "Authentication-Results: mx.chu.example (amavis); dkim=pass (2048-bit key)\n"
        '\theader.d=mail.example header.i=@mail.example header.b="AbCdEf12"',
        *fields_of(letter),
        "Subject: Note",
        _MIME,
        "Content-Type: text/plain; charset=utf-8; format=flowed; x-text-classification=clean",
        "Content-Transfer-Encoding: quoted-printable",
        body=qp(letter.text),
    )


def charsets_of_the_world(rng: Random) -> bytes:
    """One text each in character sets that mail still uses."""
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 20)}"
    texts = {
        "iso-8859-15": "À bientôt, 12 €",
        "windows-1250": "Dobrý den, děkuji",
        "koi8-r": "Добрый день, спасибо",
        "iso-2022-jp": "お世話になっております",
        "gb2312": "你好，谢谢",
        "euc-kr": "안녕하세요",
        "windows-1256": "شكرا جزيلا",
        "macintosh": "Été déjà",
        "utf-7": "Bonjour, ete",
        "unknown-8bit": "Bonjour",
    }
    pieces = [
        entity(
            f"Content-Type: text/plain; charset={charset}",
            "Content-Transfer-Encoding: base64",
            body=b64(
                text.encode(
                    {"unknown-8bit": "ascii", "macintosh": "mac-roman"}.get(charset, charset)
                )
            ),
        )
        for charset, text in texts.items()
    ]
    return entity(
        *fields_of(letter),
        f"Subject: {words('Добрый день', 'koi8-r')} {words('你好', 'gb2312')}",
        _MIME,
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(boundary, *pieces),
    )
