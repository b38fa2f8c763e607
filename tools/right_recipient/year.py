"""A house's mail, day after day: to whom it goes, what it carries, whom it greets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random

from tools.right_recipient.people import House, Person, Writer, stranger

_SERIES = 25  # mails of people to one that software sends every day
_DATA = (0.35, 0.05)  # share of the mails that carry a person's data: of care, of the others
_FORMAL, _FIRST_NAME = 0.55, 0.25  # greetings, where the recipient is a person; else none
_OTHERS_MAIL = 0.02  # greets somebody else by right: a couple's address, a secretary's


@dataclass(frozen=True, slots=True)
class Post:
    """wrong: what kind of slip it is, "" where it goes to whom it should. astray: the recipients
    it should not have. near: whose address it is one letter from. series: its subject, of
    software's."""

    day: int
    sender: str
    to: tuple[str, ...]
    data: bool
    greets: str = ""
    series: str = ""
    meant: Person | None = None
    writer: Writer | None = None
    wrong: str = ""
    astray: tuple[str, ...] = ()
    near: str = ""


def year(house: House, a_day: int, days: int, writing: int, rng: Random) -> Iterator[Post]:
    """a_day: mails, each day, that leave the house. writing: how many of its people write."""
    series, writers = house.series[: a_day // _SERIES], house.writers[:writing]
    for day in range(days):
        for sender, subject, readers in series:
            yield Post(day, sender, readers, True, series=subject)
        for _ in range(a_day - len(series)):
            writer = rng.choice(writers)
            way = rng.random()
            if way < 0.08:
                yield _reminder(day, rng)
            elif way < 0.23:
                yield _to_group(day, writer, rng)
            else:
                yield _to_one(day, writer, way > 0.90, rng)


def _to_one(day: int, writer: Writer, new: bool, rng: Random) -> Post:
    if new:
        writer.circle.append(stranger(rng) if rng.random() < 0.7 else _another(writer, rng))
    person = writer.circle[-1] if new else _often(writer.circle, rng)
    greets = _greeting(stranger(rng) if rng.random() < _OTHERS_MAIL else person, rng)
    return _of(writer, Post(day, "", (person.address,), False, greets, meant=person), rng)


def _to_group(day: int, writer: Writer, rng: Random) -> Post:
    people = list(rng.choice(writer.groups))
    if rng.random() < 0.02:  # somebody is brought in
        people.append(rng.choice(writer.circle))
    addresses = tuple(dict.fromkeys(person.address for person in people))
    return _of(writer, Post(day, "", addresses, False, "Bonjour à tous,"), rng)


def _of(writer: Writer, post: Post, rng: Random) -> Post:
    data = rng.random() < _DATA[not writer.care]
    return replace(post, sender=writer.person.address, data=data, writer=writer)


def _reminder(day: int, rng: Random) -> Post:
    """Software that writes to everybody, to each once."""
    address = stranger(rng).address
    return Post(day, "rendez-vous@ch-exemple.example", (address,), True, series="Votre rendez-vous")


def _another(writer: Writer, rng: Random) -> Person:
    """Somebody at a house that he knows: not to be told from a slip by the domain."""
    there = [person for person in writer.circle if person.first]
    known, stranger_ = rng.choice(there), stranger(rng)
    local = f"{stranger_.first}.{stranger_.last}"
    return Person(stranger_.first, stranger_.last, f"{local}@{known.address.rpartition('@')[2]}")


def _greeting(person: Person, rng: Random) -> str:
    way = rng.random()
    if not person.first or way > _FORMAL + _FIRST_NAME:
        return "Bonjour,"
    if way > _FORMAL:
        return f"Bonjour {person.first.title()},"
    return f"Bonjour {rng.choice(('Madame', 'Monsieur', 'Docteur'))} {person.last.title()},"


def _often(circle: Sequence[Person], rng: Random) -> Person:
    """The k-th is written to 1/k as often."""
    weights = accumulate(1 / rank for rank in range(1, len(circle) + 1))
    return rng.choices(circle, cum_weights=list(weights))[0]
