"""Conditions on who writes to whom: what the words of `recipient:` and `sender:` ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.decide import words
from gateway.decide.contract import within_contract
from gateway.decide.history import recipient_in_history
from gateway.decide.places import Places, domain_of, normal_domain
from gateway.decide.question import Question, Reasons, Test, once


def any_of(tests: Sequence[Test]) -> Test:
    """Every reason there is, not the first alone: the officer decides on all of them."""
    if len(tests) == 1:
        return tests[0]

    def ask(question: Question) -> Reasons:
        held = [reasons for test in tests if (reasons := test(question)) is not None]
        return tuple(reason for reasons in held for reason in reasons) if held else None

    return ask


def recipient_is(word: str, places: Places) -> Test:
    if word in words.HISTORY:
        return recipient_in_history(word)
    if word == "mixed":
        return _mixed(places)
    holds, said = _recipient_in(word, places)
    return lambda question: (
        (f"{said} ({question.domain or 'sans domaine'})",) if holds(question) else None
    )


def _recipient_in(word: str, places: Places) -> tuple[Callable[[Question], bool], str]:
    match word:
        case "internal":
            return (lambda q: q.internal), "destinataire interne"
        case "external":
            return (lambda q: not q.internal), "destinataire extérieur"
        case "mssante":
            return (lambda q: places.is_mssante(q.recipient)), "destinataire MSSanté"
        case "webmail":
            return (lambda q: places.is_webmail(q.recipient)), "messagerie grand public"
        case "partner":
            return (lambda q: within_contract(q, places)), "partenaire déclaré"
    if word.startswith("partner:"):
        name = word.removeprefix("partner:")
        return (lambda q: within_contract(q, places, name)), f"partenaire {name}"
    fits = _address_glob(word)
    return (lambda q: fits(q.recipient)), "destinataire désigné par la règle"


def _mixed(places: Places) -> Test:
    """An ordinary address outside, in one mail with MSSanté: one of the two is there by mistake."""

    def has_mssante(question: Question) -> Reasons:
        held = any(map(places.is_mssante, question.mail.envelope.addresses))
        return (
            ("un destinataire MSSanté et un autre, ordinaire, dans le même message",)
            if held
            else None
        )

    asked = once("mixed", has_mssante)
    return lambda question: (
        None if question.internal or places.is_mssante(question.recipient) else asked(question)
    )


def sender_is(word: str, places: Places) -> Test:
    match word:
        case "internal":
            return _sender_test(places.is_internal, "expéditeur interne")
        case "external":
            return _sender_test(lambda a: not places.is_internal(a), "expéditeur extérieur")
        case "<>":
            return _sender_test(lambda a: not a, "message automatique, sans expéditeur")
    return _sender_test(_address_glob(word), "expéditeur désigné par la règle")


def _sender_test(holds: Callable[[str], bool], said: str) -> Test:
    return lambda question: (said,) if holds(question.mail.envelope.sender) else None


def _address_glob(word: str) -> Callable[[str], bool]:
    """ "domain:GLOB", or the glob of a whole address."""
    if word.startswith("domain:"):
        fits = words.glob([normal_domain(word.removeprefix("domain:"))])
        return lambda address: fits(domain_of(address))
    local, _, domain = word.rpartition("@")
    fits = words.glob([f"{local.lower()}@{normal_domain(domain)}"])
    return lambda address: fits(f"{address.rpartition('@')[0].lower()}@{domain_of(address)}")
