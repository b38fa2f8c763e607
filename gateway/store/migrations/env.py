"""What Alembic runs: migrate over the connection it was given, inside its transaction."""

from __future__ import annotations

from alembic import context

from gateway.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column: Alembic copies the table
    transactional_ddl=True,  # true of SQLite as well, with BEGIN said by us
)
context.run_migrations()
