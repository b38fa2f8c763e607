"""Under which keys an address is filed, so that those it may be mistaken for are found by looking
up its own: an index to ask in place of a comparison with everybody.

Two that are one slip apart share what is left of their letters without one of them; two whose names
stand the other way round share each name; a name cut to its initial is filed with the whole one.
Only of long names may each have a slip, and share what is left of it. Whether they really are alike
is for `gateway.decide.lookalike`: this gathers candidates, and misses none that is one slip away.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.decide.lookalike import LONG
from gateway.decide.person import drawn, mailbox

_NAMES = 3  # of an address; more are no person's
_SHORT = 3  # letters: from a longer name, one may be missing


def keys(address: str) -> frozenset[str]:
    local = address.rpartition("@")[0].partition("+")[0].lower()
    found = mailbox(local)
    several = {drawn(local), found.letters, *_without_one(found.letters)}
    if not found.service:
        several |= {*_of_names(found.names[:_NAMES])}
    return frozenset(several) - {""}


def _without_one(letters: str) -> Iterator[str]:
    return (f"{letters[:cut]}{letters[cut + 1 :]}" for cut in range(len(letters)))


def _of_names(names: tuple[str, ...]) -> Iterator[str]:
    long = sum(map(len, names)) >= LONG
    for at, name in enumerate(names):
        others = names[:at] + names[at + 1 :]
        beside = "".join(sorted(other[0] for other in others))
        yield f"{name} {beside}"
        if long:
            yield from (f"{rest} {beside}" for rest in _without_one(name))
        if len(others) == 1 and len(name) > _SHORT:
            initial = others[0][0]
            yield from (f"{initial}{name} ", f"{name}{initial} ")
