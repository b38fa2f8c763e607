"""What a next hop's "yes" tells of the mail: the id under which it goes on there.

Every mail server writes it in its own words after 250 (RFC 5321 leaves the text free): Postfix
"Ok: queued as 4XYZ", Exim "OK id=1abc-2d-3e", Sendmail and OpenSMTPD "a1b2 Message accepted for
delivery", a gateway like us "Ok 7K2F-9QXD". Of that text nothing else goes into the log, since it
may quote an address; what looks like somebody's number is no id either.
"""

from __future__ import annotations

import re

from gateway.model import Reply
from gateway.ports import Delivery

_TEXT_CAP = 500  # characters of a reply looked at
_NUMBER_DIGITS = 13  # the shortest form of a social-security number
_ID = r"([0-9A-Za-z][0-9A-Za-z.-]{2,63})(?![0-9A-Za-z@._-])"
_WORDS = (
    re.compile(rf"queued as {_ID}", re.IGNORECASE),
    re.compile(rf"\bid={_ID}"),
    re.compile(rf"^{_ID} Message accepted for delivery", re.IGNORECASE),
    re.compile(r"^Ok ([0-9A-Z]{4}-[0-9A-Z]{4})$"),
)


def queued_as(reply: Reply) -> str:
    """ "" where it was not accepted, or does not say."""
    text = " ".join(reply.text)[:_TEXT_CAP] if reply.accepted else ""
    for words in _WORDS:
        if found := words.search(text):
            name = found[1].rstrip(".")
            return "" if sum(map(str.isdigit, name)) >= _NUMBER_DIGITS else name
    return ""


def told(delivery: Delivery) -> str:
    """For a Receipt's detail: "127.0.0.1:10026 250 4XYZ"."""
    return f"{delivery.hop} {delivery.reply.code} {queued_as(delivery.reply)}".rstrip()
