"""Beside the inspection of a mail: by which OpenPGP key its recipients can be written to. Their
domains are asked for those who were not asked for lately (WKD); a mail of somebody outside may
bring his own (Autocrypt).

Bounded: a mail waits two seconds at most, and few questions are out at a time. What is not known by
then is no key, and the next channel is taken; the answer that came too late serves the next mail.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from gateway.act import autocrypt
from gateway.act.https import Site
from gateway.act.resolve import Resolver
from gateway.act.wkd import published
from gateway.decide.places import domain_of
from gateway.means.found_keys import FoundKeys
from gateway.means.unfailing import unfailing
from gateway.model import Mail

WAIT_SECONDS = 2.0
KEPT_SECONDS = 7 * 86_400.0  # what a domain published is asked again after that
ABSENT_SECONDS = 86_400.0  # that it has no key, too
AGAIN_SECONDS = 300.0  # a domain that does not answer is left alone
RECEIVED_SECONDS = 180 * 86_400.0  # a correspondent who wrote within it still has his key
MOST_ASKED = 50  # recipients of one mail
AT_ONCE = 20  # connections to domains, of one process
TAKEN_AT_ONCE = 2  # mails whose DKIM is verified: each may hold a thread for seconds
MAX_SILENT = 1_000  # domains remembered


@dataclass(slots=True, repr=False)
class KeySearch:
    """ours: and whom else no key of OpenPGP would serve. site: None: no domain is asked. resolver:
    None: nothing is taken from mails."""

    ours: Callable[[str], bool]
    fetched: FoundKeys
    received: FoundKeys
    log: structlog.BoundLogger
    site: Site | None = None
    resolver: Resolver | None = None
    clock: Callable[[], float] = time.time
    _silent: OrderedDict[str, float] = field(default_factory=OrderedDict)
    _under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _taking: set[asyncio.Task[None]] = field(default_factory=set)
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def __call__(self, mail: Mail) -> None:
        """Never raises for what the mail or a domain is."""
        tasks = [*self._asked(mail), *self._taken(mail)]
        if tasks:
            await asyncio.wait(tasks, timeout=WAIT_SECONDS)

    def _asked(self, mail: Mail) -> list[asyncio.Task[None]]:
        if self.site is None:
            return []
        several = dict.fromkeys(map(str.lower, mail.envelope.addresses))
        for address in [one for one in several if self._is_wanted(one)][:MOST_ASKED]:
            self._under_way[address] = asyncio.create_task(self._ask(self.site, address))
        return [self._under_way[one] for one in several if one in self._under_way]

    def _taken(self, mail: Mail) -> list[asyncio.Task[None]]:
        """A correspondent who writes again brings it again: nothing waits for its turn here."""
        if self.resolver is None or len(self._taking) >= TAKEN_AT_ONCE:
            return []
        if self.ours(mail.envelope.sender) or not autocrypt.may_be(mail.content):
            return []
        task = asyncio.create_task(self._take(mail, self.resolver))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)
        return [task]

    async def _take(self, mail: Mail, resolver: Resolver) -> None:
        with unfailing(self.log):
            author, key = await asyncio.to_thread(autocrypt.brought, mail, resolver.for_one_mail())
            if key and not self.ours(author):
                await asyncio.to_thread(self._keep, self.received, author, key, RECEIVED_SECONDS)

    def _is_wanted(self, address: str) -> bool:
        if self.ours(address) or address in self._under_way:
            return False  # ours, or asked for another mail just now
        return not self._is_silent(address) and self.fetched.held(address) is None

    def _is_silent(self, address: str) -> bool:
        return self.clock() < self._silent.get(domain_of(address), 0.0)

    async def _ask(self, site: Site, address: str) -> None:
        try:
            with unfailing(self.log):
                async with self._turn:
                    await self._fetch(site, address)
        finally:
            self._under_way.pop(address, None)

    async def _fetch(self, site: Site, address: str) -> None:
        if self._is_silent(address):
            return  # since it was waiting for its turn
        key = await published(site, address)
        if key is None:
            self._silent[domain_of(address)] = self.clock() + AGAIN_SECONDS
            while len(self._silent) > MAX_SILENT:
                self._silent.popitem(last=False)
            return
        seconds = KEPT_SECONDS if key else ABSENT_SECONDS
        await asyncio.to_thread(self._keep, self.fetched, address, key, seconds)

    def _keep(self, place: FoundKeys, address: str, key: bytes, seconds: float) -> None:
        try:
            place.keep(address, key, seconds)
        except OSError as error:
            self.log.error("a key cannot be kept", why=error.strerror)
