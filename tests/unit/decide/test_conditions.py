"""Each condition holds when it must, does not when it must not, and says why."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.acquaintance import Correspondence
from gateway.decide import headers
from gateway.decide.conditions import distinct
from gateway.decide.engine import Judge
from gateway.decide.places import Partner, Places
from gateway.decide.question import PARIS
from gateway.decide.rules import parse_rules
from gateway.model import Coverage, Disposition, Likelihood, Place, Trouble
from tests.makers import judged

KINDS = ("fr.nir", "iban", "health.terms", "health.document", "person")
PLACES = Places(
    domains=("chu.example", "*.chu.example"),
    webmail=("webmail.example",),
    mssante=("*.mssante.example",),
    partners={
        "paie": Partner(("paie.example",)),
        "ancien": Partner(("ancien.example",), datetime(2025, 12, 31).date()),
        "labo": Partner(("labo.example",), data=("fr.nir", "health.*"), persons=20),
    },
)


def reasons(when: str, mail=None, seen=None):
    """What a rule with this condition says of the first recipient; None: it does not hold."""
    text = f"id: x\ntitle: Essai\nwhen: {when}\nthen: quarantine\n"
    rules, complaints = parse_rules({"x.yaml": text}, kinds=KINDS)
    assert not complaints, "\n".join(map(str, complaints))
    judge = Judge(rules, PLACES, None)
    [verdict, *_] = judge.decide(mail or judged.mail(), seen or judged.seen())
    return verdict.reasons[1:] if verdict.disposition is Disposition.QUARANTINE else None


def to(address):
    return judged.mail(address)


@pytest.mark.parametrize(
    ("word", "address"),
    [
        ("internal", "a@chu.example"),
        ("internal", "A@CHU.Example."),
        ("internal", "a@lyon.chu.example"),
        ("external", "a@notchu.example"),
        ("external", "a@chu.example.evil.example"),
        ("external", "postmaster"),
        ("external", "a@[192.0.2.1]"),
        ("external", "a%mail.example@chu.example"),
        ("external", '"a@mail.example"@chu.example'),
        ("external", "mail.example!a@chu.example"),
        ("external", '"x@chu.example"@mail.example'),
        ("mssante", "dr@medecin.mssante.example"),
        ("webmail", "a@webmail.example"),
        ("partner:paie", "a@paie.example"),
        ("partner", "a@paie.example"),
        ("domain:*.example", "a@b.example"),
        ("domain:b.example", "a@b.example"),
        ("'*.dupont@b.example'", "Marie.Dupont@B.example"),
        ("[webmail, mssante]", "a@webmail.example"),
    ],
)
def test_a_recipient_is_told_apart(word, address):
    assert reasons(f"{{recipient: {word}}}", to(address)) is not None


@pytest.mark.parametrize(
    ("word", "address", "why"),
    [
        ("external", "a@chu.example", "it is ours"),
        ("internal", "a@mail.example", "it is not ours"),
        ("internal", "a%mail.example@chu.example", "many servers send it on to mail.example"),
        ("mssante", "dr@mssante.example", "a star does not stand for nothing"),
        ("mssante", "dr%mail.example@medecin.mssante.example", "it may not end there"),
        ("webmail", "a@x.webmail.example", "subdomains only where they are written"),
        ("partner:ancien", "a@ancien.example", "the contract has ended"),
        ("partner", "a@ancien.example", "the contract has ended"),
        ("partner", "a@mail.example", "nobody declared it"),
        ("partner", "a%mail.example@paie.example", "it may not end there"),
        ("partner:autre", "a@paie.example", "it is another partner's"),
        ("domain:b.example", "a@b.example.com", "a glob is matched whole"),
        ("'a@b.example'", "xa@b.example", "a glob is matched whole"),
    ],
)
def test_a_recipient_is_not_taken_for_another(word, address, why):
    assert reasons(f"{{recipient: {word}}}", to(address)) is None, why


@pytest.mark.parametrize(
    ("found", "holds", "why"),
    [
        ([], True, "nothing at all"),
        ([judged.finding(count=20)], True, "what the contract is about"),
        ([judged.finding("health.document")], True, "by a glob"),
        ([judged.finding("person"), judged.finding("phone", count=80)], True, "as in every mail"),
        ([judged.finding("iban", likelihood=Likelihood.POSSIBLE)], True, "not even likely"),
        ([judged.finding(), judged.finding("iban")], False, "accounts are not in it"),
        ([judged.finding(count=21)], False, "more persons than agreed"),
    ],
)
def test_a_partner_is_one_within_his_contract(found, holds, why):
    kinds = "{recipient: 'partner:labo'}", "{recipient: partner}"
    for when in kinds:
        assert (reasons(when, to("a@labo.example"), judged.seen(*found)) is not None) is holds, why


@pytest.mark.parametrize(
    ("sent", "holds"),
    [({}, True), ({"lots": 49}, True), ({"lots": 50}, False), ({"labo": 50}, True)],
)
def test_a_partner_is_one_for_as_many_mails_a_day_as_agreed(sent, holds):
    places = Places(("chu.example",), partners={"lots": Partner(("l.example",), mails_a_day=50)})
    known = Correspondence(True, sent_today=sent)
    for word in ("partner", "partner:lots"):
        judge = a_judge(word, places)
        assert judge.wants(judged.seen()), "the ledger counts them"
        [verdict] = judge.decide(to("a@l.example"), judged.seen(), known)
        assert (verdict.disposition is Disposition.QUARANTINE) is holds


def a_judge(word, places):
    text = f"id: x\ntitle: Essai\nwhen: {{recipient: '{word}'}}\nthen: quarantine\n"
    rules, complaints = parse_rules({"x.yaml": text}, kinds=KINDS)
    assert not complaints
    return Judge(rules, places, None)


def test_where_no_contract_says_how_many_nobody_counts():
    assert not a_judge("partner", PLACES).wants(judged.seen())


def test_a_domain_is_the_same_in_letters_and_in_a_labels():
    places = Places(domains=("hôpital.example",))
    assert places.is_internal("a@xn--hpital-ixa.example")
    assert places.is_internal("a@HÔPITAL.example")


@given(st.text(max_size=400))
def test_no_address_makes_the_places_fail(address):
    PLACES.is_internal(address)
    PLACES.is_mssante(f"a@{address}")


@pytest.mark.parametrize(
    ("word", "sender", "holds"),
    [
        ("internal", "a@chu.example", True),
        ("internal", "", False),
        ("external", "", True),
        ("'<>'", "", True),
        ("'<>'", "a@chu.example", False),
        ("domain:*.example", "a@chu.example", True),
        ("'facturation@*'", "Facturation@chu.example", True),
        ("'facturation@*'", "autre@chu.example", False),
    ],
)
def test_the_sender_is_that_of_the_envelope(word, sender, holds):
    mail = judged.mail(sender=sender, content=b"From: a@chu.example\r\n\r\n")
    assert (reasons(f"{{sender: {word}}}", mail) is not None) is holds


@pytest.mark.parametrize(
    "when",
    [
        "{finding: fr.nir}",
        "{finding: 'fr.*'}",
        "{finding: [iban, fr.nir]}",
        "{finding: fr.nir, likelihood: very_likely}",
        '{finding: fr.nir, count: ">= 2"}',
        '{finding: fr.nir, count: "== 2"}',
        '{finding: fr.nir, count: "< 3"}',
        "{finding: fr.nir, near: person}",
        "{finding: fr.nir, near: ['health.*', person]}",
    ],
)
def test_a_finding_is_met(when):
    seen = judged.seen(judged.finding("fr.nir", "a", "b", near=("person",)))
    [reason] = reasons(when, seen=seen)
    assert "2 valeurs distinctes" in reason
    assert "partie 2!base.csv" in reason
    assert "2 79 ** ** *** *** **" in reason


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("{finding: iban}", "it is another kind"),
        ("{finding: 'health.*'}", "no such kind was found"),
        ("{finding: fr.nir, likelihood: very_likely}", "it is only likely"),
        ('{finding: fr.nir, count: ">= 2"}', "the same value stands in two places"),
        ("{finding: fr.nir, near: person}", "nobody is near"),
        ('{not: {finding: fr.nir, count: "< 5"}}', "one is fewer than five"),
    ],
)
def test_a_finding_is_not_met(when, why):
    likely = Likelihood.LIKELY
    seen = judged.seen(
        judged.finding("fr.nir", "a", likelihood=likely),
        judged.finding("fr.nir", "a", likelihood=likely, place=Place("3")),
    )
    assert reasons(when, seen=seen) is None, why


def test_what_is_merely_possible_must_be_asked_for():
    seen = judged.seen(judged.finding(likelihood=Likelihood.POSSIBLE))
    assert reasons("{finding: fr.nir}", seen=seen) is None
    assert reasons("{finding: fr.nir, likelihood: possible}", seen=seen) is not None


def test_fewer_than_some_is_not_none_at_all():
    assert reasons('{finding: fr.nir, count: "< 5"}') is None


def test_values_beyond_the_limit_of_the_wire_still_count():
    cut = judged.finding("fr.nir", "a", "b", count=500)
    assert distinct([cut, judged.finding("fr.nir", "a", place=Place("3"))]) == 500


@given(st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), max_size=6))
def test_distinct_values_are_those_of_all_places_together(places):
    found = [judged.finding("fr.nir", *values) for values in places]
    assert distinct(found) == len(set().union(*places))


def test_many_places_are_told_by_three_and_a_number():
    found = [judged.finding(place=Place(str(n))) for n in range(9)]
    [reason] = reasons("{finding: fr.nir}", seen=judged.seen(*found))
    assert reason.count("2 79") == 3
    assert "9 endroits en tout" in reason


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("{problem: encrypted}", True),
        ("{problem: any}", True),
        ("{problem: [damaged, encrypted]}", True),
        ("{problem: damaged}", False),
    ],
)
def test_a_problem_is_met(when, holds):
    seen = judged.seen(judged.problem(Trouble.ENCRYPTED))
    assert (reasons(when, seen=seen) is not None) is holds
    assert reasons(when) is None


@pytest.mark.parametrize(
    ("asked", "covered", "holds"),
    [
        ("partly", Coverage.WHOLE, False),
        ("partly", Coverage.PARTLY, True),
        ("partly", Coverage.UNREAD, True),
        ("unread", Coverage.PARTLY, False),
        ("unread", Coverage.UNREAD, True),
    ],
)
def test_coverage_is_at_best_that(asked, covered, holds):
    seen = judged.seen(judged.part(Coverage.WHOLE, "1"), judged.part(covered))
    assert (reasons(f"{{coverage: {asked}}}", seen=seen) is not None) is holds


@pytest.mark.parametrize(
    "subject",
    [
        "Subject: [CONFIDENTIEL] dossier",
        "SUBJECT:confidentiel",
        "Subject: confi\r\n dentiel\r\nSubject: Confidentiel",
        "Subject: =?utf-8?B?Q29uZmlkZW50aWVs?=",
        "Subject: =?iso-8859-1?q?Confi?=\r\n =?iso-8859-1?q?dentiel?=",
        "Subject: ＣＯＮＦＩＤＥＮＴＩＥＬ",
    ],
)
def test_a_header_says_a_word_however_it_is_written(subject):
    mail = judged.mail(content=f"{subject}\r\n\r\nBonjour".encode())
    assert reasons("{header: Subject, contains: Confidentiel}", mail) is not None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"X-Subject: confidentiel\r\n\r\n", "it is another field"),
        (b"Subject: bonjour\r\n\r\nSubject: confidentiel", "it is in the body"),
        (b"", "there is nothing"),
    ],
)
def test_a_header_does_not_say_it(content, why):
    mail = judged.mail(content=content)
    assert reasons("{header: subject, contains: confidentiel}", mail) is None, why


@given(st.binary(max_size=300), st.sampled_from([b"=?utf-8?b?", b"=?x?q?", b"Subject:", b""]))
def test_no_header_makes_the_reader_fail(noise, start):
    headers.fields(b"Subject: " + start + noise + b"?=\r\n\r\n", "subject")


def shown(to, cc=""):
    return judged.mail(content=f"To: {to}\r\nCc: {cc}\r\nBcc: x@mail.example\r\n\r\n".encode())


@pytest.mark.parametrize(
    ("to", "cc", "many"),
    [
        ("a@mail.example", "", 1),
        ("A <a@mail.example>, <B@mail.example>,\r\n c@mail.example", "d@mail.example", 4),
        ("a@mail.example, A@Mail.example", "a@mail.example", 1),
        ('"a@b.example" <a@mail.example>', "", 1),  # a name that looks like an address
        ("Service : a@mail.example, b@mail.example;", "", 2),  # a group
        ("a@mail.example, b@chu.example", "c@lyon.chu.example", 1),  # ours do not count
    ],
)
def test_addresses_outside_that_all_can_read_are_counted(to, cc, many):
    assert reasons(f"{{visible_recipients: '== {many}'}}", shown(to, cc)) is not None
    assert reasons(f"{{visible_recipients: '> {many}'}}", shown(to, cc)) is None


@pytest.mark.parametrize(
    ("written", "size", "holds"),
    [
        (">= 1 KB", 1024, True),
        (">= 1 Ko", 1023, False),
        ("> 10", 10, False),
        ("< 1 MB", 10, True),
    ],
)
def test_size_is_that_of_the_message_as_received(written, size, holds):
    mail = judged.mail(content=b"x" * size)
    assert (reasons(f'{{size: "{written}"}}', mail) is not None) is holds


@pytest.mark.parametrize(
    ("sender", "recipient", "outbound", "internal"),
    [
        ("a@chu.example", "b@chu.example", False, True),
        ("a@chu.example", "b@mail.example", True, False),
        ("a@mail.example", "b@chu.example", False, False),
        ("", "b@mail.example", True, False),
    ],
)
def test_direction(sender, recipient, outbound, internal):
    mail = judged.mail(recipient, sender=sender)
    assert (reasons("{direction: outbound}", mail) is not None) is outbound
    assert (reasons("{direction: internal}", mail) is not None) is internal


@pytest.mark.parametrize(
    ("written", "at", "holds"),
    [
        ('{days: [sat, sun], hours: "00:00-24:00"}', "2026-01-03 00:00", True),
        ("{days: sun}", "2026-01-05 00:00", False),
        ('{hours: "20:00-06:00"}', "2026-01-05 20:00", True),
        ('{hours: "20:00-06:00"}', "2026-01-05 05:59", True),
        ('{hours: "20:00-06:00"}', "2026-01-05 06:00", False),
        ('{hours: "08:00-12:00"}', "2026-01-05 12:00", False),
        ('{hours: "20:00-24:00"}', "2026-01-05 23:59", True),
        ('{hours: "20:00-24:00"}', "2026-01-05 00:00", False),
    ],
)
def test_time_is_that_of_paris(written, at, holds):
    mail = judged.mail(at=datetime.fromisoformat(at).replace(tzinfo=PARIS))
    assert (reasons(f"{{time: {written}}}", mail) is not None) is holds


OUT, IN = "{direction: outbound}", "{direction: internal}"


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (f"{{all: [{OUT}, {OUT}]}}", True),
        (f"{{all: [{OUT}, {IN}]}}", False),
        (f"{{any: [{IN}, {OUT}]}}", True),
        (f"{{any: [{IN}, {IN}]}}", False),
        (f"{{not: {IN}}}", True),
        (f"{{not: {OUT}}}", False),
        (f"{{not: {{any: [{IN}, {{not: {OUT}}}]}}}}", True),
    ],
)
def test_conditions_nest(when, holds):
    assert (reasons(when) is not None) is holds


def test_every_reason_is_told():
    seen = judged.seen(judged.finding("fr.nir"), judged.finding("iban"))
    told = reasons("{any: [{finding: fr.nir}, {finding: person}, {finding: iban}]}", seen=seen)
    assert [reason.split()[0] for reason in told] == ["fr.nir", "iban"]


def test_no_reason_tells_a_local_part():
    mail = judged.mail("279035121518989@patient.mssante.example")
    told = reasons("{all: [{recipient: external}, {recipient: mssante}]}", mail)
    assert "279035121518989" not in " ".join(told)
