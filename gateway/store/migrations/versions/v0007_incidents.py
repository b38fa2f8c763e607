"""Mails that reached somebody else, for an officer to qualify; the pairs stopped for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "incidents",
        sa.Column("id", number, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("last", sa.Double, nullable=False),
        sa.Column("reports", sa.Integer, nullable=False),
        sa.Column("about", sa.String(32), nullable=False),
        sa.Column("compartment", sa.String, nullable=False),
        sa.Column("sender_hash", sa.String(64), nullable=False),
        sa.Column("pair", sa.String(64), nullable=False),
        sa.Column("blocked", sa.Double),
        sa.Column("lifted", sa.Double),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("told", sa.Double),
        sa.Column("qualified", sa.Double),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("note", sa.LargeBinary),
    )
    op.create_index("incidents_by_pair", "incidents", ["pair"])
    op.create_index("incidents_by_state", "incidents", ["qualified", "id"])


def downgrade() -> None:
    op.drop_table("incidents")
