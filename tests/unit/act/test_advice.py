"""What a sender can do instead: named in his letters, and by no address in a reply."""

import asyncio
from dataclasses import replace

import pytest

from gateway.act import advice
from gateway.act.letter import Rows
from gateway.means.refusals import reject, reporter
from gateway.model import Disposition, Inspection, Receipt, Reply, Verdict
from tests.makers.held import SENDER, a_hold, a_mail
from tests.release import some_notices

DOCTOR, OWN = "dr@cabinet.example", "dr@medecin.mssante.fr"
TYPO, COLLEAGUE = "marie.dupond@mail.example", "marie.dupont@chu.example"
KNOWN = {DOCTOR: OWN, "279035121518989@mail.example": "x@medecin.mssante.fr"}


def secure(address):
    return KNOWN.get(address, "")


def refused(*recipients, instead=()):
    return [Verdict(one, Disposition.REJECT, "site/no", instead=instead) for one in recipients]


@pytest.mark.parametrize(
    ("verdicts", "rows"),
    [
        ([], None),
        (refused("autre@cabinet.example"), None),
        (refused(DOCTOR, "autre@cabinet.example"), ((DOCTOR, OWN),)),
        (refused("279035121518989@mail.example"), (("279…@mail.example", "x@medecin.mssante.fr"),)),
        (refused(TYPO, instead=(COLLEAGUE,)), ((TYPO, COLLEAGUE),)),
        (refused(TYPO, TYPO, instead=(COLLEAGUE,)), ((TYPO, COLLEAGUE),)),
    ],
    ids=["nobody", "nothing better", "MSSanté", "masked", "a colleague", "once"],
)
def test_it_is_told_of_who_has_one_and_of_nobody_else(verdicts, rows):
    found = [one.rows for one in advice.blocks(verdicts, secure) if isinstance(one, Rows)]
    assert found == ([rows] if rows else [])


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (refused(TYPO, instead=(COLLEAGUE,))[0], "Cette adresse ressemble a une autre"),
        (refused(DOCTOR)[0], "une boite MSSante"),
        (refused("autre@cabinet.example")[0], ""),
    ],
    ids=["a colleague", "MSSanté", "nothing better"],
)
def test_a_reply_says_it_in_one_line_without_an_address_that_was_not_typed(verdict, said):
    """Whoever hears the reply is a client: it may be logged on the way."""
    action = reject(replace(some_notices(), secure=secure), None)
    [receipt] = asyncio.run(action(a_mail(to=(verdict.recipient,)), [verdict], Inspection()))
    text = receipt.reply.text
    assert sum(said in line for line in text if said) == bool(said)
    assert "Code du dossier" in text[-1]
    assert len(text) == 4 + bool(said)
    assert "dupont" not in "".join(text)
    assert OWN not in "".join(text)


def test_the_report_names_it_for_those_that_it_is_about_alone():
    write = reporter(replace(some_notices(), secure=secure), "gw.example")
    mail = a_mail(to=(TYPO, DOCTOR))
    verdicts = [*refused(TYPO, instead=(COLLEAGUE,)), *refused(DOCTOR)]
    receipt = Receipt(TYPO, Disposition.REJECT, Reply(550, "5.7.1", ("Non.",)))
    content = write(mail, [receipt], verdicts).content.decode()
    assert COLLEAGUE in content
    assert OWN not in content


@pytest.mark.parametrize("known", [True, False])
def test_the_letter_of_a_held_mail_proposes_it_and_changes_nothing(known):
    mail = a_mail(to=(DOCTOR,))
    hold = a_hold(mail)
    notices = replace(some_notices(), secure=secure if known else lambda address: "")
    blocks = notices._retained(mail, refused(DOCTOR), hold.inspection, hold, SENDER).content
    assert (OWN.encode() in blocks) is known
    assert mail.envelope.addresses == (DOCTOR,)
