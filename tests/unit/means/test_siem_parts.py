"""What `siem` stands for: refusals, canaries and rules come into the record, addresses as asked."""

from __future__ import annotations

import asyncio
import json

import pytest
import structlog

from gateway.config import read_config
from gateway.config_siem import collector
from gateway.errors import Misconfigured
from gateway.means import siem_parts
from gateway.model import Disposition, Inspection, Receipt, Reply, Verdict
from gateway.parts import Titles
from gateway.store.keys import address_hash, load_hmac
from gateway.watch.syslog import Collector
from tests.collector import Collecting
from tests.makers.held import SENDER, TO, a_hold, a_mail
from tests.stores import ANY, Store, fresh

RULE = """id: test/all
title: Tout
when: {recipient: external}
then: quarantine
"""


@pytest.fixture
def store(tmp_path):
    made = Store(fresh(ANY, tmp_path), tmp_path)
    yield made
    made.database.close()


def configured(tmp_path, siem):
    (tmp_path / "rules").mkdir(exist_ok=True)
    (tmp_path / "rules" / "a.yaml").write_text(RULE, "utf-8")
    path = tmp_path / "gateway.yaml"
    path.write_text(
        "domains: [ch-exemple.example]\nhostname: node-1.ch-exemple.example\n"
        f"keys: keys\nrules: [rules]\n{siem}",
        "utf-8",
    )
    return read_config(path)


class Journal:
    def __init__(self):
        self.lines = []

    def judged(self, mail, verdicts, seen, receipts, seconds):
        self.lines.append("judged")

    def failed(self, mail, what):
        self.lines.append("failed")


def refused(mail, *addresses):
    verdicts = [Verdict(one, Disposition.REJECT, "test/all") for one in addresses]
    reply = Reply(550, "5.7.1", ("Refus",))
    receipts = {one: Receipt(one, Disposition.REJECT, reply) for one in addresses}
    return verdicts, receipts


async def record(store):
    """(kind, hold, detail) of all events."""
    return [(row[2], row[3], row[6]) for row in await store.rows("events")]


@pytest.mark.parametrize("addresses", ["none", "hashed", "clear"])
def test_a_refusal_comes_into_the_record_with_what_may_be_told(store, tmp_path, addresses):
    config = configured(
        tmp_path, f"siem: {{url: 'syslog+tcp://127.0.0.1', addresses: {addresses}}}"
    )

    async def run():
        telling, inner, mail = siem_parts.telling(config, store.database), Journal(), a_mail()
        journal = telling.journal(inner)
        journal.judged(mail, *_judged(mail, ()), 0.1)  # nothing was refused
        journal.judged(mail, *_judged(mail, TO), 0.1)
        journal.failed(mail, "x")
        assert inner.lines == ["judged", "judged", "failed"]
        await telling.happenings.flush()
        hashed = address_hash(load_hmac(config.keys), SENDER)[:16]
        said = "" if addresses == "none" else f" sender={hashed}@{SENDER.rpartition('@')[2]}"
        detail = f"recipients={len(TO)} rule=test/all door={mail.door}{said}"
        assert await record(store) == [("mail refused", mail.id, detail)]

    asyncio.run(run())


def _judged(mail, addresses):
    verdicts, receipts = refused(mail, *addresses)
    return verdicts, Inspection(), receipts


def test_a_canary_is_news_when_it_stops_being_caught_and_when_it_is_again(store, tmp_path):
    config = configured(tmp_path, "siem: {url: 'syslog+tcp://127.0.0.1'}")

    async def run():
        telling, counted = siem_parts.telling(config, store.database), []
        tell = telling.canary(counted.append)
        flown = ["caught", "caught", "passed", "unseen", "caught", "caught"]
        for outcome in flown:
            tell(outcome)
        await telling.happenings.flush()
        assert counted == flown
        assert await record(store) == [
            ("canary failed", None, "outcome=passed node=node-1.ch-exemple.example"),
            ("canary caught", None, "outcome=caught node=node-1.ch-exemple.example"),
        ]

    asyncio.run(run())


def test_without_a_siem_everything_goes_through_and_nothing_is_noted(store, tmp_path):
    config = configured(tmp_path, "")

    async def run():
        telling, journal, count = siem_parts.telling(config, store.database), Journal(), []
        assert telling.journal(journal) is journal
        telling.canary(count.append)("passed")
        watch = siem_parts.watch(config, store.database, store.holds, (), Titles(config), None)
        watch.reload()
        stopping = asyncio.Event()
        await asyncio.gather(telling.keep(stopping), watch.keep(stopping))
        assert count == ["passed"]
        assert await record(store) == []

    asyncio.run(run())


@pytest.mark.parametrize("addresses", ["none", "hashed", "clear"])
def test_a_start_changed_rules_and_a_held_mail_reach_the_collector(store, tmp_path, addresses):
    async def run(there):
        config = configured(
            tmp_path,
            f"siem: {{url: 'syslog+tcp://127.0.0.1:{there.port}', format: json, "
            f"addresses: {addresses}}}",
        )
        watch = siem_parts.watch(
            config,
            store.database,
            store.holds,
            store.private,
            Titles(config),
            structlog.get_logger(),
        )
        await watch.forwarder.tail.begin()
        watch.reload()  # as they were: no news
        (tmp_path / "rules" / "a.yaml").write_text(RULE.replace("Tout", "Rien"), "utf-8")
        watch.reload()
        (tmp_path / "rules" / "a.yaml").write_text("nonsense", "utf-8")
        watch.reload()
        await watch.telling.happenings.flush()
        mail = a_mail()
        await store.custody.hold(mail, a_hold(mail), (), ())
        await watch.forwarder.forward()
        watch.forwarder.line.close()

    with Collecting() as there:
        asyncio.run(run(there))
        told = [json.loads(one[one.index(b"{") :]) for one in there.wait(4)]
    assert [one["event"] for one in told] == [
        "gateway-started",
        "rules-changed",
        "rules-refused",
        "held",
    ]
    assert told[0]["detail"] != told[1]["detail"]
    held = json.dumps(told[3])
    assert (SENDER in held) == (addresses == "clear")
    assert (SENDER.partition("@")[2] in held) == (addresses != "none")


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("syslog+tls://siem.chu.example", Collector("tls", "siem.chu.example", 6514)),
        ("syslog+tls://[2001:db8::1]:7000", Collector("tls", "2001:db8::1", 7000)),
        ("syslog+tcp://127.0.0.1", Collector("tcp", "127.0.0.1", 601)),
        ("syslog+udp://localhost:515", Collector("udp", "localhost", 515)),
        ("syslog+unix:///dev/log", Collector("unix", path="/dev/log")),
    ],
)
def test_where_a_collector_is(url, where):
    assert collector(url) == where


@pytest.mark.parametrize(
    ("siem", "why"),
    [
        ("{url: 'syslog+tcp://siem.chu.example'}", "over the network in clear"),
        ("{url: 'syslog+udp://192.0.2.1'}", "over the network in clear"),
        ("{url: 'https://siem.chu.example'}", "no collector"),
        ("{url: 'syslog+tls://u:p@siem.chu.example'}", "no collector"),
        ("{url: 'syslog+tls://siem.chu.example:0'}", "no collector"),
        ("{url: 'syslog+unix://relative'}", "no collector"),
        ("{url: 'syslog+tcp://127.0.0.1', ca: gateway.yaml}", "without TLS"),
        ("{url: 'syslog+tls://siem.chu.example', addresses: all}", "addresses"),
    ],
)
def test_what_is_no_collector_is_refused(tmp_path, siem, why):
    with pytest.raises(Misconfigured, match=why):
        configured(tmp_path, f"siem: {siem}")


def test_a_certificate_that_is_none_is_told_at_the_start(store, tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    config = configured(tmp_path, "siem: {url: 'syslog+tls://siem.chu.example', ca: ca.pem}")
    with pytest.raises(Misconfigured, match=r"ca\.pem"):
        siem_parts.watch(config, store.database, store.holds, (), Titles(config), None)
