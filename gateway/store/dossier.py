"""What is kept sealed beside a held mail's content: who, to whom, what was found.

It shares its mail's key but not its file, so that the officer's list opens no blob.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from gateway.model import Client, Envelope, Inspection, Mail
from gateway.ports import Doubt, Hold

SUBJECT_BYTES = 998  # one line of RFC 5322; what is longer is cut
_HEADER_BYTES = 256 * 1024  # a Subject further down is not looked for


@dataclass(frozen=True, slots=True)
class Dossier:
    """envelope: with the recipients whose copies are held, no others.

    subject: the field as written, undecoded and folded, without its name; b"" for none.
    doubts: by recipient, of a mail whose sender is asked about them; () of any other.
    """

    mail: str
    door: str
    client: Client
    envelope: Envelope
    trace: bytes
    received: float
    inspection: Inspection
    subject: bytes = b""
    doubts: tuple[Doubt, ...] = ()

    @classmethod
    def of(cls, mail: Mail, hold: Hold) -> Dossier:
        return cls(
            mail.id,
            mail.door,
            mail.client,
            replace(mail.envelope, recipients=hold.recipients),
            mail.trace,
            mail.received,
            hold.inspection,
            subject_of(mail.content),
            hold.wait.doubts if hold.wait else (),
        )

    def with_content(self, content: bytes) -> Mail:
        """The mail again. The door's deadline is past and gone: the caller sets its own."""
        return Mail(
            self.mail,
            self.door,
            self.client,
            self.envelope,
            content,
            self.trace,
            math.inf,
            self.received,
        )


@dataclass(frozen=True, slots=True)
class Outside:
    """What lists read of a dossier: thousands of findings are not built to show two addresses."""

    envelope: Envelope


def subject_of(content: bytes) -> bytes:
    """The first Subject field's raw body, for the officer's list."""
    head = content[:_HEADER_BYTES]
    found: list[bytes] = []
    for line in head.split(b"\n"):
        if found and line[:1] not in (b" ", b"\t"):
            break
        if not line.strip():
            break
        if found:
            found.append(line)
        elif line[:8].lower() == b"subject:":
            found.append(line[8:])
    return b"\n".join(found).strip()[:SUBJECT_BYTES]
