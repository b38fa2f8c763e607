"""Invitations (RFC 5545, 5546, 6047) as the usual calendars send them."""

from __future__ import annotations

from random import Random

from tests.makers.ordinary import setting
from tests.makers.ordinary.setting import Letter
from tests.makers.ordinary.writing import b64, entity, hexadecimal, multipart, qp, token, words


def _event(rng: Random, letter: Letter, method: str) -> str:
    """Lines folded at 75 bytes, CRLF inside whatever surrounds it."""
    lines = [
        "BEGIN:VCALENDAR", f"METHOD:{method}", "PRODID:-//Exemple//Calendrier//FR", "VERSION:2.0",
        "BEGIN:VTIMEZONE", "TZID:Romance Standard Time", "BEGIN:STANDARD",
        "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD", "END:VTIMEZONE",
        "BEGIN:VEVENT",
        f"ORGANIZER;CN={letter.name}:mailto:{letter.sender}",
        f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN={letter.to}",
        f" :mailto:{letter.to}",
        "DESCRIPTION;LANGUAGE=fr-FR:" + letter.text[:200].replace("\n", "\\n"),
        f"UID:040000008200E00074C5B7101A82E008{hexadecimal(rng, 64).upper()}",
        f"SUMMARY;LANGUAGE=fr-FR:{letter.subject}",
        "DTSTART;TZID=Romance Standard Time:20250312T100000",
        "DTEND;TZID=Romance Standard Time:20250312T110000", "CLASS:PUBLIC", "PRIORITY:5",
        "DTSTAMP:20250303T081245Z", "TRANSP:OPAQUE", "STATUS:CONFIRMED", "SEQUENCE:0",
        "X-MICROSOFT-CDO-OWNERAPPTID:2122713845", "BEGIN:VALARM", "DESCRIPTION:REMINDER",
        "TRIGGER;RELATED=START:-PT15M", "ACTION:DISPLAY", "END:VALARM", "END:VEVENT",
        "END:VCALENDAR",
    ]  # fmt: skip
    return "\r\n".join(lines) + "\r\n"


def _fields(rng: Random, letter: Letter, subject: str) -> list[str]:
    return [
        f"From: {words(letter.name, 'utf-8')} <{letter.sender}>",
        f"To: {letter.to}",
        f"Subject: {words(subject, 'utf-8')}",
        f"Date: {letter.date}",
        f"Message-ID: <{token(rng, 30)}@chu.example>",
        "MIME-Version: 1.0",
    ]


def exchange_invitation(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"_000_{token(rng, 36)}_"
    event = _event(rng, letter, "REQUEST").encode()
    return entity(
        *_fields(rng, letter, letter.subject),
        "x-ms-exchange-calendar-originator-id: -1",
        "Content-Class: urn:content-classes:calendarmessage",
        f'Content-Type: multipart/alternative;\n\tboundary="{boundary}"',
        body=multipart(
            boundary,
            entity(
                'Content-Type: text/plain; charset="utf-8"',
                "Content-Transfer-Encoding: base64",
                body=b64(letter.text.encode()),
            ),
            entity(
                'Content-Type: text/html; charset="utf-8"',
                "Content-Transfer-Encoding: base64",
                body=b64(letter.html.encode()),
            ),
            entity(
                'Content-Type: text/calendar; charset="utf-8"; method=REQUEST',
                "Content-Transfer-Encoding: base64",
                body=b64(event),
            ),
        ),
    )


def google_invitation(rng: Random) -> bytes:
    """The event twice: within the alternative, and as a file."""
    letter, tail = setting.letter(rng), hexadecimal(rng, 10)
    mixed, either = f"000000000000a1b2c5{tail}", f"000000000000a1b2c4{tail}"
    event = _event(rng, letter, "REQUEST")
    inner = multipart(
        either,
        entity(
            'Content-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes',
            "Content-Transfer-Encoding: base64",
            body=b64(letter.text.encode()),
        ),
        entity(
            'Content-Type: text/html; charset="UTF-8"',
            "Content-Transfer-Encoding: quoted-printable",
            body=qp(f'<span itemscope itemtype="http://schema.example/Event">{letter.html}</span>'),
        ),
        entity(
            'Content-Type: text/calendar; charset="UTF-8"; method=REQUEST',
            "Content-Transfer-Encoding: 7bit",
            body=event.encode("ascii", "ignore").replace(b"\r\n", b"\n"),
        ),
    )
    return entity(
        *_fields(rng, letter, f"Invitation: {letter.subject} mer. 12 mars 2025 10am - 11am (CET)"),
        f'Content-Type: multipart/mixed; boundary="{mixed}"',
        body=multipart(
            mixed,
            entity(f'Content-Type: multipart/alternative; boundary="{either}"', body=inner),
            entity(
                'Content-Type: application/ics; name="invite.ics"',
                'Content-Disposition: attachment; filename="invite.ics"',
                "Content-Transfer-Encoding: base64",
                body=b64(event.encode()),
            ),
        ),
    )


def answer_to_an_invitation(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"----=_NextPart_{hexadecimal(rng, 20)}"
    return entity(
        *_fields(rng, letter, f"Accepté: {letter.subject}"),
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        body=multipart(
            boundary,
            entity("Content-Type: text/plain; charset=utf-8"),
            entity(
                'Content-Type: text/calendar; charset="utf-8"; method=REPLY; name="meeting.ics"',
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(_event(rng, letter, "REPLY").replace("\r\n", "\n")),
            ),
        ),
    )


def calendar_as_the_message(rng: Random) -> bytes:
    """A single part, of type text/calendar."""
    letter = setting.letter(rng)
    return entity(
        *_fields(rng, letter, letter.subject),
        "Content-Type: text/calendar; method=PUBLISH; charset=UTF-8; component=VEVENT",
        "Content-Transfer-Encoding: 8bit",
        'Content-Disposition: inline; filename="evenement.ics"',
        body=_event(rng, letter, "PUBLISH").replace("\r\n", "\n").encode(),
    )


def contact_card(rng: Random) -> bytes:
    """A vCard with its photograph, and a folder of them."""
    letter, boundary = setting.letter(rng), f"=_{hexadecimal(rng, 24)}"
    photo = b64(setting.logo(), 0).decode().strip()
    card = (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nN:TEST;Zoé;;;\r\nFN:{letter.name}\r\nORG:Exemple;Achats\r\n"
        f"EMAIL;TYPE=WORK:{letter.sender}\r\nTEL;TYPE=CELL:+33 1 99 00 12 34\r\n"
        f"PHOTO;ENCODING=b;TYPE=PNG:{photo}\r\nEND:VCARD\r\n"
    )
    return entity(
        *_fields(rng, letter, "Coordonnées"),
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(
            boundary,
            entity(
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: 8bit",
                body="Voici mes coordonnées.\n".encode(),
            ),
            entity(
                'Content-Type: text/x-vcard; name="Zoé TEST.vcf"',
                "Content-Transfer-Encoding: base64",
                'Content-Disposition: attachment; filename="Zoé TEST.vcf"',
                body=b64(card.encode()),
            ),
            entity(
                'Content-Type: text/directory; charset=UTF-8; profile="vCard"; name=tous.vcf',
                "Content-Transfer-Encoding: quoted-printable",
                'Content-Disposition: attachment; filename="tous.vcf"',
                body=qp((card * 2).replace("\r\n", "\n")),
            ),
        ),
    )
