"""The way back, on a real store and a scripted next hop."""

import asyncio
import email
import email.policy
import quopri
from dataclasses import replace

import pytest

from gateway.errors import Temporary
from gateway.model import Disposition
from gateway.ports import Wait
from gateway.release import LEASE_SECONDS, LOCKED_SECONDS
from gateway.store.bundles import (
    HOUR_SECONDS,
    QUESTION_WAIT_SECONDS,
    SERIES_SECONDS,
    SERIES_WAIT_SECONDS,
    Bundles,
)
from gateway.store.keys import load_private, make_keys
from gateway.store.outbox import RESPITE_SECONDS
from gateway.store.queue import Filter, Order, Queue
from gateway.store.schema import State
from tests.fakes import NextHop
from tests.makers.held import CANARY, SENDER, TO, a_hold, a_letter, a_mail
from tests.release import OFFICER, a_release
from tests.stores import ANY, KINDS, Store, fresh

ID = a_mail().id
ZOE, INS = TO


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


async def held(store, code=ID, letters=(), **changes):
    mail = a_mail(code, **changes)
    await store.custody.hold(mail, a_hold(mail), letters, ())
    return mail


async def ordered(store, **changes):
    mail = await held(store, **changes)
    await store.holds.release(ID, "dpo")
    return mail


async def states(store, hold=ID):
    return [copy.state for copy in (await store.holds.get(hold)).copies]


async def drained(release):
    """Look until a look finds nothing."""
    while await release.drain():
        pass


def subject(taken):
    return str(email.message_from_bytes(taken.content, policy=email.policy.default)["subject"])


def text(taken):
    message = email.message_from_bytes(taken.content, policy=email.policy.default)
    return message.get_body(("plain",)).get_content()


# Released mail


def test_a_released_mail_keeps_its_bytes_and_its_message_id(store):
    content = b"Message-ID: <1@chu.example>\nX: \r\n\r\n.dot\r\n" + bytes(range(128, 256)) + b"\r\n"
    content = content.replace(b"\nX", b"\r\nX")

    async def go():
        async with NextHop() as hop:
            mail = await ordered(store, content=content)
            await drained(a_release(store, hop.port))
            return mail, hop.taken, await states(store)

    mail, [taken], after = asyncio.run(go())
    assert taken.content == mail.trace + content
    assert taken.mail.startswith(f"MAIL FROM:<{SENDER}> ")
    assert [rcpt.split(">")[0] for rcpt in taken.rcpts] == [f"RCPT TO:<{a}" for a in TO]
    assert all("NOTIFY=FAILURE" in rcpt for rcpt in taken.rcpts)
    assert after == [State.RELEASED] * 2


def test_it_is_tried_again_until_accepted_by_whatever_process_comes_later(store):
    async def go():
        tries = 0
        async with NextHop(says={"MAIL": ["451 4.3.0 later"] * 4}) as hop:
            await ordered(store)
            while not hop.taken:
                again = Store(store.url, store.directory, now=store.now)  # after a restart
                await drained(a_release(again, hop.port, owner=f"me:{tries}"))
                again.database.close()
                store.now += 3600
                tries += 1
            return tries, hop.taken, await states(store)

    tries, taken, after = asyncio.run(go())
    assert (tries, len(taken), after) == (5, 1, [State.RELEASED] * 2)


def test_nothing_listens_and_it_waits(store):
    async def go():
        await ordered(store)
        release = a_release(store, 1)
        await drained(release)
        return await states(store), (await store.outbox.counts()).waiting, release.log

    after, waiting, log = asyncio.run(go())
    assert (after, waiting) == ([State.RELEASING] * 2, 1)
    assert [line["reply"][0] for line in log.said("put off")] == ["4"]


def test_one_accepted_one_deferred_one_refused_each_get_their_due(store):
    ann, bob, _ = three = ("ann@x.example", "bob@x.example", "cid@x.example")

    async def go():
        says = {"RCPT TO:<bob@": ["451 4.2.1 full"], "RCPT TO:<cid@": "550 5.1.1 none"}
        async with NextHop(says=says) as hop:
            await ordered(store, to=three)
            release = a_release(store, hop.port)
            await drained(release)
            first = await states(store)
            store.now += 61
            await drained(release)
            return first, await states(store), hop.taken, await store.holds.history(ID)

    first, after, taken, history = asyncio.run(go())
    assert first == [State.RELEASED, State.RELEASING, State.HELD]
    assert after == [State.RELEASED, State.RELEASED, State.HELD]
    assert [sum(who in rcpt for t in taken for rcpt in t.rcpts) for who in three] == [1, 1, 0]
    assert (ann in taken[0].rcpts[0], bob in taken[1].rcpts[0]) == (True, True)
    assert [event.detail for event in history if event.kind == "release failed"] == [
        "recipients=1 reply=550 5.1.1"
    ]


def test_a_release_refused_for_good_goes_back_to_the_officers_queue_with_time_to_rule(store):
    async def go():
        async with NextHop(says={"MAIL": "550 5.7.1 no"}) as hop:
            await ordered(store)
            store.now = a_hold(a_mail()).until + 1
            release = a_release(store, hop.port)
            await drained(release)
            reminded = [one.id for one in await store.holds.due_reminders(store.now)]
            return await states(store), reminded, (await store.holds.get(ID)).until, release.log

    after, reminded, until, log = asyncio.run(go())
    assert (after, reminded) == ([State.HELD] * 2, [ID])
    assert until >= store.now + RESPITE_SECONDS
    assert log.lines[-1][:2] == ("error", "given up")


def test_after_five_days_of_deferrals_it_goes_back_to_the_officer(store):
    async def go():
        async with NextHop(says={"MAIL": "451 4.3.0 later"}) as hop:
            await ordered(store)
            release = a_release(store, hop.port)
            for _ in range(6):
                await drained(release)
                store.now += 86_400
            return await states(store)

    assert asyncio.run(go()) == [State.HELD] * 2


def test_somebody_named_twice_is_served_once_and_done_with(store):
    async def go():
        async with NextHop() as hop:
            await ordered(store, to=(ZOE, ZOE, INS))
            await drained(a_release(store, hop.port))
            store.now += 10 * LEASE_SECONDS
            await drained(a_release(store, hop.port))
            return hop.taken, await states(store)

    [taken], after = asyncio.run(go())
    assert len(taken.rcpts) == 2
    assert after == [State.RELEASED] * 3


def test_the_lease_of_a_dead_process_runs_out(store):
    async def go():
        async with NextHop() as hop:
            await ordered(store)
            [_] = await store.outbox.lease(9, store.now, "dead:1", LEASE_SECONDS)
            store.now += LEASE_SECONDS - 1
            await drained(a_release(store, hop.port))
            early = len(hop.taken)
            store.now += 1
            await drained(a_release(store, hop.port))
            return early, len(hop.taken)

    assert asyncio.run(go()) == (0, 1)


def test_a_long_host_name_fits_the_lease(store):
    """PostgreSQL refuses what is longer than its column, and nothing would ever be released."""

    async def go():
        async with NextHop() as hop:
            await ordered(store)
            await drained(a_release(store, hop.port, owner="h" * 300 + ":12345"))
            return len(hop.taken)

    assert asyncio.run(go()) == 1


def test_what_no_key_opens_waits_and_nothing_waits_for_it(store, tmp_path):
    async def go():
        async with NextHop() as hop:
            other = tmp_path / "other"
            make_keys(other)
            await ordered(store)
            await store.outbox.post([a_letter(kind="report")], store.public)
            blind = a_release(store, hop.port, keys=load_private(other))
            await drained(blind)
            waiting = (await store.outbox.counts()).waiting, len(hop.taken)
            store.now += LOCKED_SECONDS
            await drained(a_release(store, hop.port))
            return waiting, len(hop.taken), await states(store), blind.log

    waiting, taken, after, log = asyncio.run(go())
    assert (waiting, taken, after) == ((2, 0), 2, [State.RELEASED] * 2)
    assert [line["error"] for line in log.said("cannot be opened")] == ["CannotOpen"] * 2


def test_a_failure_of_one_is_not_its_neighbours(store):
    async def go():
        async with NextHop() as hop:
            await ordered(store)
            await store.outbox.post([a_letter(kind="report")], store.public)
            release = a_release(store, hop.port)
            send = release.relay.send

            class Breaks:
                async def send(self, envelope, content, **how):
                    if envelope.sender:
                        raise LookupError("zoe.inventee@mail.example")
                    return await send(envelope, content, **how)

            release.relay = Breaks()
            await drained(release)
            return len(hop.taken), release.log

    taken, log = asyncio.run(go())
    assert taken == 1
    [line] = log.said("item deferred")
    assert line["error"] == "LookupError"
    assert "zoe" not in repr(log.lines)


def test_what_was_sent_is_written_down_though_the_store_is_away_for_a_moment(store):
    """Else it would go out a second time when the lease runs out."""

    async def go():
        async with NextHop() as hop:
            await ordered(store)
            release = a_release(store, hop.port)
            done, failures = store.outbox.done, []

            async def fails_once(*arguments, **more):
                if not failures:
                    failures.append(1)
                    raise Temporary("store unavailable")
                return await done(*arguments, **more)

            store.outbox.done = fails_once
            await drained(release)
            return len(hop.taken), await states(store)

    assert asyncio.run(go()) == (1, [State.RELEASED] * 2)


def test_the_clockwork_runs_though_the_outbox_is_away_and_it_stops_when_told(store):
    async def go():
        stopping, ran = asyncio.Event(), []

        async def clockwork():
            ran.append(1)
            stopping.set()

        release = a_release(store, 1)
        store.database.close()
        await asyncio.wait_for(release.run(stopping, clockwork), 30)
        return ran, release.log

    ran, log = asyncio.run(go())
    assert ran == [1]
    assert log.said("release deferred")[0]["error"] == "Temporary"


def test_nothing_in_the_log_names_anybody(store):
    async def go():
        says = {"RCPT TO:<zoe": "550 5.1.1 <zoe.inventee@mail.example> unknown"}
        async with NextHop(says=says) as hop:
            await ordered(store)
            release = a_release(store, hop.port)
            await drained(release)
            return repr(release.log.lines)

    said = asyncio.run(go())
    for personal in ("zoe", "9999999", "fictive", CANARY.decode()):
        assert personal not in said.lower()


# Bundling


async def told(store, n, kind="notice", to=SENDER, start=0):
    """n held mails, each with its notice."""
    for number in range(start, start + n):
        code = f"C{number:05d}"
        letter = replace(a_letter(to, kind=kind), about=code)
        await held(store, code, [letter], content=b"Subject: %d\r\n\r\n" % number)


def test_a_series_of_500_comes_to_hourly_letters_and_one(tmp_path):
    codes = [f"C{number:05d}" for number in range(500)]

    async def go(store):
        async with NextHop() as hop:
            release = a_release(store, hop.port)
            for minute in range(5):
                some = codes[100 * minute : 100 * minute + 100]
                letters = [replace(a_letter(), about=code) for code in some]
                await store.outbox.post(letters, store.public)
                await drained(release)
                store.now += 60
            in_series = len(hop.taken)
            store.now += HOUR_SECONDS - 301
            await drained(release)
            before = len(hop.taken)
            store.now += 1
            await drained(release)
            return in_series, before, hop.taken, await store.outbox.counts()

    store = Store(fresh(ANY, tmp_path), tmp_path)
    in_series, before, taken, counts = asyncio.run(go(store))
    store.database.close()
    assert (in_series, before, len(taken), counts.waiting) == (20, 20, 21, 0)
    assert subject(taken[-1]) == "480 autres messages en quarantaine depuis 23 h 13 (avis groupé)"
    assert [code in text(taken[-1]) for code in codes] == [False] * 20 + [True] * 480


def test_a_released_mail_teaches_who_writes_to_whom_and_a_letter_of_ours_does_not(tmp_path):
    taught = []

    async def go(store):
        async with NextHop() as hop:
            release = replace(
                a_release(store, hop.port), learn=lambda sender, to: taught.append((sender, to))
            )
            await told(store, 2)
            (first, _) = await store.holds.list()
            await store.holds.release(first.id, "dpo", positions=[0])
            await drained(release)

    store = Store(fresh(ANY, tmp_path), tmp_path)
    asyncio.run(go(store))
    store.database.close()
    assert taught == [(SENDER, [TO[0]])]


def test_500_held_mails_of_one_program_in_five_minutes_are_one_notice_and_one_line(tmp_path):
    """The notice at once, the others in one letter; in the queue, one series."""

    async def go(store):
        async with NextHop() as hop:
            release = a_release(store, hop.port, series=SERIES_SECONDS)
            for second in range(0, 300, 30):
                await told(store, 50, start=second * 50 // 30)
                await drained(release)
                store.now += 30
            in_five_minutes = [subject(one) for one in hop.taken]
            queue = Queue(store.database, store.public, store.hmac, clock=store.clock)
            lines = await queue.series()
            shown = await queue.page(Filter(), Order.RISK, folded=lines)
            assert [line.held.id for line in shown] == [lines[0].first]
            store.now += SERIES_WAIT_SECONDS
            await drained(release)
            return in_five_minutes, [line.count for line in lines], hop.taken

    store = Store(fresh(ANY, tmp_path), tmp_path)
    at_once, lines, taken = asyncio.run(go(store))
    store.database.close()
    assert at_once == ["retenu"]
    assert lines == [500]
    assert len(taken) == 2
    assert subject(taken[1]).startswith("499 autres messages en quarantaine depuis ")


@pytest.mark.parametrize(
    ("seconds", "rule", "letters", "why"),
    [
        (59, "health/nir-external", 1, "within a minute, as programs write"),
        (61, "health/nir-external", 2, "as people write"),
        (1, "another/rule", 2, "another matter"),
    ],
)
def test_a_series_is_of_one_matter_and_without_a_pause(tmp_path, seconds, rule, letters, why):
    async def go(store):
        async with NextHop() as hop:
            release = a_release(store, hop.port, series=SERIES_SECONDS)
            await told(store, 1)
            await drained(release)
            store.now += seconds
            mail, letter = a_mail("C00001"), replace(a_letter(), about="C00001")
            await store.custody.hold(mail, replace(a_hold(mail), rule=rule), [letter], ())
            await drained(release)
            return len(hop.taken)

    store = Store(fresh(ANY, tmp_path), tmp_path)
    found = asyncio.run(go(store))
    store.database.close()
    assert found == letters, why


@pytest.mark.parametrize(
    ("kind", "letters"), [(Disposition.CONFIRM, [3, 4]), (Disposition.DELAY, [20, 20])]
)
def test_twenty_questions_of_a_minute_are_three_and_a_list_of_the_others(tmp_path, kind, letters):
    """What leaves by itself in some minutes is told of at once: there is no time to wait."""

    async def go(store):
        async with NextHop() as hop:
            release = a_release(store, hop.port, series=SERIES_SECONDS)
            for number in range(20):
                code = f"C{number:05d}"
                mail, letter = a_mail(code), replace(a_letter(kind="question"), about=code)
                after = (Disposition.PASS,) * len(TO)
                wait = Wait(kind, store.now + 10_800, "cancel", after)
                await store.custody.hold(mail, replace(a_hold(mail), wait=wait), [letter], ())
                await drained(release)
                store.now += 3
            found = [len(hop.taken)]
            store.now += QUESTION_WAIT_SECONDS
            await drained(release)
            return [*found, len(hop.taken)], hop.taken[-1]

    store = Store(fresh(ANY, tmp_path), tmp_path)
    found, last = asyncio.run(go(store))
    store.database.close()
    assert found == letters
    if kind is Disposition.CONFIRM:
        assert subject(last).startswith("17 autres messages en attente depuis ")


def test_an_officer_who_was_not_told_of_the_first_is_told_of_the_second_at_once(tmp_path):
    """The first of a series may be harmless, and the next one grave."""

    async def go(store):
        async with NextHop() as hop:
            release = a_release(store, hop.port, series=SERIES_SECONDS)
            await told(store, 1)
            await drained(release)
            await told(store, 1, to=OFFICER, start=1)
            await drained(release)
            return len(hop.taken)

    store = Store(fresh(ANY, tmp_path), tmp_path)
    assert asyncio.run(go(store)) == 2
    store.database.close()


@pytest.mark.parametrize("restarts", [False, True])
def test_the_count_survives_a_restart(store, restarts):
    async def go():
        async with NextHop() as hop:
            release = a_release(store, hop.port, hourly=3)
            for number in range(6):
                await told(store, 1, start=number)
                if restarts:
                    release = a_release(store, hop.port, hourly=3, owner=f"me:{number}")
                await drained(release)
                store.now += 10
            first = len(hop.taken)
            store.now += HOUR_SECONDS
            await drained(a_release(store, hop.port, hourly=3))
            return first, [subject(one) for one in hop.taken[3:]]

    assert asyncio.run(go()) == (
        3,
        ["3 autres messages en quarantaine depuis 23 h 13 (avis groupé)"],
    )


def test_two_processes_count_together(store):
    async def go():
        async with NextHop() as hop:
            await told(store, 12)
            other = Store(store.url, store.directory, now=store.now)
            two = (a_release(store, hop.port, hourly=3), a_release(other, hop.port, hourly=3))
            await asyncio.gather(*map(drained, two))
            first = len(hop.taken)
            store.now = other.now = store.now + HOUR_SECONDS
            await asyncio.gather(*map(drained, two))
            store.now = other.now = store.now + LEASE_SECONDS
            await asyncio.gather(*map(drained, two))
            other.database.close()
            return first, len(hop.taken)

    assert asyncio.run(go()) == (3, 4)


def test_the_next_hour_begins_anew_and_the_bundle_counts_in_it(store):
    async def go():
        async with NextHop() as hop:
            release = a_release(store, hop.port, hourly=2)
            await told(store, 4)
            await drained(release)
            store.now += HOUR_SECONDS
            await drained(release)  # the bundle of two
            await told(store, 3, start=4)
            await drained(release)  # one by itself, two put off
            second = len(hop.taken)
            store.now += HOUR_SECONDS
            await drained(release)
            return second, [subject(one) for one in hop.taken]

    second, subjects = asyncio.run(go())
    assert (second, len(subjects)) == (4, 5)
    assert [s.startswith("2 autres") for s in subjects] == [False, False, True, False, True]


def test_one_that_waits_alone_is_sent_as_it_is(store):
    async def go():
        async with NextHop() as hop:
            release = a_release(store, hop.port, hourly=2)
            await told(store, 3)
            await drained(release)
            store.now += HOUR_SECONDS
            await drained(release)
            return [subject(one) for one in hop.taken]

    assert asyncio.run(go()) == ["retenu"] * 3


@pytest.mark.parametrize("kind", ["secret", "report", "digest", "reminder"])
def test_other_letters_are_never_put_off(store, kind):
    """A PDF's secret told of in a bundle would be lost: nobody could read the mail."""

    async def go():
        async with NextHop() as hop:
            await told(store, 5, kind=kind)
            await drained(a_release(store, hop.port, hourly=2))
            return len(hop.taken)

    assert asyncio.run(go()) == 5


def test_each_person_has_an_hour_of_their_own(store):
    async def go():
        async with NextHop() as hop:
            await told(store, 3)
            await told(store, 3, to="bob@chu.example", start=3)
            await told(store, 1, to=SENDER.upper(), start=6)  # the same person as SENDER
            await drained(a_release(store, hop.port, hourly=2))
            return len(hop.taken)

    assert asyncio.run(go()) == 4


def test_a_notice_put_off_by_the_next_hop_counts_once(store):
    async def go():
        async with NextHop(says={"MAIL": ["451 4.3.0 later"] * 2}) as hop:
            release = a_release(store, hop.port, hourly=2)
            await told(store, 2)
            await drained(release)
            store.now += 61
            await drained(release)
            return len(hop.taken)

    assert asyncio.run(go()) == 2


def test_the_bundle_says_what_became_of_each(store):
    async def go():
        async with NextHop() as hop:
            release = a_release(store, hop.port, hourly=1)
            await told(store, 4)
            await drained(release)
            await store.holds.reject("C00001", "dpo")
            await store.holds.expire("C00002", ())
            store.now += HOUR_SECONDS
            await drained(release)
            return text(hop.taken[-1])

    said = asyncio.run(go()).replace("\xa0", " ").replace("\r\n", "\n")
    assert "C00001   annulé\n" in said
    assert "C00002   annulé, faute de décision" in said
    assert "C00003   retenu, décision avant le dimanche 19 novembre 2023 à 23 h 13" in said
    assert "Encore retenus   1" in said


def test_officers_are_bundled_as_officers(store):
    async def go():
        async with NextHop() as hop:
            release = a_release(store, hop.port, hourly=1)
            await told(store, 3, to=OFFICER)
            await drained(release)
            store.now += HOUR_SECONDS
            await drained(release)
            return subject(hop.taken[-1])

    assert asyncio.run(go()).startswith("[Quarantaine] 2 autres messages")


def test_the_store_knows_a_person_by_a_keyed_hash_only(store):
    async def go():
        async with NextHop() as hop:
            await told(store, 3)
            await drained(a_release(store, hop.port, hourly=1))
            return repr(await store.rows("outbox"))

    written = asyncio.run(go()).lower()
    assert "fictive" not in written
    assert Bundles(store.database, store.hmac).person([SENDER]) in written
    assert Bundles(store.database, b"x" * 32).person([SENDER]) not in written


def test_the_sender_is_told_that_his_mail_has_left_after_all(store):
    async def go():
        async with NextHop() as hop:
            await ordered(store)
            release = a_release(store, hop.port, telling=True)
            await drained(release)
            await drained(release)
            return hop.taken

    released, letter = asyncio.run(go())
    assert f"<{SENDER}>" in letter.rcpts[0]
    assert letter.mail.startswith("MAIL FROM:<>")
    assert b"est parti" in quopri.decodestring(letter.content)
    assert released.content not in letter.content
