"""One mail as an MTA shows it to a milter: envelope, fields and body come apart, and leave as one.

What comes is taken as it comes: the MTA has accepted the addresses and will deliver the mail, so a
parameter that we do not carry is left out here rather than refused; a name without a domain (what
printers and programs of the machine give), which the MTA completes, is taken for an address. Of the
field values, LF is how both MTAs write a folded line, and becomes CRLF again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gateway.model import Envelope
from gateway.receive.envelope import Transaction, open_transaction, recipient
from gateway.receive.wording import Refusal

_BARE = re.compile(r"<([\w.!#$%&'*+/=?^`{|}~-]{1,255})>")
_CARRIED = ("SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH", "NOTIFY", "ORCPT")


@dataclass(slots=True)
class MilterMail:
    """spaced: values come with the space after the colon. dropped: nothing is kept any more."""

    transaction: Transaction
    spaced: bool
    dropped: bool = False
    _fields: bytearray = field(default_factory=bytearray)  # small ones would weigh tenfold apart
    _body: list[bytes] = field(default_factory=list)

    def add_recipient(self, arguments: Sequence[bytes]) -> None:
        name, argument = _argument(arguments, "<postmaster>")
        one = recipient(f"TO:{argument}", utf8=True)
        one = replace(one, address=name or one.address)
        if not one.address.isascii():
            _need_utf8(self.transaction)
        self.transaction.recipients.append(one)

    def add_field(self, name: bytes, value: bytes) -> int:
        """How many octets that is."""
        space = b"" if self.spaced else b" "
        line = b"%s:%s%s\r\n" % (name, space, value.replace(b"\n", b"\r\n"))
        if not self.dropped:
            self._fields += line
        return len(line)

    def add_body(self, piece: bytes) -> int:
        if not self.dropped:
            self._body.append(piece)
        return len(piece)

    def drop(self) -> None:
        self.dropped = True
        self._forget()

    def _forget(self) -> None:
        self._fields.clear()
        self._body.clear()

    def content(self) -> bytes:
        """Once, at the end: it is not kept a second time."""
        content = b"".join((self._fields, b"\r\n", *self._body))
        self._forget()
        return content

    def envelope(self) -> Envelope:
        return self.transaction.envelope()


def begin(arguments: Sequence[bytes], code: str, *, spaced: bool) -> MilterMail:
    """From the arguments of MAIL."""
    name, argument = _argument(arguments, "<>")
    if not f"{name}{argument}".isascii() and " SMTPUTF8" not in argument.upper():
        argument += " SMTPUTF8"
    transaction = open_transaction(f"FROM:{argument}", code)
    transaction.sender = name or transaction.sender
    return MilterMail(transaction, spaced)


def _need_utf8(transaction: Transaction) -> None:
    """An MTA need not say SMTPUTF8 of what did not come by SMTP; who relays it later must."""
    if not transaction.utf8:
        transaction.utf8 = True
        transaction.options += ("SMTPUTF8",)


def _argument(arguments: Sequence[bytes], stand_in: str) -> tuple[str, str]:
    """A name without a domain, else "", and all as on an SMTP line, `stand_in` in place of that
    name. MTAs may leave out the brackets of what did not come by SMTP, and take a final dot."""
    try:
        path, *parameters = (argument.decode() for argument in arguments)
    except UnicodeDecodeError:
        raise Refusal(553, "5.6.7", "Adresse incorrecte : ni ASCII ni UTF-8") from None
    if not path.startswith("<"):
        path = f"<{path}>"
    carried = (one for one in parameters if one.partition("=")[0].upper() in _CARRIED)
    bare = _BARE.fullmatch(path)
    if bare:
        return bare[1], " ".join((stand_in, *carried))
    return "", " ".join((f"{path[:-2]}>" if path.endswith(".>") else path, *carried))
