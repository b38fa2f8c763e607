"""The way to the next hops: which hop for which recipient, over connections that are kept.

Each hop has its own pool, bounded, so that one slow hop costs the others nothing. A kept
connection that the hop closed meanwhile is replaced once; a mail whose final dot went out is never
sent again by us: its answer, or 451, goes back to the MTA in front, which is the queue.

Does not look up MX records: a next hop is configured by name or address.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from gateway.act.smtp_client import (
    DOT_RESERVE_SECONDS,
    LATE,
    UNREACHABLE,
    Body,
    Client,
    Server,
    Unusable,
    connect,
)
from gateway.errors import Misconfigured
from gateway.model import Envelope, Recipient, Reply
from gateway.ports import Delivery

BUSY = Reply(451, "4.3.2", ("Relais suivant occupe. Nouvel essai automatique.",))
BARE_LINE_END = Reply(550, "5.6.0", ("Fins de ligne invalides : CR ou LF isole devant un point.",))
BAD_ADDRESS = Reply(550, "5.1.3", ("Adresse invalide.",))
BAD_PARAMETER = Reply(550, "5.5.4", ("Parametre d'enveloppe invalide.",))

_TLS = ("none", "opportunistic", "required", "verified")
_ADDRESS = re.compile(r'(?:[^" <>]|"(?:[^"\\]|\\.)*")*')  # disjoint alternatives: linear
_OURS = "-"  # the hop of a delivery that never left us


@dataclass(frozen=True, slots=True)
class Hop:
    """A next hop as configured.

    tls:         none, opportunistic, required (any certificate), verified (name and chain).
    mode:        starttls, or implicit (SMTPS: then TLS always, and `tls` says how it is checked).
    protocol:    smtp or lmtp.
    auth:        user and password for AUTH PLAIN, over TLS only.
    client_certificate, ca: PEM files; the first holds the key too.
    connections: at most so many at once.
    """

    host: str
    port: int
    tls: str = "opportunistic"
    mode: str = "starttls"
    protocol: str = "smtp"
    auth: tuple[str, str] | None = field(default=None, repr=False)
    client_certificate: str | None = None
    ca: str | None = None
    connections: int = 20


@dataclass(frozen=True, slots=True)
class Routes:
    """by_domain, sealed: (glob of a recipient's domain, "*.mssante.fr"; hop), first match wins.

    sealed:  tried first for what we encrypted. notices: the internal way; default: `default`.
    """

    default: Hop
    by_domain: tuple[tuple[str, Hop], ...] = ()
    sealed: tuple[tuple[str, Hop], ...] = ()
    notices: Hop | None = None


class PooledRelay:
    """Implements gateway.ports.Relay.

    hostname: said in EHLO. timeout: seconds for a connection, an answer, a slice of the body to
    leave. idle: seconds a connection is kept for the next mail.
    """

    def __init__(
        self, routes: Routes, *, hostname: str, timeout: float = 30, idle: float = 30
    ) -> None:
        self._routes = routes
        hops = [routes.default, *(hop for _, hop in (*routes.by_domain, *routes.sealed))]
        if routes.notices:
            hops.append(routes.notices)
        self._pools = {hop: _Pool(hop, hostname, timeout, idle) for hop in hops}

    async def send(
        self,
        envelope: Envelope,
        content: Sequence[bytes],
        *,
        deadline: float,
        route: str = "default",
    ) -> dict[str, Delivery]:
        if asyncio.get_running_loop().time() >= deadline - DOT_RESERVE_SECONDS:
            return _all(envelope, LATE)
        body = Body.of(content)
        if body is None:
            return _all(envelope, BARE_LINE_END)
        if not (_is_address(envelope.sender) and all(map(_is_word, envelope.options))):
            return _all(envelope, BAD_PARAMETER)
        groups, deliveries = self._grouped(envelope, route)
        if len(groups) == 1:
            [(pool, some)] = groups
            return deliveries | await pool.deliver(some, body, deadline)
        for group in await asyncio.gather(
            *(pool.deliver(some, body, deadline) for pool, some in groups)
        ):
            deliveries |= group
        return deliveries

    def _grouped(
        self, envelope: Envelope, route: str
    ) -> tuple[list[tuple[_Pool, Envelope]], dict[str, Delivery]]:
        """One envelope a hop, each address once; and what became of unusable addresses."""
        groups: dict[_Pool, dict[str, Recipient]] = {}
        unusable: dict[str, Delivery] = {}
        for recipient in envelope.recipients:
            if _is_address(recipient.address) and all(map(_is_word, recipient.options)):
                pool = self._pools[self._hop(recipient.address, route)]
                groups.setdefault(pool, {}).setdefault(recipient.address, recipient)
            else:
                unusable[recipient.address] = Delivery(BAD_ADDRESS, _OURS)
        if len(envelope.recipients) == 1 and groups:
            return [(pool, envelope) for pool in groups], unusable
        return [
            (pool, replace(envelope, recipients=tuple(those.values())))
            for pool, those in groups.items()
        ], unusable

    async def close(self) -> None:
        """Part from every hop; mails under way finish, and their connections are not kept."""
        for pool in self._pools.values():
            pool.close()

    def _hop(self, address: str, route: str) -> Hop:
        if route == "notices" and self._routes.notices:
            return self._routes.notices
        domain = address.rpartition("@")[2].lower()
        first = self._routes.sealed if route == "sealed" else ()
        for glob, hop in (*first, *self._routes.by_domain):
            if fnmatchcase(domain, glob.lower()):
                return hop
        return self._routes.default


class _Pool:
    """The connections to one hop: the one used last is used next, so that the others may age."""

    def __init__(self, hop: Hop, hostname: str, timeout: float, idle: float) -> None:
        self._server = _server(hop)
        self._hostname = hostname
        self._timeout = timeout
        self._idle_seconds = idle
        self._name = f"[{hop.host}]:{hop.port}" if ":" in hop.host else f"{hop.host}:{hop.port}"
        self._slots = asyncio.Semaphore(hop.connections)
        self._idle: list[Client] = []
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    async def deliver(self, envelope: Envelope, body: Body, deadline: float) -> dict[str, Delivery]:
        try:
            await self._acquire(deadline - DOT_RESERVE_SECONDS)
        except TimeoutError:
            replies = dict.fromkeys(envelope.addresses, BUSY)
        else:
            try:
                replies = await self._over_one(envelope, body, deadline)
            finally:
                self._slots.release()
        return {address: Delivery(reply, self._name) for address, reply in replies.items()}

    async def _acquire(self, until: float) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        async with asyncio.timeout_at(until):
            await self._slots.acquire()

    async def _over_one(self, envelope: Envelope, body: Body, deadline: float) -> dict[str, Reply]:
        """Over a kept connection, and where that proves stale, over a fresh one."""
        if kept := self._kept():
            replies = await self._over(kept, envelope, body, deadline)
            if not kept.stale:
                return replies
        if self._closed:
            return dict.fromkeys(envelope.addresses, UNREACHABLE)
        try:
            fresh = await connect(self._server, self._hostname, self._timeout, deadline)
        except Unusable as error:
            return dict.fromkeys(envelope.addresses, error.reply)
        return await self._over(fresh, envelope, body, deadline)

    async def _over(
        self, client: Client, envelope: Envelope, body: Body, deadline: float
    ) -> dict[str, Reply]:
        try:
            replies = await client.deliver(envelope, body, deadline)
        except BaseException:  # cancelled: nobody knows where this dialogue stands
            client.wire.fail(UNREACHABLE)
            raise
        if self._closed:
            client.wire.close()
        elif client.reusable:
            self._keep(client)
        return replies

    def _kept(self) -> Client | None:
        while self._idle:
            client = self._idle.pop()
            if client.reusable:
                return client
        return None

    def _keep(self, client: Client) -> None:
        loop = asyncio.get_running_loop()
        client.idle_since = loop.time()
        self._idle.append(client)
        if self._sweep is None:
            self._sweep = loop.call_later(self._idle_seconds, self._close_old)

    def _close_old(self) -> None:
        loop = asyncio.get_running_loop()
        limit = loop.time() - self._idle_seconds
        for client in self._idle:
            if client.idle_since <= limit:
                client.wire.close()
        self._idle = [client for client in self._idle if client.reusable]
        again = self._idle[0].idle_since + self._idle_seconds if self._idle else None
        self._sweep = loop.call_at(again, self._close_old) if again else None

    def close(self) -> None:
        self._closed = True
        if self._sweep:
            self._sweep.cancel()
        for client in self._idle:
            client.wire.close()
        self._idle.clear()


def _server(hop: Hop) -> Server:
    """The hop with its certificates loaded. Raises Misconfigured."""
    if hop.tls not in _TLS:
        raise Misconfigured(f"relay {hop.host}: tls is one of {', '.join(_TLS)}")
    implicit = hop.mode == "implicit"
    context = None
    if implicit or hop.tls != "none":
        try:
            context = _context(hop)
        except OSError as error:
            files = " or ".join(filter(None, (hop.client_certificate, hop.ca)))
            raise Misconfigured(f"relay {hop.host}: {files} cannot be used: {error}") from error
    return Server(hop.host, hop.port, hop.tls, implicit, hop.protocol == "lmtp", context, hop.auth)


def _context(hop: Hop) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=hop.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if hop.tls != "verified":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if hop.client_certificate:
        context.load_cert_chain(hop.client_certificate)
    return context


def _is_address(address: str) -> bool:
    """Nothing in it may end the command or begin a parameter. "" is the null sender."""
    return _ADDRESS.fullmatch(address) is not None and address.isprintable()


def _is_word(option: str) -> bool:
    """isprintable: no line end, no control character, no lone surrogate."""
    return " " not in option and option.isprintable()


def _all(envelope: Envelope, reply: Reply) -> dict[str, Delivery]:
    return dict.fromkeys(envelope.addresses, Delivery(reply, _OURS))
