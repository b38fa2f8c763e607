"""Contents that officers' sign-ins unlock: keys of their own, and who has them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("holds", sa.Column("content_key", sa.LargeBinary))
    op.add_column("holds", sa.Column("release_key", sa.LargeBinary))
    account = sa.ForeignKey("accounts.name", ondelete="CASCADE")
    op.create_table(
        "keyrings",
        sa.Column("account", sa.String(64), account, primary_key=True),
        sa.Column("public", sa.LargeBinary, nullable=False),
        sa.Column("kdf", sa.String, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("made", sa.Double, nullable=False),
    )
    ring = sa.ForeignKey("keyrings.account", ondelete="CASCADE")
    op.create_table(
        "grants",
        sa.Column("account", sa.String(64), ring, primary_key=True),
        sa.Column("key_id", sa.String(16), primary_key=True),
        sa.Column("compartment", sa.String, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("granted_by", sa.String(64), nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )


def downgrade() -> None:
    for table in ("grants", "keyrings"):
        op.drop_table(table)
    for column in ("release_key", "content_key"):
        op.drop_column("holds", column)
