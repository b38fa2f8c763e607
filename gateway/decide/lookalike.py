"""Domains and addresses that are not one that is known, and look like it: one slip of the finger,
another ending, a letter of another alphabet, a digit in place of a letter, names the other way
round, the same person's name at another domain.

Distance is Damerau's, in its restricted form (a slip inserts, drops, changes or swaps neighbours).
Short names are near to everything: below a length nothing but the plainest is looked at. What is
nobody's name (`contact`, `secretariat.cardio`) is like no other such, and like itself only at a
domain that looks like its own. A first name alone is no name either, but for the number behind it.
That both addresses may be real is for those to know who keep a list of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import permutations
from string import ascii_lowercase, digits

from gateway.decide.person import Mailbox, drawn, mailbox, unaccented
from gateway.decide.places import domain_of
from gateway.decide.slip import slip

SLIPS = ("letter", "keyboard", "doubled")
HOW = (
    *SLIPS,
    *("digits", "order", "initial", "alphabet"),
    *("domain", "ending", "twin"),  # of, or at, another domain
)
_LEAST, LONG = 7, 14  # letters from which one slip, and two, are a resemblance of domains
_NAMES = 6  # letters of the names in an address, from which one slip is: at the same domain…
_INITIALED = 5  # …where one name is an initial, and the slip is in the other: p.abid…
_ALONE = 7  # …of a single name and the digits behind it, if they are the same…
_ELSEWHERE = 10  # …and at another domain
_HAS_DIGIT, _DIGITS = re.compile(r"\d"), re.compile(r"\d+")
_PROVIDER = 5  # letters of a domain to which everybody writes: gmail
_HOST = 4  # letters of a domain, of the very same person's address
_IN_DOMAINS = f"{ascii_lowercase}{digits}-"
_MOST = 64  # letters; longer ones are nobody's misspelling


def resembled(domain: str, known: Iterable[str]) -> str:
    """The first of `known` that `domain` looks like and is not; "" for none. Both as
    `places.domain_of` gives them."""
    names = tuple(known)
    if not domain or len(domain) > _MOST or domain in names:
        return ""
    return next((one for one in names if looks_like(domain, one)), "")


def looks_like(domain: str, known: str) -> bool:
    if domain.endswith(f".{known}") or known.endswith(f".{domain}"):
        return False  # a branch of the same house
    seen, meant = _drawn(domain), _drawn(known)
    if seen == meant:
        return True
    name, _, ending = seen.rpartition(".")
    other, _, another = meant.rpartition(".")
    if name and name == other:
        return ending != another
    shorter = min(len(name), len(other))
    slips = 2 if shorter >= LONG else 1
    return shorter >= _LEAST and ending == another and slips_between(name, other, slips) <= slips


def misspelt(domain: str, familiar: Collection[str]) -> bool:
    """Whether it is one slip from a domain to which everybody writes (a provider's, our own), or
    has another ending: gmial.com, gmail.fr. None of them is another's misspelling."""
    if any(domain == known or domain.endswith(f".{known}") for known in familiar):
        return False
    for known in familiar:
        other, _, another = known.rpartition(".")
        if len(other) < _PROVIDER:
            continue
        for written in (domain, _drawn(domain)):
            name, _, ending = written.rpartition(".")
            if name == other or (ending == another and slips_between(name, other, 1) == 1):
                return True
    return False


def slipped_domains(domain: str) -> Iterator[str]:
    """Every domain that is one slip away, to be looked up; none of a short one. Its ending is left
    as it is."""
    name, _, ending = domain.rpartition(".")
    if not _LEAST <= len(name) <= _MOST:
        return
    for at in range(len(name) + 1):
        before, after = name[:at], name[at:]
        made = [before + letter + rest for letter in _IN_DOMAINS for rest in {after, after[1:]}]
        made += [before + after[1:], before + after[1:2] + after[:1] + after[2:]]
        yield from (f"{one}.{ending}" for one in made if one != name)


def slips_between(one: str, other: str, most: int) -> int:
    """How many slips make one of the other; `most` + 1 where it takes more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        following = [at]
        for to, meant in enumerate(other, 1):
            cost = min(row[to] + 1, following[to - 1] + 1, row[to - 1] + (letter != meant))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == meant:
                cost = min(cost, before[to - 2] + 1)
            following.append(cost)
        if min(following) > most:
            return most + 1
        before, row = row, following
    return min(row[-1], most + 1)


def _drawn(domain: str) -> str:
    try:
        shown = domain.encode("ascii").decode("idna") if "xn--" in domain else domain
    except UnicodeError:
        shown = domain
    return drawn(shown)


def alike(address: str, other: str) -> str:
    """How `address` looks like `other`, in a word of HOW; "" where it does not, or is the same."""
    domain, house = domain_of(address), domain_of(other)
    local, known = _local(address), _local(other)
    if not (domain and house and local and known) or len(domain) > _MOST or len(house) > _MOST:
        return ""
    ours, theirs = mailbox(local), mailbox(known)
    if domain == house:
        return _at_one_house(local, known, ours, theirs) if local != known else ""
    if domain.endswith(f".{house}") or house.endswith(f".{domain}"):
        return ""  # a branch of the same house
    if drawn(local) == drawn(known) and (how := _of_domains(domain, house, ours)):
        return how
    return _elsewhere(ours, theirs)


def _local(address: str) -> str:
    """What follows a + is the owner's own business."""
    return address.rpartition("@")[0][:_MOST].partition("+")[0].lower()


def _at_one_house(local: str, known: str, ours: Mailbox, theirs: Mailbox) -> str:
    if unaccented(local) == unaccented(known) or drawn(local) == drawn(known):
        return "alphabet"
    if ours.service and theirs.service:
        return ""
    if ours.names == theirs.names:
        if len(ours.names) == 1 and _two_numbers(local, known):
            return ""  # martin12 and martin87 are two people
        how = "digits" if _HAS_DIGIT.search(local + known) else "letter"
        return how if len(ours.letters) >= _NAMES else ""
    if sorted(ours.names) == sorted(theirs.names):
        return "order"
    if _initial(ours, theirs) or _initial(theirs, ours):
        return "initial"
    return _slipped(ours, theirs, _number(local, known))


def _number(local: str, known: str) -> int:
    """How many digits both have, if they are the same: who is told by a number is told by all of
    it."""
    one, other = (_DIGITS.findall(written) for written in (local, known))
    return sum(map(len, one)) if one == other else 0


def _two_numbers(local: str, known: str) -> bool:
    one, other = ("".join(_DIGITS.findall(written)) for written in (local, known))
    return bool(one and other) and slips_between(one, other, 1) > 1


def _slipped(ours: Mailbox, theirs: Mailbox, number: int) -> str:
    """Two slips only where each of two names has one: Christian is not Christine."""
    one, other = ours.letters, theirs.letters
    shorter = min(len(one), len(other))
    alone = len(ours.names) == len(theirs.names) == 1
    enough = shorter + number >= _ALONE if alone else shorter >= _least(ours, theirs)
    if not enough:
        return ""
    if alone and one.removesuffix("e") == other.removesuffix("e"):
        return ""  # "francois" and "francoise" are two people
    if slips_between(one, other, 1) <= 1:
        return slip(one, other)
    each = zip(ours.names, theirs.names, strict=False)
    apart = len(ours.names) == len(theirs.names) == 2 and shorter >= LONG
    return "letter" if apart and all(slips_between(a, b, 1) <= 1 for a, b in each) else ""


def _least(ours: Mailbox, theirs: Mailbox) -> int:
    """m.abid is nobody's misspelling of p.abid: they are two of a family."""
    alike = zip(ours.names, theirs.names, strict=False)
    same = any(one == other and len(one) == 1 for one, other in alike)
    return _INITIALED if same and len(ours.names) == len(theirs.names) == 2 else _NAMES


def _initial(short: Mailbox, long: Mailbox) -> bool:
    """Whether `short` is `long` with an initial for the first name: m.durand, durandm."""
    if not long.full or len(long.names) > 2:
        return False
    for first, last in permutations(long.names):
        if len(last) > 3 and short.names in (
            *((first[0], last), (last, first[0])),
            *((first[0] + last,), (last + first[0],)),
        ):
            return True
    return False


def _of_domains(domain: str, house: str, whose: Mailbox) -> str:
    """How the domains of one and the same local part resemble each other."""
    name, _, ending = domain.rpartition(".")
    other, _, another = house.rpartition(".")
    if name == other and ending != another:
        return "ending" if len(whose.letters) >= _HOST else ""
    if _drawn(domain) == _drawn(house):
        return "alphabet"
    if looks_like(domain, house):
        return "domain"
    sure = (
        not whose.service and len(whose.letters) >= _NAMES and min(len(name), len(other)) >= _HOST
    )
    return "domain" if sure and slips_between(domain, house, 1) == 1 else ""


def _elsewhere(ours: Mailbox, theirs: Mailbox) -> str:
    """At domains that have nothing to do with each other, a whole name is needed."""
    if not (ours.full and theirs.full):
        return ""
    if sorted(ours.names) == sorted(theirs.names):
        return "twin"
    one, other = ours.letters, theirs.letters
    near = min(len(one), len(other)) >= _ELSEWHERE and slips_between(one, other, 1) <= 1
    return slip(one, other) if near else ""
