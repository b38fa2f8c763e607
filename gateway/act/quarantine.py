"""Quarantine: keep the copies, sealed, until an officer rules on them.

One hold for all recipients of one order, since the officer reads one mail. The letters that go
with it (to the sender, to the officer) are written by `gateway.act.notice` and committed with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.model import Disposition, Inspection, Letter, Mail, Receipt, Reply, Verdict
from gateway.ports import Custody, Hold

Letters = Callable[[Mail, Sequence[Verdict], Inspection, Hold], Sequence[Letter]]
Deadline = Callable[[float], tuple[float, float]]
Grave = Callable[[Sequence[Verdict], Inspection], bool]
Business = Callable[[Mail], tuple[str, str]]


class Quarantine:
    """deadline: from when the mail was received to when the officer is reminded of it and when it
    is cancelled (seconds since the epoch). grave: whether the officer must be told at once.
    business: its compartment, and why its officers may not look into it ("" where they may)."""

    def __init__(
        self,
        custody: Custody,
        letters: Letters,
        deadline: Deadline,
        grave: Grave,
        business: Business = lambda mail: ("default", ""),
    ) -> None:
        self._custody = custody
        self._letters = letters
        self._deadline = deadline
        self._grave = grave
        self._business = business

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        """Raises Temporary where the store could not keep them: then none is kept."""
        held = {verdict.recipient for verdict in verdicts}
        remind, until = self._deadline(mail.received)
        compartment, hidden = self._business(mail)
        hold = Hold(
            recipients=tuple(r for r in mail.envelope.recipients if r.address in held),
            rule=next((verdict.rule for verdict in verdicts if verdict.rule), ""),
            inspection=seen,
            until=until,
            remind=remind,
            grave=self._grave(verdicts, seen),
            compartment=compartment,
            hidden=hidden,
        )
        reply = Reply(250, "2.0.0", (f"Ok {mail.id}",))
        receipts = tuple(Receipt(v.recipient, Disposition.QUARANTINE, reply) for v in verdicts)
        letters = self._letters(mail, verdicts, seen, hold)
        await self._custody.hold(mail, hold, letters, receipts)
        return receipts
