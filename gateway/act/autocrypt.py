"""The key that a correspondent's program sends along with his mail: the Autocrypt field
(autocrypt.org, level 1).

Taken only where the mail names one author, one valid field of that address, and a DKIM signature of
the author's own domain covers From, the field and a Date of these days: else whoever can write as
somebody would choose the key that mail for him is encrypted to, and whoever has an old mail of his
would bring back a key that he has lost.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from email.utils import parsedate_to_datetime

from gateway.act import header, openpgp_key, outside
from gateway.act.outside import MAX_DATE
from gateway.act.signature import tags_of, unfolded
from gateway.act.verify import MAX_SIGNATURES, Content, Lookup, dkim_results
from gateway.model import Envelope, Mail

MAX_FIELD = 16 * 1024  # bytes; level 1 advises 10 KB at most
RECENT_SECONDS = 7 * 86_400.0  # mail servers try for five days
_KNOWN = ("addr", "prefer-encrypt", "keydata")


def may_be(content: bytes) -> bool:
    """Whether it is worth a closer look: of most mail, it is not."""
    return b"\nautocrypt:" in content[: content.find(b"\r\n\r\n")].lower()


def brought(mail: Mail, lookup: Lookup) -> tuple[str, bytes]:
    """The author's address and his key; ("", b"") where nothing is proven. Asks the DNS."""
    head, body = header.split(mail.content)
    read = header.read(head)
    shown = outside.of(replace(mail, envelope=Envelope("", ())))  # From, or nobody
    authors = [name for name, _ in read.fields if name == b"from"]
    if read.odd or shown is None or len(authors) != 1:
        return "", b""
    author = shown.sender.lower()
    keys = [key for value in read.values(b"autocrypt") if (key := _key(value, author))]
    if len(keys) != 1 or abs(mail.received - _written(read)) > RECENT_SECONDS:
        return "", b""
    if not _is_proven(Content(read.fields, body, {}), author, lookup):
        return "", b""
    return author, keys[0]


def _key(value: str, author: str) -> bytes:
    """b"" for a field that level 1 says to ignore: of another address, or with an attribute that is
    neither known nor marked as unimportant."""
    told: dict[str, str] = {}
    for piece in value.split(";") if len(value) <= MAX_FIELD else ():
        name, equals, said = piece.strip().partition("=")
        name = name.strip().lower()
        if not equals or name in told or (name not in _KNOWN and not name.startswith("_")):
            return b""
        told[name] = said.strip()
    if told.get("addr", "").lower() != author:
        return b""
    try:
        data = base64.b64decode("".join(told.get("keydata", "").split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if len(openpgp_key.read(data)) == 1 else b""


def _written(read: header.Header) -> float:
    """Seconds since the epoch; 0 where it does not say so once and for all."""
    dates = list(read.values(b"date"))
    try:
        return parsedate_to_datetime(dates[0][:MAX_DATE]).timestamp() if len(dates) == 1 else 0.0
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0


def _is_proven(mail: Content, author: str, lookup: Lookup) -> bool:
    domain = author.rpartition("@")[2].encode()
    raws = [raw for name, raw in mail.fields if name == b"dkim-signature"][:MAX_SIGNATURES]
    present = sum(name == b"autocrypt" for name, _ in mail.fields)
    return any(
        found.result == b"pass" and found.domain == domain and _covers(raw, present)
        for raw, found in zip(raws, dkim_results(mail, lookup), strict=True)
    )


def _covers(raw: bytes, present: int) -> bool:
    """Whether a signature is over the Date and all Autocrypt fields. It is over the lowest first:
    one put above them, in a mail of his sent again, is anybody's."""
    tags = tags_of(raw.partition(b":")[2]) or {}
    names = [name.strip() for name in unfolded(tags.get(b"h", b"")).lower().split(b":")]
    return b"date" in names and names.count(b"autocrypt") >= present
