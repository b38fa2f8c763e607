"""PASS: the mail goes on to its next hop, as it came but for one Received field of ours.

RFC 5321, 4.4: the trace field goes in front; everything after it is byte for byte what we took, so
that signatures (DKIM) stay valid. Envelope parameters are those of each recipient. Where the
operator asks for it, a field below ours says how much was read (a sender may have written the
same field, further below); a mail so changed is signed anew (`stamp`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.act.queued import told
from gateway.model import Disposition, Inspection, Mail, Receipt, Verdict
from gateway.ports import Relay

COVERAGE = b"X-Vaguemestre-Coverage"


@dataclass(frozen=True, slots=True)
class PassOn:
    """say_coverage: add X-Vaguemestre-Coverage. stamp: (the field, mail) to all that then goes in
    front of the mail; blocking."""

    relay: Relay
    say_coverage: bool = False
    stamp: Callable[[bytes, Mail], bytes] = lambda added, mail: added

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        ours = {verdict.recipient for verdict in verdicts}
        recipients = tuple(r for r in mail.envelope.recipients if r.address in ours)
        envelope = mail.envelope
        if len(recipients) < len(envelope.recipients):
            envelope = replace(envelope, recipients=recipients)
        trace = mail.trace
        if self.say_coverage:
            trace += await asyncio.to_thread(self.stamp, coverage_field(seen), mail)
        deliveries = await self.relay.send(
            envelope,
            (trace, mail.content),
            deadline=mail.deadline,
        )
        return tuple(
            Receipt(address, Disposition.PASS, said.reply, told(said))
            for address, said in deliveries.items()
        )


def coverage_field(seen: Inspection) -> bytes:
    return b"%s: %s\r\n" % (COVERAGE, coverage(seen))


def coverage(seen: Inspection) -> bytes:
    """ "partly (encrypted, too_big)": kinds of problems, never places."""
    kinds = ", ".join(sorted({problem.kind.value for problem in seen.problems}))
    why = f" ({kinds})" if kinds else ""
    return f"{seen.coverage.value}{why}".encode()
