"""Who is the same person, and who is only the sender.

"M. Jean DUPONT", "DUPONT Jean" and, further down, "Monsieur Dupont" are one person: a lone surname
is taken for whoever of the message bears it, so that the count is one of persons. And the name in
From, where it stands alone in a text, is a signature: what it is near is not said of the sender.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gateway.detect.near import Seen
from gateway.model import Hit, Likelihood, Match, Place

_LOCAL_PARTS = re.compile(r"(?<![a-z.\-_])([a-z\-]{2,40})[._]([a-z\-]{2,40})@")
_LONGEST = 1000  # characters of a field


def merged(hits: list[Hit]) -> list[Hit]:
    """Each lone surname becomes the first whole name that holds it. At one place, they are one."""
    values = {hit.value for hit in hits if hit.kind == "person"}
    alone = {value for value in values if " " not in value}
    if not alone or len(alone) == len(values):
        return hits
    whole: dict[str, str] = {}
    for hit in hits:
        if hit.kind == "person" and " " in hit.value:
            for word in hit.value.split(" "):
                whole.setdefault(word, hit.value)
    named: dict[tuple[str, Place], Hit] = {}
    others: list[Hit] = []
    for hit in hits:
        if hit.kind != "person":
            others.append(hit)
            continue
        value = whole.get(hit.value, hit.value)
        known = named.get((value, hit.place))
        named[value, hit.place] = both(known, hit) if known else replace(hit, value=value)
    return [*named.values(), *others]


def both(one: Hit, other: Hit) -> Hit:
    """Two of one value at one place: what either is near to."""
    close = tuple(sorted({*one.near, *other.near}))
    return replace(one, likelihood=max(one.likelihood, other.likelihood), near=close)


def of_addresses(field: str) -> set[str]:
    """Who "marie.durand@ch-exemple.example" is."""
    found = _LOCAL_PARTS.findall(field.lower()[:_LONGEST])
    return {" ".join(sorted(pair)) for pair in found}


def without_senders(seen: Sequence[Seen], senders: frozenset[str]) -> list[Seen]:
    """Their names where nothing is said of them, neither a civility nor a birth date, are only
    POSSIBLE."""
    return [
        Seen(kind, replace(match, likelihood=Likelihood.POSSIBLE))
        if kind == "person" and match.value in senders and _is_bare(match)
        else Seen(kind, match)
        for kind, match in seen
    ]


def _is_bare(match: Match) -> bool:
    return match.likelihood is Likelihood.LIKELY
