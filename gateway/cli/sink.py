"""A stand-in for the internet: an SMTP server that puts what it gets into a Maildir.

For `make run` and trials on one machine. It delivers nothing anywhere.
"""

from __future__ import annotations

import mailbox
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class _Keep:
    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, create=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        head = "".join(f"X-Envelope-To: {address}\r\n" for address in envelope.rcpt_tos)
        self._box.add(head.encode() + content)
        return "250 2.0.0 Ok: kept"


class Internet:
    """Listens while the `with` block lasts, in a thread of its own."""

    def __init__(self, folder: Path, host: str, port: int) -> None:
        self.folder = folder
        self._controller = Controller(
            _Keep(folder), hostname=host, port=port, data_size_limit=0, enable_SMTPUTF8=True
        )

    def __enter__(self) -> Internet:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def received(self) -> list[tuple[list[str], bytes]]:
        """Recipients and bytes of each mail that arrived, in no order."""
        found = []
        box = mailbox.Maildir(self.folder)
        for key in box.iterkeys():
            raw = box.get_bytes(key)
            lines, recipients = raw.split(b"\n"), []
            while lines and lines[0].startswith(b"X-Envelope-To: "):
                recipients.append(lines.pop(0).decode().partition(": ")[2].strip())
            found.append((recipients, b"\n".join(lines)))
        return found
