"""What sessions unlocked, in this process's memory alone.

    sign-in with a password, or `/coffre` ─▶ the account's pair, kept for that session
    a page that needs a content ─▶ is the grant still there, may he still? ─▶ the content's key

A session has the account's own pair and never a content key: whoever loses a role, a compartment or
a grant opens nothing from the next page on. The pair goes with the session; what ended elsewhere
(a lapse, a revocation) is forgotten within a minute. A restart locks everything. Python cannot
promise that memory is wiped, only that nothing points to it any more.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.console import access
from gateway.console.access import Act
from gateway.errors import Temporary
from gateway.store.accounts import Account
from gateway.store.held import Held
from gateway.store.keyrings import Keyrings, unwrap
from gateway.store.keys import OpeningKey, SealingKey
from gateway.store.sessions import Session, Sessions
from gateway.store.vault import CannotOpen

SWEEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Coffer:
    """keys: those that contents are sealed to; () where no compartment is under lock. turn: of
    passphrases that are tried, or many at once would count as one."""

    keyrings: Keyrings
    keys: Sequence[SealingKey] = ()
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _pairs: dict[str, X25519PrivateKey] = field(default_factory=dict, repr=False)

    def compartments(self, account: Account) -> tuple[str, ...]:
        """Under lock, and this account's to read."""
        names = sorted({key.compartment for key in self.keys})
        return tuple(name for name in names if may_have(account, name))

    def is_open(self, session: Session) -> bool:
        return session.id in self._pairs

    async def at_sign_in(self, session: Session, account: Account, password: str) -> None:
        """The first time makes the account's pair. A password that a directory changed opens it no
        more: the page asks for the one of before."""
        ring = await self.keyrings.of(account.name)
        if ring is None and self.compartments(account):
            pair = await self.keyrings.make(account.name, password)
            if pair:
                self._pairs[session.id] = pair
        elif ring is not None:
            await self.enter(session, account.name, password)

    async def enter(self, session: Session, account: str, passphrase: str) -> bool:
        """Unlock for this session. False for another passphrase, and where there is no pair."""
        pair = await self.pair(account, passphrase)
        if pair:
            self._pairs[session.id] = pair
            await self.keyrings.unlocked(account)
        return pair is not None

    async def pair(self, account: str, passphrase: str) -> X25519PrivateKey | None:
        ring = await self.keyrings.of(account)
        return await asyncio.to_thread(unwrap, ring, passphrase) if ring else None

    def keep(self, session: Session, pair: X25519PrivateKey) -> None:
        self._pairs[session.id] = pair

    def forget(self, session: str) -> None:
        """session: its id."""
        self._pairs.pop(session, None)

    async def content_keys(
        self, session: Session | None, account: Account | None, held: Held
    ) -> tuple[OpeningKey, ...]:
        """What this session has unlocked of this mail's content; () for programs and senders, who
        have none."""
        pair = self._pairs.get(session.id) if session else None
        if not held.under_lock or pair is None or account is None:
            return ()
        if not may_have(account, held.compartment):
            return ()
        return await self.opened(account.name, pair, held.compartment)

    async def opened(
        self, account: str, pair: X25519PrivateKey, compartment: str
    ) -> tuple[OpeningKey, ...]:
        """The content keys of a compartment that the account was given."""
        found = []
        for grant in await self.keyrings.grants(account=account, compartments=[compartment]):
            with contextlib.suppress(CannotOpen):  # of a pair that is lost
                found.append(grant.opened(pair))
        return tuple(found)

    async def watch(self, sessions: Sessions, stopping: asyncio.Event) -> None:
        """Forget what ended elsewhere, until told to stop."""
        while not stopping.is_set():
            await self.sweep(sessions)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), SWEEP_SECONDS)
        self._pairs.clear()

    async def sweep(self, sessions: Sessions) -> None:
        known = tuple(self._pairs)
        with contextlib.suppress(Temporary):  # the next minute, then; no page opens meanwhile
            alive = await sessions.alive(known) if known else frozenset()
            for gone in set(known) - alive:
                self.forget(gone)


def may_have(account: Account, compartment: str) -> bool:
    """Whether an account may open contents of that compartment, were it given the key."""
    sees = not account.compartments or compartment in account.compartments
    reads = access.may(account, Act.READ) or access.may(account, Act.RULE)
    return sees and reads and not account.disabled
