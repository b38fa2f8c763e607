"""PASS: the mail goes on to its next hop, as it came but for one Received field of ours.

RFC 5321, 4.4: the trace field goes in front; everything after it is byte for byte what we took, so
that signatures (DKIM) stay valid. Envelope parameters are those of each recipient. Where the
operator asks for it, a field below ours says how much was read; a sender may have written the
same field, further below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.model import Disposition, Inspection, Mail, Receipt, Verdict
from gateway.ports import Relay

COVERAGE = b"X-Vaguemestre-Coverage"


@dataclass(frozen=True, slots=True)
class PassOn:
    """say_coverage: add X-Vaguemestre-Coverage."""

    relay: Relay
    say_coverage: bool = False

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        ours = {verdict.recipient for verdict in verdicts}
        recipients = tuple(r for r in mail.envelope.recipients if r.address in ours)
        envelope = mail.envelope
        if len(recipients) < len(envelope.recipients):
            envelope = replace(envelope, recipients=recipients)
        trace = mail.trace + coverage_field(seen) if self.say_coverage else mail.trace
        deliveries = await self.relay.send(
            envelope,
            (trace, mail.content),
            deadline=mail.deadline,
        )
        return tuple(
            Receipt(address, Disposition.PASS, said.reply, f"{said.hop} {said.reply.code}")
            for address, said in deliveries.items()
        )


def coverage_field(seen: Inspection) -> bytes:
    return b"%s: %s\r\n" % (COVERAGE, coverage(seen))


def coverage(seen: Inspection) -> bytes:
    """ "partly (encrypted, too_big)": kinds of problems, never places."""
    kinds = ", ".join(sorted({problem.kind.value for problem in seen.problems}))
    why = f" ({kinds})" if kinds else ""
    return f"{seen.coverage.value}{why}".encode()
