"""A row of every table of a store, whatever tables there are: for what must carry all of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Connection, Double, Integer, LargeBinary

from gateway.store.schema import metadata


def one_of_each(connection: Connection, **values: object) -> None:
    """Into tables that have none: of columns that name another row, that row's value. values: of
    columns whose octets somebody looks into."""
    for table in metadata.sorted_tables:
        row = {c.name: values.get(c.name, _value(c)) for c in table.columns}
        connection.execute(table.insert(), row)


def _value(column: Column[object]) -> object:
    """No two types alike, and no empty ones: what is left out or turned into another is seen."""
    for key in column.foreign_keys:
        return _value(key.column)
    kind = column.type
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Double):
        return 1_700_000_000.25
    if isinstance(kind, Integer):  # BigInteger is one
        return 7
    if isinstance(kind, LargeBinary):
        return column.name.encode() + b"\x00\xff"
    length = getattr(kind, "length", None) or 64
    return f"é{column.name}"[:length]
