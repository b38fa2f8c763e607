"""Confirm, delay, review: a hold with a wait, or a quarantine where nobody can be asked."""

import asyncio

import pytest

from gateway.act.ask import Ask
from gateway.act.calendar import WorkingDays
from gateway.decide.terms import Terms, Unanswered
from gateway.errors import Temporary
from gateway.model import Disposition, Receipt, Reply, Verdict
from gateway.waiting_parts import wait_of
from tests.makers.held import NOW, SEEN, TO, a_letter, a_mail
from tests.makers.waiting import a_wait

CONFIRM, DELAY, REVIEW = Disposition.CONFIRM, Disposition.DELAY, Disposition.REVIEW


class Diary:
    def __init__(self, fails=None):
        self.entries, self.fails = [], fails

    async def hold(self, mail, hold, letters, receipts):
        if self.fails:
            raise self.fails
        self.entries.append((hold, letters, receipts))


async def quarantine(mail, verdicts, seen):
    reply = Reply(250, "2.0.0", ("Ok",))
    return tuple(Receipt(v.recipient, Disposition.QUARANTINE, reply) for v in verdicts)


def run(diary, verdicts, letters=lambda *_: [a_letter()], kind=CONFIRM):
    waiting = lambda mail, several: a_wait(  # noqa: E731
        mail, kind=kind, after=tuple(v.after for v in several), doubts=()
    )
    action = Ask(
        diary,
        waiting,
        letters,
        lambda now: (now + 1, now + 2),
        lambda *_: False,
        lambda mail: ("psychiatrie", ""),
        quarantine,
    )
    return asyncio.run(action(a_mail(), verdicts, SEEN))


def verdict(address, kind=CONFIRM, after=Disposition.PASS):
    return Verdict(address, kind, "recipient/lookalike", after=after)


@pytest.mark.parametrize("kind", [CONFIRM, DELAY, REVIEW])
def test_copies_are_held_in_one_piece_with_their_question(kind):
    diary = Diary()
    receipts = run(diary, [verdict(address, kind) for address in TO], kind=kind)
    [(hold, letters, remembered)] = diary.entries
    assert hold.wait.kind is kind
    assert (hold.compartment, hold.rule) == ("psychiatrie", "recipient/lookalike")
    assert letters == [a_letter()]
    assert remembered == receipts
    assert [(r.recipient, r.order, r.reply.code) for r in receipts] == [
        (address, kind, 250) for address in TO
    ]


def test_the_officers_time_begins_when_the_wait_is_over():
    diary = Diary()
    run(diary, [verdict(TO[0])])
    hold = diary.entries[0][0]
    assert (hold.remind, hold.until) == (hold.wait.due + 1, hold.wait.due + 2)


def test_what_follows_stands_by_its_recipient_whatever_the_order_of_the_verdicts():
    diary = Diary()
    run(diary, [verdict(TO[1], after=Disposition.ENCRYPT), verdict(TO[0])])
    hold = diary.entries[0][0]
    assert [r.address for r in hold.recipients] == list(TO)
    assert hold.wait.after == (Disposition.PASS, Disposition.ENCRYPT)


def test_where_nobody_can_be_asked_it_is_a_quarantine():
    diary = Diary()
    [receipt] = run(diary, [verdict(TO[0])], letters=lambda *_: None)
    assert receipt.order is Disposition.QUARANTINE
    assert diary.entries == []


def test_where_the_store_keeps_nothing_nothing_was_done():
    with pytest.raises(Temporary):
        run(Diary(fails=Temporary("store unavailable")), [verdict(TO[0])])


def the_wait(kind, *terms):
    verdicts = [Verdict(TO[n % 2], kind, str(n)) for n in range(len(terms) or 1)]
    by_rule = {str(n): one for n, one in enumerate(terms)}
    return wait_of(kind, a_mail(), verdicts, by_rule.get, WorkingDays("Europe/Paris"), (9, 18))


def test_of_several_rules_the_most_careful_terms_hold():
    wait = the_wait(
        REVIEW,
        Terms(7200, True, Unanswered.SEND, "", 1),
        Terms(3600, True, Unanswered.CANCEL, "paie", 3),
    )
    assert (wait.unanswered, wait.reviewers, wait.quorum) == ("cancel", "paie", 3)
    several = [Terms(60, True, Unanswered.SEND, name) for name in ("paie", "", "rh", "paie", "dim")]
    assert (the_wait(REVIEW, *several).reviewers, the_wait(REVIEW, *several).further) == (
        "paie",
        "rh,dim",
    )
    assert wait.due <= the_wait(REVIEW, Terms(7200, True, Unanswered.SEND)).due


def test_minutes_are_the_clock_s_and_hours_are_those_of_work():
    # NOW is a Tuesday, 23:13 in Paris: nobody is there to answer
    assert the_wait(DELAY).due == NOW + 600
    assert the_wait(CONFIRM).due == NOW + 9 * 3600 + 47 * 60 + 3 * 3600 - NOW % 60


def test_a_rule_that_is_gone_meanwhile_leaves_the_usual_terms():
    assert the_wait(CONFIRM).unanswered == "cancel"
    assert the_wait(REVIEW).unanswered == "quarantine"


def test_of_several_rules_about_one_recipient_too():
    terms = {
        "a": Terms(3600, True, Unanswered.SEND),
        "b": Terms(7200, True, Unanswered.QUARANTINE, "paie", 2),
    }
    verdicts = [Verdict(TO[0], REVIEW, "a", also=("b",))]
    wait = wait_of(REVIEW, a_mail(), verdicts, terms.get, WorkingDays("Europe/Paris"), (9, 18))
    assert (wait.unanswered, wait.reviewers, wait.quorum) == ("quarantine", "paie", 2)


def test_what_no_channel_fits_is_the_officers_where_nobody_answers():
    """Its sender is told in the question what becomes of it: it does not leave."""
    terms = {"a": Terms(3600, True, Unanswered.SEND)}
    verdicts = [Verdict(TO[0], CONFIRM, "a", after=Disposition.QUARANTINE)]
    wait = wait_of(CONFIRM, a_mail(), verdicts, terms.get, WorkingDays("Europe/Paris"), (9, 18))
    assert wait.unanswered == "quarantine"
