"""The next hops and the way to them, built from the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gateway import config as configured
from gateway import config_relay as written
from gateway.act.destination import Destination
from gateway.act.hop import Hop, Routes
from gateway.act.mta_sts import Policies
from gateway.act.names import Names
from gateway.act.relay import PooledRelay
from gateway.config import Config
from gateway.config_signing import resolver_address
from gateway.errors import Misconfigured
from gateway.model import Envelope
from gateway.ports import Delivery
from gateway.watch.spans import span

POLICIES = "mta-sts"  # a folder beside the database


class TracedRelay(PooledRelay):
    """With a span for each mail that is handed over."""

    async def send(
        self,
        envelope: Envelope,
        content: Sequence[bytes],
        *,
        deadline: float,
        route: str = "default",
    ) -> dict[str, Delivery]:
        with span("relay", route=route, recipients=len(envelope.recipients)) as say:
            deliveries = await super().send(envelope, content, deadline=deadline, route=route)
            say(replies=" ".join(sorted({str(one.reply.code) for one in deliveries.values()})))
            return deliveries


def relay(config: Config) -> PooledRelay:
    several, hostname = routes(config), str(config.hostname)
    return TracedRelay(several, hostname=hostname, destination=destination(config, several))


def destination(config: Config, routes: Routes) -> Destination:
    known = names(config)
    policies = Policies(known, config.data / POLICIES) if known else None
    return Destination(routes, str(config.hostname), known, policies)


def names(config: Config) -> Names | None:
    """None where no route asks the DNS."""
    if not any(hop.mx or hop.asks_dns for _, hop in named(config)):
        return None
    resolver = config.relay.resolver if config.relay else None
    if resolver is None:
        return Names()
    address, port = resolver_address(resolver.address)
    return Names((address,), port, trusted=resolver.trusted)


def named(config: Config) -> Iterator[tuple[str, written.Hop]]:
    """Each hop as written, with the key under which it stands."""
    if config.relay is not None:
        yield "relay.default", config.relay.default
        for section in ("routes", "sealed"):
            for glob, hop in getattr(config.relay, section).items():
                yield f"relay.{section}.{glob}", hop
    if config.notices.relay is not None:
        yield "notices.relay", config.notices.relay


def routes(config: Config) -> Routes:
    relay = config.relay
    if relay is None:
        raise Misconfigured("relay: there is no next hop")
    return Routes(
        default=_hop(relay.default),
        by_domain=_most_precise_first(relay.routes),
        sealed=_most_precise_first(relay.sealed),
        notices=_hop(config.notices.relay) if config.notices.relay else None,
        apart=config.mssante.domains,
        space=_most_precise_first(config.space_routes()),
    )


def _most_precise_first(hops: Mapping[str, written.Hop]) -> tuple[tuple[str, Hop], ...]:
    ordered = sorted(hops.items(), key=lambda item: (item[0].startswith("*"), -len(item[0])))
    return tuple((name, _hop(hop)) for name, hop in ordered)


def _hop(hop: written.Hop) -> Hop:
    auth = None
    if hop.auth:
        login = configured.read_login(Path(hop.auth))
        auth = (login.user, login.password.get_secret_value())
    return Hop(
        host=hop.host or (hop.mx or "").removeprefix(written.OWN),
        port=hop.port,
        tls=hop.tls,
        mode=hop.mode,
        protocol=hop.protocol,
        auth=auth,
        client_certificate=str(hop.client_certificate) if hop.client_certificate else None,
        ca=str(hop.ca) if hop.ca else None,
        mx=hop.mx is not None,
        floor=hop.floor,
    )
