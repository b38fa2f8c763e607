"""Confirm, delay, review: keep the copies, sealed, until whoever they wait for lets them go.

A hold like any other, one for all recipients of one order, that is not an officer's yet. Where
nobody can be asked (an automaton sent it, there is no page to answer on), it is a quarantine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.model import Inspection, Letter, Mail, Receipt, Reply, Verdict
from gateway.ports import Action, Custody, Hold, Wait

Letters = Callable[[Mail, Sequence[Verdict], Inspection, Hold], Sequence[Letter] | None]
Waiting = Callable[[Mail, Sequence[Verdict]], Wait]
Deadline = Callable[[float], tuple[float, float]]
Grave = Callable[[Sequence[Verdict], Inspection], bool]
Business = Callable[[Mail], tuple[str, str]]


class Ask:
    """waiting: what these wait for. letters: that ask or tell of it; None: nobody can be asked.
    deadline, grave, business: as of `gateway.act.quarantine`; quarantine: in place of it."""

    def __init__(
        self,
        custody: Custody,
        waiting: Waiting,
        letters: Letters,
        deadline: Deadline,
        grave: Grave,
        business: Business,
        quarantine: Action,
    ) -> None:
        self._custody = custody
        self._waiting = waiting
        self._letters = letters
        self._deadline = deadline
        self._grave = grave
        self._business = business
        self._quarantine = quarantine

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        """Raises Temporary where the store could not keep them: then none is kept."""
        by_address = {verdict.recipient: verdict for verdict in verdicts}
        kept = tuple(r for r in mail.envelope.recipients if r.address in by_address)
        wait = self._waiting(mail, [by_address[recipient.address] for recipient in kept])
        remind, until = self._deadline(wait.due)
        compartment, hidden = self._business(mail)
        hold = Hold(
            recipients=kept,
            rule=next((verdict.rule for verdict in verdicts if verdict.rule), ""),
            inspection=seen,
            until=until,
            remind=remind,
            grave=self._grave(verdicts, seen),
            compartment=compartment,
            hidden=hidden,
            wait=wait,
        )
        letters = self._letters(mail, verdicts, seen, hold)
        if letters is None:
            return tuple(await self._quarantine(mail, verdicts, seen))
        reply = Reply(250, "2.0.0", (f"Ok {mail.id}",))
        receipts = tuple(Receipt(v.recipient, wait.kind, reply) for v in verdicts)
        await self._custody.hold(mail, hold, letters, receipts)
        return receipts
