"""The fault campaign in short form: seeded faults in this process, and two nodes of which one dies.

The long form is `make faults`; its table is in docs/reliability.md. What strikes is chosen by the
seed; that the accounts balance must not depend on when it struck.
"""

from __future__ import annotations

import asyncio
import glob
import json
import multiprocessing
import os
import signal
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from gateway.model import Disposition
from tests.e2e.gateway import eventually
from tests.stores import KINDS
from tools.faults import inside, killed, page, processes, sink, strikes
from tools.faults.account import UNEXPLAINED, Account, Books, Circumstances, Kept, Told, as_line
from tools.faults.campaign import batches, struck
from tools.faults.clients import delivered
from tools.faults.cluster import cluster
from tools.faults.sink import Taken
from tools.faults.traffic import KINDS as KINDS_OF_MAIL
from tools.faults.traffic import Sent, mail, received

FAULTS = 75  # tried on each store; some do not strike
MAILS = 24  # for two nodes
LEASED = text(
    "SELECT hold_id FROM outbox WHERE kind = 'release' AND state = 'waiting' AND attempts > 0"
)


def total(found: list[inside.Struck]) -> Account:
    account = Account()
    for one in found:
        account.add(one.account)
    return account


@pytest.fixture
def folder():
    """Where PostgreSQL's user may come in."""
    with tempfile.TemporaryDirectory(prefix="faults-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_fails_around_one_process_each_copy_is_accounted_for(kind, folder):
    with inside.place(kind, folder) as where:
        found = asyncio.run(inside.trials(where, "short:1", FAULTS))
    account = total(found)
    assert account.wrong == []
    assert (account.lost, account.unscanned, account.again[UNEXPLAINED]) == (0, 0, 0)
    assert len({one.family for one in found}) >= 10  # of all sorts
    assert len(found) >= FAULTS / 2
    assert min(account.clear, account.sealed, account.held, account.released) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_dies_at_whichever_step_each_copy_is_accounted_for(kind, folder):
    fresh = multiprocessing.get_context("spawn")  # threads of other tests would not go with forks
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        found = pool.submit(deaths, kind, folder).result()
    account = total(found)
    assert account.wrong == []
    assert found


def deaths(kind, folder):
    with inside.place(kind, folder, proxied=False) as where:
        return killed.trials(where, "short:2", 6)


# Real processes


@pytest.mark.timeout(900)  # two gateways start, on a machine that may have others to serve
def test_of_two_nodes_one_is_killed_under_load_and_nothing_is_lost_nor_released_twice(folder):
    """
    clients ─▶ node 1 (killed, never back) | node 2 ─▶ sink
               └────── one PostgreSQL ──────┘
    """
    if not glob.glob("/usr/lib/postgresql/*/bin/initdb"):
        missing = "no PostgreSQL server binaries (apt-get install postgresql)"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    with cluster(folder, postgresql=True, nodes=2) as made:
        told, account, leased = asyncio.run(one_of_two_dies(made))
        taken, _ = sink.read(made.hop.journal)
    assert account.wrong == []
    assert (account.lost, account.unscanned, account.again[UNEXPLAINED]) == (0, 0, 0)
    assert account.accepted == sum(len(one.sent.right) for one in told)
    assert account.released > 0
    assert account.held == 0  # everything was ruled on
    for one in told:
        if one.sent.kind == "to hold" and one.sent.name not in leased:
            copies = [each for each in taken if each.to == one.sent.recipients]
            assert len(copies) == 1, "released twice by processes of which none had died with it"


async def one_of_two_dies(made):
    """leased: names of mails whose release the dead node had taken up: of these a second copy is
    possible, since nobody knows whether the next hop had answered (S13)."""
    kinds = [kind for kind in KINDS_OF_MAIL if kind != "to delay"]  # whose clock is half a minute
    told = [Told(mail(f"two.{n}", Random(n), kinds[n % len(kinds)])) for n in range(MAILS)]
    store, going, leased = made.store(), asyncio.Event(), set()
    clients = [
        asyncio.create_task(delivered(each, made.doors, Random(n))) for n, each in enumerate(told)
    ]
    officer = asyncio.create_task(processes.rules(store, Random(1), going, share=1.0))
    await asyncio.to_thread(eventually, lambda: sum(not one.waiting for one in told) >= MAILS // 4)
    dying, left = made.nodes
    made.down.add(0)
    made.power_off(dying)
    for pid in strikes.find(left, "release"):  # this one comes back
        os.kill(pid, signal.SIGKILL)
    await asyncio.gather(*clients)
    rows = await store.database.read(lambda c: c.execute(LEASED).all())
    for hold in {hold for (hold,) in rows}:
        opened = await store.holds.open(hold, store.private, unseen=True)
        leased |= {
            each.sent.name for each in told if each.sent.sender == opened.mail.envelope.sender
        }
    going.set()
    await officer
    await processes.ruled(store, Random(1), set(), 1.0)
    account = await processes.balanced(made, store, told)
    store.database.close()
    return told, account, leased


# The accounts themselves: each failure that they are to find


def a_mail(kind: str) -> Sent:
    return mail("x.1", Random(1), kind)


def reckoned(sent: Sent, taken=(), kept=(), replies="250", about=None, **went) -> Account:
    told = Told(sent, dict.fromkeys(sent.right, replies), **went)
    return Books(taken, kept).reckon([told], about or Circumstances())


def took(sent: Sent, *, heard: bool = True, content: bytes = b"") -> Taken:
    return Taken(sent.recipients, content or received(sent, 1), heard)


def held(sent: Sent, state: str = "held", digest: str = "") -> list[Kept]:
    return [Kept(address, state, digest or sent.digest) for address in sent.right]


def test_what_was_accepted_and_is_nowhere_is_lost():
    assert reckoned(a_mail("innocent")).lost == 1
    assert reckoned(a_mail("to hold")).lost == 1


def test_what_came_whole_is_not_lost():
    sent = a_mail("innocent")
    account = reckoned(sent, [took(sent)])
    assert (account.lost, account.clear, account.wrong) == (0, 1, [])


def test_one_octet_less_is_lost():
    sent = a_mail("innocent")
    assert reckoned(sent, [took(sent, content=received(sent, 1)[:-1])]).lost == 1


@pytest.mark.parametrize("kind", ["to hold", "to encrypt"])
def test_what_was_to_be_stopped_and_is_there_in_clear_is_unscanned(kind):
    sent = a_mail(kind)
    assert sent.right[sent.recipients[0]] is not Disposition.PASS
    assert reckoned(sent, [took(sent)]).unscanned == 1
    assert reckoned(sent, [took(sent)], replies="451").unscanned == 1  # whoever was answered what


def test_one_number_of_it_in_another_mail_is_unscanned():
    sent = a_mail("to hold")
    other = took(sent, content=b"Subject: x\r\n\r\n" + sent.payload[0] + b"\r\n")
    assert reckoned(sent, [other], held(sent)).unscanned == 1


def test_what_an_officer_released_is_not_unscanned():
    sent = a_mail("to hold")
    account = reckoned(sent, [took(sent)], held(sent, "released"))
    assert (account.unscanned, account.released, account.wrong) == (0, 1, [])


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ("released", "said to be sent, and the next hop has nothing"),
        ("releasing", "ordered, and nothing waits any more"),
    ],
)
def test_a_hold_that_is_over_without_a_copy_sent_is_lost(kept, why):
    sent = a_mail("to hold")
    assert reckoned(sent, [], held(sent, kept)).lost == 1, why


def test_a_hold_that_does_not_open_is_lost():
    sent = a_mail("to hold")
    assert reckoned(sent, [], held(sent, digest="other")).lost == 1


def test_a_document_whose_secret_nobody_was_told_is_lost():
    sent = a_mail("to encrypt")
    document = b'Content-Type: application/pdf; name="message-chiffre.pdf"\r\n\r\n%PDF-1.7\r\n'
    assert reckoned(sent, [took(sent, content=document)]).lost == 1


def test_a_second_copy_needs_a_reason():
    sent = a_mail("innocent")
    twice = [took(sent), took(sent)]
    assert reckoned(sent, twice).again == {UNEXPLAINED: 1}
    assert reckoned(sent, twice, cut=1).wrong == []
    assert reckoned(sent, [took(sent, heard=False), took(sent)]).wrong == []
    assert len(reckoned(sent, [*twice, *twice], cut=1).wrong) == 2  # one reason, one copy


def test_a_mail_held_twice_is_told():
    sent = a_mail("to hold")
    assert reckoned(sent, [], held(sent) * 2).wrong


def test_who_is_never_answered_is_told():
    assert reckoned(a_mail("innocent"), replies="451").wrong


# The journal


def test_a_campaign_that_was_killed_goes_on_after_its_last_whole_batch(tmp_path):
    journal = tmp_path / "journal.jsonl"
    line = page.Line(family="f", store="sqlite", struck={"a": 2}, account=as_line(Account(mails=3)))
    done = page.Batch(number=0, how="in place", at="2026-11-22 19:00", lines=[line])
    journal.write_text(json.dumps(done) + '\n{"number": 1, "li')
    assert batches(journal) == [done]
    assert struck(batches(journal)) == 2
    assert journal.read_text().endswith("}\n")
    assert "| f | sqlite | 2 | 3 |" in page.page([done], "make faults N=2 SEED=1")
