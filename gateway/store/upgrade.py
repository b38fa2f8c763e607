"""Alembic, for a store that is not of today's version; imported only then (0.2 s a process)."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from gateway.errors import Misconfigured


def upgrade(connection: Connection) -> None:
    """Misconfigured for a store made by a later version of the gateway."""
    config = configuration(connection)
    scripts = ScriptDirectory.from_config(config)
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in {s.revision for s in scripts.walk_revisions()}:
        raise Misconfigured("database: made by a later version of the gateway")
    command.upgrade(config, "head")


def emptied_at(connection: Connection, revision: str) -> None:
    """Tables without a row, as they were in that version. Misconfigured for a later one."""
    config = configuration(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision not in known:
        raise Misconfigured("made by a later version of the gateway")
    found = MigrationContext.configure(connection).get_current_revision()
    if found == revision:
        return
    if found is not None:
        command.downgrade(config, "base")
    command.upgrade(config, revision)


def head() -> str | None:
    """The newest version that the package brings."""
    return ScriptDirectory.from_config(configuration(None)).get_current_head()


def configuration(connection: Connection | None) -> Config:
    """Alembic's, for migrations over this connection."""
    config = Config()
    config.set_main_option("script_location", "gateway.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
