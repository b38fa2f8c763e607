"""A mail to the address for what was not for its reader: who says it, and of whose mail.

Whoever answers or forwards a mail shows by whom it was: an address of ours stands in To or Cc, on
the quoted or attached "From:" line, in the first words. From can be forged, so a pair is blocked
only where the ledger knows that this sender writes to this address; else an officer decides. Of
several, the one that the ledger knows is meant. Nothing of the text is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from gateway.decide import headers
from gateway.decide.opening import opening
from gateway.receive.identity import ALPHABET

MAX_BYTES = 1024 * 1024  # of a mail that are looked at: an attached one's header comes first
_MOST_SENDERS = 20  # of ours, in one mail
_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{1,255}")
_QUOTED_FROM = re.compile(
    rb"(?im)^[> \t|]{0,20}\*?(?:from|de)[ \t\xa0\xc2]{0,3}:"
    rb"([^\r\n]{0,500}(?:\r?\n[ \t][^\r\n]{0,500})?)"  # folded once, in an attached header
)
_CODE = re.compile(rf"\b[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}\b")


@dataclass(frozen=True, slots=True)
class Said:
    """reporter: who says it, "" where that cannot be told. senders: those of ours that may have
    written to him. code: of a mail, as he quotes it."""

    reporter: str = field(repr=False)
    senders: tuple[str, ...] = field(repr=False)
    code: str


def said(content: bytes, ours: Callable[[str], bool], but: Collection[str] = ()) -> Said | None:
    """None for what no person wrote. but: addresses of ours that write to nobody outside."""
    content = content[:MAX_BYTES]
    if set(headers.fields(content, "auto-submitted")) - {"no"}:
        return None
    authors = headers.addresses(content, "from")
    words = opening(content).lower()
    shown = [*sorted(headers.addresses(content, "to", "cc")), *_ADDRESS.findall(words)]
    for line in _QUOTED_FROM.findall(content)[:_MOST_SENDERS]:
        shown += _ADDRESS.findall(line.decode("utf-8", "replace").lower())
    reporter = next(iter(authors)) if len(authors) == 1 else ""
    aside = {reporter, *map(str.lower, but)}
    found = (one.rstrip(".-") for one in shown)
    senders = dict.fromkeys(one for one in found if ours(one) and one not in aside)
    code = _CODE.search(opening(content))
    return Said(reporter, tuple(senders)[:_MOST_SENDERS], code[0] if code else "")
