"""While mail goes past the gateway, officers hear of it every hour, and the log says when it began
and ended. Asked by the clock of the release process; see `gateway.store.bypass`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from gateway.act import alarm
from gateway.act.notice import Notices
from gateway.store.bypass import Bypass
from gateway.store.database import Database
from gateway.store.digest import is_posted, post_once
from gateway.store.keys import DEFAULT, SealingKey, of_compartment

REMINDED = "bypass reminded"  # kind of the event that keeps two processes from writing twice
HOUR_SECONDS = 3600.0


@dataclass(slots=True)
class Uncontrolled:
    """since: of the period that the log was told of, seconds since the epoch."""

    database: Database
    notices: Notices
    sealing: Sequence[SealingKey]
    log: structlog.BoundLogger
    since: float | None = None

    async def __call__(self, now: float) -> None:
        since = await Bypass(self.database).since()
        if since != self.since:
            self._say(since)
            self.since = since
        if since is None or now < since:  # the clock was put back: what is not yet is not late
            return
        slot = since + (now - since) // HOUR_SECONDS * HOUR_SECONDS
        if await is_posted(self.database, slot, REMINDED):
            return
        letter = alarm.uncontrolled(
            since,
            now,
            sender=self.notices.sender,
            to=self.notices.of(DEFAULT).officers,
            calendar=self.notices.calendar,
        )
        letters = [(letter, of_compartment(self.sealing, DEFAULT))] if letter else []
        await post_once(self.database, letters, slot=slot, now=now, kind=REMINDED)

    def _say(self, since: float | None) -> None:
        if since is None:
            self.log.info("bypass ended")
        else:
            self.log.warning("bypass: mail leaves unread", since=since)
