"""What senders are told of a refusal, built from what notices and the MSSanté space know: in the
reply to the client, and in the report where a reply cannot say it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.act import advice
from gateway.act.notice import Notices
from gateway.act.reject import Reject
from gateway.act.report import report
from gateway.decide.space import Space
from gateway.model import Letter, Mail, Receipt, Verdict


def reject(notices: Notices, space: Space | None) -> Reject:
    return Reject(
        notices.refusal,
        space.advice if space else lambda verdict: "",
        lambda verdict: advice.line(verdict, notices.secure),
    )


def reporter(
    notices: Notices, hostname: str
) -> Callable[[Mail, Sequence[Receipt], Sequence[Verdict]], Letter]:
    def of(mail: Mail, refusals: Sequence[Receipt], verdicts: Sequence[Verdict]) -> Letter:
        refused = {receipt.recipient for receipt in refusals}
        of_these = [verdict for verdict in verdicts if verdict.recipient in refused]
        instead = advice.blocks(of_these, notices.secure)
        return report(mail, refusals, hostname=hostname, calendar=notices.calendar, instead=instead)

    return of
