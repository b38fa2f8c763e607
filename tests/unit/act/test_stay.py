import asyncio
from dataclasses import replace

import pytest

from gateway.act.stay import LeaveWithMta
from gateway.model import (
    Coverage,
    Disposition,
    Inspection,
    Mail,
    PartRead,
    Place,
    Receipt,
    Reply,
    Stay,
    Verdict,
)
from tests.unit.act.test_pass_on import MAIL

SENT = Receipt("a@x.example", Disposition.PASS, Reply(250, "2.0.0", ("Ok",)), "hop 250")


async def otherwise(mail, verdicts, seen):
    return (SENT,)


def left(mail: Mail, *, say_coverage: bool) -> tuple[Receipt, ...]:
    verdicts = [Verdict("a@x.example", Disposition.PASS)]
    read = Inspection(parts=(PartRead(Place("part 1"), "text", Coverage.WHOLE),))
    return asyncio.run(LeaveWithMta(otherwise, say_coverage)(mail, verdicts, read))


@pytest.mark.parametrize(
    ("say_coverage", "fields"), [(False, ()), (True, ((b"X-Vaguemestre-Coverage", b"whole"),))]
)
def test_the_recipient_stays_with_the_mta(say_coverage, fields):
    [receipt] = left(MAIL, say_coverage=say_coverage)
    assert (receipt.recipient, receipt.order) == ("a@x.example", Disposition.PASS)
    assert receipt.reply.accepted
    assert receipt.reply.stay == Stay(fields)


def test_a_mail_that_the_mta_may_fail_to_part_is_sent_by_us():
    assert left(replace(MAIL, whole=True), say_coverage=True) == (SENT,)
