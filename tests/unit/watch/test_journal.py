"""One line a mail: hashes, domains, codes; the counts beside it."""

from collections import Counter

import pytest
from prometheus_client import CollectorRegistry

from gateway.model import (
    Coverage,
    Disposition,
    Inspection,
    PartRead,
    Place,
    Receipt,
    Reply,
    Verdict,
)
from gateway.watch.journal import Hasher, MailJournal
from gateway.watch.metrics import Metrics
from tests.makers.held import SEEN, SENDER, TO, a_mail
from tests.release import Quiet

ZOE, INS = TO
OK, BUSY, NO = (
    Reply(250, "2.0.0", ("Ok zoe",)),
    Reply(451, "4.2.1", ("zoe is full",)),
    Reply(550, "5.1.1", ("no zoe",)),
)
hashed = Hasher(lambda address: f"{len(address):064x}")


class House:
    def __init__(self):
        self.registry, self.log = CollectorRegistry(), Quiet()
        self.tallied = Counter()
        self.journal = MailJournal(
            self.log,
            Metrics(self.registry),
            hashed,
            lambda *what: self.tallied.update([what]),
        )

    def judged(self, receipts, seen=SEEN, verdicts=()):
        self.journal.judged(a_mail(), verdicts, seen, {r.recipient: r for r in receipts}, 0.25)

    def count(self, name, **labels):
        return self.registry.get_sample_value(f"vaguemestre_{name}", labels) or 0


@pytest.fixture
def house():
    return House()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("zoe@Mail.Example", "0000000000000000@mail.example"),
        ("", "<>"),
        ("279051234567890", "0000000000000000@?"),  # no domain: all of it is a local part
        ("zoé@été.example", "0000000000000000@?"),
        ('"a@b c"@x.example', "0000000000000000@x.example"),
    ],
)
def test_an_address_is_a_keyed_hash_and_its_domain(address, shown):
    assert Hasher(lambda _: "0" * 64)(address) == shown


def test_a_line_tells_what_became_of_each_without_naming_anybody(house):
    verdict = Verdict(ZOE, Disposition.QUARANTINE, "health/nir", ("NIR of Zoe",), monitored=("m",))
    receipts = [
        Receipt(ZOE, Disposition.QUARANTINE, OK),
        Receipt(INS, Disposition.ENCRYPT, BUSY, "h", "pdf"),
    ]
    house.judged(receipts, verdicts=(verdict,))
    [(level, event, line)] = house.log.lines
    assert (level, event, line["id"], line["queue_id"]) == ("info", "mail", a_mail().id, "4ABC123")
    assert [one["reply"] for one in line["recipients"]] == ["250 2.0.0", "451 4.2.1"]
    assert line["recipients"][0]["rule"] == "health/nir"
    assert line["recipients"][0]["monitored"] == ["m"]
    assert (line["recipients"][1]["hop"], line["recipients"][1]["channel"]) == ("h", "pdf")
    assert (line["findings"], line["problems"], line["ms"]) == (
        {"fr.nir": 2},
        {"encrypted": 1},
        250.0,
    )
    said = repr(house.log.lines).lower()
    for personal in ("zoe", "99999999", SENDER.split("@")[0].lower(), "paie", "2 79", "dossier"):
        assert personal not in said


@pytest.mark.parametrize(
    ("receipts", "label"),
    [
        ([(Disposition.PASS, OK)], "pass"),
        ([(Disposition.PASS, OK), (Disposition.QUARANTINE, OK)], "quarantine"),
        ([(Disposition.QUARANTINE, OK), (Disposition.PASS, BUSY)], "deferred"),
        ([(Disposition.REJECT, NO)], "reject"),
    ],
)
def test_a_mail_counts_once_under_its_strictest_order(house, receipts, label):
    house.judged([Receipt(f"{n}@x.example", *one) for n, one in enumerate(receipts)])
    assert house.count("mails_total", door="smtp", disposition=label) == 1
    assert house.count("mail_seconds_sum") == 0.25
    assert house.count("findings_total", kind="fr.nir") == 2
    assert house.count("problems_total", kind="encrypted") == 1


def test_figures_that_outlive_the_process_name_rules_and_kinds_alone(house):
    """Once a mail, however many recipients a rule would have stopped it for."""
    verdicts = [Verdict(one, Disposition.PASS, monitored=("health/x",)) for one in (ZOE, INS)]
    house.judged([Receipt(one, Disposition.PASS, OK) for one in (ZOE, INS)], verdicts=verdicts)
    house.journal.failed(a_mail(), "no time")
    assert house.tallied == {
        ("pass", "", ""): 1,
        ("deferred", "", ""): 1,
        ("unread", "", ""): 1,
        ("problem", "kind", "encrypted"): 1,
        ("monitored", "rule", "health/x"): 1,
    }


@pytest.mark.parametrize(
    ("coverage", "order", "reply", "counted"),
    [
        (Coverage.UNREAD, Disposition.PASS, OK, 1),
        (Coverage.WHOLE, Disposition.PASS, OK, 0),  # all of it was read
        (Coverage.UNREAD, Disposition.QUARANTINE, OK, 0),  # it did not leave
        (Coverage.UNREAD, Disposition.PASS, BUSY, 0),  # not yet
    ],
)
def test_what_left_unread_is_counted(house, coverage, order, reply, counted):
    seen = Inspection(parts=(PartRead(Place("1"), "zip", coverage),))
    house.judged([Receipt(ZOE, order, reply)], seen)
    assert house.count("not_scanned_total") == counted


def test_what_a_next_hop_refuses_is_counted_by_its_code(house):
    house.judged([Receipt(ZOE, Disposition.PASS, NO), Receipt(INS, Disposition.REJECT, NO)])
    assert house.count("relay_failures_total", reply="550") == 1


def test_our_own_failure_is_an_error_and_a_deferral(house):
    house.journal.failed(a_mail(), "KeyError")
    [(level, event, line)] = house.log.lines
    assert (level, event, line["why"]) == ("error", "mail deferred", "KeyError")
    assert house.count("mails_total", door="smtp", disposition="deferred") == 1
