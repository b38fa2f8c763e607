"""The report to the sender about recipients refused, where a door cannot say so in its reply.

RFC 3464 in a multipart/report (RFC 6522): a text for the person, the status for programs, and no
copy of the mail, not even its header: no content, no Subject. From the null sender, marked
Auto-Submitted (RFC 3834). Addresses beyond ASCII: RFC 6533.

Whoever asked for NOTIFY=NEVER (RFC 3461) gets none: `settle` holds that copy instead, since we have
taken the mail, and a refusal that nobody learns of would be a loss.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Sequence
from email.utils import formatdate

from gateway.act.calendar import WorkingDays
from gateway.act.correspondents import shown
from gateway.act.letter import Block, Rows, Words, as_plain
from gateway.act.outside import token
from gateway.model import Letter, Mail, Receipt, Recipient

MAX_ENVELOPE_ID = 100  # octets, RFC 3461, 5.4
_SUBJECT = "=?utf-8?q?Message_non_remis_=C3=A0_certains_destinataires?="
_CRLF = "\r\n"
_XTEXT = re.compile(r"\+([0-9A-F]{2})")


def report(
    mail: Mail,
    refusals: Sequence[Receipt],
    *,
    hostname: str,
    calendar: WorkingDays | None = None,
    instead: Sequence[Block] = (),
) -> Letter:
    """About `refusals`, to the envelope sender; `mail` must have one. instead: what he may do."""
    sender = _clean(mail.envelope.sender)
    boundary = token()  # not to be guessed by a hop whose words we quote
    head = (
        f"From: MAILER-DAEMON@{hostname}",
        f"To: {sender}",
        f"Date: {formatdate(mail.received, localtime=False)}",
        f"Message-ID: <rapport.{mail.id}@{hostname}>",
        f"Subject: {_SUBJECT}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status;",
        f' boundary="{boundary}"',
    )
    words = _text(mail, refusals, calendar or WorkingDays(), instead)
    text = quopri.encodestring(words.encode())
    parts = (
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        + text.decode("ascii").replace("\n", _CRLF),
        "Content-Type: message/delivery-status\r\n\r\n" + _status(mail, refusals, hostname),
    )
    body = "".join(f"{_CRLF}--{boundary}{_CRLF}{part}" for part in parts)
    content = f"{_CRLF.join(head)}{_CRLF}{body}{_CRLF}--{boundary}--{_CRLF}".encode()
    return Letter(
        kind="report",
        sender="",
        recipients=(Recipient(mail.envelope.sender),),
        content=content,
        route="default",
        about=mail.id,
    )


def _text(
    mail: Mail, refusals: Sequence[Receipt], calendar: WorkingDays, instead: Sequence[Block]
) -> str:
    when = f"{calendar.in_words(mail.received)} ({calendar.zone_in_words()})"
    one = len(refusals) == 1
    blocks: list[Block] = [
        Words("Bonjour,"),
        Words(
            f"Votre message du {when} n'a pas été remis à "
            f"{'cette adresse' if one else 'ces adresses'} :"
        ),
    ]
    for refusal in refusals:
        blocks.append(Rows(((shown(refusal.recipient), ""),), indent=2))
        reply = tuple(("", _clean(line)) for line in refusal.reply.lines())
        blocks.append(Rows(reply, indent=3))
    blocks += [
        *instead,
        Words(
            "Cet avis ne concerne que "
            f"{'cette adresse' if one else 'ces adresses'}. Pour d'éventuels autres "
            "destinataires, vous n'avez rien à refaire."
        ),
        Words(f"Code du dossier : {mail.id}"),
    ]
    return as_plain(blocks)


def _status(mail: Mail, refusals: Sequence[Receipt], hostname: str) -> str:
    whole = [f"Reporting-MTA: dns; {hostname}"]
    if envelope_id := _envelope_id(mail.envelope.options):
        whole.insert(0, f"Original-Envelope-Id: {envelope_id}")
    whole.append(f"Arrival-Date: {formatdate(mail.received, localtime=False)}")
    groups = [whole, *(_one(refusal) for refusal in refusals)]
    return _CRLF.join(f"{_CRLF.join(fields)}{_CRLF}" for fields in groups)


def _one(refusal: Receipt) -> list[str]:
    reply = refusal.reply
    said = f"{_CRLF} ".join(_clean(line) for line in reply.lines())
    return [
        f"Final-Recipient: {_typed(refusal.recipient)}",
        "Action: failed",
        f"Status: {reply.enhanced or '5.0.0'}",
        f"Diagnostic-Code: smtp; {said}",
    ]


def _typed(address: str) -> str:
    """ "rfc822; a@b.example"; with RFC 6533's \\x{E9} beyond ASCII. An identifier in it is cut."""
    safe = _clean(shown(address).replace("…", "***"))
    if safe.isascii():
        return f"rfc822; {safe}"
    return "utf-8; " + "".join(c if c.isascii() else f"\\x{{{ord(c):X}}}" for c in safe)


def _envelope_id(options: Sequence[str]) -> str:
    """What ENVID means once its xtext is decoded (RFC 3461, 4), if that can be printed."""
    for option in options:
        name, _, value = option.partition("=")
        if name.upper() == "ENVID" and len(value) <= MAX_ENVELOPE_ID:
            meant = _XTEXT.sub(lambda code: chr(int(code[1], 16)), value)
            return meant if meant.isascii() and meant.isprintable() else ""
    return ""


def _clean(text: str) -> str:
    """Nothing from outside may begin a new line or field."""
    return "".join(c if c.isprintable() else "?" for c in text)
