"""One mail as an MTA shows it to a milter: envelope, fields and body come apart, and leave as one.

What comes is taken as it comes: the MTA has accepted the addresses and will deliver the mail, so a
parameter that we do not carry is left out here rather than refused. Of the field values, LF is how
both MTAs write a folded line, and becomes CRLF again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.model import Envelope
from gateway.receive.envelope import Transaction, open_transaction, recipient
from gateway.receive.wording import Refusal

_CARRIED = ("SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH", "NOTIFY", "ORCPT")


@dataclass(slots=True)
class MilterMail:
    """paths: of each recipient as RCPT gave it, by address: how the MTA knows it.

    spaced: values come with the space after the colon. dropped: nothing is kept any more.
    """

    transaction: Transaction
    spaced: bool
    paths: dict[str, list[bytes]] = field(default_factory=dict)
    dropped: bool = False
    _fields: list[bytes] = field(default_factory=list)
    _body: list[bytes] = field(default_factory=list)

    def add_recipient(self, arguments: Sequence[bytes]) -> None:
        one = recipient(f"TO:{_argument(arguments)}", utf8=True)
        if not one.address.isascii():
            _need_utf8(self.transaction)
        self.transaction.recipients.append(one)
        self.paths.setdefault(one.address, []).append(arguments[0])

    def add_field(self, name: bytes, value: bytes) -> int:
        """How many octets that is."""
        space = b"" if self.spaced else b" "
        folded = value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        line = b"%s:%s%s\r\n" % (name, space, folded)
        if not self.dropped:
            self._fields.append(line)
        return len(line)

    def add_body(self, piece: bytes) -> int:
        if not self.dropped:
            self._body.append(piece)
        return len(piece)

    def drop(self) -> None:
        self.dropped = True
        self._fields.clear()
        self._body.clear()

    def content(self) -> bytes:
        return b"".join((*self._fields, b"\r\n", *self._body))

    def envelope(self) -> Envelope:
        return self.transaction.envelope()


def begin(arguments: Sequence[bytes], code: str, *, spaced: bool) -> MilterMail:
    """From the arguments of MAIL."""
    argument = _argument(arguments)
    if not argument.isascii() and " SMTPUTF8" not in argument.upper():
        argument += " SMTPUTF8"
    return MilterMail(open_transaction(f"FROM:{argument}", code), spaced)


def _need_utf8(transaction: Transaction) -> None:
    """An MTA need not say SMTPUTF8 of what did not come by SMTP; who relays it later must."""
    if not transaction.utf8:
        transaction.utf8 = True
        transaction.options += ("SMTPUTF8",)


def _argument(arguments: Sequence[bytes]) -> str:
    """As on an SMTP line; MTAs may leave out the brackets of what did not come by SMTP."""
    try:
        path, *parameters = (argument.decode() for argument in arguments)
    except UnicodeDecodeError:
        raise Refusal(553, "5.6.7", "Adresse incorrecte : ni ASCII ni UTF-8") from None
    if not path.startswith("<"):
        path = f"<{path}>"
    carried = (one for one in parameters if one.partition("=")[0].upper() in _CARRIED)
    return " ".join((path, *carried))
