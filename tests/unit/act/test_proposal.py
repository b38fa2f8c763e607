"""A recipient's MSSanté address, proposed to who wrote to him elsewhere."""

from dataclasses import replace

import pytest

from gateway.act import proposal
from gateway.act.letter import Rows
from tests.makers.held import SENDER, a_hold, a_mail
from tests.release import some_notices

DOCTOR, OWN = "dr@cabinet.example", "dr@medecin.mssante.fr"
KNOWN = {DOCTOR: OWN, "279035121518989@mail.example": "x@medecin.mssante.fr"}


def secure(address):
    return KNOWN.get(address, "")


@pytest.mark.parametrize(
    ("recipients", "rows"),
    [
        ([], None),
        (["autre@cabinet.example"], None),
        ([DOCTOR, "autre@cabinet.example"], ((DOCTOR, OWN),)),
        (["279035121518989@mail.example"], (("279…@mail.example", "x@medecin.mssante.fr"),)),
    ],
)
def test_it_is_told_of_who_has_one_and_of_nobody_else(recipients, rows):
    found = [one.rows for one in proposal.blocks(recipients, secure) if isinstance(one, Rows)]
    assert found == ([rows] if rows else [])


@pytest.mark.parametrize("known", [True, False])
def test_the_letter_of_a_held_mail_proposes_it_and_changes_nothing(known):
    mail = a_mail(to=(DOCTOR,))
    hold = a_hold(mail)
    notices = replace(some_notices(), secure=secure if known else lambda address: "")
    blocks = notices._retained(mail, (), hold.inspection, hold, SENDER).content
    assert (OWN.encode() in blocks) is known
    assert mail.envelope.addresses == (DOCTOR,)
