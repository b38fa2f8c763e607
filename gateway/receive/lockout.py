"""Who guessed passwords too often, and must wait. Counts for one process, in bounded memory.

An IPv6 client counts by its /64, the least that anybody is given (RFC 6177): who holds one could
otherwise guess from another of its addresses each time.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict

GUESSES = 10  # wrong passwords of one client …
WINDOW_SECONDS = 600.0  # … within this time
_GIVEN_BITS = 64
MOST_CLIENTS = 10_000  # remembered at once; the oldest are forgotten first


class Lockout:
    def __init__(self) -> None:
        self._guesses: OrderedDict[str, list[float]] = OrderedDict()

    def note(self, client: str, now: float) -> None:
        """A wrong password. now: seconds, of any clock that does not go back."""
        network = _network(client)
        self._guesses[network] = [*self._recent(network, now), now][-GUESSES:]
        self._guesses.move_to_end(network)
        if len(self._guesses) > MOST_CLIENTS:
            self._guesses.popitem(last=False)

    def holds(self, client: str, now: float) -> bool:
        return len(self._recent(_network(client), now)) >= GUESSES

    def _recent(self, network: str, now: float) -> list[float]:
        return [at for at in self._guesses.get(network, ()) if at > now - WINDOW_SECONDS]


def _network(client: str) -> str:
    """client: as the socket gives it, "" on a unix socket."""
    if ":" not in client:
        return client
    ip = ipaddress.IPv6Address(client.partition("%")[0])
    return str(ip.ipv4_mapped or ipaddress.IPv6Network((ip, _GIVEN_BITS), strict=False))
