"""The ledger of correspondents as doors ask it and teach it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from gateway.acquaintance import UNTOLD, Correspondence
from gateway.errors import Temporary
from gateway.ledger import AWAY_SECONDS, LearningJournal, Lessons, Policy, StoreLedger
from gateway.likeness import keys
from gateway.model import Client, Disposition, Envelope, Inspection, Mail, Receipt, Recipient, Reply
from gateway.store.correspondents import Correspondents
from gateway.store.incidents import Incidents, Kind, Report
from gateway.store.staff import Source, Staff
from tests.stores import KINDS, Store, fresh

TODAY = date(2026, 11, 22)
AGNES, LABO = "agnes.petit@chu.example", "dr.martin@labo.example"
COLLEAGUE, TYPO = "marie.dupont@chu.example", "marie.dupond@mail.example"
POLICY = Policy(lambda address: address.endswith("@chu.example"), protected=("cse-*@chu.example",))


def a_mail(*recipients, sender=AGNES, subject="Compte rendu", head=""):
    content = f"Subject: {subject}\r\n{head}\r\nx\r\n".encode()
    envelope = Envelope(sender, tuple(map(Recipient, recipients)))
    return Mail("7K2F-9QXD", "smtp", Client(), envelope, content, b"", 0.0, 0.0)


class House:
    """One store, asked and taught."""

    def __init__(self, store, policy=POLICY, today=TODAY):
        self.store, self.policy, self.today, self.outcomes = store, policy, today, []
        self.known = Correspondents(store.database, store.hmac)
        self.staff = Staff(store.database, keys)
        self.lessons = Lessons(self.known, self.staff, policy, lambda: self.today)
        self.incidents = Incidents(
            store.database, store.public, store.hmac, policy.is_protected, clock=store.clock
        )
        self.ledger = StoreLedger(
            self.known,
            self.staff,
            policy,
            self.outcomes.append,
            lambda: self.today,
            self.incidents.blocked,
        )

    async def left(self, *recipients, sender=AGNES, times=1, **about):
        for _ in range(times):
            self.lessons(sender, recipients, a_mail(*recipients, **about).content)
        await self.lessons.flush()

    async def of(self, *recipients, **about):
        return await self.ledger.correspondence(a_mail(*recipients, **about))

    async def ripen(self):
        """Long enough for a first time to be one."""
        await self.left("ancien@ailleurs.example", sender="ancien@chu.example")
        self.today += timedelta(self.policy.learn_days)


@pytest.fixture(params=KINDS)
def house(request, tmp_path):
    store = Store(fresh(request.param, tmp_path), tmp_path)
    yield House(store)
    store.database.close()


def test_what_left_is_known_the_next_time(house):
    async def go():
        await house.ripen()
        first = await house.of(LABO)
        await house.left(LABO)
        second = await house.of(LABO)
        return first, second, await house.of(LABO, sender="paul.noir@chu.example")

    first, second, of_another = asyncio.run(go())
    assert first.told
    assert not first.of(LABO).met
    assert second.of(LABO).met
    assert second.of(LABO).domain_met
    assert not of_another.of(LABO).met
    assert of_another.of(LABO).met_by_house


def test_nothing_is_a_first_time_while_everything_is(house):
    async def go():
        young = await house.of(LABO)
        await house.left("x@y.example")
        house.today += timedelta(POLICY.learn_days - 1)
        still = await house.of(LABO)
        house.today += timedelta(1)
        return [one.of(LABO).met for one in (young, still, await house.of(LABO))]

    assert asyncio.run(go()) == [True, True, False], "nobody is taken for a stranger too soon"
    assert house.outcomes == ["learning", "learning", "told"]


def test_a_look_alike_of_a_colleague_is_told_from_the_first_day(house):
    """Names of staff come from a list: no history is needed (S2)."""

    async def go():
        await house.staff.replace([COLLEAGUE, "marie.dupons@chu.example"], Source.FILE)
        found = await house.of(TYPO, "marie.dupons@chu.example")
        return found.told, found.of(TYPO).alike, found.of("marie.dupons@chu.example").alike

    told, alike, of_colleague = asyncio.run(go())
    assert told
    assert (COLLEAGUE, True) in [(one.address, one.colleague) for one in alike]
    assert of_colleague == (), "two colleagues one letter apart are both known"


def test_a_look_alike_of_a_correspondent_is_told_to_whoever_writes_to_him_and_to_nobody_else(house):
    async def go():
        await house.left("claire.martinez@labo.example")
        mine = await house.of("claire.martines@labo.example")
        other = await house.of("claire.martines@labo.example", sender="paul.noir@chu.example")
        return [one.of("claire.martines@labo.example").alike for one in (mine, other)]

    mine, other = asyncio.run(go())
    assert [(one.address, one.colleague) for one in mine] == [
        ("claire.martinez@labo.example", False)
    ]
    assert other == ()


def test_whom_a_mail_greets_is_told_where_the_sender_writes_to_him(house):
    async def go():
        await house.left("claire.martinez@labo.example")
        content = b"Subject: x\r\n\r\nBonjour Madame Martinez,\r\n\r\nVoici.\r\n"
        mails = [
            replace(a_mail(TYPO, sender=one), content=content)
            for one in (AGNES, "paul.noir@chu.example")
        ]
        return [(await house.ledger.correspondence(mail)).greeted for mail in mails]

    mine, other = asyncio.run(go())
    assert [one.address for one in mine] == ["claire.martinez@labo.example"]
    assert other == ()


def test_an_address_that_was_met_resembles_nobody(house):
    async def go():
        await house.left(TYPO)
        await house.staff.replace([COLLEAGUE], Source.FILE)
        return (await house.of(TYPO)).of(TYPO)

    found = asyncio.run(go())
    assert found.met
    assert found.alike == ()


def test_software_that_writes_elsewhere_is_told_at_its_first_mail(house):
    series = {"subject": "Télétransmission du 22/11/2026 lot 4411"}

    async def go():
        for day in range(6):
            subject = f"Télétransmission du {day + 1:02}/11/2026 lot {4400 + day}"
            await house.left(COLLEAGUE, subject=subject)
        new = (await house.of(TYPO, COLLEAGUE, **series)).of
        person = await house.of(TYPO, **series, head="In-Reply-To: <a@b>\r\n")
        return new(TYPO).new_in_flow, new(COLLEAGUE).new_in_flow, person.of(TYPO).new_in_flow

    assert asyncio.run(go()) == (True, False, False)


@pytest.mark.parametrize(
    ("sender", "why"),
    [
        ("cse-elus@chu.example", "staff representatives"),
        ("", "a report, or an automatic answer"),
        ("stranger@ailleurs.example", "somebody else's mail, forwarded"),
    ],
)
def test_some_senders_leave_no_trace_and_are_asked_nothing(house, sender, why):
    async def go():
        await house.ripen()
        before = await house.store.rows("pairs")
        await house.left(LABO, sender=sender)
        answer = await house.of(LABO, sender=sender)
        return answer, await house.store.rows("pairs") == before

    assert asyncio.run(go()) == (UNTOLD, True), why


def test_a_protected_mailbox_is_nobody_s_correspondent(house):
    """Who writes to staff representatives is nobody's business; nor is such a mail held for it."""

    async def go():
        await house.ripen()
        before = len(await house.store.rows("pairs"))
        await house.left("cse-elus@chu.example")
        found = await house.of("cse-elus@chu.example", LABO)
        return found, len(await house.store.rows("pairs")) - before

    found, more = asyncio.run(go())
    assert more == 0
    assert found.of("cse-elus@chu.example").met
    assert not found.of(LABO).met


def test_exempt_senders_are_learnt_of_and_asked_nothing(house):
    exempt = replace(POLICY, exempt=(AGNES,))

    async def go():
        other = House(house.store, exempt)
        await other.left(LABO)
        return await other.of(LABO), len(await house.store.rows("pairs"))

    assert asyncio.run(go()) == (UNTOLD, 1)


class Away:
    """A store that fails, or never answers."""

    def __init__(self, known, slow):
        self.known, self.slow, self.asked = known, slow, 0

    async def told(self, *about):
        self.asked += 1
        if self.slow:
            await asyncio.Event().wait()
        raise Temporary("away")

    async def learn(self, lessons):
        if self.known is None:
            raise Temporary("away")
        await self.known.learn(lessons)


@pytest.mark.parametrize(("slow", "tries"), [(False, 1), (True, 2)], ids=["fails", "hangs"])
def test_a_store_that_is_away_tells_nothing_and_is_left_alone_for_a_moment(house, slow, tries):
    async def go():
        away = Away(None, slow)
        policy = replace(POLICY, seconds=0.01)
        ledger = StoreLedger(away, house.staff, policy, house.outcomes.append)
        answers = [await ledger.correspondence(a_mail(LABO)) for _ in range(5)]
        return answers, away.asked

    answers, asked = asyncio.run(go())
    assert answers == [UNTOLD] * 5
    assert asked == tries, f"the others come within {AWAY_SECONDS} s"
    assert house.outcomes == ["away"] * 5


def test_what_the_store_does_not_take_is_learnt_later(house):
    async def go():
        away = Away(None, slow=False)
        lessons = Lessons(away, house.staff, POLICY)
        lessons(AGNES, [LABO])
        await lessons.flush()
        away.known = house.known
        await lessons.flush()
        return len(await house.store.rows("pairs"))

    assert asyncio.run(go()) == 1


class Diary:
    def __init__(self):
        self.judged_ids, self.failures = [], []

    def judged(self, mail, *about):
        self.judged_ids.append(mail.id)

    def failed(self, mail, what):
        self.failures.append(what)


def test_only_what_left_teaches(house):
    """Not what was held, refused, or must be tried again."""
    ok, later, no = (Reply(code, "", ()) for code in (250, 451, 550))
    fates = {
        LABO: (Disposition.PASS, ok),
        "a@x.example": (Disposition.ENCRYPT, ok),
        "b@x.example": (Disposition.QUARANTINE, ok),
        "c@x.example": (Disposition.PASS, later),
        "d@x.example": (Disposition.REJECT, no),
    }

    async def go():
        diary = Diary()
        journal = LearningJournal(diary, house.lessons)
        receipts = {to: Receipt(to, order, reply) for to, (order, reply) in fates.items()}
        journal.judged(a_mail(*fates), (), Inspection(), receipts, 0.1)
        journal.failed(a_mail(LABO), "x")
        await house.lessons.flush()
        return diary, await house.known.book(AGNES, TODAY.toordinal(), 9)

    diary, book = asyncio.run(go())
    assert sorted(book) == ["a@x.example", LABO]
    assert (diary.judged_ids, diary.failures) == (["7K2F-9QXD"], ["x"])


def test_who_writes_is_staff_from_then_on(house):
    async def go():
        await house.left(LABO, sender=COLLEAGUE)
        found = await house.of(TYPO)
        return [one.address for one in found.of(TYPO).alike]

    assert asyncio.run(go()) == [COLLEAGUE]


def test_what_one_node_learns_another_is_told_and_a_restart_keeps(house, tmp_path):
    async def go():
        await house.ripen()
        await house.left(LABO)
        other = House(Store(house.store.url, tmp_path), today=house.today)
        found = await other.of(LABO)
        other.store.database.close()
        return found

    found = asyncio.run(go())
    assert isinstance(found, Correspondence)
    assert found.of(LABO).met


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"exempt": (AGNES,)}, False),
    ],
    ids=["as usual", "nothing is learnt", "exempt"],
)
def test_a_blocked_pair_is_known_whatever_is_learnt_of_the_sender(house, changes, told):
    asking = House(house.store, replace(POLICY, **changes))

    async def go():
        said = Report(Kind.PORTAL, 1.0, "", "default", AGNES, LABO, sure=True)
        await asking.incidents.open(said)
        return await asking.of(LABO, "autre@labo.example")

    found = asyncio.run(go())
    assert found.told is told
    assert found.of(LABO).blocked
    assert not found.of("autre@labo.example").blocked


def test_of_a_protected_mailbox_no_block_is_asked(house):
    async def go():
        said = Report(Kind.PORTAL, 1.0, "", "default", "cse-a@chu.example", LABO, sure=True)
        await house.incidents.open(said)
        return await house.of(LABO, sender="cse-a@chu.example")

    assert asyncio.run(go()) == UNTOLD


def test_a_domain_one_slip_from_one_that_is_often_written_to_is_told(house):
    house = House(house.store, replace(POLICY, familiar=("gmail.com", "chu.example")))

    async def go():
        await house.ripen()
        await house.left("dr.martin@clinique.example", times=5)
        await house.left("x@rarement.example", times=2)
        wanted = ("new@clinqiue.example", "new@rarrement.example", "new@gmial.com", "new@abc.fr")
        before = await house.of(*wanted)
        await house.left("autre@clinqiue.example")
        return [before.of(one).misspelt for one in wanted], await house.of(wanted[0])

    before, after = asyncio.run(go())
    assert before == [True, False, True, False]
    assert not after.of("new@clinqiue.example").misspelt, "it is a domain of somebody's"


def test_who_writes_to_everybody_is_told_of_plain_slips_at_one_domain(house):
    async def go():
        await house.ripen()
        crowd = [f"p{number}.durand@mail.example" for number in range(501)]
        await house.left(*crowd, "claire.martinez@mail.example")
        wanted = ("claire.martines@mail.example", "claire.martinez@gmail.example")
        found = await house.of(*wanted, head="User-Agent: Thunderbird\r\n")
        return [[one.address for one in found.of(address).alike] for address in wanted]

    assert asyncio.run(go()) == [["claire.martinez@mail.example"], []], "namesakes are many"


def test_mails_to_a_partner_are_counted_by_the_day(house):
    counted = lambda address: ("labo",) if address.endswith("@labo.example") else ()  # noqa: E731
    house = House(house.store, replace(POLICY, counted=counted))

    async def go():
        await house.left(LABO, "two@labo.example", times=3)
        await house.left("x@y.example")
        seen = [await house.of(LABO), await house.of("x@y.example")]
        house.today += timedelta(1)
        return [dict(one.sent_today) for one in (*seen, await house.of(LABO))]

    assert asyncio.run(go()) == [{"labo": 3}, {}, {}], "a mail is one, whoever gets it there"
