"""Whose business a mail is: groups of senders, marks of private mail, the section that says so."""

import dataclasses

import pytest

from gateway import parts
from gateway.compartments import Compartment, Compartments, is_marked, stands_for
from gateway.config import Config
from gateway.config_compartments import MARKS, shadowed
from tests.makers import held as made

WORK = Compartment("travail", ("medecin@chu.example", "sst-*@chu.example"), nobody=True)
UNION = Compartment("syndicat", ("*@cse.chu.example", "@syndicat.example"))
HOUSE = Compartments((WORK, UNION, Compartment("default", officers=("dpo@chu.example",))), MARKS)


def read(**compartments):
    base = {"domains": ["chu.example"], "officers": ["dpo@chu.example"]}
    return Config.model_validate(base | {"compartments": compartments})


def mail(sender="a@chu.example", subject="Bonjour"):
    content = f"Subject: {subject}\r\n\r\nx\r\n".encode()
    return dataclasses.replace(made.a_mail(sender=sender), content=content)


@pytest.mark.parametrize(
    ("pattern", "address", "expected"),
    [
        ("a@chu.example", "A@CHU.example", True),
        ("a@chu.example", "aa@chu.example", False),  # whole, not the end
        ("@chu.example", "anybody@chu.example", True),
        ("@chu.example", "a@evil-chu.example", False),  # the at sign stands between
        ("@chu.example", "a@sub.chu.example", False),  # itself, not what is below
        ("*@*.chu.example", "a@sub.chu.example", True),
        ("*@*.chu.example", "a@chu.example", False),
        ("cse-*@chu.example", "cse-paris@chu.example", True),
        ("cse-*@chu.example", "x-cse-paris@chu.example", False),
        ("a*a@x", "a@x", False),  # a letter is not both ends
        ("*a*b*@x", "zzazzbzz@x", True),
        ("*a*b*@x", "zzbzzazz@x", False),  # in order
        ("@chu.example", "", False),  # the null sender is everybody's
    ],
)
def test_a_pattern_stands_for_whole_addresses(pattern, address, expected):
    assert stands_for(pattern, address) is expected


def test_a_pattern_of_stars_costs_no_more_than_it_is_long():
    assert not stands_for("*a" * 500 + "@x", "a" * 100_000 + "@y")


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("medecin@chu.example", "travail"),
        ("sst-nord@chu.example", "travail"),
        ("elu@cse.chu.example", "syndicat"),
        ("a@chu.example", "default"),  # in no group
        ("", "default"),
    ],
)
def test_the_first_group_that_names_a_sender_has_him(sender, name):
    assert HOUSE.of(sender).name == name
    two = Compartments((Compartment("un", ("*@cse.chu.example",)), *HOUSE.several))
    assert two.of("elu@cse.chu.example").name == "un"


def test_one_that_is_configured_no_more_is_told_of_to_default():
    gone = HOUSE.named("dissous")
    assert (gone.name, gone.officers) == ("dissous", ("dpo@chu.example",))


@pytest.mark.parametrize(
    "subject",
    [
        "[Personnel] mes congés",
        "Re: TR : [perso] mes congés",
        "dossier [PRIVÉ]",
        "prive : rendez-vous",
        "Privé",
        "Personnel et confidentiel - ma demande",
        "=?utf-8?q?=5BPriv=C3=A9=5D?= rendez-vous",
    ],
)
def test_a_mark_makes_a_mail_private(subject):
    assert HOUSE.about(mail(subject=subject)) == ("default", "personal")


@pytest.mark.parametrize(
    "subject",
    [
        "Personnel soignant : planning",  # staff, not privacy
        "Liste du personnel",
        "Hôpital privé : facture",  # a kind of hospital
        "Privés de lits",
        "Tr : facture personnelle",
        "",
    ],
)
def test_staff_and_private_hospitals_are_no_mark(subject):
    assert HOUSE.about(mail(subject=subject)) == ("default", "")
    assert not is_marked(subject, MARKS)


def test_a_compartment_that_is_nobody_s_business_hides_all_of_its_mail():
    assert HOUSE.about(mail("medecin@chu.example")) == ("travail", "compartment")
    assert HOUSE.about(mail("medecin@chu.example", "[Privé] x")) == ("travail", "compartment")
    assert HOUSE.about(mail("elu@cse.chu.example")) == ("syndicat", "")


def test_no_mark_configured_hides_nothing():
    bare = dataclasses.replace(HOUSE, marks=())
    assert bare.about(mail(subject="[Privé] x")) == ("default", "")


@pytest.mark.parametrize(
    ("compartments", "complaint"),
    [
        ({"cse": {"senders": ["@cse.example"]}}, "Field required"),  # no officers
        ({"cse": {"senders": ["@cse.example"], "officers": []}}, "at least 1"),
        ({"cse": {"officers": ["a@chu.example"]}}, "nobody's mail comes here"),
        (
            {"cse": {"senders": ["@a.example"], "officers": ["a@gmail.example"]}},
            "would never be told",
        ),
        ({"CSE !": {"senders": ["@a.example"], "officers": ["a@chu.example"]}}, "no name"),
        ({"default": {"senders": ["@a.fr"], "officers": ["a@chu.example"]}}, "everybody else"),
        ({"cse": {"senders": ["cse-*"], "officers": ["a@chu.example"]}}, "names no sender"),
    ],
)
def test_a_compartment_without_officers_senders_or_sense_is_refused(compartments, complaint):
    with pytest.raises(ValueError) as refused:  # noqa: PT011: pydantic's
        read(**compartments)
    refusals = [error.get("ctx", {}).get("refusals", ()) for error in refused.value.errors()]
    told = str(refused.value) + str(refusals)
    assert complaint in told


def test_default_may_be_written_and_has_the_officers_of_the_top_otherwise():
    cse = {"senders": ["@cse.example"], "officers": ["rp@chu.example"], "deputy": "d@chu.example"}
    notices = parts.notices(read(cse=cse), str, b"k" * 32)
    assert notices.of("cse").officers == ("rp@chu.example",)
    assert notices.of("cse").deputies == ("d@chu.example",)
    assert notices.of("default").officers == notices.officers == ("dpo@chu.example",)
    assert notices.of("gone").officers == ("dpo@chu.example",)
    written = read(cse=cse, default={"officers": ["autre@chu.example"]})
    assert parts.notices(written, str, b"k" * 32).officers == ("autre@chu.example",)


def test_a_sender_whom_an_earlier_group_has_is_told_of():
    several = read(
        un={"senders": ["@cse.example"], "officers": ["a@chu.example"]},
        deux={"senders": ["elu@cse.example", "@b.example"], "officers": ["a@chu.example"]},
    ).compartments
    assert list(shadowed(several)) == [("deux", "elu@cse.example", "un")]
