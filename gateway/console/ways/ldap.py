"""Officers as a directory (LDAP) recognises them, and what their groups allow.

What is sought is an account's name, so no other character than theirs ever reaches the directory.
Nobody who is locked out here is asked for there.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.console.ways.groups import Grant, account_name, granted
from gateway.ldap import directory
from gateway.store.identities import Person

WAY = "ldap"


class Directory:
    """name: as the pages call it."""

    def __init__(
        self, name: str, asked: directory.Directory, grants: Mapping[str, Grant] | None = None
    ) -> None:
        self.name = name
        self._asked = asked
        self._grants = grants or {}

    @property
    def makes_accounts(self) -> bool:
        return bool(self._grants)

    @property
    def away(self) -> float:
        """When it was last found away; 0.0 while it answers."""
        return self._asked.away

    async def recognise(self, typed: str, password: str) -> Person | None:
        """None for a wrong name or password. Raises Away."""
        name = account_name(typed)
        found = await self._asked.find(name, password)
        if found is None:
            return None
        grant = granted(found.groups, self._grants)
        address = found.addresses[0] if found.addresses else ""
        return Person(WAY, name, "", address, grant.roles, grant.compartments)
