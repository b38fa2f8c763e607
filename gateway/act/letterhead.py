"""Who writes to whom, when and about what: the lines at the head of a readable message."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from gateway.act import header
from gateway.act.calendar import day_in_words
from gateway.act.contents import decoded

MAX_DATE = 60  # characters; RFC 5322 needs 31
_LABELS = (
    ("De", b"from"),
    ("À", b"to"),
    ("Copie", b"cc"),
    ("Date", b"date"),
    ("Objet", b"subject"),
)


def letterhead(content: bytes) -> tuple[tuple[str, str], ...]:
    """(label, value) of each field that the message has, as a person reads them."""
    head = header.read(header.split(content)[0])
    lines = ((label, ", ".join(head.values(name))) for label, name in _LABELS)
    return tuple(
        (label, _date(value) if label == "Date" else decoded(value))
        for label, value in lines
        if value
    )


def _date(written: str) -> str:
    """By the sender's own clock."""
    try:
        when = parsedate_to_datetime(written[:MAX_DATE])
    except (TypeError, ValueError, OverflowError):
        return decoded(written)
    return f"{day_in_words(when.date())} à {when.hour} h {when.minute:02d}"
