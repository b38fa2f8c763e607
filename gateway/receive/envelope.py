"""One transaction as MAIL and RCPT build it up: who, to whom, with which parameters.

Parameters that the next hop needs are checked loosely and carried as received (RFC 3461, 4; RFC
6152; RFC 6531; RFC 4954, 5: AUTH= comes through a proxy even where AUTH is not offered). SIZE is
checked against our limit and stays here. An unknown parameter is refused: dropping it would
change what the sender asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.model import Envelope, Recipient
from gateway.receive.path import (
    bad_parameter,
    split_parameters,
    split_path,
    unknown_parameter,
)
from gateway.receive.wording import Refusal

_NOTIFY = {"SUCCESS", "FAILURE", "DELAY"}
_LENGTHS = {"ENVID": 100, "AUTH": 500, "ORCPT": 500}  # RFC 3461, 5.4; RFC 4954, 4


@dataclass(slots=True)
class Transaction:
    """recipients: as accepted, in order, duplicates included: LMTP answers each of them."""

    code: str
    sender: str
    options: tuple[str, ...] = ()
    size: int = 0
    utf8: bool = False
    recipients: list[Recipient] = field(default_factory=list)

    def envelope(self) -> Envelope:
        """Each address once, with the parameters it came with first."""
        if len(self.recipients) == 1:
            return Envelope(self.sender, tuple(self.recipients), self.options)
        once = {recipient.address: recipient for recipient in reversed(self.recipients)}
        kept = tuple(once[address] for address in dict.fromkeys(r.address for r in self.recipients))
        return Envelope(self.sender, kept, self.options)


def open_transaction(argument: str, code: str) -> Transaction:
    """From the argument of MAIL: "FROM:<a@b.fr> SIZE=12"."""
    if argument[:5].upper() != "FROM:":
        raise Refusal(501, "5.5.4", "Syntaxe : MAIL FROM:<adresse>")
    sender, rest = split_path(argument[5:].lstrip(" "), sender=True)
    transaction = Transaction(code, sender)
    if rest:
        carried = []
        for keyword, value, word in split_parameters(rest):
            _check_mail_parameter(keyword, value)
            if keyword == "SIZE":
                transaction.size = int(value)
                continue
            transaction.utf8 = transaction.utf8 or keyword == "SMTPUTF8"
            carried.append(word)
        transaction.options = tuple(carried)
    _need_smtputf8(sender, rest, utf8=transaction.utf8)
    return transaction


def recipient(argument: str, *, utf8: bool) -> Recipient:
    """From the argument of RCPT: "TO:<a@b.fr> NOTIFY=NEVER"."""
    if argument[:3].upper() != "TO:":
        raise Refusal(501, "5.5.4", "Syntaxe : RCPT TO:<adresse>")
    address, rest = split_path(argument[3:].lstrip(" "), sender=False)
    _need_smtputf8(address, rest, utf8=utf8)
    if not rest:
        return Recipient(address)
    parameters = split_parameters(rest)
    for keyword, value, _ in parameters:
        _check_rcpt_parameter(keyword, value)
    return Recipient(address, tuple(word for _, _, word in parameters))


def _check_mail_parameter(keyword: str, value: str) -> None:
    match keyword:
        case "SIZE":
            right = value.isascii() and value.isdigit() and len(value) <= 20  # RFC 1870, 3
        case "BODY":
            right = value.upper() in ("7BIT", "8BITMIME")
        case "SMTPUTF8":
            right = not value
        case "RET":
            right = value.upper() in ("FULL", "HDRS")
        case "ENVID" | "AUTH":
            right = 0 < len(value) <= _LENGTHS[keyword]
        case _:
            raise unknown_parameter()
    if not right:
        raise bad_parameter(keyword)


def _check_rcpt_parameter(keyword: str, value: str) -> None:
    match keyword:
        case "NOTIFY":
            wanted = value.upper().split(",")
            right = wanted == ["NEVER"] or set(wanted) <= _NOTIFY
        case "ORCPT":
            right = ";" in value and len(value) <= _LENGTHS[keyword]
        case _:
            raise unknown_parameter()
    if not right:
        raise bad_parameter(keyword)


def _need_smtputf8(address: str, parameters: str, *, utf8: bool) -> None:
    if utf8 or (address.isascii() and parameters.isascii()):
        return
    if address.isascii():
        raise Refusal(501, "5.5.4", "Option incorrecte : SMTPUTF8 manque")
    raise Refusal(553, "5.6.7", "Lettres non ASCII dans l'adresse : option SMTPUTF8 requise")
