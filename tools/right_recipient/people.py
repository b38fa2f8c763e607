"""A house of so many people, and whom they write to: names, addresses, habits. All made, by a seed.

Names come from the lexicon of the detectors, the common ones commoner, so that homonyms happen as
often as among real people.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random

import gateway.detect

OURS = "ch-exemple.example"
WEBMAIL = ("gmail.example", "orange.example", "free.example", "laposte.example", "outlook.example")
TEAM = 20  # people who share houses and groups
_FIRST, _LAST = 300, 3000  # names in use
_SERVICES = ("contact", "secretariat", "accueil", "facturation", "secretariat.medical", "resultats")
_NICKNAMES = ("loulou", "papillon", "lapetitefleur", "titi", "chouchou", "dunord", "famille")
_WORDS = ("labo", "clinique", "caisse", "cabinet", "pharmacie", "mairie", "centre", "institut")


@dataclass(frozen=True, slots=True)
class Person:
    """first, last: "" of a service."""

    first: str
    last: str
    address: str


@dataclass(slots=True)
class Writer:
    """care: writes of patients. circle: whom he writes to, the most often first. groups: who get
    the same mails."""

    person: Person
    care: bool
    circle: list[Person] = field(default_factory=list)
    groups: list[tuple[Person, ...]] = field(default_factory=list)


@dataclass(slots=True)
class House:
    """outside: the people of each other house. series: software's address, its subject, its
    readers."""

    writers: list[Writer]
    outside: list[list[Person]]
    series: list[tuple[str, str, tuple[str, ...]]]


def house(people: int, rng: Random) -> House:
    domains = [f"{rng.choice(_WORDS)}-{_name(rng)[1]}{at}.example" for at in range(people // 6 + 8)]
    outside = [_staffed(domain, rng) for domain in domains]
    seen: set[str] = set()
    writers = []
    while len(writers) < people:
        first, last = _name(rng)
        address = f"{first}.{last}@{OURS}"
        if address not in seen:
            seen.add(address)
            writers.append(Writer(Person(first, last, address), care=rng.random() < 0.5))
    for start in range(0, people, TEAM):
        _acquaint(writers[start : start + TEAM], outside, rng)
    series = [
        (f"export{at}@{OURS}", f"Transmission du service {_name(rng)[1]}", _readers(outside, rng))
        for at in range(people // 25 + 2)
    ]
    return House(writers, outside, series)


def stranger(rng: Random) -> Person:
    """A patient, or somebody else who writes from home."""
    first, last = _name(rng)
    local = rng.choices(
        [
            f"{first}.{last}",
            f"{first}{last}",
            f"{last}.{first}",
            f"{first}.{last}{rng.randrange(99)}",
            f"{last[:4]}{rng.randrange(9999)}",
            f"{rng.choice(_NICKNAMES)}{rng.randrange(99)}",
        ],
        (40, 15, 15, 20, 5, 5),
    )[0]
    return Person(first, last, f"{local}@{rng.choice(WEBMAIL)}")


def _acquaint(team: Sequence[Writer], outside: Sequence[list[Person]], rng: Random) -> None:
    """A team's people write to some houses together, and each to patients of his own."""
    known = [
        person
        for there in rng.sample(outside, 6)
        for person in rng.sample(there, min(6, len(there)))
    ]
    groups = [tuple(rng.sample(known, rng.randint(3, 5))) for _ in range(5)]
    for writer in team:
        own = [stranger(rng) for _ in range(15 if writer.care else 4)]
        writer.circle = rng.sample(known, min(len(known), 12)) + own
        rng.shuffle(writer.circle)
        writer.groups = rng.sample(groups, 2)


def _staffed(domain: str, rng: Random) -> list[Person]:
    style = rng.choices(("first.last", "f.last", "lastf"), (70, 20, 10))[0]
    people = [Person("", "", f"{service}@{domain}") for service in rng.sample(_SERVICES, 2)]
    for _ in range(rng.randint(6, 40)):
        first, last = _name(rng)
        local = {"first.last": f"{first}.{last}", "f.last": f"{first[0]}.{last}"}.get(
            style, f"{last}{first[0]}"
        )
        people.append(Person(first, last, f"{local}@{domain}"))
    return people


def _readers(outside: Sequence[list[Person]], rng: Random) -> tuple[str, ...]:
    return tuple(person.address for person in rng.sample(rng.choice(outside), rng.randint(1, 2)))


@cache
def _names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    packed = (Path(gateway.detect.__file__).parent / "lexicons" / "names.tsv.gz").read_bytes()
    rows = (line.split("\t") for line in gzip.decompress(packed).decode().splitlines())
    of_kind: dict[str, list[str]] = {"first": [], "last": []}
    for kind, *name in rows:
        if name and len(name[0]) > 3 and name[0].isascii() and name[0].isalpha():
            of_kind[kind].append(name[0])
    chosen = Random(0)  # the same names whatever the seed
    return tuple(chosen.sample(of_kind["first"], _FIRST)), tuple(
        chosen.sample(of_kind["last"], _LAST)
    )


@cache
def _weights(count: int) -> tuple[float, ...]:
    """The k-th name is 1/(k + 20) as frequent: the commonest have a hundred times the rarest."""
    return tuple(accumulate(1 / (rank + 20) for rank in range(count)))


def _name(rng: Random) -> tuple[str, str]:
    first, last = (rng.choices(names, cum_weights=_weights(len(names)))[0] for names in _names())
    return first, last
