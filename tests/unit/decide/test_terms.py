"""Rules that make a mail wait: their keys, and what follows the wait."""

import pytest

from gateway.acquaintance import UNTOLD, Acquaintance, Correspondence, Likeness
from gateway.decide.engine import Judge
from gateway.decide.places import Domains, Places
from gateway.decide.rules import parse_rules
from gateway.decide.space import Space
from gateway.decide.terms import Terms, Unanswered
from gateway.model import Disposition
from tests.makers import judged

HOUR = 3600.0
TO = "out@mail.example"
SEEN = judged.seen(judged.finding("fr.nir"))


def parsed(*texts):
    head = "title: Titre\nwhen: {recipient: external}\n"
    files = {f"{n}.yaml": f"id: r{n}\n{head}{text}\n" for n, text in enumerate(texts)}
    return parse_rules(files, kinds=("fr.nir",), reviewers=("paie",))


def judge(*texts, fits=True, known=UNTOLD, space=None):
    rules, complaints = parsed(*texts)
    assert not complaints, "\n".join(map(str, complaints))
    one = Judge(rules, Places(domains=("chu.example",)), lambda mail, to: fits, space)
    [verdict] = one.decide(judged.mail(TO), SEEN, known)
    return verdict


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("then: confirm", Terms(3 * HOUR, True, Unanswered.CANCEL)),
        ("then: review", Terms(4 * HOUR, True, Unanswered.QUARANTINE)),
        ("then: delay", Terms(600, False, Unanswered.SEND)),
        ('then: delay\nfor: "30 min"', Terms(1800, False, Unanswered.SEND)),
        ("then: confirm\nwithin: 8 h", Terms(8 * HOUR, True, Unanswered.CANCEL)),
        (
            "then: confirm\nwithin: 30 min\nunanswered: send",
            Terms(1800, True, Unanswered.SEND),
        ),
        (
            "then: review\nreviewers: paie\nquorum: 2\nunanswered: cancel",
            Terms(4 * HOUR, True, Unanswered.CANCEL, "paie", 2),
        ),
    ],
)
def test_a_rule_says_how_long_and_what_then(text, terms):
    rules, complaints = parsed(text)
    assert not complaints
    assert rules.terms("r0") == terms


@pytest.mark.parametrize("order", ["pass", "encrypt", "quarantine", "reject"])
def test_what_waits_for_nobody_has_no_terms(order):
    rules, _ = parsed(f"then: {order}")
    assert rules.terms("r0") is None
    assert rules.terms("unknown") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("then: quarantine\nwithin: 3 h", '"within" has no effect with "then: quarantine"'),
        ("then: delay\nwithin: 3 h", 'it belongs to "then: confirm or review"'),
        ("then: confirm\nfor: 10 min", 'it belongs to "then: delay"'),
        ("then: confirm\nquorum: 2", '"quorum" has no effect'),
        ("then: encrypt\nunanswered: send", '"unanswered" has no effect'),
        ("then: delay\nreviewers: paie", '"reviewers" has no effect'),
        ("then: confirm\nwithin: 3 j", "this is no length of time"),
        ("then: confirm\nwithin: 91 h", "90 h at most"),
        ("then: delay\nfor: 0 min", "this is no length of time"),
        ("then: confirm\nunanswered: forget", "3:"),
        ("then: review\nquorum: 0", "quorum"),
        ("then: redact", "is not in this version"),
        ("then: encrypt\notherwise: confirm", "cannot stand here"),
    ],
)
def test_a_key_that_means_nothing_there_is_refused(text, told):
    rules, complaints = parsed(text)
    assert rules is None
    assert told in "\n".join(map(str, complaints))


@pytest.mark.parametrize("order", ["delay", "confirm", "review"])
def test_what_waits_is_encrypted_afterwards_if_a_rule_says_so(order):
    verdict = judge(f"then: {order}", "then: encrypt")
    assert (verdict.disposition.value, verdict.after) == (order, Disposition.ENCRYPT)
    assert judge(f"then: {order}").after is Disposition.PASS


@pytest.mark.parametrize("stricter", ["quarantine", "reject"])
def test_what_an_officer_must_see_waits_for_nobody_else(stricter):
    verdict = judge("then: confirm", f"then: {stricter}", "then: encrypt")
    assert verdict.disposition.value == stricter


def test_doubt_about_the_recipient_comes_before_the_officers_whom_no_channel_calls_for():
    verdict = judge("then: confirm", "then: encrypt", fits=False)
    assert (verdict.disposition, verdict.after) == (Disposition.CONFIRM, Disposition.QUARANTINE)


@pytest.mark.parametrize(
    ("texts", "becomes"),
    [
        (("then: confirm", "then: encrypt\notherwise: reject"), "reject"),
        (("then: confirm", "then: encrypt\ntogether: true"), "quarantine"),
        (("then: delay", "then: encrypt"), "quarantine"),
        (("then: review", "then: encrypt"), "quarantine"),
    ],
)
def test_where_no_channel_fits_nothing_waits_to_leave_in_clear(texts, becomes):
    verdict = judge(*texts, fits=False)
    assert verdict.disposition.value == becomes


def test_a_question_names_the_sender_s_own_and_colleagues():
    alike = tuple(Likeness(f"m{n}@chu.example", "letter", True) for n in range(4))
    person = Acquaintance(met=False, alike=(*alike[:2], alike[0]))
    known = Correspondence(True, {TO: person}, (Likeness("durand@mail.example", "greeted", False),))
    verdict = judge("then: confirm", known=known)
    assert verdict.first
    assert verdict.instead == ("m0@chu.example", "m1@chu.example", "durand@mail.example")
    assert "durand" not in repr(verdict)


def test_what_is_not_known_is_not_said():
    verdict = judge("then: confirm")
    assert (verdict.first, verdict.instead) == (False, ())
    assert judge("then: quarantine", known=Correspondence(True)).instead == ()


@pytest.mark.parametrize("order", ["delay", "confirm", "review"])
def test_mail_of_the_mssante_space_is_kept_for_nobody(order):
    domains = Domains(("mail.example",))
    space = Space(domains, domains, lambda address: "a@mail.example")
    assert judge(f"then: {order}", space=space).disposition is Disposition.REJECT


@pytest.mark.parametrize("order", ["delay", "confirm", "review"])
def test_a_verdict_names_every_rule_that_asks_for_the_wait(order):
    verdict = judge(f"then: {order}", "then: encrypt", f"then: {order}", "then: pass")
    assert (verdict.rule, verdict.also) == ("r0", ("r2",))
    assert judge("then: quarantine", "then: quarantine").also == ()
