"""The way to the next hops: which hop for which recipient, over connections that are kept.

Each hop has its own pool, bounded, so that one slow hop costs the others nothing. A kept
connection that the hop closed meanwhile is replaced once; a mail whose final dot went out is never
sent again by us: its answer, or 451, goes back to the MTA in front, which is the queue.

Where mail goes by a domain's own mail exchangers, each domain has its pool; who they are, and what
TLS is owed there, is looked up for each new connection (see `destination`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from gateway.act.destination import Destination
from gateway.act.hop import Hop, Routes
from gateway.act.server import Server, shown
from gateway.act.smtp_client import (
    DOT_RESERVE_SECONDS,
    LATE,
    NO_TLS,
    UNREACHABLE,
    Body,
    Client,
    Unusable,
    connect,
)
from gateway.act.smtp_wire import STALLED
from gateway.model import Envelope, Recipient, Reply
from gateway.ports import Delivery

BUSY = Reply(451, "4.3.2", ("Relais suivant occupe. Nouvel essai automatique.",))
BARE_LINE_END = Reply(550, "5.6.0", ("Fins de ligne invalides : CR ou LF isole devant un point.",))
BAD_ADDRESS = Reply(550, "5.1.3", ("Adresse invalide.",))
NO_WAY = Reply(550, "5.7.1", ("Aucune route sure ne mene a ce domaine.",))
BAD_PARAMETER = Reply(550, "5.5.4", ("Parametre d'enveloppe invalide.",))

DOMAINS = 500  # whose pools are kept at once, of those that nobody uses
ABROAD = 100  # mails under way to exchangers at once: one mail may name a thousand domains
ABROAD_IDLE_SECONDS = 5.0  # a domain seldom gets two mails in a row
_ADDRESS = re.compile(r'(?:[^" <>]|"(?:[^"\\]|\\.)*")*')  # disjoint alternatives: linear
_OURS = "-"  # the hop of a delivery that never left us


class PooledRelay:
    """Implements gateway.ports.Relay.

    hostname: said in EHLO. timeout: seconds for a connection, an answer, a slice of the body to
    leave. idle: seconds a connection is kept for the next mail. destination: None: what `routes`
    need, with its defaults.
    """

    def __init__(
        self,
        routes: Routes,
        *,
        hostname: str,
        timeout: float = 30,
        idle: float = 30,
        destination: Destination | None = None,
    ) -> None:
        self._routes = routes
        self._timeout, self._idle = timeout, idle
        self._abroad = asyncio.Semaphore(ABROAD)
        self._hostname = hostname
        self._destination = destination or Destination(routes, hostname)
        self._pools: dict[tuple[Hop, str], _Pool] = {}
        self._closed = False

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
            if not (_is_address(recipient.address) and all(map(_is_word, recipient.options))):
                unusable[recipient.address] = Delivery(BAD_ADDRESS, _OURS)
            elif pool := self._pool(recipient.address, route):
                groups.setdefault(pool, {}).setdefault(recipient.address, recipient)
            else:
                unusable[recipient.address] = Delivery(NO_WAY, _OURS)
        if len(envelope.recipients) == 1 and groups:
            return [(pool, envelope) for pool in groups], unusable
        return [
            (pool, replace(envelope, recipients=tuple(those.values())))
            for pool, those in groups.items()
        ], unusable

    async def close(self) -> None:
        """Part from every hop; mails under way finish, and their connections are not kept."""
        self._closed = True
        for pool in self._pools.values():
            pool.close()

    def _pool(self, address: str, route: str) -> _Pool | None:
        domain = address.rpartition("@")[2].lower()
        hop = self._routes.hop(domain, route)
        if hop is None:
            return None
        whose = domain if hop.mx and not hop.host else ""
        pool = self._pools.get((hop, whose))
        if pool is None:
            self._forget_unused()
            servers = partial(self._destination.servers, hop, whose)
            named = shown(hop.host, hop.port) if hop.host else f"mx:{whose}"
            slots = [asyncio.Semaphore(hop.connections), *([self._abroad] if whose else [])]
            idle = min(self._idle, ABROAD_IDLE_SECONDS) if whose else self._idle
            pool = _Pool(servers, named, slots, self._hostname, self._timeout, idle)
            if self._closed:
                pool.close()
            self._pools[hop, whose] = pool
        return pool

    def _forget_unused(self) -> None:
        if len(self._pools) >= DOMAINS:
            self._pools = {key: pool for key, pool in self._pools.items() if pool.is_used}


class _Pool:
    """The connections to one hop: the one used last is used next, so that the others may age.

    servers: to try, in order; asked for each new connection. name: where none was reached. slots:
    a mail takes one of each.
    """

    def __init__(
        self,
        servers: Callable[[], AsyncGenerator[Server, None]],
        name: str,
        slots: Sequence[asyncio.Semaphore],
        hostname: str,
        timeout: float,
        idle: float,
    ) -> None:
        self._servers = servers
        self._name = name
        self._hostname = hostname
        self._timeout = timeout
        self._idle_seconds = idle
        self._slots = slots
        self._mails = 0  # under way
        self._idle: list[Client] = []
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def is_used(self) -> bool:
        return self._mails > 0 or bool(self._idle)

    async def deliver(self, envelope: Envelope, body: Body, deadline: float) -> dict[str, Delivery]:
        self._mails += 1
        held: list[asyncio.Semaphore] = []
        try:
            for slots in self._slots:
                await _acquire(slots, deadline - DOT_RESERVE_SECONDS)
                held.append(slots)
            replies, name = await self._over_one(envelope, body, deadline)
        except TimeoutError:
            replies, name = dict.fromkeys(envelope.addresses, BUSY), self._name
        finally:
            for slots in held:
                slots.release()
            self._mails -= 1
        return {address: Delivery(reply, name) for address, reply in replies.items()}

    async def _over_one(
        self, envelope: Envelope, body: Body, deadline: float
    ) -> tuple[dict[str, Reply], str]:
        """Over a kept connection, and where that proves stale, over a fresh one; and who it was."""
        if kept := self._kept():
            replies = await self._over(kept, envelope, body, deadline)
            if not kept.stale:
                return replies, kept.name
        if self._closed:
            return dict.fromkeys(envelope.addresses, UNREACHABLE), self._name
        try:
            fresh = await reach(self._servers(), self._hostname, self._timeout, deadline)
        except Unusable as error:
            return dict.fromkeys(envelope.addresses, error.reply), self._name
        return await self._over(fresh, envelope, body, deadline), fresh.name

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


async def _acquire(slots: asyncio.Semaphore, until: float) -> None:
    """Raises TimeoutError."""
    if not slots.locked():
        await slots.acquire()
        return
    async with asyncio.timeout_at(until):
        await slots.acquire()


async def reach(
    servers: AsyncGenerator[Server, None], hostname: str, timeout: float, deadline: float
) -> Client:
    """A connection to the first server that can be used. Raises Unusable.

    Where there are several, each has half of the time that is left, so that one that is dead does
    not keep us from the next. Of several failures, one of TLS is told: it is the one to act upon.
    """
    loop = asyncio.get_running_loop()
    told: Reply | None = None
    try:
        async with asyncio.timeout_at(deadline - DOT_RESERVE_SECONDS), aclosing(servers):
            async for server in servers:
                until = deadline
                if server.name:  # one of several
                    until = loop.time() + (deadline - DOT_RESERVE_SECONDS - loop.time()) / 2
                try:
                    return await connect(server, hostname, timeout, until)
                except Unusable as error:
                    told = told if told == NO_TLS else error.reply
    except Unusable as error:
        raise Unusable(told or error.reply) from None
    except TimeoutError:
        raise Unusable(told or STALLED) from None
    raise Unusable(told or UNREACHABLE)


def _is_address(address: str) -> bool:
    """Nothing in it may end the command or begin a parameter. "" is the null sender."""
    return _ADDRESS.fullmatch(address) is not None and address.isprintable()


def _is_word(option: str) -> bool:
    """isprintable: no line end, no control character, no lone surrogate."""
    return " " not in option and option.isprintable()


def _all(envelope: Envelope, reply: Reply) -> dict[str, Delivery]:
    return dict.fromkeys(envelope.addresses, Delivery(reply, _OURS))
