"""Figures by team that tell of no person: a team of less than five is told of with others.

A team is a domain of ours, its persons are those that the directory has there (`store.staff`). The
smallest go together until they are five, or what is left over would say by subtraction what is
folded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, func, select

from gateway.store.history_tables import staff

LEAST = 5  # persons of whom a figure may be told
SMALL = "*"  # in place of a name: teams of less than that


def sizes(connection: Connection, teams: Collection[str]) -> dict[str, int]:
    """Persons of each, counted no further than LEAST."""
    found = {}
    for team in teams:
        there = staff.c.address.endswith(f"@{team}", autoescape=True)
        some = select(staff.c.id).where(there).limit(LEAST).subquery()
        found[team] = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def together(
    counts: Sequence[tuple[str, int]], persons: Mapping[str, int]
) -> tuple[tuple[str, int], ...]:
    """The most first, small teams last as SMALL. Mail without a sender is nobody's team."""
    teams = sorted((name for name, _ in counts if name), key=lambda name: (persons[name], name))
    folded: set[str] = set()
    many = 0
    for name in teams:
        if persons[name] >= LEAST and (many >= LEAST or not folded):
            break
        folded.add(name)
        many += persons[name]
    told = [(name, count) for name, count in counts if name not in folded]
    rest = sum(count for name, count in counts if name in folded)
    return (*told, (SMALL, rest)) if folded else tuple(told)
