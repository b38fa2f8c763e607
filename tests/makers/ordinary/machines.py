"""Scanners, fax gateways, cron, PHP scripts, monitoring, invoicing: no person wrote these."""

from __future__ import annotations

from random import Random

from tests.makers import documents
from tests.makers.ordinary import setting
from tests.makers.ordinary.writing import b64, digits, entity, hexadecimal, multipart, qp, words

_OCTETS = "application/octet-stream"


def scanner_xerox(rng: Random) -> bytes:
    """The document as octet-stream, twice the same name."""
    letter, boundary = setting.letter(rng), f"----=_NextPart_{digits(rng, 10)}"
    name = f"Scan_{digits(rng, 8)}.pdf"
    return entity(
        f"Date: {letter.date}",
        f'From: "Xerox WorkCentre" <{letter.sender}>',
        f"To: {letter.to}",
        "Subject: Scan from a Xerox WorkCentre",
        f"Message-ID: <{digits(rng, 14)}@copieur.chu.example>",
        "X-Mailer: Xerox WorkCentre 7845",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        body=multipart(
            boundary,
            entity(
                "Content-Type: text/plain; charset=UTF-8",
                "Content-Transfer-Encoding: base64",
                body=b64("Ouvrez le document joint.\nNuméro du périphérique : 12\n".encode()),
            ),
            entity(
                f'Content-Type: {_OCTETS}; name="{name}"',
                "Content-Transfer-Encoding: base64",
                f'Content-Disposition: attachment; filename="{name}"',
                body=b64(setting.scan()),
            ),
        ),
    )  # fmt: skip


def scanner_canon_without_text(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"=_CanoniR_{digits(rng, 12)}"
    return entity(
        f"From: {letter.sender}",
        f"To: {letter.to}",
        "Subject: Attached Image",
        f"Date: {letter.date}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed;\n boundary="{boundary}"',
        "X-Mailer: Canon MFP",
        body=multipart(
            boundary,
            entity(
                'Content-Type: application/pdf; name="0412_001.pdf"',
                "Content-Transfer-Encoding: BASE64",
                'Content-Disposition: attachment; filename="0412_001.pdf"',
                body=b64(setting.scan(), 72),
            ),
        ),
    )


def scanner_ricoh_single_part(rng: Random) -> bytes:
    """No multipart at all: the message is the document."""
    letter = setting.letter(rng)
    name = f"2025{digits(rng, 10)}.pdf"
    return entity(
        f'From: "RNP{hexadecimal(rng, 6).upper()}" <{letter.sender}>',
        f"To: {letter.to}",
        f'Subject: Message from "RNP{hexadecimal(rng, 6).upper()}"',
        f"Date: {letter.date}",
        f"Message-Id: <{digits(rng, 14)}@chu.example>",
        "MIME-Version: 1.0",
        f'Content-Type: application/pdf;\n name="{name}"',
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment;\n filename="{name}"',
        body=b64(setting.scan()),
    )


def scanner_konica(rng: Random) -> bytes:
    """A boundary of hyphens, a subject in ISO-2022-JP that is ASCII, unfolded fields."""
    letter, boundary = setting.letter(rng), f"-----------------------{digits(rng, 16)}"
    return entity(
        f"Date: {letter.date}",
        f"From: <{letter.sender}>",
        f"To: <{letter.to}>",
        f"Subject: {words('Message from KM_C364e', 'iso-2022-jp')}",
        "X-Mailer: KONICA MINOLTA bizhub C364e",
        "Mime-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        "Content-Transfer-Encoding: 7bit",
        body=multipart(
            boundary,
            entity(
                'Content-Type: text/plain; charset="us-ascii"',
                "Content-Transfer-Encoding: 7bit",
                body=b"This E-mail was sent from a multifunction device.\n\n",
            ),
            entity(
                f'Content-Type: {_OCTETS}; name="SKM_C364e25030309120.pdf"',
                'Content-Disposition: attachment; filename="SKM_C364e25030309120.pdf"',
                "Content-Transfer-Encoding: base64",
                body=b64(setting.scan()) + b"\n\n",
            ),
            preamble="\n",
        ),
    )


def fax_gateway(rng: Random) -> bytes:
    letter, boundary = setting.letter(rng), f"NEXT_PART_{hexadecimal(rng, 16)}"
    return entity(
        f"From: Fax <{letter.sender}>",
        f"To: {letter.to}",
        "Subject: Nouvelle télécopie de 0199001234 (2 pages)",
        f"Date: {letter.date}",
        "Mime-Version: 1.0",
        f"Content-Type: Multipart/Mixed; Boundary={boundary}",
        body=multipart(
            boundary,
            entity(
                "Content-Type: TEXT/PLAIN; CHARSET=ISO-8859-1",
                "Content-Transfer-Encoding: QUOTED-PRINTABLE",
                body=qp("Télécopie reçue le 03/03/2025 à 09:12, 2 pages.\n", "iso-8859-1"),
            ),
            entity(
                "Content-Type: image/tiff; name=fax.tif",
                "Content-Transfer-Encoding: BASE64",
                "Content-Disposition: ATTACHMENT; FILENAME=fax.tif",
                body=b64(b"II*\0\x08\0\0\0" + rng.randbytes(3000)),
            ),
        ),
    )


def cron(rng: Random) -> bytes:
    letter = setting.letter(rng)
    return entity(
        f"From: root@chu.example (Cron Daemon)\nTo: {letter.to}",
        "Subject: Cron <root@srv12> /usr/local/bin/sauvegarde --quotidienne",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        "X-Cron-Env: <SHELL=/bin/sh>",
        "X-Cron-Env: <HOME=/root>",
        "X-Cron-Env: <PATH=/usr/bin:/bin>",
        f"Message-Id: <2025{digits(rng, 10)}.{hexadecimal(rng, 10).upper()}@srv12.chu.example>",
        f"Date: {letter.date}",
        body=f"rsync: {digits(rng, 9)} octets envoyés\ntotal size is {digits(rng, 11)}\n".encode(),
    )


def php_mail_with_raw_subject(rng: Random) -> bytes:
    """No MIME at all, Latin-1 above ASCII in subject and body."""
    letter = setting.letter(rng)
    return entity(
        f"To: {letter.to}",
        b"Subject: Votre demande a bien \xe9t\xe9 enregistr\xe9e",
        "X-PHP-Originating-Script: 1001:contact.php",
        f"From: {letter.sender}",
        f"Message-Id: <{hexadecimal(rng, 20)}@www.chu.example>",
        f"Date: {letter.date}",
        body=setting.latin1(letter.text).encode("iso-8859-1", "replace"),
    )


def php_script_with_attachment(rng: Random) -> bytes:
    """Copied from a forum: unquoted names with blanks, base64 in one line, fields in any case."""
    letter, boundary = setting.letter(rng), hexadecimal(rng, 32)
    return entity(
        f"To: {letter.to}",
        b"Subject: R\xc3\xa9capitulatif de votre commande",
        f"From: Boutique <{letter.sender}>",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        f"Date: {letter.date}",
        body=b"\n"
        + multipart(
            boundary,
            entity(
                'Content-type:text/html; charset="utf-8"',
                "Content-Transfer-Encoding:8bit",
                body=letter.html.encode() + b"\n",
            ),
            entity(
                "Content-Type: application/pdf; name=Ordre du jour.pdf",
                "Content-Transfer-Encoding: base64",
                "Content-Disposition: attachment; filename=Ordre du jour.pdf",
                body=b64(setting.pdf(), 0) + b"\n",
            ),
        ),
    )


def phpmailer(rng: Random) -> bytes:
    letter, token = setting.letter(rng), hexadecimal(rng, 32)
    first, second = f"b1_{token}", f"b2_{token}"
    inner = entity(
        f'Content-Type: multipart/alternative;\n boundary="{second}"',
        body=multipart(
            second,
            entity("Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit",
                   body=letter.text.encode() + b"\n"),
            entity("Content-Type: text/html; charset=UTF-8", "Content-Transfer-Encoding: 8bit",
                   body=letter.html.encode() + b"\n"),
        ),
    )  # fmt: skip
    name = words("récapitulatif.csv", letter="Q")
    return entity(
        f"Date: {letter.date}",
        f"To: {words(letter.to_name, letter='Q')} <{letter.to}>",
        f"From: {words(letter.name, letter='Q')} <{letter.sender}>",
        f"Subject: {words(letter.subject, letter='Q')}",
        f"Message-ID: <{token}@chu.example>",
        "X-Mailer: PHPMailer 6.9.1 (https://phpmailer.example)",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed;\n boundary="{first}"',
        "Content-Transfer-Encoding: 8bit",
        body=multipart(
            first,
            inner,
            entity(
                f"Content-Type: text/csv; name={name}",
                "Content-Transfer-Encoding: base64",
                f"Content-Disposition: attachment; filename={name}",
                body=b64("Semaine;Salle\n12;B 104\n13;C 201\n".encode("cp1252")),
            ),
            preamble="This is a multi-part message in MIME format.\n\n",
        ),
    )


def java_invoice(rng: Random) -> bytes:
    """Business software on JavaMail: a report in a zip, an odd subtype."""
    letter = setting.letter(rng)
    boundary = f"----=_Part_{digits(rng, 2)}_{digits(rng, 10)}.{digits(rng, 13)}"
    data = documents.zip_of({"facture.pdf": setting.pdf(), "lisez-moi.txt": b"Bonjour\r\n"})
    return entity(
        f"Date: {letter.date} (CET)",
        f"From: {letter.sender}",
        f"To: {letter.to}",
        f"Message-ID: <{digits(rng, 9)}.1.{digits(rng, 13)}@srv-erp>",
        f"Subject: {words('Facture F2025-0312 à régler', 'UTF-8', 'Q', 60)}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; \n\tboundary="{boundary}"',
        body=multipart(
            boundary,
            entity(
                "Content-Type: text/plain; charset=Cp1252",
                "Content-Transfer-Encoding: quoted-printable",
                body=qp("Bonjour,\n\nVotre facture est jointe : 1 234,56 € TTC.\n", "cp1252"),
            ),
            entity(
                "Content-Type: application/x-zip-compressed; name=F2025-0312.zip",
                "Content-Transfer-Encoding: base64",
                "Content-Disposition: attachment; filename=F2025-0312.zip",
                body=b64(data),
            ),
        ),
    )


def monitoring(rng: Random) -> bytes:
    letter = setting.letter(rng)
    return entity(
        "Received: by srv-supervision.chu.example (Postfix, from userid 110)\n"
        f"\tid {hexadecimal(rng, 10).upper()}; {letter.date}",
        f"To: {letter.to}",
        "Subject: ** PROBLEM Service Alert: srv12/Disk / is WARNING **",
        "User-Agent: mail v14.8.6",
        f"Message-Id: <2025{digits(rng, 10)}.{hexadecimal(rng, 10).upper()}@srv.chu.example>",
        f"Date: {letter.date}",
        "From: nagios@chu.example",
        body=b"***** Nagios *****\n\nNotification Type: PROBLEM\n\nService: Disk /\n"
        b"State: WARNING\n"
        b"Date/Time: Mon Mar 3 09:12:45 CET 2025\n\nAdditional Info:\n\nDISK WARNING - 8 % free\n",
    )  # fmt: skip


def backup_report(rng: Random) -> bytes:
    """Windows software: HTML alone, UTF-16 in the style, everything in base64 of 60 columns."""
    letter = setting.letter(rng)
    html = (
        "\ufeff<html><head><style>td { border: solid 1px }</style></head><body><table><tr>"
        f"<td>Succès</td><td>{digits(rng, 3)} Go</td></tr></table></body></html>"
    )
    return entity(
        "MIME-Version: 1.0",
        f"From: Sauvegarde <{letter.sender}>",
        f"To: {letter.to}",
        f"Date: {letter.date}",
        f"Subject: {words('[Succès] Sauvegarde quotidienne (12 machines)')}",
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        body=b64(html.encode(), 60),
    )


def forge_notification(rng: Random) -> bytes:
    """Issue trackers: plain and HTML with the same boundary style, a schema.org block."""
    letter, boundary = (
        setting.letter(rng),
        f"--==_mimepart_{hexadecimal(rng, 12)}_{hexadecimal(rng, 10)}",
    )
    html = (
        '<p></p>Merged <b>#42</b> into main.<div itemscope itemtype="http://schema.example/EmailMessage">'
        '<meta itemprop="name" content="View"></meta></div>'
        '<script type="application/ld+json">[{"@type": "EmailMessage", "name": "View"}]</script>'
    )
    return entity(
        f"Date: {letter.date}",
        f"From: forge <{letter.sender}>",
        f"To: {letter.to}",
        f"Message-ID: <projet/depot/pull/42/issue_event/{digits(rng, 11)}@forge.chu.example>",
        "Subject: Re: [projet/depot] Corrige l'encodage (PR #42)",
        "Mime-Version: 1.0",
        f'Content-Type: multipart/alternative;\n boundary="{boundary}";\n charset=UTF-8',
        "Content-Transfer-Encoding: 7bit",
        "Precedence: list",
        "List-ID: projet/depot <depot.projet.forge.chu.example>",
        body=b"\n"
        + multipart(
            boundary,
            entity(
                "Content-Type: text/plain;\n charset=UTF-8",
                "Content-Transfer-Encoding: 7bit",
                body=b"Merged #42 into main.\n\n-- \nReply to this email directly.\n",
            ),
            entity(
                "Content-Type: text/html;\n charset=UTF-8",
                "Content-Transfer-Encoding: 7bit",
                body=html.encode(),
            ),
        ),
    )
