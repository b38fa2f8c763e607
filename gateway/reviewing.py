"""What follows from what second readers said, and the letters that ask them.

By the console, for whoever spoke last; and by the clock of the release process on every node, for
one that was killed in between, for groups that could not read at all, and to tell readers: whoever
comes to stand in for another is told then. The store lets one of them act. Those whose time is over
are `gateway.waits_clock`'s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from gateway.act import second_reader
from gateway.act.notice import Notices
from gateway.act.second_reader import Waiting
from gateway.clockwork import case_of
from gateway.reviewers import End
from gateway.store.holds import Holds
from gateway.store.keys import OpeningKey
from gateway.store.votes import Panel, Summons, Votes
from gateway.store.waits import Waits

APPROVED, REFUSED, ESCALATED = "approved", "review refused", "escalated"  # kinds of events


@dataclass(frozen=True, slots=True)
class Reviewing:
    """opening: to tell a sender who he is."""

    votes: Votes
    waits: Waits
    holds: Holds
    notices: Notices
    opening: Sequence[OpeningKey]
    clock: Callable[[], float] = time.time

    async def settle(self, hold: str) -> bool:
        """Whether something followed. An overdue one is left to the clock of all that waits."""
        held = await self.holds.get(hold)
        panel = await self.votes.panel(held) if held else None
        if held is None or panel is None or panel.end in (None, End.OVERDUE):
            return False
        heard, quorum = len(panel.votes), panel.quorum
        if panel.end is End.AGREED:
            return bool(await self.waits.grant(hold, APPROVED, "", votes=heard, quorum=quorum))
        case, now = case_of(held, self.opening), self.clock()
        sender = second_reader.objected(self.notices, case, now)
        officers = second_reader.left_to_officers(
            self.notices, held.compartment, case, panel.end.value, now
        )
        told = sender if panel.end is End.REFUSED else None
        letters = [letter for letter in (told, officers) if letter]
        kind = REFUSED if panel.end is End.REFUSED else ESCALATED
        return await self.waits.hand_over(hold, kind, letters=letters, votes=heard, quorum=quorum)


@dataclass(frozen=True, slots=True)
class Readers:
    """A duty of `gateway.clockwork`."""

    reviewing: Reviewing
    log: structlog.BoundLogger

    async def __call__(self, now: float) -> None:
        waiting = await self.reviewing.votes.open()
        for hold, panel in waiting.items():
            if panel.end and await self.reviewing.settle(hold):
                self.log.info("review over", id=hold, outcome=panel.end)
        for summons in await self.reviewing.votes.untold(waiting):
            await self._tell(summons, waiting, now)

    async def _tell(self, summons: Summons, waiting: Mapping[str, Panel], now: float) -> None:
        mails = [Waiting(one, waiting[one].rule, waiting[one].due) for one in summons.until]
        notices, to = self.reviewing.notices, summons.address
        letter = second_reader.summons(notices, mails, to, now, again=summons.again)
        if letter and await self.reviewing.votes.tell(summons, letter):
            self.log.info("reader told", messages=len(mails), again=summons.again)
