"""Domains that look like one that is known, and those that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.decide.lookalike import HOW, alike, misspelt, resembled, slipped_domains, slips_between
from gateway.decide.places import normal_domain
from gateway.likeness import keys

KNOWN = ("ch-exemple.example", "labo-martin.fr", "cpam93.fr", "apicrypt.org", "aphp.fr")


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("ch-exmple.example", "ch-exemple.example"),  # a letter dropped
        ("ch-exempel.example", "ch-exemple.example"),  # neighbours swapped
        ("ch-exemples.example", "ch-exemple.example"),
        ("labo-rnartin.fr", "labo-martin.fr"),  # rn for m
        ("lab0-martin.fr", "labo-martin.fr"),
        (normal_domain("labo-mаrtin.fr"), "labo-martin.fr"),  # a Cyrillic а
        (normal_domain("labo-martín.fr"), "labo-martin.fr"),
        ("labo-martin.com", "labo-martin.fr"),
        ("aphp.com", "aphp.fr"),  # short, and the ending alone differs
        ("apicript.org", "apicrypt.org"),
    ],
)
def test_one_slip_another_ending_or_another_alphabet_is_told(domain, meant):
    assert resembled(domain, KNOWN) == meant


@pytest.mark.parametrize(
    "domain",
    [
        "",
        *KNOWN,  # itself
        "aphm.fr",  # short names are near to everything: another house
        "cpam94.fr",  # the neighbouring department, as short
        "mail.labo-martin.fr",  # a branch
        "labo-durand.fr",
        "exemple.example",
        "x" * 65 + ".fr",
        "labo-martin",
    ],
)
def test_what_is_known_a_branch_or_simply_another_is_not(domain):
    assert resembled(domain, KNOWN) == ""


def test_a_house_that_is_known_itself_is_never_taken_for_its_neighbour():
    assert resembled("ch-exemples.example", (*KNOWN, "ch-exemples.example")) == ""


@given(st.text("abcde", max_size=8), st.text("abcde", max_size=8))
def test_slips_are_counted_as_by_the_definition(one, other):
    """Against the plain recursion over the last letters."""
    known = {}

    def slips(a, b):
        if not a or not b:
            return len(a) + len(b)
        if (a, b) not in known:
            ways = [slips(a[:-1], b) + 1, slips(a, b[:-1]) + 1]
            ways.append(slips(a[:-1], b[:-1]) + (a[-1] != b[-1]))
            if a[-2:] == b[-2:][::-1] and len(a) > 1 and len(b) > 1:
                ways.append(slips(a[:-2], b[:-2]) + 1)
            known[a, b] = min(ways)
        return known[a, b]

    assert slips_between(one, other, 2) == min(slips(one, other), 3)
    assert slips_between(one, other, 8) == slips(one, other)


HOUSE = "marie.dupont@centre-exemple.fr"


@pytest.mark.parametrize(
    ("address", "meant", "how"),
    [
        ("marie.dupond@centre-exemple.fr", HOUSE, "letter"),
        ("marie.dupnot@centre-exemple.fr", HOUSE, "letter"),
        ("marie.duponr@centre-exemple.fr", HOUSE, "keyboard"),  # r stands beside t
        ("marie.duppont@centre-exemple.fr", HOUSE, "doubled"),
        ("chirstine.martim@chu.example", "christine.martin@chu.example", "letter"),  # one in each
        ("marie-dupont@centre-exemple.fr", HOUSE, "letter"),
        ("mariedupont@centre-exemple.fr", HOUSE, "letter"),
        ("marie.dupont2@centre-exemple.fr", HOUSE, "digits"),
        ("dupont.marie@centre-exemple.fr", HOUSE, "order"),
        ("m.dupont@centre-exemple.fr", HOUSE, "initial"),
        ("mdupont@centre-exemple.fr", HOUSE, "initial"),
        ("marie.dupont@centre-exemple.fr", "dupontm@centre-exemple.fr", "initial"),
        ("marie.dup0nt@centre-exemple.fr", HOUSE, "alphabet"),
        ("mаrie.dupont@centre-exemple.fr", HOUSE, "alphabet"),  # a Cyrillic а
        ("helene.petit@webmail.example", "hélène.petit@webmail.example", "alphabet"),
        ("marie.dupont@centre-exemple.com", HOUSE, "ending"),
        ("marie.dupont@centre-exmple.fr", HOUSE, "domain"),
        ("marie.dupont@gmial.com", "marie.dupont@gmail.com", "domain"),
        ("contact@labo-rnartin.fr", "contact@labo-martin.fr", "alphabet"),
        ("contact@labo-martins.fr", "contact@labo-martin.fr", "domain"),
        ("marie.dupont@gmail.com", HOUSE, "twin"),  # a colleague's own mailbox
        ("dupont.marie@gmail.com", HOUSE, "twin"),
        ("marie.dupond@webmail.example", HOUSE, "letter"),  # one letter from a colleague, outside
        ("MARIE.DUPOND@Centre-Exemple.FR", HOUSE, "letter"),
        ("talo4652@webmail.example", "atlo4652@webmail.example", "letter"),  # told by its number
        ("c.eega@labo.example", "c.vega@labo.example", "letter"),
        ("s.abdi@labo.example", "s.abid@labo.example", "letter"),
        ("martin12@webmail.example", "martin13@webmail.example", "digits"),
    ],
)
def test_an_address_looks_like_the_one_that_was_meant(address, meant, how):
    assert alike(address, meant) == how
    assert alike(meant, address) == how
    assert how in HOW


@pytest.mark.parametrize(
    ("address", "other", "why"),
    [
        (HOUSE, HOUSE.upper(), "the same"),
        ("marie.dupont+suivi@centre-exemple.fr", HOUSE, "the same mailbox"),
        ("marie.dupont@mail.centre-exemple.fr", HOUSE, "a branch of the same house"),
        ("contact@labo-martin.fr", "contact@labo-durand.fr", "two services"),
        ("secretariat@chu-a.example", "secretariat@chu-b.example", "two services"),
        ("contact@aphm.fr", "contact@aphp.fr", "two services, of short names"),
        ("service12@chu-a.example", "service13@chu-a.example", "two services of one house"),
        ("secretariat.cardio@chu.example", "secretariat.neuro@chu.example", "two of one house"),
        ("contacts@labo-martin.fr", "contact@labo-martin.fr", "nobody's names"),
        ("marie@webmail.example", "marie@chu.example", "a first name alone"),
        ("martine@labo.example", "martin@labo.example", "two first names"),
        ("francoise@labo.example", "francois@labo.example", "two people"),
        ("paul@labo.example", "paula@labo.example", "too short to tell"),
        ("j.li@labo.example", "m.li@labo.example", "too short to tell"),
        ("christine.martin@chu.example", "christian.martin@chu.example", "two first names"),
        ("marie.durand@centre-exemple.fr", HOUSE, "another surname"),
        ("m.dupont@webmail.example", HOUSE, "half of the Duponts have a name in M"),
        ("jean.dupont@webmail.example", HOUSE, "another first name"),
        ("1234567@webmail.example", "1234568@webmail.example", "numbers"),
        ("martin12@webmail.example", "martin87@webmail.example", "of many Martins, two"),
        ("talo4652@webmail.example", "atlo9917@webmail.example", "other numbers"),
        ("m.abid@labo.example", "p.abid@labo.example", "two of a family"),
        ("", HOUSE, "no address"),
        ("marie.dupont", HOUSE, "no domain"),
    ],
)
def test_what_only_seems_alike_is_simply_another(address, other, why):
    assert alike(address, other) == "", why
    assert alike(other, address) == "", why


NAME = st.text("abcdemnorstuv", min_size=3, max_size=9)
SEPARATED = st.sampled_from([".", "-", "_", ""])
ADDRESS = st.builds(
    lambda first, last, sign, number, house: f"{first}{sign}{last}{number}@{house}",
    *(NAME, NAME, SEPARATED),
    st.sampled_from(["", "1", "72"]),
    st.sampled_from(["chu-exemple.fr", "chu-exemples.fr", "gmail.com", "chu-exemple.com"]),
)


@st.composite
def slipped(draw):
    """An address, and what becomes of it by a slip and a move to another domain."""
    address = draw(ADDRESS)
    local, _, house = draw(ADDRESS if draw(st.booleans()) else st.just(address)).rpartition("@")
    at = draw(st.integers(0, len(local) - 1))
    way = draw(st.sampled_from(["keep", "drop", "double", "change", "swap"]))
    letter = draw(st.sampled_from("abcdeop0"))
    ways = {
        "keep": local,
        "drop": local[:at] + local[at + 1 :],
        "double": local[:at] + local[at] + local[at:],
        "change": local[:at] + letter + local[at + 1 :],
        "swap": local[:at] + local[at : at + 2][::-1] + local[at + 2 :],
    }
    moved = draw(st.sampled_from([house, "gmail.com", "chu-exemples.fr"]))
    return address, f"{ways[way]}@{moved}"


@given(slipped())
def test_likeness_goes_both_ways_and_is_found_by_an_index_of_keys(pair):
    one, other = pair
    how = alike(one, other)
    assert how == alike(other, one)
    assert how in {"", *HOW}
    if how:
        assert keys(one) & keys(other)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_two_strings_can_be_compared(one, other):
    assert alike(one, other) == alike(other, one)
    assert alike(one, one) == ""


FAMILIAR = ("gmail.com", "ymail.com", "hotmail.com", "hotmail.fr", "orange.fr", "chu-exemple.fr")


@pytest.mark.parametrize(
    "domain", ["gmial.com", "gmail.fr", "gmal.com", "orangee.fr", "oarnge.fr", "chu-exmple.fr"]
)
def test_a_domain_that_everybody_writes_to_is_told_in_its_misspellings(domain):
    assert misspelt(domain, FAMILIAR)


@pytest.mark.parametrize(
    ("domain", "why"),
    [
        ("gmail.com", "itself"),
        ("ymail.com", "another provider"),
        ("hotmail.fr", "another house of the same provider"),
        ("mail.chu-exemple.fr", "a branch of the house"),
        ("fred.fr", "a short name is near to many"),
        ("oracle.fr", "three letters are others"),
        ("gmail-pro.com", "another name"),
        ("", "none"),
    ],
)
def test_what_is_no_misspelling_of_such_a_domain(domain, why):
    assert not misspelt(domain, FAMILIAR), why


@given(st.text("abc-", min_size=7, max_size=9), st.text("abc-", min_size=6, max_size=10))
def test_whatever_is_one_slip_away_is_looked_up(name, other):
    made = set(slipped_domains(f"{name}.fr"))
    assert (f"{other}.fr" in made) == (slips_between(name, other, 1) == 1)


def test_nothing_else_is_looked_up():
    made = [one.removesuffix(".fr") for one in slipped_domains("clinique.fr")]
    assert all(slips_between("clinique", one, 1) == 1 for one in made)


def test_of_a_short_domain_none_is_looked_up():
    assert list(slipped_domains("labo.fr")) == []
