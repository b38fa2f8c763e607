"""Conditions that rest on who writes to whom: they hold where the ledger says so, never else."""

from __future__ import annotations

import pytest

from gateway.acquaintance import UNTOLD, Acquaintance, Correspondence, Likeness
from gateway.decide import told, words
from gateway.decide.engine import Judge
from gateway.decide.lookalike import HOW
from gateway.decide.places import Places
from gateway.decide.rules import parse_rules
from gateway.model import Disposition
from tests.makers import judged

HERE = "paul.martin@mail.example"
COLLEAGUE = Likeness("marie.dupont@chu.example", "letter", True)
TWIN = Likeness("marie.dupont@chu.example", "twin", True)
OF_ANOTHER = Likeness("marie.dupont@labo.example", "twin", False)
GREETS = b"To: paul.martin@mail.example\r\n\r\nBonjour Madame Durand,\r\n"
FAMILIAR = b"To: paul.martin@mail.example\r\n\r\nBonjour Claire,\r\n"
DURAND = Likeness("claire.durand@labo.example", "greeted", False)


def reasons(word, known, content=GREETS, to=(HERE,)):
    """What a rule with this condition says of the first recipient; None: it does not hold."""
    text = f"id: x\ntitle: Essai\nwhen: {{recipient: {word}}}\nthen: quarantine\n"
    rules, complaints = parse_rules({"x.yaml": text}, kinds=())
    assert not complaints
    judge = Judge(rules, Places(domains=("chu.example",), mssante=("*.mssante.example",)), None)
    [verdict, *_] = judge.decide(judged.mail(*to, content=content), judged.seen(), known)
    return verdict.reasons[1:] if verdict.disposition is Disposition.QUARANTINE else None


def of(acquaintance=Acquaintance(), greeted=()):  # noqa: B008
    return Correspondence(True, {HERE: acquaintance}, tuple(greeted))


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("first_time", of(), "première fois"),
        ("never_seen", of(), "personne d'ici"),
        ("lookalike", of(Acquaintance(alike=(COLLEAGUE,))), "d'un collègue, à une lettre près"),
        ("lookalike", of(Acquaintance(alike=(OF_ANOTHER,))), "d'un correspondant connu, même nom"),
        ("twin", of(Acquaintance(alike=(COLLEAGUE, TWIN))), "d'un collègue, même nom"),
        ("lookalike", of(Acquaintance(misspelt=True)), "d'un domaine connu"),
        ("out_of_place", of(Acquaintance(met=True, out_of_place=True)), "à retirer"),
        ("machine_flow", of(Acquaintance(new_in_flow=True)), "dans le logiciel qui l'envoie"),
        ("blocked_pair", of(Acquaintance(met=True, blocked=True)), "page des incidents"),
        ("salutation_mismatch", of(Acquaintance(met=True), [DURAND]), "de ce nom"),
        ("salutation_mismatch", of(), "salue quelqu'un d'autre"),
    ],
)
def test_what_is_known_against_a_recipient_is_told_with_what_to_do(word, known, said):
    (told_, *_) = reasons(word, known)
    assert said in told_
    assert " : " in told_, "what to do stands after it"
    assert "dupont" not in told_
    assert "martin" not in told_, "a local part may be an identifier"
    assert reasons(word, UNTOLD) is None, "nothing is known: nothing is said"


@pytest.mark.parametrize(
    ("word", "known", "why"),
    [
        ("first_time", of(Acquaintance(met=True)), "he has written there"),
        ("never_seen", of(Acquaintance(met_by_house=True)), "a colleague has"),
        ("lookalike", of(), "it resembles nothing"),
        ("twin", of(Acquaintance(alike=(OF_ANOTHER,))), "no colleague's"),
        ("twin", of(Acquaintance(alike=(COLLEAGUE,))), "another name"),
        ("out_of_place", of(), "alone, or among its like"),
        ("machine_flow", of(), "no series, or it always goes there"),
        ("blocked_pair", of(Acquaintance(alike=(COLLEAGUE,))), "nobody said it was not for him"),
        ("salutation_mismatch", of(Acquaintance(met=True)), "an address that is his, maybe"),
    ],
)
def test_what_is_known_of_it_does_not_doubt_it(word, known, why):
    assert reasons(word, known) is None, why


@pytest.mark.parametrize(
    ("to", "content", "why"),
    [
        (("secretariat@mail.example",), GREETS, "whoever reads it"),
        (("pm75@mail.example",), GREETS, "an address that says no name"),
        ((HERE, "claire.durand@mail.example"), GREETS, "she gets it, too"),
        (("c.durant@mail.example",), GREETS, "a slip of the pen"),
        ((HERE,), GREETS.replace(b"To: ", b"To: Claire DURAND "), "shown under that name"),
        ((HERE,), b"\r\nBonjour,\r\nMadame Durand vient demain\r\n", "nobody is greeted"),
        ((HERE,), b"\r\nMme DURAND,\r\n", "so begin papers on a patient"),
        ((HERE,), b"\r\nBonjour, Mme Durand, 54 ans\r\n", "so begin papers on a patient"),
        ((HERE,), b"\r\nMadame, Monsieur,\r\n", "no name"),
        ((HERE,), b"\r\n> Bonjour Madame Durand,\r\n", "in an earlier mail"),
        ((HERE,), b"", "no text"),
    ],
)
def test_a_greeting_that_may_be_right_asks_nothing(to, content, why):
    known = Correspondence(True, {}, (DURAND,))
    assert reasons("salutation_mismatch", known, content, to) is None, why


def test_a_first_name_alone_counts_where_it_is_a_correspondent_s():
    assert reasons("salutation_mismatch", of(Acquaintance(met=True), [DURAND]), FAMILIAR)
    assert reasons("salutation_mismatch", of(), FAMILIAR) is None


@pytest.mark.parametrize(
    ("to", "met", "greeted", "holds"),
    [
        ("hecky@mail.example", False, [DURAND], True),  # lastf, and she is called Durand
        ("hecky@mail.example", True, [DURAND], False),  # he writes there: a nickname, maybe
        ("hecky@mail.example", False, [], False),  # nobody of that name is known to him
        ("durandc@mail.example", False, [DURAND], False),
        ("dura4652@mail.example", False, [DURAND], False),  # cut
        ("pm75@mail.example", False, [DURAND], False),  # says nothing
        ("accueil@mail.example", False, [DURAND], False),  # whoever reads it
    ],
)
def test_beside_an_address_of_one_word_it_takes_a_stranger_and_a_known_name(
    to, met, greeted, holds
):
    known = Correspondence(True, {to: Acquaintance(met=met)}, tuple(greeted))
    content = b"To: x\r\n\r\nBonjour Madame Durand,\r\n"
    assert (reasons("salutation_mismatch", known, content, (to,)) is not None) is holds
    informal = b"To: x\r\n\r\nBonjour Claire,\r\n"
    assert reasons("salutation_mismatch", known, informal, (to,)) is None, "Claire is anybody"


def test_an_ordinary_address_beside_mssante_is_told_and_the_other_is_not():
    sure = "dr.petit@medecin.mssante.example"
    assert reasons("mixed", UNTOLD, to=(HERE, sure)) is not None
    assert reasons("mixed", UNTOLD, to=(sure, HERE)) is None
    assert reasons("mixed", UNTOLD, to=(HERE, "collegue@chu.example")) is None, "none of MSSanté"
    assert reasons("mixed", UNTOLD, to=("collegue@chu.example", sure)) is None, "both are sure"


@pytest.mark.parametrize("then", ["quarantine", "reject", "confirm"])
def test_whom_the_sender_may_have_meant_goes_with_whatever_verdict(then):
    """Each tells him otherwise: on a page, in a notice, in a report."""
    text = f"id: x\ntitle: Essai\nwhen: {{recipient: lookalike}}\nthen: {then}\n"
    rules, complaints = parse_rules({"x.yaml": text}, kinds=())
    assert not complaints
    judge = Judge(rules, Places(domains=("chu.example",)), None)
    known = of(Acquaintance(alike=(COLLEAGUE, OF_ANOTHER)), [DURAND])
    [verdict] = judge.decide(judged.mail(HERE, content=GREETS), judged.seen(), known)
    assert verdict.instead == (COLLEAGUE.address, OF_ANOTHER.address, DURAND.address)


def test_a_blocked_pair_is_known_of_senders_without_a_history_too():
    known = Correspondence(by_recipient={HERE: Acquaintance(met=True, blocked=True)})
    assert reasons("blocked_pair", known)
    assert reasons("first_time", known) is None


def test_every_likeness_and_every_word_is_told_in_french():
    assert set(told.HOW) == set(HOW)
    for word in words.HISTORY[:-1]:
        assert told.history(word, Acquaintance(alike=(TWIN,)), "mail.example")
