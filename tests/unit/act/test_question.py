"""Letters of a mail that waits, compared whole with the texts in letters/."""

import dataclasses

import pytest

from gateway.act import question
from gateway.model import Disposition, Verdict
from gateway.ports import Doubt, Wait
from tests.unit.act.test_notice import (
    BARE,
    CANARY,
    CASE,
    DURAND,
    FULL,
    LATER,
    LETTERS,
    NOW,
    ONE,
    hold,
    mail,
    opened,
    ours,
    written,
)

WRITTEN, MEANT = "marie.dupond@exemple.example", "marie.dupont@cpam.example"
TICKETED = dataclasses.replace(FULL, ticket=lambda *_: "ab" * 16)


def waiting(kind, unanswered="cancel", after=Disposition.ENCRYPT, to=(WRITTEN,), instead=(MEANT,)):
    sent = mail(to=to)
    wait = Wait(kind, NOW + 3 * 3600, unanswered, (after,) * len(to), (Doubt(),) * len(to))
    kept = dataclasses.replace(hold(sent, ONE), wait=wait)
    verdicts = tuple(
        Verdict(one, kind, "health/b2-clear", after=after, first=bool(instead), instead=instead)
        for one in to
    )
    return sent, verdicts, ONE, kept


def examples():
    confirm, delay, review = Disposition.CONFIRM, Disposition.DELAY, Disposition.REVIEW
    out_of_place = waiting(confirm, "quarantine", Disposition.QUARANTINE, (DURAND,), ())
    return {
        "question": question.asked(TICKETED, *waiting(confirm))[0],
        "question-out-of-place": question.asked(TICKETED, *out_of_place)[0],
        "delayed": question.delayed(TICKETED, *waiting(delay, "send"))[0],
        "awaits-reader": question.reviewed(TICKETED, *waiting(review, "quarantine"))[0],
        "unanswered": question.unanswered(FULL, CASE, LATER),
        "handed-over": question.handed_over(FULL, CASE, LATER),
    }


@pytest.mark.parametrize("name", examples())
def test_a_letter_says_exactly_this(name):
    assert written(examples()[name]) == (LETTERS / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", examples())
def test_a_letter_goes_to_its_sender_alone_and_holds_nothing_of_the_mail(name):
    letter = examples()[name]
    message = opened(letter)
    assert letter.sender == ""
    assert message["Auto-Submitted"] == "auto-generated"
    assert all(ours(recipient.address) for recipient in letter.recipients)
    plain, html = message.iter_parts()
    assert CANARY not in f"{message['subject']}{plain.get_content()}{html.get_content()}"


def test_where_there_is_no_page_nobody_is_asked():
    assert question.asked(BARE, *waiting(Disposition.CONFIRM)) is None
    assert question.delayed(BARE, *waiting(Disposition.DELAY, "send")) == []


@pytest.mark.parametrize("sender", ["", "noreply@cpam.example", "agent@elsewhere.example"])
def test_an_automaton_and_a_stranger_are_asked_nothing(sender):
    _, verdicts, seen, kept = waiting(Disposition.CONFIRM)
    assert question.asked(FULL, mail(to=(WRITTEN,), sender=sender), verdicts, seen, kept) is None


def test_an_identifier_in_an_address_is_cut():
    sent, verdicts, seen, kept = waiting(
        Disposition.CONFIRM, to=("279051234567890@patient.example",)
    )
    [letter] = question.asked(FULL, sent, verdicts, seen, kept)
    assert "279…@patient.example" in written(letter)
    assert "279051234567890" not in written(letter)
