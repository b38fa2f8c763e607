import asyncio

import pytest

from gateway.act.quarantine import Quarantine
from gateway.errors import Temporary
from gateway.model import Disposition, Recipient, Verdict
from tests.makers.held import SEEN, TO, a_letter, a_mail


class Diary:
    """A custody that writes down what it was asked to keep, or fails."""

    def __init__(self, fails=None):
        self.entries, self.fails = [], fails

    async def hold(self, mail, hold, letters, receipts):
        if self.fails:
            raise self.fails
        self.entries.append((mail, hold, letters, receipts))

    async def post(self, mail, letters, receipts):
        raise AssertionError("letters go with their hold, in one transaction")


def verdict(address, disposition=Disposition.QUARANTINE, rule="health/nir"):
    return Verdict(address, disposition, rule)


def run(diary, mail, verdicts, letters=lambda *_: [a_letter()], grave=lambda *_: False):
    action = Quarantine(diary, letters, lambda now: (now + 1, now + 2), grave)
    return asyncio.run(action(mail, verdicts, SEEN))


def test_copies_are_held_in_one_piece_with_their_letters_and_receipts():
    diary, mail = Diary(), a_mail()
    receipts = run(diary, mail, [verdict(address) for address in TO], grave=lambda *_: True)
    [(kept, hold, letters, remembered)] = diary.entries
    assert kept is mail
    assert hold.recipients == mail.envelope.recipients
    assert (hold.rule, hold.inspection, hold.grave) == ("health/nir", SEEN, True)
    assert (hold.remind, hold.until) == (mail.received + 1, mail.received + 2)
    assert letters == [a_letter()]
    assert remembered == receipts
    assert [(r.recipient, r.order, r.reply.code) for r in receipts] == [
        (address, Disposition.QUARANTINE, 250) for address in TO
    ]


def test_only_the_recipients_of_the_order_are_held_with_their_options():
    diary = Diary()
    run(diary, a_mail(), [verdict(TO[1])])
    assert diary.entries[0][1].recipients == (Recipient(TO[1], ("NOTIFY=FAILURE",)),)


def test_a_refusal_held_instead_is_a_hold():
    """Without a sender to report to, refused copies are held: the receipt says what was done."""
    [receipt] = run(Diary(), a_mail(), [verdict(TO[0], Disposition.REJECT)])
    assert receipt.order is Disposition.QUARANTINE


def test_the_rule_is_the_first_that_is_named():
    diary = Diary()
    run(diary, a_mail(), [verdict(TO[0], rule=""), verdict(TO[1], rule="health/files")])
    assert diary.entries[0][1].rule == "health/files"


def test_the_letters_are_written_of_this_very_hold():
    asked = []

    def letters(*about):
        asked.append(about)
        return []

    diary, mail, verdicts = Diary(), a_mail(), [verdict(TO[0])]
    run(diary, mail, verdicts, letters)
    assert asked == [(mail, verdicts, SEEN, diary.entries[0][1])]


def test_a_store_that_fails_defers_the_copies():
    with pytest.raises(Temporary):
        run(Diary(Temporary("store unavailable")), a_mail(), [verdict(TO[0])])


def test_whose_business_it_is_stands_with_the_hold_and_its_letters():
    diary, told = Diary(), []

    def letters(mail, verdicts, seen, hold):
        told.append((hold.compartment, hold.hidden))
        return []

    def business(mail):
        return "travail", "compartment"

    action = Quarantine(diary, letters, lambda now: (now, now), lambda *_: False, business)
    asyncio.run(action(a_mail(), [verdict(TO[0])], SEEN))
    assert (diary.entries[0][1].compartment, diary.entries[0][1].hidden) == told[0]
    assert told == [("travail", "compartment")]
