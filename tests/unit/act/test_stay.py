import asyncio

import pytest

from gateway.act.stay import LeaveWithMta
from gateway.model import Coverage, Disposition, Inspection, PartRead, Place, Receipt, Stay, Verdict
from tests.unit.act.test_pass_on import MAIL


def left(say_coverage: bool) -> tuple[Receipt, ...]:
    verdicts = [Verdict("a@x.example", Disposition.PASS)]
    read = Inspection(parts=(PartRead(Place("part 1"), "text", Coverage.WHOLE),))
    return asyncio.run(LeaveWithMta(say_coverage)(MAIL, verdicts, read))


@pytest.mark.parametrize(
    ("say_coverage", "fields"), [(False, ()), (True, ((b"X-Vaguemestre-Coverage", b"whole"),))]
)
def test_the_recipient_stays_with_the_mta(say_coverage, fields):
    [receipt] = left(say_coverage)
    assert (receipt.recipient, receipt.order) == ("a@x.example", Disposition.PASS)
    assert receipt.reply.accepted
    assert receipt.reply.stay == Stay(fields)
