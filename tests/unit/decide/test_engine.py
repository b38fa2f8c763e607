"""The strictest verdict wins, exceptions remove what they override, and nothing leaves in clear."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.decide.question import PARIS
from gateway.decide.rules import parse_rules
from gateway.model import Coverage, Disposition, Likelihood, Trouble
from tests.makers import judged

PLACES = Places(domains=("chu.example",))
SEEN = judged.seen(judged.finding("fr.nir", near=("person",)), judged.problem(Trouble.DAMAGED))


def rule(identity, then="quarantine", when="{recipient: external}", more=""):
    return f"id: {identity}\ntitle: Titre de {identity}\nwhen: {when}\nthen: {then}\n{more}\n"


def exception(identity, overrides, when="{recipient: external}", until="2026-01-31", more=""):
    return (
        f"id: {identity}\ntitle: Titre de {identity}\nwhen: {when}\nallow: true\n"
        f"overrides: [{overrides}]\nowner: DPO\nuntil: {until}\n{more}\n"
    )


def decide(*texts, mail=None, fits=lambda mail, recipient: True):
    files = {f"{number}.yaml": text for number, text in enumerate(texts)}
    rules, complaints = parse_rules(files, kinds=("fr.nir", "person"))
    assert not complaints, "\n".join(map(str, complaints))
    return Judge(rules, PLACES, fits).decide(mail or judged.mail(), SEEN)


def test_nothing_holds_and_the_mail_passes():
    [verdict] = decide(rule("a", when="{recipient: internal}"))
    assert verdict.disposition is Disposition.PASS
    assert (verdict.rule, verdict.reasons) == ("", ())


def test_each_recipient_has_a_verdict_of_its_own_in_the_order_of_the_envelope():
    mail = judged.mail("out@mail.example", "in@chu.example", "other@mail.example")
    verdicts = decide(rule("a"), mail=mail)
    assert [(v.recipient, v.disposition.value) for v in verdicts] == [
        ("out@mail.example", "quarantine"),
        ("in@chu.example", "pass"),
        ("other@mail.example", "quarantine"),
    ]


ORDERS = ("pass", "encrypt", "quarantine", "reject")


@given(st.lists(st.sampled_from(ORDERS), min_size=1, max_size=6))
def test_the_strictest_wins_and_among_equals_the_first_by_id(orders):
    [verdict] = decide(*(rule(f"r{n}", then) for n, then in enumerate(orders)))
    strictest = max(orders, key=ORDERS.index)
    assert verdict.disposition.value == strictest
    assert verdict.rule == f"r{orders.index(strictest)}"


def test_among_equals_what_is_grave_comes_first():
    [verdict] = decide(rule("a"), rule("b", more="grave: true"))
    assert verdict.rule == "b"


def test_a_verdict_carries_what_its_rule_says():
    when = "{all: [{recipient: external}, {finding: fr.nir}]}"
    [verdict] = decide(
        rule("a", "encrypt", when, "otherwise: reject\nnotify: [sender, officer]"),
    )
    assert verdict.notify == ("sender", "officer")
    assert verdict.otherwise is Disposition.REJECT
    assert verdict.reasons[:2] == ("Titre de a", "destinataire extérieur (mail.example)")
    assert "2 79 ** ** *** *** **" in verdict.reasons[2]


@pytest.mark.parametrize("otherwise", ["quarantine", "reject"])
@pytest.mark.parametrize("fits", [None, lambda mail, recipient: False])
def test_without_a_channel_encrypt_becomes_otherwise(fits, otherwise):
    [verdict] = decide(rule("a", "encrypt", more=f"otherwise: {otherwise}"), fits=fits)
    assert verdict.disposition.value == otherwise
    assert verdict.rule == "a"
    assert "aucune voie chiffrée" in verdict.reasons[-1]


def test_the_channel_is_chosen_for_each_recipient_and_only_to_encrypt():
    asked = []

    def fits(mail, recipient):
        asked.append(recipient)
        return recipient.startswith("with")

    mail = judged.mail("with@mail.example", "without@mail.example", "in@chu.example")
    verdicts = decide(rule("a", "encrypt"), mail=mail, fits=fits)
    assert [v.disposition.value for v in verdicts] == ["encrypt", "encrypt", "pass"]
    assert asked == ["with@mail.example", "without@mail.example"]


def test_an_exception_removes_what_it_overrides():
    [verdict] = decide(rule("a"), exception("x", "a"))
    assert verdict.disposition is Disposition.PASS
    assert verdict.rule == "x", "the audit trail must tell why it passed"
    assert "exception accordée à DPO jusqu'au 31/01/2026" in verdict.reasons


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ((rule("a"), rule("b"), exception("x", "b")), "the other rule still stands"),
        ((rule("a"), exception("x", "a", until="2026-01-04")), "it ended the day before"),
        ((rule("a"), exception("x", "a", "{recipient: internal}")), "it is not for this recipient"),
        ((rule("a"), exception("x", "a", more="mode: monitor")), "it is only tried"),
    ],
)
def test_an_exception_removes_nothing_else(texts, why):
    [verdict] = decide(*texts)
    assert (verdict.disposition, verdict.rule) == (Disposition.QUARANTINE, "a"), why


def test_an_exception_holds_until_the_end_of_its_last_day_in_paris():
    texts = (rule("a"), exception("x", "a", until="2026-01-05"))
    for at, expected in (("05 23:59", Disposition.PASS), ("06 00:00", Disposition.QUARANTINE)):
        moment = datetime.strptime(f"2026-01-{at}", "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)
        [verdict] = decide(*texts, mail=judged.mail(at=moment))
        assert verdict.disposition is expected


def test_no_exception_is_made_for_an_address_with_a_further_route():
    when = '{recipient: "*@partner.example"}'
    for address, expected in (
        ("a@partner.example", Disposition.PASS),
        ("a%evil.example@partner.example", Disposition.QUARANTINE),
    ):
        mail = judged.mail(address)
        [verdict] = decide(rule("a"), exception("x", "a", when), mail=mail)
        assert verdict.disposition is expected


def test_a_monitored_rule_is_told_and_not_acted_upon():
    [verdict] = decide(rule("a", "encrypt"), rule("b", "reject", more="mode: monitor"))
    assert (verdict.disposition, verdict.monitored) == (Disposition.ENCRYPT, ("b",))


def test_a_monitored_rule_that_changes_nothing_is_not_told():
    [verdict] = decide(rule("a", "reject"), rule("b", more="mode: monitor"))
    assert verdict.monitored == ()


def test_a_monitored_exception_is_told_where_it_would_have_passed():
    [verdict] = decide(rule("a"), exception("x", "a", more="mode: monitor"))
    assert (verdict.disposition, verdict.monitored) == (Disposition.QUARANTINE, ("x",))


def test_what_a_channel_decides_does_not_hide_what_is_monitored():
    [verdict] = decide(
        rule("a", "encrypt"), rule("b", "quarantine", more="mode: monitor"), fits=None
    )
    assert verdict.monitored == ("b",)


def test_conditions_on_the_mail_are_asked_once_for_all_recipients():
    class Counted(tuple):
        asked = 0

        def __iter__(self):
            Counted.asked += 1
            return super().__iter__()

    seen = judged.seen()
    object.__setattr__(seen, "findings", Counted([judged.finding("fr.nir")]))
    rules, _ = parse_rules({"a.yaml": rule("a", when="{finding: fr.nir}")}, kinds=("fr.nir",))
    mail = judged.mail(*(f"{n}@mail.example" for n in range(50)))
    assert len(Judge(rules, PLACES, None).decide(mail, seen)) == 50
    assert Counted.asked == 2  # once for the traits of the mail, once by the rule


leaves = st.sampled_from(
    [
        "{recipient: external}",
        "{direction: internal}",
        "{size: '> 1 ko'}",
        "{coverage: partly}",
        "{coverage: unread}",
        "{problem: any}",
        "{problem: [damaged, encrypted]}",
        "{finding: fr.nir}",
        "{finding: 'fr.*', count: '>= 2'}",
        "{finding: [person, fr.nir], likelihood: possible, near: person}",
    ]
)
conditions = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda some: f"{{all: [{', '.join(some)}]}}")
        | st.lists(inner, min_size=1, max_size=3).map(lambda some: f"{{any: [{', '.join(some)}]}}")
        | inner.map(lambda one: f"{{not: {one}}}")
    ),
    max_leaves=6,
)
inspections = st.lists(
    st.builds(
        judged.finding,
        st.sampled_from(["fr.nir", "person"]),
        likelihood=st.sampled_from(Likelihood),
        near=st.sampled_from([(), ("person",)]),
    )
    | st.builds(judged.problem, st.sampled_from(Trouble))
    | st.builds(judged.part, st.sampled_from(Coverage)),
    max_size=3,
).map(lambda what: judged.seen(*what))


@given(st.lists(conditions, min_size=1, max_size=4), st.lists(inspections, min_size=1, max_size=4))
def test_rules_not_tried_would_not_have_held(when, several):
    files = {f"{n}.yaml": rule(f"r{n}", when=one) for n, one in enumerate(when)}
    rules, complaints = parse_rules(files, kinds=("fr.nir", "person"))
    assert not complaints, "\n".join(map(str, complaints))
    judge, plain = Judge(rules, PLACES, None), Judge(rules, PLACES, None)
    plain._worth_trying = lambda traits: plain._rules
    mail = judged.mail("out@mail.example", "in@chu.example")
    for seen in several:
        assert judge.decide(mail, seen) == plain.decide(mail, seen)


def test_judging_twice_gives_the_same():
    texts = (rule("a", "encrypt"), exception("x", "a", "{recipient: internal}"))
    assert decide(*texts) == decide(*texts)
