"""Who a message says it is from: the addresses of its From field, for the submission door alone.

Programs differ in what they show of several From fields, of one they cannot read, or of a display
name that looks like an address. So nothing is parsed: there must be one From, and every address
that stands anywhere in it is an author; what is not read with certainty has none, and is refused.
Sender and Reply-To are not looked at.
"""

from __future__ import annotations

import re

_FIELD = re.compile(rb"(?:\A|\r\n)from[ \t]*:", re.IGNORECASE)
_FOLDED = re.compile(rb"\r\n(?![ \t])")
_FIELD_CAP = 4_096  # octets; a From has one address, seldom a few
_ATOM = r"[\w.!#$%&'*+/=?^`{|}~-]"
_ADDRESS = re.compile(rf"(?<!{_ATOM}){_ATOM}+@[\w.-]+")  # begins where a word does: linear


def authors(content: bytes) -> tuple[str, ...]:
    """In small letters; () where that is not certain."""
    end = content.find(b"\r\n\r\n")
    fields = list(_FIELD.finditer(content, 0, end if end >= 0 else len(content)))
    if len(fields) != 1:
        return ()
    start = fields[0].end()
    field = _FOLDED.split(content[start : start + _FIELD_CAP], maxsplit=1)
    if len(field) != 2:  # it does not end within the cap
        return ()
    try:
        value = field[0].decode("utf-8").lower()
    except UnicodeDecodeError:
        return ()
    found = tuple(_ADDRESS.findall(value))
    return found if len(found) == value.count("@") else ()
