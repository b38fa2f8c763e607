"""Held mail that waits for its sender, a while or a second reader before it is an officer's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    nobody = sa.Column("awaits", sa.String(16), nullable=False, server_default="")
    op.add_column("holds", nobody)
    op.create_index("holds_by_wait", "holds", ["awaits", "id"])
    passed = sa.Column("after", sa.String(16), nullable=False, server_default="pass")
    op.add_column("copies", passed)
    hold = sa.ForeignKey("holds.id", ondelete="CASCADE")
    op.create_table(
        "waits",
        sa.Column("hold_id", sa.String(32), hold, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("due", sa.Double, nullable=False),
        sa.Column("unanswered", sa.String(16), nullable=False),
        sa.Column("reviewers", sa.String(32), nullable=False),
        sa.Column("quorum", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("waits")
    op.drop_column("copies", "after")
    op.drop_index("holds_by_wait", "holds")
    op.drop_column("holds", "awaits")
