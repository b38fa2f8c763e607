"""Made-up mail for the quarantine: fictitious persons, one envelope, an inspection with places."""

from __future__ import annotations

from gateway.model import (
    Client,
    Coverage,
    Envelope,
    Finding,
    Inspection,
    Letter,
    Likelihood,
    Mail,
    PartRead,
    Place,
    Problem,
    Recipient,
    Trouble,
)
from gateway.ports import Hold

SENDER = "Agathe.Fictive@chu.example"
TO = ("zoe.inventee@mail.example", "999999999999999@patients.example")
CANARY = b"canari-7f3a secret medical"
NOW = 1_700_000_000.0
SEEN = Inspection(
    (
        Finding(
            "fr.nir",
            2,
            Likelihood.VERY_LIKELY,
            Place("2!paie/mai.xlsx", "sheet Paie"),
            "2 79 ** ** *** *** **",
            ("ab" * 32,),
            ("person",),
        ),
    ),
    (Problem(Trouble.ENCRYPTED, Place("3"), "zip member is encrypted"),),
    (PartRead(Place("1"), "text", Coverage.WHOLE), PartRead(Place("3"), "zip", Coverage.UNREAD)),
)


def content(*, received: bytes = b"", body: bytes = CANARY) -> bytes:
    header = b"From: a@chu.example\r\nSubject: dossier de Zoe\r\n =?utf-8?q?Invent=C3=A9e?=\r\n\r\n"
    return received + header + body + b"\r\n"


def a_mail(code: str = "7K2F-9QXD", **changes: object) -> Mail:
    to = changes.pop("to", TO)
    assert isinstance(to, tuple)
    sender = changes.pop("sender", SENDER)
    assert isinstance(sender, str)
    values: dict[str, object] = {
        "id": code,
        "door": "smtp",
        "client": Client("127.0.0.1", 2525, "mta.example", "TLSv1.3", "4ABC123"),
        "envelope": Envelope(
            sender, tuple(Recipient(a, ("NOTIFY=FAILURE",)) for a in to), ("BODY=8BITMIME",)
        ),
        "content": content(),
        "trace": b"Received: from mta.example by gw.example; date\r\n",
        "deadline": 80.0,
        "received": NOW,
    }
    return Mail(**(values | changes))  # type: ignore[arg-type]


def a_hold(mail: Mail, **changes: object) -> Hold:
    values: dict[str, object] = {
        "recipients": mail.envelope.recipients,
        "rule": "health/nir-external",
        "inspection": SEEN,
        "until": NOW + 5 * 86400,
        "remind": NOW + 86400,
    }
    return Hold(**(values | changes))  # type: ignore[arg-type]


def a_letter(*to: str, kind: str = "notice") -> Letter:
    recipients = tuple(Recipient(address) for address in to or (SENDER,))
    return Letter(kind, "", recipients, b"Subject: retenu\r\n\r\nvotre message\r\n", about="7K2F")
