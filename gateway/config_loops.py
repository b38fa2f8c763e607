"""Next hops that are doors of ours: mail would go round instead of out, each time judged anew.

Told before `serve` starts, for what can be known of the file alone. A name that the DNS leads back
to this machine, or a server that returns everything, is known by the `Received` fields of a mail.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from gateway.config_doors import Doors
from gateway.config_relay import Hop, Relay
from gateway.config_ways import is_loopback
from gateway.config_words import Listen


def loops(doors: Doors, relay: Relay | None) -> Iterator[str]:
    """What is wrong and the way out, for each. Notices may come by a door: `relay` takes them."""
    open_ones = {name: door.listen for name, door in doors if door is not None}
    for where, hop in _hops(relay) if relay else ():
        for name, listen in open_ones.items():
            if _leads_to(hop, listen):
                yield (
                    f"{where}: {listen} is our own door {name}, and mail would go round; "
                    "write the server that is to take it"
                )


def _hops(relay: Relay) -> Iterator[tuple[str, Hop]]:
    yield "relay.default", relay.default
    yield from ((f"relay.routes.{domain}", hop) for domain, hop in relay.routes.items())
    yield from ((f"relay.sealed.{domain}", hop) for domain, hop in relay.sealed.items())


def _leads_to(hop: Hop, listen: Listen) -> bool:
    if hop.host is None or listen.path is not None or hop.port != listen.port:
        return False
    if hop.host == listen.host:
        return True
    if hop.host == "localhost":
        return listen.is_local or _is_everywhere(listen)
    same_family = (":" in hop.host) == (":" in listen.host)  # [::]:25 does not hear 127.0.0.1:25
    return is_loopback(hop.host) and _is_everywhere(listen) and same_family


def _is_everywhere(listen: Listen) -> bool:
    return ipaddress.ip_address(listen.host).is_unspecified
