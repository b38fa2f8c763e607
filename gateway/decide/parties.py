"""Conditions on who writes to whom: what the words of `recipient:` and `sender:` ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.decide import words
from gateway.decide.places import Places, domain_of, normal_domain
from gateway.decide.question import Question, Reasons, Test


def any_of(tests: Sequence[Test]) -> Test:
    """Every reason there is, not the first alone: the officer decides on all of them."""
    if len(tests) == 1:
        return tests[0]

    def ask(question: Question) -> Reasons:
        held = [reasons for test in tests if (reasons := test(question)) is not None]
        return tuple(reason for reasons in held for reason in reasons) if held else None

    return ask


def recipient_is(word: str, places: Places) -> Test:
    holds, said = _recipient_in(word, places)
    return lambda question: (
        (f"{said} ({question.domain or 'sans domaine'})",) if holds(question) else None
    )


def _recipient_in(word: str, places: Places) -> tuple[Callable[[Question], bool], str]:
    if word in words.HISTORY:
        return _of_history(word)
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
            return (lambda q: places.is_partner(q.recipient, q.moment.date())), "partenaire déclaré"
    if word.startswith("partner:"):
        name = word.removeprefix("partner:")
        return (
            lambda q: places.is_partner(q.recipient, q.moment.date(), name)
        ), f"partenaire {name}"
    fits = _address_glob(word)
    return (lambda q: fits(q.recipient)), "destinataire désigné par la règle"


def _of_history(word: str) -> tuple[Callable[[Question], bool], str]:
    """Of what is not known, nothing is said: see `gateway.acquaintance`."""
    match word:
        case "first_time":
            return (
                lambda q: q.known.told and not q.known.of(q.recipient).met
            ), "première fois que l'expéditeur écrit à cette adresse"
        case "lookalike":
            return (
                lambda q: bool(q.known.of(q.recipient).alike)
            ), "adresse qui ressemble à une autre, connue"
        case "out_of_place":
            return (
                lambda q: q.known.of(q.recipient).out_of_place
            ), "adresse qui ne va jamais avec les autres"
    return (lambda q: q.known.of(q.recipient).new_in_flow), "nouveau destinataire d'une série"


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
