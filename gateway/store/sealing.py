"""Which keys what is written about a held mail is sealed to: those of its compartment."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from gateway.store.database import Database
from gateway.store.keys import DEFAULT, SealingKey, of_compartment
from gateway.store.schema import holds


async def keys_about(
    database: Database, keys: Sequence[SealingKey], hold: str
) -> tuple[SealingKey, ...]:
    """Of a hold that is not there, `default`'s."""
    if len({key.compartment for key in keys}) < 2:
        return tuple(keys)
    query = select(holds.c.compartment).where(holds.c.id == hold)
    name = await database.read(lambda c: c.execute(query).scalar_one_or_none())
    return of_compartment(keys, name or DEFAULT)
