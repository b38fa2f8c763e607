"""What servers and clients report: DSN (RFC 3464), MDN (RFC 8098), ARF (RFC 5965), DMARC, replies
of the absent."""

from __future__ import annotations

from random import Random

from tests.makers import documents
from tests.makers.ordinary import desktop, outlook, setting
from tests.makers.ordinary.setting import Letter
from tests.makers.ordinary.writing import b64, digits, entity, hexadecimal, multipart, qp, words

_STATUS = """\
Reporting-MTA: dns; mx.chu.example
X-Postfix-Queue-ID: {id}
X-Postfix-Sender: rfc822; {sender}
Arrival-Date: {date}

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {code}
Remote-MTA: dns; mail.example
Diagnostic-Code: smtp; 550 {code} <{to}>: Recipient address rejected: User
    unknown in virtual mailbox table
"""


def _status(rng: Random, letter: Letter, action: str = "failed", code: str = "5.1.1") -> bytes:
    text = _STATUS.format(
        id=hexadecimal(rng, 10).upper(),
        sender=letter.sender,
        date=letter.date,
        to=letter.to,
        action=action,
        code=code,
    )
    return text.encode()


def _daemon(letter: Letter, subject: str) -> list[str]:
    return [
        f"Date: {letter.date}",
        "From: MAILER-DAEMON@chu.example (Mail Delivery System)",
        f"Subject: {subject}",
        f"To: {letter.sender}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
    ]


def _header_of(message: bytes) -> bytes:
    return message.partition(b"\n\n")[0] + b"\n"


def postfix_bounce_with_message(rng: Random) -> bytes:
    """The boundary has a slash, the whole mail comes back."""
    letter = setting.letter(rng)
    boundary = f"{hexadecimal(rng, 10).upper()}.{digits(rng, 10)}/mx.chu.example"
    return entity(
        *_daemon(letter, "Undelivered Mail Returned to Sender"),
        f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{boundary}"',
        "Content-Transfer-Encoding: 8bit",
        f"Message-Id: <2025{digits(rng, 10)}.{hexadecimal(rng, 10).upper()}@mx.chu.example>",
        body=b"This is a MIME-encapsulated message.\n\n"
        + multipart(
            boundary,
            entity(
                "Content-Description: Notification",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: 8bit",
                body=b"This is the mail system at host mx.chu.example.\n\nYour message "
                b"could not be delivered to one or more recipients.\n",
            ),
            entity(
                "Content-Description: Delivery report",
                "Content-Type: message/delivery-status",
                body=_status(rng, letter),
            ),
            entity(
                "Content-Description: Undelivered Message",
                "Content-Type: message/rfc822",
                "Content-Transfer-Encoding: 8bit",
                body=desktop.thunderbird_with_attachments(rng),
            ),
        ),
    )


def postfix_delay_with_headers(rng: Random) -> bytes:
    letter = setting.letter(rng)
    boundary = f"{hexadecimal(rng, 10).upper()}.{digits(rng, 10)}/mx.chu.example"
    return entity(
        *_daemon(letter, "Delayed Mail (still being retried)"),
        f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{boundary}"',
        body=b"This is a MIME-encapsulated message.\n\n"
        + multipart(
            boundary,
            entity(
                "Content-Description: Notification",
                "Content-Type: text/plain; charset=us-ascii",
                body=b"YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n",
            ),
            entity(
                "Content-Description: Delivery report",
                "Content-Type: message/delivery-status",
                body=_status(rng, letter, "delayed", "4.4.1"),
            ),
            entity(
                "Content-Description: Delayed Message Headers",
                "Content-Type: text/rfc822-headers",
                "Content-Transfer-Encoding: 8bit",
                body=_header_of(outlook.exchange_html_only(rng)),
            ),
        ),
    )


def postfix_smtputf8_bounce(rng: Random) -> bytes:
    """RFC 6533: message/global-*, in UTF-8."""
    letter = setting.letter(rng)
    boundary = f"{hexadecimal(rng, 10).upper()}.{digits(rng, 10)}/mx.chu.example"
    to = "Final-Recipient: utf-8; hélène@mail.example\nAction: failed\nStatus: 5.1.1\n"
    return entity(
        *_daemon(letter, "Undelivered Mail Returned to Sender"),
        'Content-Type: multipart/report; report-type=global-delivery-status;\n'
        f'\tboundary="{boundary}"',
        "Content-Transfer-Encoding: 8bit",
        body=multipart(
            boundary,
            entity("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
                   body="<hélène@mail.example>: unknown\n".encode()),
            entity("Content-Type: message/global-delivery-status",
                   "Content-Transfer-Encoding: 8bit",
                   body=("Reporting-MTA: dns; mx.chu.example\n\n" + to).encode()),
            entity("Content-Type: message/global", "Content-Transfer-Encoding: 8bit",
                   body=desktop.mutt_clear_signed(rng)),
        ),
    )  # fmt: skip


def exchange_non_delivery(rng: Random) -> bytes:
    """An alternative within the report, the status with X- fields, the mail encapsulated."""
    letter, tail = setting.letter(rng), hexadecimal(rng, 8)
    report, either = f"{tail}-{hexadecimal(rng, 4)}-4a", f"{tail}-{hexadecimal(rng, 4)}-4b"
    html = "<html><body><p><b>Votre message n’a pas pu être remis.</b></p></body></html>"
    alternative = entity(
        f'Content-Type: multipart/alternative; differences=Content-Type;\n\tboundary="{either}"',
        body=b"\n"
        + multipart(
            either,
            entity(
                'Content-Type: text/plain; charset="utf-8"',
                "Content-Transfer-Encoding: quoted-printable",
                body=qp("Échec de la remise aux destinataires ou groupes suivants :\n"),
            ),
            entity(
                'Content-Type: text/html; charset="utf-8"',
                "Content-Transfer-Encoding: quoted-printable",
                body=qp(html),
            ),
        ),
    )
    return entity(
        f"From: Microsoft Outlook\n\t<MicrosoftExchange{hexadecimal(rng, 32)}@chu.example>",
        f"To: {letter.sender}",
        f"Date: {letter.date}",
        f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{report}"',
        "X-MS-Exchange-Message-Is-Ndr:\nContent-Language: fr-FR",
        f"Message-ID:\n <{hexadecimal(rng, 32)}@PR3PR08MB.eurprd08.prod.outlook.example>",
        f"Subject: {words('Non remis : ' + letter.subject)}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        body=multipart(
            report,
            alternative,
            entity("Content-Type: message/delivery-status", body=_status(rng, letter)),
            entity("Content-Type: message/rfc822", body=outlook.new_outlook_alternative(rng)),
        ),
    )


def exim_plain_bounce(rng: Random) -> bytes:
    """No MIME: the mail is copied below a ruler."""
    letter = setting.letter(rng)
    text = (
        "This message was created automatically by mail delivery software.\n\n"
        f"  {letter.to}\n    Unrouteable address\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\n"
    )
    return entity(
        f"X-Failed-Recipients: {letter.to}",
        "Auto-Submitted: auto-replied",
        "From: Mail Delivery System <Mailer-Daemon@chu.example>",
        f"To: {letter.sender}",
        "Subject: Mail delivery failed: returning message to sender",
        f"Message-Id: <E1t{hexadecimal(rng, 5)}-00{hexadecimal(rng, 4)}-1b@mx.chu.example>",
        f"Date: {letter.date}",
        body=text.encode() + desktop.k9_alternative(rng),
    )


def read_receipt_outlook(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"_{hexadecimal(rng, 32)}_"
    status = (
        f"Final-recipient: RFC822; {letter.sender}\n"
        "Disposition: automatic-action/MDN-sent-automatically; displayed\n"
        f"X-Display-Name: {letter.sender}\n"
    )
    return entity(
        f"From: {words(letter.name)} <{letter.sender}>",
        f"To: {letter.to}",
        f"Subject: {words('Lu : ' + letter.subject)}",
        f"Date: {letter.date}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report;\n\tboundary="{boundary}";\n'
        "\treport-type=disposition-notification",
        body=multipart(
            boundary,
            entity(
                'Content-Type: text/plain; charset="utf-8"',
                "Content-Transfer-Encoding: base64",
                body=b64("Votre message a été lu le lundi 3 mars 2025.\n".encode()),
            ),
            entity("Content-Type: message/disposition-notification", body=status.encode()),
        ),
    )


def read_receipt_thunderbird(rng: Random) -> bytes:
    """With the header of what was read, and a blank first part."""
    letter, boundary = setting.letter(rng), f"mdn{hexadecimal(rng, 28)}"
    status = (
        f"Reporting-UA: Mozilla Thunderbird\nFinal-Recipient: rfc822;{letter.sender}\n"
        "Original-Message-ID: <1@mail.example>\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n\n"
    )
    return entity(
        f"From: {letter.sender}",
        f"Message-ID: <{hexadecimal(rng, 30)}@chu.example>",
        f"Date: {letter.date}",
        f"To: {letter.to}",
        f"Subject: {words('Accusé de réception (affiché) - ' + letter.subject, 'UTF-8')}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=disposition-notification;\n'
        f'  boundary="{boundary}"',
        body=b"\n"
        + multipart(
            boundary,
            entity(
                "Content-Type: text/plain; charset=UTF-8",
                "Content-Transfer-Encoding: quoted-printable",
                body=b"\n" + qp("Ceci est un accusé de réception.\n"),
            ),
            entity(
                "Content-Type: message/disposition-notification; name=\"MDNPart2.txt\"",
                "Content-Disposition: inline",
                "Content-Transfer-Encoding: 7bit",
                body=status.encode(),
            ),
            entity(
                'Content-Type: text/rfc822-headers; name="MDNPart3.txt"',
                "Content-Transfer-Encoding: 7bit",
                "Content-Disposition: inline",
                body=_header_of(desktop.k9_alternative(rng)) + b"\n",
            ),
        ),
    )  # fmt: skip


def abuse_report(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"part1_{hexadecimal(rng, 16)}_boundary"
    feedback = (
        "Feedback-Type: abuse\nUser-Agent: Loop/2.0\nVersion: 1\nOriginal-Mail-From: <"
        f"{letter.sender}>\nArrival-Date: {letter.date}\nSource-IP: 192.0.2.1\n"
    )
    return entity(
        f"From: <feedback@mail.example>\nDate: {letter.date}",
        f"To: <{letter.sender}>",
        "Subject: FW: Les nouvelles du mois",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=feedback-report;\n     boundary="{boundary}"',
        body=multipart(
            boundary,
            entity(
                'Content-Type: text/plain; charset="US-ASCII"',
                "Content-Transfer-Encoding: 7bit",
                body=b"This is an email abuse report.\n",
            ),
            entity("Content-Type: message/feedback-report", body=feedback.encode()),
            entity(
                "Content-Type: message/rfc822",
                "Content-Disposition: inline",
                body=desktop.k9_alternative(rng),
            ),
        ),
    )


def dmarc_aggregate(rng: Random) -> bytes:
    """Nothing but a gzip of XML, as the message itself."""
    letter = setting.letter(rng)
    name = f"mail.example!chu.example!{digits(rng, 10)}!{digits(rng, 10)}.xml.gz"
    xml = (
        b'<?xml version="1.0" encoding="UTF-8" ?>\n<feedback><report_metadata>'
        b"<org_name>mail.example</org_name></report_metadata><record><row><source_ip>192.0.2.4</source_ip><count>3</count>"
        b"</row></record></feedback>\n"
    )
    return entity(
        "MIME-Version: 1.0",
        f"Date: {letter.date}",
        f"Subject: Report domain: chu.example Submitter: mail.example Report-ID: {digits(rng, 20)}",
        f"From: noreply-dmarc@chu.example\nTo: {letter.to}",
        f'Content-Type: application/gzip; \n\tname="{name}"',
        f'Content-Disposition: attachment; \n\tfilename="{name}"',
        "Content-Transfer-Encoding: base64",
        body=b64(documents.gzip(xml)),
    )


def absent(rng: Random) -> bytes:
    """Sieve's vacation (RFC 5230)."""
    letter = setting.letter(rng)
    return entity(
        "X-Sieve: Pigeonhole Sieve 0.5.21",
        f"Message-ID: <dovecot-sieve-{digits(rng, 10)}-0@chu.example>",
        f"Date: {letter.date}",
        f"From: <{letter.sender}>",
        f"To: <{letter.to}>",
        f"Subject: {words('Auto: Réunion')}",
        "In-Reply-To: <1@mail.example>",
        "Auto-Submitted: auto-replied (vacation)",
        "Precedence: bulk",
        "X-Auto-Response-Suppress: All",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        body="Bonjour,\n\nJe suis absent jusqu’au 12 mars inclus.\n".encode(),
    )
