"""What becomes of mail whose wait is over: no answer came, no reader, or its minutes have passed.

A duty of `gateway.clockwork`, on every node that has one: the store lets one of them act. Nothing
is cancelled whose sender cannot be told (no key here opens it, he is none of ours, or nobody): it
is the officers' instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from gateway.act import question, second_reader
from gateway.act.notice import Case, Notices
from gateway.clockwork import case_of
from gateway.decide.terms import Unanswered
from gateway.model import Disposition, Letter
from gateway.store.held import Held
from gateway.store.keys import OpeningKey
from gateway.store.schema import State
from gateway.store.waits import Waits

MOST = 1000  # a round
_SENT = {Disposition.DELAY.value: "delay over"}
_HANDED: Mapping[str, str] = {Disposition.REVIEW.value: "escalated"}


@dataclass(frozen=True, slots=True)
class Deadlines:
    waits: Waits
    notices: Notices
    opening: tuple[OpeningKey, ...]
    log: structlog.BoundLogger

    async def __call__(self, now: float) -> None:
        for held in await self.waits.due(now, MOST):
            waited = await self.waits.of(held.id)
            if waited is not None:
                await self._end(held, Unanswered(waited.unanswered), now)

    async def _end(self, held: Held, outcome: Unanswered, now: float) -> None:
        done: object
        cancels = outcome is Unanswered.CANCEL
        told = question.unanswered(self.notices, self._case(held), now) if cancels else None
        if cancels and told is None:
            outcome = Unanswered.QUARANTINE
        if outcome is Unanswered.SEND:
            done = await self.waits.grant(held.id, _SENT.get(held.awaits, "unanswered"), "")
        elif outcome is Unanswered.QUARANTINE:
            kind, letters = _HANDED.get(held.awaits, "unanswered"), self._handed_over(held, now)
            done = await self.waits.hand_over(held.id, kind, letters=letters)
        else:
            letters = [told] if told else []
            done = await self.waits.withdraw(
                held.id, "expired", "", "", letters, state=State.EXPIRED
            )
        if done:
            self.log.info("wait over", id=held.id, kind=held.awaits, outcome=outcome.value)

    def _handed_over(self, held: Held, now: float) -> list[Letter]:
        """To the sender; of what nobody read in time, to the officers, too, at once."""
        case = self._case(held)
        letters = [question.handed_over(self.notices, case, now)]
        if held.awaits == Disposition.REVIEW:
            officers = second_reader.left_to_officers
            letters.append(officers(self.notices, held.compartment, case, "overdue", now))
        return [letter for letter in letters if letter]

    def _case(self, held: Held) -> Case:
        return case_of(held, self.opening)
