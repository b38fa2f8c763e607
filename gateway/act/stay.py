"""PASS at a milter: the recipient stays with the MTA in front of us, which delivers the mail.

Nothing is sent and nothing kept; so what was passed is never remembered either: a retry, through
whatever door, finds it still to be done. A mail whose recipients the MTA may fail to part is sent
on by us, to all who may have it, as from any other door: what was held must not leave in clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.act.pass_on import COVERAGE, coverage
from gateway.model import Disposition, Inspection, Mail, Receipt, Reply, Stay, Verdict
from gateway.ports import Action


@dataclass(frozen=True, slots=True)
class LeaveWithMta:
    """otherwise: PASS of the other doors.

    say_coverage: ask the MTA to add X-Vaguemestre-Coverage.
    """

    otherwise: Action
    say_coverage: bool = False

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        if mail.whole:
            return await self.otherwise(mail, verdicts, seen)
        fields = ((COVERAGE, coverage(seen)),) if self.say_coverage else ()
        reply = Reply(250, "2.0.0", ("Ok",), Stay(fields))
        return tuple(Receipt(v.recipient, Disposition.PASS, reply, "stays") for v in verdicts)
