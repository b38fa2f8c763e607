"""Holds are found by a queue id or a Message-ID, events by their kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "holds", sa.Column("message_hash", sa.String(64), nullable=False, server_default="")
    )
    op.create_index("holds_by_queue_id", "holds", ["queue_id"])
    op.create_index("holds_by_message", "holds", ["message_hash"])
    op.create_index("events_by_kind", "events", ["kind", "at"])


def downgrade() -> None:
    op.drop_index("events_by_kind", "events")
    op.drop_index("holds_by_message", "holds")
    op.drop_index("holds_by_queue_id", "holds")
    op.drop_column("holds", "message_hash")
