"""A mail written under another address of its sender's: the header fields that name him.

From must name him alone, and is else not ours to change; its display name stays. Where answers and
receipts go follows him, or the field goes: an ordinary address there would draw what the space
answers out of it. DKIM signatures go too, since every one covers From (RFC 6376, 5.4). All other
fields, and the body, stay byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from gateway.act import header, outside

_FOLLOW = (  # whom one answers, or who else sent it
    b"sender",
    b"reply-to",
    b"errors-to",
    b"return-receipt-to",
    b"disposition-notification-to",
)
_SIGNATURES = (b"dkim-signature", b"domainkey-signature")
MAX_FIELD = 2_000  # octets of a field that is rewritten: a name and an address
# A field of one mailbox, with or without a name before it. Alternatives are disjoint: linear.
_NAMED = re.compile(rb'((?:"(?:[^"\\]|\\.)*"|[^"<>@,;:()\\])*)<([^<>\s]+)>(\s*)', re.DOTALL)
_BARE = re.compile(rb"(\s*)([^<>\s\"(),;:\\]+)(\s*)")


def under(
    head: bytes, own: str, known_as: Callable[[str], str], inside: Callable[[str], bool]
) -> bytes | None:
    """The header, with `own` in the place of its sender's other addresses; as it is where it names
    no other. None where it does not plainly name him as its only author. known_as: under which
    address anybody writes there, "" for none; inside: whether an address is of the space."""
    read = header.read(head)
    authors = [raw for name, raw in read.fields if name == b"from"]
    if read.odd or len(authors) != 1 or _renamed(authors[0], own, known_as) is None:
        return None
    fields = [
        written
        for name, raw in read.fields
        for written in _written(name, raw, own, known_as, inside)
    ]
    if fields == [raw for _, raw in read.fields]:
        return head
    signatures = {raw for name, raw in read.fields if name in _SIGNATURES}
    return b"".join(raw for raw in fields if raw not in signatures)


def _written(
    name: bytes, raw: bytes, own: str, known_as: Callable[[str], str], inside: Callable[[str], bool]
) -> Iterator[bytes]:
    if name != b"from" and name not in _FOLLOW:
        yield raw
    elif (renamed := _renamed(raw, own, known_as)) is not None:
        yield renamed
    elif inside(_mailbox(raw)[1]):
        yield raw


def _renamed(raw: bytes, own: str, known_as: Callable[[str], str]) -> bytes | None:
    """The field under `own`; None where it is not of this sender alone."""
    before, address, after = _mailbox(raw)
    if not address or known_as(address).lower() != own.lower():
        return None
    if address.lower() == own.lower():
        return raw
    return before + own.encode() + after


def _mailbox(raw: bytes) -> tuple[bytes, str, bytes]:
    """The one address of a field, and what stands on both sides of it. "" where there are several,
    or none that is plain."""
    name, _, value = raw.partition(b":")
    if len(raw) <= MAX_FIELD:
        for shape, opening, closing in ((_NAMED, b"<", b">"), (_BARE, b"", b"")):
            found = shape.fullmatch(value)
            address = found[2].decode("latin-1") if found else ""
            if found and outside.is_plain(address):
                return name + b":" + found[1] + opening, address, closing + found[3]
    return b"", "", b""
