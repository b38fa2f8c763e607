"""Whether a mail could be held this very moment: the steps of a hold, of which nothing remains.

A content is written, durably, and taken away; a row is committed in the database and is gone
with the same commit. So a disk that is full or read-only, a server of contents that is away, or a
database that takes nothing is known before a mail needs it. Killed in between, an orphan blob is
left, which `gateway.retain` sweeps like any other.
"""

from __future__ import annotations

import asyncio
import os

from sqlalchemy import Connection, delete

from gateway.errors import Temporary
from gateway.store.blobs import Blobs, new_name
from gateway.store.database import Database
from gateway.store.schema import memory

_OCTETS = 16 * 1024  # as much as a small mail and its dossier
_INSERT = memory.insert()


class Rehearsal:
    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs

    async def __call__(self) -> None:
        """Temporary where the store would not keep a mail now."""
        name = new_name()
        try:
            await asyncio.to_thread(self._write, name)
        except OSError as error:
            raise Temporary("store unavailable") from error
        row = {"key": name, "hint": name, "accepted": False, "sealed": b"", "expires": 0.0}

        def work(connection: Connection) -> None:
            connection.execute(_INSERT, row)
            connection.execute(delete(memory).where(memory.c.key == name))

        await self._database.write(work)

    def _write(self, name: str) -> None:
        self._blobs.write(name, [os.urandom(_OCTETS)])
        self._blobs.delete([name])
