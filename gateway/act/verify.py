"""Whether a mail's own DKIM signatures were right when we took it: said in the ARC set of a mail
that we changed (RFC 6376, 6; results as in RFC 8601, 2.7.1).

Few signatures are looked at, and no domain is asked twice: somebody else wrote them. Decides
nothing, stops nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.act import canonical
from gateway.act.signature import ED25519, RSA, decoded, key_of, tags_of, unfolded, verifies

MAX_SIGNATURES = 5  # of those on top; few mails have three
MAX_NAMES = 1_000  # in h=

Lookup = Callable[[bytes], bytes | None]
"""A name of DNS -> its key record; None: there is none. Raises Unanswered."""


class Unanswered(Exception):
    """DNS did not answer in time, or not at all."""


@dataclass(frozen=True, slots=True)
class Result:
    """result: pass fail policy temperror permerror. domain, selector: as claimed."""

    result: bytes
    domain: bytes = b""
    selector: bytes = b""


@dataclass(frozen=True, slots=True)
class Content:
    """A mail taken apart: its fields, and its body with the hashes made so far."""

    fields: Sequence[tuple[bytes, bytes]]
    body: bytes
    hashes: dict[bytes, bytes]

    def body_hash(self, form: bytes) -> bytes:
        if form not in self.hashes:
            self.hashes[form] = canonical.body_hash(self.body, form)
        return self.hashes[form]


def dkim_results(mail: Content, lookup: Lookup) -> list[Result]:
    """Of the topmost signatures."""
    raws = [raw for name, raw in mail.fields if name == b"dkim-signature"]
    return [_checked(mail, raw, lookup) for raw in raws[:MAX_SIGNATURES]]


def _checked(mail: Content, raw: bytes, lookup: Lookup) -> Result:
    tags = tags_of(raw.partition(b":")[2])
    if tags is None or not {b"v", b"a", b"b", b"bh", b"d", b"h", b"s"} <= tags.keys():
        return Result(b"permerror")
    domain, selector = tags[b"d"].lower(), tags[b"s"].lower()
    if not is_name(domain) or not is_name(selector):
        return Result(b"permerror")
    said = _claim(tags)
    if said == b"pass":
        said = message_signature(mail, raw, tags, lookup)
    return Result(said, domain, selector)


def _claim(tags: dict[bytes, bytes]) -> bytes:
    """What the tags alone say against a signature; "pass": nothing."""
    signer = tags.get(b"i", b"@" + tags[b"d"]).lower().rpartition(b"@")[2]
    domain = tags[b"d"].lower()
    names = unfolded(tags[b"h"]).lower().split(b":")
    expires = tags.get(b"x", b"")
    if tags[b"v"] != b"1" or b"from" not in names or len(names) > MAX_NAMES:
        return b"permerror"
    if signer != domain and not signer.endswith(b"." + domain):
        return b"permerror"
    if b"l" in tags or tags[b"a"] not in (RSA, ED25519):
        return b"policy"  # part of the body only; or SHA-1 (RFC 8301)
    if expires.isdigit() and len(expires) <= 12 and int(expires) < time.time():
        return b"fail"
    return b"pass"


def message_signature(mail: Content, raw: bytes, tags: dict[bytes, bytes], lookup: Lookup) -> bytes:
    """pass, fail, temperror or permerror; of an ARC-Message-Signature, too, which is made alike."""
    head_form, _, body_form = unfolded(tags.get(b"c", b"simple/simple")).lower().partition(b"/")
    body_form = body_form or b"simple"
    if not {head_form, body_form} <= {b"simple", b"relaxed"}:
        return b"permerror"
    said = decoded(tags[b"bh"])
    if said is None or said != mail.body_hash(body_form):
        return b"fail" if said else b"permerror"
    names = unfolded(tags[b"h"]).lower().split(b":")
    fields = [(name, field) for name, field in mail.fields if field is not raw]
    return header_signature(canonical.signed_data(fields, names, raw, head_form), tags, lookup)


def header_signature(data: bytes, tags: dict[bytes, bytes], lookup: Lookup) -> bytes:
    """Whether b= signs this."""
    signature = decoded(tags[b"b"])
    if not signature:
        return b"permerror"
    try:
        record = lookup(tags[b"s"].lower() + b"._domainkey." + tags[b"d"].lower())
    except Unanswered:
        return b"temperror"
    _, at, below = tags.get(b"i", b"").lower().rpartition(b"@")
    key = key_of(record, whole=not at or below == tags[b"d"].lower()) if record else None
    if key is None:
        return b"permerror"
    return b"pass" if verifies(key, tags[b"a"], signature, data) else b"fail"


def is_name(name: bytes) -> bool:
    """Fit to be asked for and to be repeated in a field of ours."""
    labels = name.replace(b"-", b"").replace(b"_", b"").split(b".")
    return 0 < len(name) <= 200 and all(label.isalnum() for label in labels)
