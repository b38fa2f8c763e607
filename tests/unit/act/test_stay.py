import asyncio
from dataclasses import replace

import dkim
import pytest

from gateway.act.stamp import Stamp
from gateway.act.stay import LeaveWithMta
from gateway.model import (
    Coverage,
    Disposition,
    Inspection,
    Mail,
    PartRead,
    Place,
    Receipt,
    Recipient,
    Reply,
    Stay,
    Verdict,
)
from tests.makers import sealing, signing
from tests.unit.act.test_pass_on import MAIL

SENT = Receipt("a@x.example", Disposition.PASS, Reply(250, "2.0.0", ("Ok",)), "hop 250")


async def otherwise(mail, verdicts, seen):
    return (SENT,)


def left(mail: Mail, *, say_coverage: bool, **stamp) -> tuple[Receipt, ...]:
    verdicts = [Verdict(address, Disposition.PASS) for address in MAIL.envelope.addresses]
    read = Inspection(parts=(PartRead(Place("part 1"), "text", Coverage.WHOLE),))
    return asyncio.run(LeaveWithMta(otherwise, say_coverage, **stamp)(mail, verdicts, read))


@pytest.mark.parametrize(
    ("say_coverage", "fields"), [(False, ()), (True, ((b"X-Vaguemestre-Coverage", b"whole"),))]
)
def test_the_recipient_stays_with_the_mta(say_coverage, fields):
    receipts = left(MAIL, say_coverage=say_coverage)
    assert [receipt.recipient for receipt in receipts] == ["a@x.example", "b@y.example"]
    assert {receipt.order for receipt in receipts} == {Disposition.PASS}
    assert {receipt.reply for receipt in receipts} == {Reply(250, "2.0.0", ("Ok",), Stay(fields))}


def test_a_mail_that_not_all_may_have_is_sent_by_us():
    """No MTA says whether it found a recipient that it was asked to take off."""
    more = replace(MAIL.envelope, recipients=(*MAIL.envelope.recipients, Recipient("c@z.example")))
    assert left(replace(MAIL, envelope=more), say_coverage=True) == (SENT,)


def test_where_others_were_served_before_nobody_stays():
    assert left(replace(MAIL, apart=True), say_coverage=True) == (SENT,)


def test_the_mta_is_asked_to_put_our_signatures_on_top_and_they_verify():
    """It writes each field as we name it: name, colon, space, value."""
    stamp = Stamp(signing.signer(signing.made("rsa"))).on_changed
    mail = replace(MAIL, content=sealing.message())
    receipt, *_ = left(mail, say_coverage=True, stamp=stamp)
    names = [name for name, _ in receipt.reply.stay.fields]
    assert names == [b"DKIM-Signature", b"X-Vaguemestre-Coverage"]
    top = b"".join(b"%b: %b\r\n" % field for field in receipt.reply.stay.fields)
    records = signing.records()
    assert dkim.verify(
        top + mail.content, dnsfunc=lambda name, timeout=5: records[name.rstrip(b".")]
    )


def test_what_cannot_be_signed_stays_as_it_is():
    stamp = Stamp(signing.signer(signing.made("rsa"))).on_changed
    receipt, *_ = left(replace(MAIL, content=b"no field\r\n\r\n"), say_coverage=True, stamp=stamp)
    assert receipt.reply.stay == Stay(())
