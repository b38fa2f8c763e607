"""What a door does with a message: plain text is read on the spot, everything else behind the wall.

Whatever was read, only masked values and keyed fingerprints leave this file. No message and no
worker can make an inspection fail, or the mail would be put off for ever instead of being held.
"""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress
from dataclasses import replace

from gateway import inspection
from gateway.errors import Temporary
from gateway.model import Hit, Inspection, Limits, Reading, Trouble
from gateway.ports import Wall
from gateway.sandbox.worker import unread
from gateway.store.hmac_key import former_of


class DoorInspector:
    """Implements gateway.ports.Inspector. key: of the fingerprints; workers never have it.

    allowed: fingerprints of values that are no finding.
    """

    def __init__(
        self, wall: Wall, key: bytes, limits: Limits, allowed: Set[str] = frozenset()
    ) -> None:
        self._wall = wall
        self._key = key
        self._limits = limits
        self._allowed = allowed

    async def inspect(self, content: bytes, *, seconds: float) -> Inspection:
        """Temporary when there is no time left, or no worker free in time."""
        if seconds <= 0:
            raise Temporary("no time left to read")
        reading = self._simple(content)
        if reading is None:
            reading = await self._wall.read(content, self._limits, seconds=seconds)
        try:
            return inspection.conclude(self._less_known(reading), self._key, self._allowed)
        except Exception:  # words no honest worker sends; the error's text may quote the message
            lied = unread(Trouble.CRASHED, "what the reader said makes no sense")
            return inspection.conclude(lied, self._key)

    def _less_known(self, reading: Reading) -> Reading:
        """Without values that were let pass under a key that came before: the others are told by
        the inspection itself."""
        former = former_of(self._key)
        if not former or not self._allowed:
            return reading

        def known(hit: Hit) -> bool:
            prints = (inspection.fingerprint(key, hit.kind, hit.value) for key in former)
            return not self._allowed.isdisjoint(prints)

        return replace(reading, hits=tuple(hit for hit in reading.hits if not known(hit)))

    def _simple(self, content: bytes) -> Reading | None:
        with suppress(Exception):  # what breaks it goes behind the wall, where that is a Problem
            return inspection.simple(content, self._limits)
        return None
