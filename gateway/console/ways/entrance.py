"""All that signing in works with, beside local accounts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from gateway.console.ways.ldap import Directory
from gateway.console.ways.oidc import Provider
from gateway.guard import Guard
from gateway.passkey import Site
from gateway.store.accounts import FREE_FAILURES
from gateway.store.attempts import Attempts
from gateway.store.identities import Identities
from gateway.store.passkeys import Passkeys


@dataclass(frozen=True, slots=True)
class Entrance:
    """site: the console as browsers know it. oidc, ldap: None where they are not configured.
    strangers: names that are no account's yet, and how often the directory refused them."""

    attempts: Attempts
    identities: Identities
    passkeys: Passkeys
    site: Site
    oidc: Provider | None = None
    ldap: Directory | None = None
    strangers: Guard = field(default_factory=lambda: Guard(most=FREE_FAILURES))
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def turn(self, name: str) -> asyncio.Lock:
        """Of whoever tries this name, one password at a time: each failure counts before the next
        is looked at."""
        return self._turns.setdefault(name, asyncio.Lock())
