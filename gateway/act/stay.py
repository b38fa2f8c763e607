"""PASS at a milter: the recipient stays with the MTA in front of us, which delivers the mail.

Nothing is sent and nothing kept; so what was passed is never remembered either: a retry, through
whatever door, finds it still to be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.act.pass_on import COVERAGE, coverage
from gateway.model import Disposition, Inspection, Mail, Receipt, Reply, Stay, Verdict


@dataclass(frozen=True, slots=True)
class LeaveWithMta:
    """say_coverage: ask the MTA to add X-Vaguemestre-Coverage."""

    say_coverage: bool = False

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        fields = ((COVERAGE, coverage(seen)),) if self.say_coverage else ()
        reply = Reply(250, "2.0.0", ("Ok",), Stay(fields))
        return tuple(Receipt(v.recipient, Disposition.PASS, reply, "stays") for v in verdicts)
