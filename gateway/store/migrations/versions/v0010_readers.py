"""Second readers: who was told of which mail and what he said of it; who is away, and for whom
another reads meanwhile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("away_until", sa.Double))
    op.add_column("accounts", sa.Column("stand_in", sa.String(64)))
    hold = sa.ForeignKey("holds.id", ondelete="CASCADE")
    op.create_table(
        "readers",
        sa.Column("hold_id", sa.String(32), hold, primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("told", sa.Double),
        sa.Column("voted", sa.Double),
        sa.Column("agrees", sa.Boolean),
    )


def downgrade() -> None:
    op.drop_table("readers")
    for column in ("stand_in", "away_until"):
        op.drop_column("accounts", column)
