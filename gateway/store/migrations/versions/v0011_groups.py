"""A mail may wait for second readers of several groups: `waits.reviewers` is the first of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("waits", sa.Column("further", sa.String))


def downgrade() -> None:
    op.drop_column("waits", "further")
