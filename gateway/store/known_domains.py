"""What the domains that ours write to tell: whether one is written to often, and, beside them, how
many mails left today for a partner whose contract says how many.

Such a count is a row of the same table, named by the day and the partner, which no domain is; it
weighs a mail each, and lasts as long as the day.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from gateway.store.history_tables import domains

_OFTEN = 5.0  # mails, from which a domain is no slip of its own
_CHUNK = 500  # rows asked for at once

_FREQUENTED = (  # built once: to build one takes as long as to ask it
    select(domains.c.id)
    .where(
        domains.c.id.in_(bindparam("ids", expanding=True)),
        domains.c.until >= bindparam("today"),
        domains.c.weight >= _OFTEN,
    )
    .limit(1)
)


def frequented(connection: Connection, some: Iterable[str], today: int) -> bool:
    """Whether ours often write to one of these domains."""
    wanted = sorted(set(some))
    for start in range(0, len(wanted), _CHUNK):
        values = {"ids": wanted[start : start + _CHUNK], "today": today}
        if connection.execute(_FREQUENTED, values).first() is not None:
            return True
    return False


def of_day(partner: str, day: int) -> str:
    return f"{day} {partner}"


def sent(connection: Connection, partners: Iterable[str], today: int) -> dict[str, int]:
    """Mails that left for each of these partners on that day."""
    rows = {of_day(name, today): name for name in partners}
    if not rows:
        return {}
    query = select(domains.c.id, domains.c.weight).where(domains.c.id.in_(list(rows)))
    return {rows[row.id]: round(row.weight) for row in connection.execute(query)}
