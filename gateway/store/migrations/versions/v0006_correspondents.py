"""Who writes to whom, under keyed hashes; the house's own addresses, by what they resemble."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _known("pairs", *_hashes("sender", "recipient"), sa.Column("sealed", sa.LargeBinary))
    op.create_index("pairs_by_sender", "pairs", ["sender", "day"])
    op.create_index("pairs_by_recipient", "pairs", ["recipient"])
    _known("domains", digits=None)
    _known("together", *_hashes("one", "other"))
    op.create_index("together_by_one", "together", ["one"])
    op.create_index("together_by_other", "together", ["other"])
    _known(
        "flows",
        *_hashes("flow", "sender", "recipient"),
        sa.Column("mails", sa.Integer, nullable=False),
    )
    for column in ("flow", "sender", "recipient"):
        op.create_index(f"flows_by_{column}", "flows", [column])
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "staff",
        sa.Column("id", number, primary_key=True, autoincrement=True),
        sa.Column("address", sa.String, nullable=False, unique=True),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("until", sa.Integer),
    )
    person = sa.ForeignKey("staff.id", ondelete="CASCADE")
    op.create_table(
        "staff_keys",
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("staff_id", number, person, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("staff_keys_by_staff", "staff_keys", ["staff_id"])
    op.create_table(
        "learnt",
        sa.Column("what", sa.String(80), primary_key=True),
        sa.Column("day", sa.Integer, nullable=False),
    )


def _hashes(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(32), nullable=False) for name in names]


def _known(name: str, *columns: sa.Column[Any], digits: int | None = 32) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(digits), primary_key=True),
        *columns,
        sa.Column("weight", sa.Double, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("until", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(f"{name}_by_end", name, ["until"])


def downgrade() -> None:
    for table in ("learnt", "staff_keys", "staff", "flows", "together", "domains", "pairs"):
        op.drop_table(table)
