"""Holds that wait for their sender, a while or a second reader: each answer counts once."""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from gateway.model import Disposition, Reply
from gateway.ports import Doubt
from gateway.store.outbox import ENCRYPTED, IN_CLEAR
from gateway.store.schema import State, holds
from tests.makers.held import NOW, SENDER, TO, a_hold, a_letter, a_mail
from tests.makers.waiting import HOUR, a_waiting_hold
from tests.stores import ANY, Store, fresh, in_two_days

PASS, ENCRYPT, QUARANTINE = Disposition.PASS, Disposition.ENCRYPT, Disposition.QUARANTINE
ID = a_mail().id


async def waiting(store, code=ID, **changes):
    store.now = NOW
    mail = a_mail(code)
    await store.custody.hold(mail, a_waiting_hold(mail, **changes), (), ())


async def held(store, code=ID):
    found = await store.holds.get(code)
    return found.awaits, [copy.state for copy in found.copies]


async def posted(store):
    """(route, positions) of what is to leave."""
    items = await store.outbox.lease(99, store.now, "test", 0)
    return sorted((item.route, tuple(item.positions)) for item in items if item.is_release)


async def kinds(store, code=ID):
    return [event.kind for event in await store.holds.history(code)]


@pytest.mark.parametrize("kind", ["confirm", "delay", "review"])
def test_it_is_nobody_s_matter_but_theirs_while_they_have_time(store, kind):
    async def go():
        await waiting(store, kind=Disposition(kind), reviewers="paie", quorum=2)
        await store.custody.hold(a_mail("OTHER"), a_hold(a_mail("OTHER")), (), ())
        assert (await store.holds.get(ID)).awaits == kind
        waited = await store.waits.of(ID)
        assert (waited.kind, waited.reviewers, waited.quorum) == (kind, "paie", 2)
        late = NOW + 30 * 86400
        assert [one.id for one in await store.holds.due_reminders(late)] == ["OTHER"]
        assert [one.id for one in await store.holds.due_expiries(late)] == ["OTHER"]
        return (await store.holds.counts()).messages, await store.waits.of("OTHER")

    assert asyncio.run(go()) == (1, None)


def test_it_is_due_from_its_hour_on_and_until_somebody_answers(store):
    async def go():
        await waiting(store, "M1", due=NOW + HOUR)
        await waiting(store, "M2", due=NOW + 2 * HOUR)
        seen = [[h.id for h in await store.waits.due(NOW + h * HOUR - 1)] for h in (1, 2, 3)]
        await store.waits.grant("M1", "confirmed", "sender")
        return seen, [h.id for h in await store.waits.due(NOW + 9 * HOUR)]

    assert asyncio.run(go()) == ([[], ["M1"], ["M1", "M2"]], ["M2"])


def test_each_copy_leaves_the_way_that_rules_had_for_it(store):
    async def go():
        await waiting(store, after=(PASS, ENCRYPT))
        assert await store.waits.grant(ID, "confirmed", "sender") == (0, 1)
        return await held(store), await posted(store), await kinds(store)

    state, sent, events = asyncio.run(go())
    assert state == ("", [State.RELEASING, State.RELEASING])
    assert sent == sorted([(IN_CLEAR, (0,)), (ENCRYPTED, (1,))])
    assert events == ["held", "confirmed"]


def test_who_asks_for_it_has_it_sent_by_a_protected_way_though_no_rule_does(store):
    async def go():
        await waiting(store)
        await store.waits.grant(ID, "confirmed", "sender", positions=[0], protected=True)
        return await posted(store)

    assert asyncio.run(go()) == [(ENCRYPTED, (0,))]


def test_what_no_channel_fits_is_the_officers_once_its_sender_is_sure(store):
    async def go():
        await waiting(store, after=(QUARANTINE, PASS))
        assert await store.waits.grant(ID, "confirmed", "sender", positions=[0]) == (0,)
        found = await store.holds.get(ID)
        assert (found.remind, found.until) == in_two_days(NOW)
        return await held(store), await posted(store)

    assert asyncio.run(go()) == (("", [State.HELD, State.HELD]), [])


def test_answered_for_one_it_waits_for_the_others(store):
    async def go():
        await waiting(store)
        await store.waits.grant(ID, "confirmed", "sender", positions=[0])
        first = await held(store)
        await store.holds.reject(ID, "sender", positions=[1])
        return first, await held(store)

    first, last = asyncio.run(go())
    assert first == ("confirm", [State.RELEASING, State.HELD])
    assert last == ("", [State.RELEASING, State.REJECTED])


def test_two_clicks_and_two_nodes_send_once(store):
    async def go():
        await waiting(store)
        other = Store(store.url, store.directory, now=NOW)
        both = [node.waits.grant(ID, "confirmed", "sender") for node in (store, other)]
        both += [node.waits.withdraw(ID, "expired", "") for node in (store, other)]
        both += [node.waits.hand_over(ID, "unanswered") for node in (store, other)]
        done = await asyncio.gather(*both)
        other.database.close()
        return done, len(await posted(store)), await kinds(store)

    done, sent, events = asyncio.run(go())
    assert len([one for one in done if one]) == 1, done
    assert sent <= 1
    assert len(events) == 2


def test_withdrawn_it_never_leaves_and_its_sender_is_told_once(store):
    async def go():
        await waiting(store)
        for _ in range(2):
            await store.waits.withdraw(ID, "expired", "", letters=[a_letter()], state=State.EXPIRED)
        return await held(store), len(await store.rows("outbox")), await kinds(store)

    assert asyncio.run(go()) == (("", [State.EXPIRED] * 2), 1, ["held", "expired"])


def test_handed_over_it_is_a_hold_like_any_other(store):
    async def go():
        await waiting(store)
        store.now = NOW + 3 * HOUR
        assert await store.waits.hand_over(ID, "unanswered", letters=[a_letter()])
        assert not await store.waits.hand_over(ID, "unanswered")
        assert await store.waits.grant(ID, "confirmed", "sender") == ()
        remind, _ = in_two_days(store.now)
        due = await store.holds.due_reminders(remind)
        return [one.id for one in due], await held(store)

    assert asyncio.run(go()) == ([ID], ("", [State.HELD] * 2))


def test_what_an_older_version_decided_beside_waits_for_nobody(store):
    """Which knows nothing of `awaits`: the clock would tell the sender that officers have it."""

    async def go():
        await waiting(store, kind=Disposition.REVIEW, unanswered="quarantine")
        await store.holds.reject(ID, "dpo")
        await store.database.write(lambda c: c.execute(update(holds).values(awaits="review")))
        late = NOW + 9 * HOUR
        assert [one.id for one in await store.waits.due(late)] == []
        assert not await store.waits.hand_over(ID, "escalated", letters=[a_letter()])
        return await store.rows("outbox"), await kinds(store)

    assert asyncio.run(go()) == ([], ["held", "rejected"])


def test_what_comes_back_from_the_next_hop_is_the_officers(store):
    async def go():
        await waiting(store)
        await store.waits.grant(ID, "confirmed", "sender", positions=[0])
        [item] = await store.outbox.lease(9, store.now, "test", 60)
        await store.outbox.give_up(item, Reply(550, "5.1.1", ("no",)))
        return await held(store)

    assert asyncio.run(go()) == ("", [State.HELD, State.HELD])


def test_it_outlives_the_process(store):
    async def go():
        await waiting(store, after=(ENCRYPT, ENCRYPT), due=NOW + HOUR)
        again = Store(store.url, store.directory, now=NOW + 2 * HOUR)
        [due] = await again.waits.due(again.now)
        await again.waits.grant(due.id, "delay over", "")
        again.database.close()
        store.now = again.now
        return await posted(store)

    assert asyncio.run(go()) == [(ENCRYPTED, (0, 1))]


def test_a_mail_held_twice_is_found_by_its_code_and_no_other_is(store):
    async def go():
        mail = a_mail()
        await store.custody.hold(
            mail, a_hold(mail, recipients=mail.envelope.recipients[:1]), (), ()
        )
        await waiting(store)
        await waiting(store, f"{ID}X")
        return [one.id for one in await store.waits.of_mail(ID)]

    assert asyncio.run(go()) == [f"{ID}.2"]


def test_what_is_asked_about_whom_is_sealed(store):
    async def go():
        await waiting(store, doubts=(Doubt(True, ("zoe.inventee@chu.example",)), Doubt()))
        found = await store.holds.get(ID)
        told = [
            str(row) for table in ("holds", "copies", "waits") for row in await store.rows(table)
        ]
        assert not any("inventee" in one for one in told)
        assert "inventee" not in repr(found)
        return found.whole(store.private).doubts, found.parties(store.private)

    doubts, parties = asyncio.run(go())
    assert doubts[0].instead == ("zoe.inventee@chu.example",)
    assert parties == (SENDER, TO)


ACTS = {
    "grant": lambda one, code, some: one.waits.grant(code, "confirmed", "sender", positions=some),
    "withdraw": lambda one, code, some: one.waits.withdraw(code, "expired", "", positions=some),
    "hand over": lambda one, code, some: one.waits.hand_over(code, "unanswered"),
    "release": lambda one, code, some: one.holds.release(code, "dpo", positions=some),
    "reject": lambda one, code, some: one.holds.reject(code, "dpo", positions=some),
}
CHOICES = st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from([(0,), (1,), (0, 1)]))
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("waits")
    made = Store(fresh(ANY, folder), folder)
    yield made
    made.database.close()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(CHOICES, max_size=6),
    st.tuples(*[st.sampled_from([PASS, ENCRYPT, QUARANTINE])] * 2),
)
def test_whatever_is_answered_by_whom_a_copy_leaves_once_or_never(shared, answers, after):
    code = f"P{next(NUMBERS)}"

    async def go():
        await waiting(shared, code, after=after)
        await asyncio.gather(*(ACTS[act](shared, code, some) for act, some in answers))
        found = await shared.holds.get(code)
        items = await shared.outbox.lease(99, shared.now, "test", 1e9)
        return found, [p for item in items if item.hold == code for p in item.positions]

    found, sent = asyncio.run(go())
    leaving = [copy.position for copy in found.copies if copy.state is State.RELEASING]
    assert sorted(sent) == leaving, "each that leaves is ordered once, and no other"
    assert not found.awaits or any(copy.state is State.HELD for copy in found.copies)
    if not any(act == "release" for act, _ in answers):
        assert all(after[position] is not QUARANTINE for position in sent)
