"""What a person's groups allow: roles and compartments, as `console.….groups` maps them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}", re.ASCII)  # of an account


@dataclass(frozen=True, slots=True)
class Grant:
    """compartments: () is every one."""

    roles: tuple[str, ...]
    compartments: tuple[str, ...] = ()


def granted(groups: Iterable[str], grants: Mapping[str, Grant]) -> Grant:
    """All that any of the groups gives, capitals aside. Compartments that one group names are the
    only ones, whatever others leave open: a second group must not widen what the first limits."""
    known = {group.casefold(): grant for group, grant in grants.items()}
    found = [known[group] for group in dict.fromkeys(map(str.casefold, groups)) if group in known]
    return Grant(
        tuple(dict.fromkeys(role for one in found for role in one.roles)),
        tuple(dict.fromkeys(name for one in found for name in one.compartments)),
    )


def account_name(told: str) -> str:
    """As accounts are called; "" where nobody can be called so."""
    name = told.strip().lower()
    return name if NAME.fullmatch(name) else ""
