import asyncio

import pytest

from gateway.act.pass_on import PassOn
from gateway.model import (
    Client,
    Coverage,
    Disposition,
    Envelope,
    Inspection,
    Mail,
    PartRead,
    Place,
    Problem,
    Receipt,
    Recipient,
    Reply,
    Trouble,
    Verdict,
)
from gateway.ports import Delivery

A = Recipient("a@x.example", ("NOTIFY=NEVER",))
B = Recipient("b@y.example")
MAIL = Mail(
    "7K2F-9QXD",
    "lmtp",
    Client(),
    Envelope("s@ours.example", (A, B), ("BODY=8BITMIME",)),
    b"From: s@ours.example\r\n\r\nBonjour\r\n",
    b"Received: from a by b\r\n",
    42.0,
    0.0,
)
OK = Reply(250, "2.0.0", ("Ok",))
NO = Reply(550, "5.1.1", ("unknown",))


class Diary:
    """A relay that writes down what it was asked."""

    def __init__(self, **said):
        self.entries, self.said = [], said

    async def send(self, envelope, content, *, deadline, route="default"):
        self.entries.append((envelope, b"".join(content), deadline, route))
        return {a: Delivery(self.said.get(a[0], OK), "hop:25") for a in envelope.addresses}


def pass_on(relay, *addresses):
    verdicts = [Verdict(address, Disposition.PASS) for address in addresses]
    return asyncio.run(PassOn(relay)(MAIL, verdicts, Inspection()))


def test_the_mail_goes_on_as_it_came_behind_our_trace():
    relay = Diary()
    pass_on(relay, "a@x.example", "b@y.example")
    assert relay.entries == [(MAIL.envelope, MAIL.trace + MAIL.content, 42.0, "default")]


def test_only_for_those_it_may_go_to():
    relay = Diary()
    pass_on(relay, "a@x.example")
    [(envelope, *_)] = relay.entries
    assert envelope == Envelope("s@ours.example", (A,), ("BODY=8BITMIME",))


def test_each_receipt_holds_what_the_hop_said_and_a_detail_without_it():
    assert pass_on(Diary(b=NO), "a@x.example", "b@y.example") == (
        Receipt("a@x.example", Disposition.PASS, OK, "hop:25 250"),
        Receipt("b@y.example", Disposition.PASS, NO, "hop:25 550"),
    )


@pytest.mark.parametrize(
    ("problems", "coverage", "said"),
    [
        ((), Coverage.WHOLE, b"whole"),
        (
            (Trouble.TOO_BIG, Trouble.ENCRYPTED, Trouble.TOO_BIG),
            Coverage.PARTLY,
            b"partly (encrypted, too_big)",
        ),
    ],
)
def test_how_much_was_read_is_said_where_asked_for(problems, coverage, said):
    relay = Diary()
    place = Place("2!Mme TESTEUR.zip")
    seen = Inspection(
        problems=tuple(Problem(kind, place, "x") for kind in problems),
        parts=(PartRead(place, "zip", coverage),),
    )
    verdicts = [Verdict("a@x.example", Disposition.PASS)]
    asyncio.run(PassOn(relay, say_coverage=True)(MAIL, verdicts, seen))
    [(_, content, *_)] = relay.entries
    assert content == MAIL.trace + b"X-Vaguemestre-Coverage: " + said + b"\r\n" + MAIL.content


def test_what_is_changed_is_signed_above_the_change():
    def stamp(added, mail):
        assert mail is MAIL
        return b"DKIM-Signature: x\r\n" + added

    relay = Diary()
    seen = Inspection(parts=(PartRead(Place("1"), "text", Coverage.WHOLE),))
    verdicts = [Verdict("a@x.example", Disposition.PASS)]
    asyncio.run(PassOn(relay, say_coverage=True, stamp=stamp)(MAIL, verdicts, seen))
    asyncio.run(PassOn(relay, stamp=stamp)(MAIL, verdicts, seen))
    said = b"DKIM-Signature: x\r\nX-Vaguemestre-Coverage: whole\r\n"
    assert [content for _, content, *_ in relay.entries] == [
        MAIL.trace + said + MAIL.content,
        MAIL.trace + MAIL.content,
    ]
