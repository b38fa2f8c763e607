"""ARC (RFC 8617): the chain that a mail brought, and the set we put on one that we changed.

A set has three fields: what we found (ARC-Authentication-Results), a signature of the mail as it
leaves (ARC-Message-Signature), and a seal over all sets (ARC-Seal). dkimpy's ARC is not used: it
trusts any Authentication-Results that bears our name, asks DNS without end, and takes time that
grows with the square of a hostile field.

No chain, whatever is wrong with it, stops a mail. One that we could not verify for want of an
answer of DNS is left as it is: to seal it as failed would say what we do not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.act import canonical, header
from gateway.act.sign import Loaded, signed, signed_names
from gateway.act.signature import RSA, folded_base64, sign, tags_of
from gateway.act.verify import Content, Lookup, Result, header_signature, is_name, message_signature

MAX_INSTANCE = 50  # RFC 8617, 5.1.1.1 (4.2.1: "i" from 1 to 50)
AAR = b"arc-authentication-results"
AMS = b"arc-message-signature"
SEAL = b"arc-seal"
_KINDS = (AAR, AMS, SEAL)  # in the order in which a seal covers them (5.1.1)


@dataclass(frozen=True, slots=True)
class Chain:
    """state: none, pass, fail; temperror: nobody answered for a key; ended: an earlier one sealed
    it as failed, and nothing may be added. sets: fields by instance, in the order of _KINDS."""

    state: bytes
    last: int = 0
    sets: Sequence[tuple[bytes, ...]] = ()

    @property
    def sealable(self) -> bool:
        return self.state in (b"none", b"pass", b"fail") and self.last < MAX_INSTANCE


def chain_of(mail: Content, lookup: Lookup) -> Chain:
    """5.2: complete, each seal in its turn, the newest signature of the mail, every seal."""
    found = [(name, raw) for name, raw in mail.fields if name in _KINDS]
    if not found:
        return Chain(b"none")
    if len(found) > MAX_INSTANCE * len(_KINDS):
        return Chain(b"fail", MAX_INSTANCE)
    numbered = [(_instance(name, raw), name, raw) for name, raw in found]
    last = max(MAX_INSTANCE if number is None else number for number, _, _ in numbered)
    if _has_ended(numbered):
        return Chain(b"ended", last)
    places = {(number, name): raw for number, name, raw in numbered if number is not None}
    if len(places) != len(found) or len(places) != last * len(_KINDS):
        return Chain(b"fail", last)
    sets = [tuple(places[i, kind] for kind in _KINDS) for i in range(1, last + 1)]
    return Chain(_state(mail, sets, lookup), last, sets)


def _state(mail: Content, sets: Sequence[tuple[bytes, ...]], lookup: Lookup) -> bytes:
    seals = [tags_of(raw.partition(b":")[2]) or {} for *_, raw in sets]
    if [tags.get(b"cv") for tags in seals] != [b"none"] + [b"pass"] * (len(sets) - 1):
        return b"fail"
    raw = sets[-1][1]
    tags = tags_of(raw.partition(b":")[2]) or {}
    if not _is_whole(tags, b"bh", b"h") or b"arc-seal" in tags[b"h"].lower():
        return b"fail"
    results = [message_signature(mail, raw, {b"c": b"relaxed/relaxed"} | tags, lookup)]
    for number, tags in enumerate(seals, 1):
        if b"h" in tags or not _is_whole(tags):
            return b"fail"
        if results[-1] == b"pass":
            results.append(header_signature(_sealed_data(sets[:number]), tags, lookup))
    if results[-1] == b"temperror":
        return b"temperror"
    return b"pass" if results[-1] == b"pass" else b"fail"


def _is_whole(tags: dict[bytes, bytes], *also: bytes) -> bool:
    return {b"a", b"b", b"d", b"s", *also} <= tags.keys() and all(
        is_name(tags[tag]) for tag in (b"d", b"s")
    )


def _sealed_data(sets: Sequence[tuple[bytes, ...]]) -> bytes:
    """5.1.1: every set in its order, the last seal without its b= and its CRLF."""
    *before, seal = [raw for one in sets for raw in one]
    covered = b"".join(map(canonical.relaxed_field, before))
    return covered + canonical.signed_data((), (), seal, b"relaxed")


def _instance(name: bytes, raw: bytes) -> int | None:
    value = raw.partition(b":")[2]
    tags = tags_of(value.partition(b";")[0] if name == AAR else value)
    said = (tags or {}).get(b"i", b"")
    if not (said.isdigit() and len(said) <= 2 and not said.startswith(b"0")):
        return None
    return int(said) if int(said) <= MAX_INSTANCE else None


def _has_ended(numbered: Sequence[tuple[int | None, bytes, bytes]]) -> bool:
    """Whether the newest seal says that the chain had failed: whatever disorder is below it."""
    seals = [(number, raw) for number, name, raw in numbered if number and name == SEAL]
    newest = max(seals, default=(0, b""))[1]
    return (tags_of(newest.partition(b":")[2]) or {}).get(b"cv") == b"fail"


def results_field(authority: str, results: Sequence[Result], chain: Chain) -> bytes:
    """What stands in Authentication-Results (RFC 8601): domains and selectors, never an address."""
    said = [b"dkim=%b%b" % (one.result, _of(one)) for one in results] or [b"dkim=none"]
    state = {b"ended": b"fail"}.get(chain.state, chain.state)
    return b";\r\n ".join((authority.encode("idna"), *said, b"arc=" + state))


def _of(one: Result) -> bytes:
    return b" header.d=%b header.s=%b" % (one.domain, one.selector) if one.domain else b""


def seal(content: bytes, chain: Chain, results: bytes, key: Loaded, seconds: int) -> bytes:
    """The set to be put in front of the mail as it leaves; b"" where its header cannot be signed.

    chain: that of `content`: one of a mail that we wrote anew has none.
    """
    head, body = header.split(content)
    read = header.read(head)
    names = signed_names(read, also=(b"dkim-signature",))
    if names is None or not chain.sealable or key.algorithm != RSA:
        return b""
    number = chain.last + 1
    by = b"a=%b; d=%b; s=%b; t=%d" % (RSA, key.domain, key.selector, seconds)
    found = b"ARC-Authentication-Results: i=%d; %b\r\n" % (number, results)
    tags = b"i=%d; c=relaxed/simple; %b" % (number, by)
    hashed = canonical.body_hash(body, b"simple")
    message = signed(b"ARC-Message-Signature", tags, read.fields, names, hashed, key)
    empty = b"ARC-Seal: i=%d; cv=%b; %b;\r\n b=\r\n" % (number, chain.state, by)
    earlier = (
        [] if chain.state == b"fail" else list(chain.sets)
    )  # 5.1.2: a failed chain: ours alone
    data = _sealed_data([*earlier, (found, message, empty)])
    sealing = empty.removesuffix(b"\r\n") + folded_base64(sign(key.private, data)) + b"\r\n"
    return sealing + message + found
