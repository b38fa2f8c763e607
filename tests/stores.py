"""Fresh, migrated stores for tests, on SQLite and on a real PostgreSQL started for them.

The server runs from Debian's binaries as an unprivileged user, in a temporary directory, on a
unix socket alone; it is stopped when the tests end.
"""

from __future__ import annotations

import atexit
import glob
import math
import os
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from gateway.store.blobs import Blobs
from gateway.store.custody import StoreCustody
from gateway.store.database import Database, engine_of
from gateway.store.database_blobs import DatabaseBlobs
from gateway.store.events import note
from gateway.store.file_blobs import FileBlobs
from gateway.store.holds import Holds
from gateway.store.keys import (
    load_content,
    load_hmac,
    load_private,
    load_public,
    make_keys,
    of_compartment,
)
from gateway.store.memory import StoreMemory
from gateway.store.outbox import Outbox
from gateway.store.s3_blobs import S3Blobs
from gateway.store.schema import metadata
from gateway.store.waits import Waits
from tests.object_store import object_store

KINDS = ("sqlite", "postgresql")
# Of the two for what is tested on one: STORE=postgresql runs all of that on the other as well.
ANY = os.environ.get("STORE", KINDS[0])
PLACES = ("files", "database", "s3")  # for contents


def blobs_in(place: str, directory: Path) -> Blobs:
    """An empty place for contents, made."""
    if place == "s3":
        return S3Blobs(object_store().fresh())
    if place == "files":
        return FileBlobs(directory / "blobs")
    made = DatabaseBlobs(engine_of(_url(_server(), "shared")))
    made.prepare()
    made.delete(list(made.older_than(math.inf)))
    return made


def fresh(kind: str, directory: Path) -> str:
    """The URL of an empty store, tables made; on PostgreSQL the same one every time, emptied."""
    if kind == "sqlite":
        path = directory / "store.db"
        if not path.exists():
            shutil.copy(migrated(), path)
        return f"sqlite:///{path}"
    server = _server()
    with psycopg.connect(_url(server, "shared"), autocommit=True) as connection:
        connection.execute(_LEFT)
        connection.execute("SET session_replication_role = replica")  # events refuse to go
        filled = [name for (name,) in connection.execute(_FILLED)]
        if filled:  # to empty a table costs a millisecond, whether it holds anything or not
            connection.execute(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE")
    return _url(server, "shared")


# What a test before left open is closed when its garbage is collected, sooner or later; until then
# it would be somebody at work on the store.
_LEFT = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
_FILLED = " UNION ALL ".join(
    f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM {table.name})"
    for table in metadata.sorted_tables
)


def empty(kind: str, directory: Path, encoding: str = "UTF8") -> str:
    """The URL of a store that has no tables yet. encoding: of PostgreSQL."""
    if kind == "sqlite":
        return f"sqlite:///{directory}/empty.db"
    name = f"t{uuid.uuid4().hex}"
    server = _server()
    with psycopg.connect(_url(server, "postgres"), autocommit=True) as connection:
        locale = "LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"  # which goes with each encoding
        connection.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' {locale}")
    return _url(server, name)


@cache
def migrated() -> Path:
    """An empty SQLite store with its tables, to be copied: to migrate takes half a second, which
    hundreds of tests would wait for."""
    root = Path(tempfile.mkdtemp(prefix="sqlite-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    Database.open(f"sqlite:///{root}/store.db").close()
    return root / "store.db"


def _server() -> Path:
    """Its socket's directory; skips where there is none, fails where there must be one."""
    server = _started()
    if server is None:
        missing = "no PostgreSQL server binaries (apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return server


def _url(server: Path, database: str) -> str:
    return f"postgresql://postgres@/{database}?host={server}"


@cache
def _started() -> Path | None:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found:
        return None
    binaries = Path(found[-1]).parent
    root = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(root, "postgres", "postgres")
    data = root / "data"
    _as_postgres(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync")
    # Durability is PostgreSQL's own affair and not what these tests look at.
    options = f"-c listen_addresses= -c unix_socket_directories={root} -c fsync=off"
    control = (binaries / "pg_ctl", "-D", data, "-w", "-s")
    _as_postgres(*control, "-l", root / "log", "-o", options, "start")

    def stop() -> None:
        _as_postgres(*control, "-m", "immediate", "stop")
        shutil.rmtree(root, ignore_errors=True)

    atexit.register(stop)
    with psycopg.connect(_url(root, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE shared ENCODING 'UTF8' TEMPLATE template0")
    Database.open(_url(root, "shared")).close()
    return root


def _as_postgres(*command: object) -> None:
    """PostgreSQL refuses to run as root."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/")


def in_two_days(now: float) -> tuple[float, float]:
    """When officers are reminded of what is theirs from `now` on, and when it is cancelled."""
    return now + 86_400, now + 2 * 86_400


@dataclass
class Store:
    """Everything `serve` would build, on one database; the clock is the test's."""

    url: str
    directory: Path
    now: float = 1_700_000_000.0
    blobs: Blobs = None  # type: ignore[assignment]  # files, unless said otherwise

    def __post_init__(self) -> None:
        where = self.directory / "keys"
        if not where.exists():
            make_keys(where)
        self.public, self.hmac = load_public(where), load_hmac(where)
        self.private = load_private(where)
        self.folder = self.directory / "blobs"
        self.blobs = self.blobs or FileBlobs(self.folder)
        self.database = self.opened()
        blobs, keys, clock = self.blobs, self.public, self.clock
        self.content = load_content(where)  # of compartments under lock
        locked = {key.compartment for key in self.content}
        self.custody = StoreCustody(
            self.database,
            blobs,
            keys,
            self.hmac,
            clock=clock,
            content_keys={name: of_compartment(self.content, name) for name in locked},
        )
        self.memory = StoreMemory(self.database, self.hmac, clock=clock)
        self.holds = Holds(self.database, blobs, keys, self.hmac, clock=clock)
        self.outbox = Outbox(self.database, clock=clock)
        self.waits = Waits(self.database, keys, in_two_days, clock=clock)

    def close(self) -> None:
        self.custody.close()
        self.database.close()

    def opened(self) -> Database:
        return Database.open(self.url)

    def clock(self) -> float:
        return self.now

    async def lived(self, since: float = 0.0) -> None:
        """As if something had been noted then: what came after it is not another store's."""
        await self.database.write(lambda connection: note(connection, "purged", since))

    def blob_names(self) -> list[str]:
        return sorted(os.listdir(self.folder)) if self.folder.exists() else []

    async def rows(self, table: str) -> list[tuple[object, ...]]:
        query = text(f"SELECT * FROM {table}")
        return await self.database.read(lambda c: [tuple(row) for row in c.execute(query)])
