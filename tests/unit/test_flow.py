"""The journey and the doors' table: what is answered, in which order things are done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest

from gateway.act.stay import LeaveWithMta
from gateway.errors import NoChannel, Permanent, Temporary
from gateway.flow import Flow
from gateway.model import (
    Client,
    Disposition,
    Envelope,
    Inspection,
    Letter,
    Mail,
    Receipt,
    Recipient,
    Reply,
    Stay,
    Verdict,
)
from gateway.settle import Settle

INSIDE, OUTSIDE, THIRD = "in@ch.example", "out@mail.example", "third@mail.example"
OK = Reply(250, "2.0.0", ("queued as 4XYZ",))
STAYS = Reply(250, "2.0.0", ("Ok",), Stay())
FULL = Reply(452, "4.2.2", ("mailbox full",))
UNKNOWN = Reply(550, "5.1.1", ("no such user",))


class Diary:
    """An action that writes down what it was asked, and answers what it was told to."""

    def __init__(self, order: Disposition, diary: list[str], replies=None, fails=None):
        self.order, self.diary, self.replies, self.fails = order, diary, replies or {}, fails

    async def __call__(self, mail, verdicts, seen):
        names = ",".join(v.recipient for v in verdicts)
        self.diary.append(f"{self.order.value} {names}")
        if self.fails:
            raise self.fails
        return tuple(
            Receipt(v.recipient, self.order, self.replies.get(v.recipient, OK)) for v in verdicts
        )


class Memory:
    """A memory in a dictionary, under the content alone."""

    def __init__(self):
        self.kept: dict[bytes, dict[str, Receipt]] = {}
        self.answered: list[bool] = []

    async def recall(self, mail):
        return dict(self.kept.get(mail.content, {}))

    async def remember(self, mail, receipts, *, answered):
        self.answered.append(answered)
        done = {r.recipient: r for r in receipts if r.reply.stay is None}
        self.kept.setdefault(mail.content, {}).update(done)

    async def forget(self, mail):
        for address in mail.envelope.addresses:
            self.kept.get(mail.content, {}).pop(address, None)


class House:
    """Every part faked but flow and settle. verdicts: by recipient, PASS unless said."""

    def __init__(self, verdicts=None, replies=None, fails=None):
        self.diary: list[str] = []
        self.failures: list[str] = []
        self.letters: list[Letter] = []
        self.numbers = count()
        self.verdicts = verdicts or {}
        self.memory = Memory()
        fails = fails or {}
        self.actions = {
            order: Diary(order, self.diary, replies, fails.get(order))
            for order in (
                Disposition.PASS,
                Disposition.QUARANTINE,
                Disposition.ENCRYPT,
                Disposition.REJECT,
            )
        }
        self.flow = Flow(
            self,
            self,
            self.actions,
            self.memory,
            Settle(
                self.memory,
                self,
                self.actions[Disposition.QUARANTINE],
                self.report,
                lambda address: address.endswith("@ch.example"),
            ),
            self,
        )

    async def inspect(self, content, *, seconds):
        self.diary.append("inspect")
        return Inspection()

    def decide(self, mail, seen, known=None):
        return tuple(
            Verdict(a, self.verdicts.get(a, Disposition.PASS)) for a in mail.envelope.addresses
        )

    async def post(self, mail, letters, receipts):
        """As the real one: what was done is remembered with the letters."""
        self.letters += letters
        await self.memory.remember(mail, receipts, answered=False)

    def report(self, mail, refusals: Sequence[Receipt], verdicts):
        names = ",".join(r.recipient for r in refusals)
        self.diary.append(f"report {names}")
        return Letter("report", "", (Recipient(mail.envelope.sender),), b"")

    def judged(self, mail, verdicts, seen, receipts, seconds):
        pass

    def failed(self, mail, what):
        self.failures.append(what)

    def answered(self, *, heard):
        noting = self.flow.answered(self.mail, heard)
        if noting is not None:
            asyncio.run(noting)

    def process(self, *to, door="smtp", sender="me@ch.example", content=b"x", never=()):
        async def run():
            recipients = tuple(
                Recipient(address, ("NOTIFY=never",) if address in never else ()) for address in to
            )
            deadline = asyncio.get_running_loop().time() + 80
            mail = Mail(
                f"7K2F-{next(self.numbers):04d}",
                door,
                Client(),
                Envelope(sender, recipients),
                content,
                b"",
                deadline,
                0,
            )
            self.mail = mail
            return await self.flow.process(mail)

        return asyncio.run(run())


def test_what_passes_is_answered_with_the_next_hops_own_words():
    assert House().process(OUTSIDE) == {OUTSIDE: OK}


def test_lmtp_answers_each_recipient_apart():
    house = House({OUTSIDE: Disposition.QUARANTINE}, replies={INSIDE: FULL})
    replies = house.process(INSIDE, OUTSIDE, door="lmtp")
    assert replies == {INSIDE: FULL, OUTSIDE: OK}


def at_a_milter(verdicts=None, replies=None):
    house = House(verdicts, replies)
    house.actions[Disposition.PASS] = LeaveWithMta(house.actions[Disposition.PASS])
    return house


def test_a_milter_is_told_that_all_stay_or_that_nobody_does():
    replies = at_a_milter().process(INSIDE, OUTSIDE, door="milter")
    assert [reply.stay for reply in replies.values()] == [Stay(), Stay()]
    parted = at_a_milter({OUTSIDE: Disposition.QUARANTINE})
    replies = parted.process(INSIDE, OUTSIDE, door="milter")
    assert [(reply.code, reply.stay) for reply in replies.values()] == [(250, None)] * 2
    assert f"pass {INSIDE}" in parted.diary


def test_who_is_left_of_a_mail_that_was_held_for_another_does_not_stay():
    """The MTA would deliver the retry to both."""
    house = at_a_milter({OUTSIDE: Disposition.QUARANTINE}, replies={INSIDE: FULL})
    assert house.process(INSIDE, OUTSIDE, door="milter")[INSIDE].code == 452
    house.actions[Disposition.PASS].otherwise.replies = {}
    replies = house.process(INSIDE, OUTSIDE, door="milter")
    assert [(reply.code, reply.stay) for reply in replies.values()] == [(250, None)] * 2


def test_at_a_milter_nobody_stays_while_something_must_be_tried_again():
    waits = {Disposition.QUARANTINE: Temporary()}
    house = House({OUTSIDE: Disposition.QUARANTINE}, replies={INSIDE: STAYS}, fails=waits)
    replies = house.process(INSIDE, OUTSIDE, door="milter")
    assert {(reply.code, reply.stay) for reply in replies.values()} == {(451, None)}


@pytest.mark.parametrize("heard", [True, False])
def test_what_stayed_with_an_mta_that_lost_it_is_still_to_be_delivered(heard):
    """It comes again, perhaps through another door: nobody has delivered it yet."""
    house = House({OUTSIDE: Disposition.QUARANTINE}, replies={INSIDE: STAYS})
    house.process(INSIDE, OUTSIDE, door="milter")
    house.answered(heard=False)
    house.diary.clear()
    house.actions[Disposition.PASS].replies = {}
    door = "milter" if heard else "smtp"
    assert house.process(INSIDE, OUTSIDE, door=door)[INSIDE].accepted
    assert house.diary == ["inspect", f"pass {INSIDE}"]


def test_what_is_let_through_in_clear_goes_last():
    house = House({OUTSIDE: Disposition.QUARANTINE, THIRD: Disposition.ENCRYPT})
    house.process(INSIDE, OUTSIDE, THIRD)
    assert house.diary == ["inspect", f"encrypt {THIRD}", f"quarantine {OUTSIDE}", f"pass {INSIDE}"]


def test_with_one_reply_nothing_passes_while_a_holding_order_must_wait():
    house = House({OUTSIDE: Disposition.QUARANTINE}, fails={Disposition.QUARANTINE: Temporary("")})
    replies = house.process(INSIDE, OUTSIDE)
    assert {reply.code for reply in replies.values()} == {451}
    assert f"pass {INSIDE}" not in house.diary


def test_lmtp_lets_through_what_it_can_while_another_waits():
    house = House({OUTSIDE: Disposition.QUARANTINE}, fails={Disposition.QUARANTINE: Temporary("")})
    replies = house.process(INSIDE, OUTSIDE, door="lmtp")
    assert (replies[INSIDE].code, replies[OUTSIDE].code) == (250, 451)


def test_a_retry_repeats_only_what_was_not_done():
    house = House({OUTSIDE: Disposition.QUARANTINE}, replies={INSIDE: FULL})
    assert house.process(INSIDE, OUTSIDE)[OUTSIDE].code == 452
    house.actions[Disposition.PASS].replies = {}
    house.diary.clear()
    assert house.process(INSIDE, OUTSIDE)[OUTSIDE].code == 250
    assert house.diary == ["inspect", f"pass {INSIDE}"]


def test_the_first_completed_order_stands_whatever_later_rules_say():
    house = House({OUTSIDE: Disposition.QUARANTINE}, replies={INSIDE: FULL})
    house.process(INSIDE, OUTSIDE)
    house.verdicts = {}
    house.diary.clear()
    house.process(INSIDE, OUTSIDE)
    assert f"pass {INSIDE},{OUTSIDE}" not in house.diary


def test_the_same_bytes_are_a_new_mail_once_the_client_has_our_answer():
    house = House({OUTSIDE: Disposition.QUARANTINE})
    house.process(OUTSIDE)
    house.answered(heard=True)
    house.process(OUTSIDE)
    assert house.diary.count(f"quarantine {OUTSIDE}") == 2


def test_a_client_that_lost_our_answer_gets_it_again_and_nothing_is_repeated():
    house = House()
    house.process(OUTSIDE)
    house.answered(heard=False)
    assert house.process(OUTSIDE)[OUTSIDE].code == 250
    assert sum(OUTSIDE in line for line in house.diary) == 1


def test_whose_hold_was_committed_unheard_is_not_forgotten_with_those_who_were_answered():
    """The database committed and its connection broke: 451 for that one, while the store has it."""
    house = House({OUTSIDE: Disposition.QUARANTINE})
    held = [Receipt(OUTSIDE, Disposition.QUARANTINE, OK)]

    async def committed_unheard(mail, verdicts, seen):
        await house.memory.remember(mail, held, answered=False)
        raise Temporary("store unavailable")

    house.actions[Disposition.QUARANTINE] = committed_unheard
    first = house.process(INSIDE, OUTSIDE, door="lmtp")
    assert (first[INSIDE].code, first[OUTSIDE].code) == (250, 451)
    house.answered(heard=True)
    house.diary.clear()
    assert house.process(OUTSIDE, door="lmtp")[OUTSIDE].code == 250
    assert house.diary == []


def test_a_plain_pass_that_was_heard_touches_no_memory():
    house = House()
    house.process(OUTSIDE)
    house.answered(heard=True)
    assert house.memory.answered == []


def test_all_refused_is_refused():
    house = House({OUTSIDE: Disposition.REJECT}, replies={OUTSIDE: UNKNOWN})
    assert house.process(OUTSIDE) == {OUTSIDE: UNKNOWN}


def test_some_refused_is_accepted_and_reported_by_mail():
    house = House(replies={THIRD: UNKNOWN})
    replies = house.process(OUTSIDE, THIRD)
    assert {reply.code for reply in replies.values()} == {250}
    assert house.diary[-1] == f"report {THIRD}"
    assert len(house.letters) == 1


def test_what_was_delivered_is_not_again_where_the_report_of_the_refused_breaks(monkeypatch):
    house = House(replies={THIRD: UNKNOWN})

    def broken(*_):
        raise TypeError

    monkeypatch.setattr(house, "post", broken)
    for _ in range(2):
        replies = house.process(OUTSIDE, THIRD)
        assert {reply.code for reply in replies.values()} == {451}
    assert sum(OUTSIDE in line for line in house.diary) == 1


def test_what_cannot_be_told_has_left_all_the_same(monkeypatch):
    house = House()

    def broken(*_):
        raise TypeError

    monkeypatch.setattr(house, "judged", broken)
    assert house.process(OUTSIDE) == {OUTSIDE: OK}
    assert house.failures == ["journal: TypeError"]


def test_of_whom_the_sender_wants_no_report_he_gets_none_and_the_copy_is_held():
    """RFC 3461, 4.1: NOTIFY=NEVER; and no mail is lost."""
    house = House(replies={THIRD: UNKNOWN, INSIDE: UNKNOWN})
    house.actions[Disposition.QUARANTINE].replies = {}
    replies = house.process(OUTSIDE, THIRD, INSIDE, never=(THIRD,))
    assert {reply.code for reply in replies.values()} == {250}
    assert house.diary[-2:] == [f"quarantine {THIRD}", f"report {INSIDE}"]


def test_no_report_is_posted_while_what_nobody_wants_one_of_cannot_be_held():
    house = House(replies={THIRD: UNKNOWN, INSIDE: UNKNOWN})
    house.actions[Disposition.QUARANTINE].replies = {THIRD: FULL}
    replies = house.process(OUTSIDE, THIRD, INSIDE, never=(THIRD,))
    assert {reply.code for reply in replies.values()} == {451}
    assert house.letters == []


def test_some_refused_without_a_sender_to_tell_is_held():
    house = House(replies={THIRD: UNKNOWN})
    house.actions[Disposition.QUARANTINE].replies = {}
    replies = house.process(OUTSIDE, THIRD, sender="")
    assert {reply.code for reply in replies.values()} == {250}
    assert house.diary[-1] == f"quarantine {THIRD}"
    assert house.letters == []


def test_lmtp_refuses_those_who_are_refused():
    house = House(replies={THIRD: UNKNOWN})
    replies = house.process(OUTSIDE, THIRD, door="lmtp")
    assert (replies[OUTSIDE].code, replies[THIRD].code) == (250, 550)


def test_what_no_channel_fits_goes_to_its_otherwise_and_never_in_clear():
    house = House(
        {OUTSIDE: Disposition.ENCRYPT}, fails={Disposition.ENCRYPT: NoChannel((OUTSIDE,))}
    )
    assert house.process(OUTSIDE)[OUTSIDE].code == 250
    assert house.diary == ["inspect", f"encrypt {OUTSIDE}", f"quarantine {OUTSIDE}"]


def test_who_a_channel_fits_is_still_encrypted_when_another_has_none():
    house = House({OUTSIDE: Disposition.ENCRYPT, THIRD: Disposition.ENCRYPT})
    encrypt = house.actions[Disposition.ENCRYPT]
    calm = encrypt.__call__

    async def once_unfit(mail, verdicts, seen):
        if any(v.recipient == THIRD for v in verdicts):
            house.diary.append("encrypt refused")
            raise NoChannel((THIRD,))
        return await calm(mail, verdicts, seen)

    house.actions[Disposition.ENCRYPT] = once_unfit
    replies = house.process(OUTSIDE, THIRD)
    assert {reply.code for reply in replies.values()} == {250}
    assert f"quarantine {THIRD}" in house.diary
    assert f"encrypt {OUTSIDE}" in house.diary


def test_a_channel_that_goes_away_takes_the_whole_message_along_where_a_rule_says_so():
    """A key expired between the verdict and its use: nobody gets the half of it."""
    house = House(
        {OUTSIDE: Disposition.ENCRYPT}, fails={Disposition.ENCRYPT: NoChannel((OUTSIDE,))}
    )
    decide = house.decide
    house.decide = lambda *given: [replace(v, together=True) for v in decide(*given)]
    assert {reply.code for reply in house.process(OUTSIDE, INSIDE).values()} == {250}
    assert house.diary == [
        "inspect",
        f"encrypt {OUTSIDE}",
        f"quarantine {INSIDE},{OUTSIDE}",
    ]


def test_an_order_that_no_action_carries_out_waits():
    house = House({OUTSIDE: Disposition.REVIEW})
    assert house.process(OUTSIDE)[OUTSIDE].code == 451


@pytest.mark.parametrize("error", [RuntimeError("Mme TEST"), Temporary("x"), OSError(28, "x")])
def test_whatever_breaks_is_451_with_a_fixed_text(error):
    house = House()

    async def broken(content, *, seconds):
        raise error

    house.inspect = broken
    reply = house.process(OUTSIDE, door="lmtp")[OUTSIDE]
    assert (reply.code, reply.enhanced) == (451, "4.3.0")
    assert "TEST" not in " ".join(reply.lines()) + " ".join(house.failures)


def test_an_unexpected_error_in_an_order_is_451_for_all():
    house = House(fails={Disposition.PASS: RuntimeError("boom")})
    assert house.process(OUTSIDE)[OUTSIDE].code == 451


def test_a_permanent_failure_of_an_order_is_550():
    house = House(fails={Disposition.PASS: Permanent("Refus")})
    assert house.process(OUTSIDE)[OUTSIDE].lines() == ("550 5.7.1 Refus",)


def test_no_reply_is_made_up_for_a_recipient_whom_nobody_judged():
    house = House()
    house.decide = lambda mail, seen: ()
    assert house.process(OUTSIDE, door="lmtp")[OUTSIDE].code == 451


def test_an_inspection_gets_what_is_left_before_the_deadline():
    house = House()
    given = []

    async def inspect(content, *, seconds):
        given.append(seconds)
        return Inspection()

    house.inspect = inspect
    house.process(OUTSIDE)
    assert 60 < given[0] <= 65  # 80 s less what the orders need


def test_a_mail_some_of_whose_recipients_were_refused_is_a_new_mail_once_heard():
    house = House(replies={THIRD: UNKNOWN})
    house.process(OUTSIDE, THIRD)
    house.answered(heard=True)
    house.process(OUTSIDE, THIRD)
    assert house.diary.count(f"pass {OUTSIDE},{THIRD}") == 2, "250 must mean delivered again"
    assert len(house.letters) == 2


def test_a_retry_after_a_report_does_not_report_again():
    house = House(replies={THIRD: UNKNOWN})
    house.process(OUTSIDE, THIRD)
    house.answered(heard=False)
    assert house.process(OUTSIDE, THIRD)[OUTSIDE].code == 250
    assert len(house.letters) == 1


def test_a_retry_before_the_first_tries_end_is_known_repeats_nothing():
    house = House()
    house.process(OUTSIDE)
    assert house.process(OUTSIDE)[OUTSIDE].code == 250
    assert sum(OUTSIDE in line for line in house.diary) == 1


def test_a_report_goes_to_no_stranger():
    house = House(replies={THIRD: UNKNOWN})
    house.actions[Disposition.QUARANTINE].replies = {}
    replies = house.process(OUTSIDE, THIRD, sender="x@dehors.example")
    assert {reply.code for reply in replies.values()} == {250}
    assert house.letters == []
    assert house.diary[-1] == f"quarantine {THIRD}"


def test_what_is_held_is_remembered_for_an_hour_once_2yz_is_about_to_be_sent():
    house = House({OUTSIDE: Disposition.QUARANTINE})
    house.process(OUTSIDE)
    assert house.memory.answered == [True]


# The store is away


HOLD, REJECT, PASS = Disposition.QUARANTINE, Disposition.REJECT, Disposition.PASS


@pytest.mark.parametrize("door", ["smtp", "lmtp", "milter"])
@pytest.mark.parametrize(
    ("verdicts", "done", "why"),
    [
        ({}, "pass in@ch.example,out@mail.example", "nothing of it is to be written down"),
        (
            {INSIDE: REJECT, OUTSIDE: REJECT},
            "reject in@ch.example,out@mail.example",
            "who wrote it keeps it",
        ),
        ({OUTSIDE: HOLD}, "", "a hold cannot be kept, nor that the other was served"),
        ({OUTSIDE: Disposition.CONFIRM}, "", "nor can what its sender is asked about"),
        ({INSIDE: REJECT}, "", "the refusal of one is a letter in the outbox"),
        ({OUTSIDE: Disposition.ENCRYPT}, "", "the letter with its secret cannot be parked"),
    ],
)
def test_while_the_store_is_away_only_what_asks_nothing_of_it_is_done(door, verdicts, done, why):
    house = House(verdicts)

    async def away(mail):
        raise Temporary("store away")

    house.memory.recall = away
    replies = house.process(INSIDE, OUTSIDE, door=door)
    acted = [line for line in house.diary if line != "inspect"]
    if done or door != "lmtp":
        assert acted == [done] * bool(done), why
        assert {r.temporary for r in replies.values()} == {not done}
    else:  # each has an answer of its own
        simple = {PASS, REJECT}
        of = {a: verdicts.get(a, PASS) for a in (INSIDE, OUTSIDE)}
        assert [a for a, r in replies.items() if r.temporary] == [
            a for a, one in of.items() if one not in simple
        ]
    assert not house.failures
