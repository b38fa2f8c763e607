"""Whom a notice told and in which hour, so that a series can be bundled after a restart, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("person", sa.String(64)))
    op.add_column("outbox", sa.Column("hour", sa.Double))
    op.create_index("outbox_by_person", "outbox", ["person", "hour"])


def downgrade() -> None:
    op.drop_index("outbox_by_person", "outbox")
    op.drop_column("outbox", "hour")
    op.drop_column("outbox", "person")
