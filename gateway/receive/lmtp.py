"""The LMTP door (RFC 2033): LHLO in place of EHLO, and one reply for each recipient of a mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from gateway.model import Reply
from gateway.receive.envelope import Transaction
from gateway.receive.smtp import SmtpSession
from gateway.receive.wording import wire


class LmtpSession(SmtpSession):
    name: ClassVar[str] = "lmtp"
    greeting: ClassVar[str] = "LMTP"
    verbs: ClassVar[frozenset[str]] = SmtpSession.verbs - {"HELO", "EHLO"} | {"LHLO"}

    def do_lhlo(self, hostname: str) -> None:
        self.do_ehlo(hostname)

    def _answer(self, transaction: Transaction, replies: Mapping[str, Reply] | Reply) -> bool:
        """In the order of RCPT, duplicates included. Whether one was 2yz."""
        answers = [
            replies if isinstance(replies, Reply) else replies[recipient.address]
            for recipient in transaction.recipients
        ]
        self._close_transaction(b"".join(map(wire, answers)))
        return any(reply.accepted for reply in answers)
