"""The console: accounts, invitations, sessions, work on held mails, which of them wait, figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INDEXES = {
    "holds_by_rank": ["waiting", "rank", "held", "id"],
    "holds_by_age": ["waiting", "held", "id"],
    "holds_by_deadline": ["waiting", "until", "id"],
    "holds_by_rule": ["waiting", "rule", "compartment"],
    "holds_by_sender": ["sender_hash", "rule", "held"],
}


def upgrade() -> None:
    _queue()
    _accounts()
    _permits()
    account = sa.ForeignKey("accounts.name", ondelete="CASCADE")
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(64), account, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
    )
    account = sa.ForeignKey("accounts.name", ondelete="CASCADE")
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(64), account, nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("seen", sa.Double, nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
    )
    op.create_index("sessions_by_account", "sessions", ["account"])
    _ways()
    _tokens()


def _queue() -> None:
    op.add_column("holds", sa.Column("rank", sa.Integer, nullable=False, server_default="1000"))
    op.add_column("holds", sa.Column("hidden", sa.String(16), nullable=False, server_default=""))
    op.add_column(
        "holds", sa.Column("waiting", sa.Boolean, nullable=False, server_default=sa.true())
    )
    op.execute(
        "UPDATE holds SET waiting = EXISTS"
        " (SELECT 1 FROM copies WHERE copies.hold_id = holds.id AND copies.state = 'held')"
    )
    op.drop_index("holds_by_sender", "holds")
    for name, columns in _INDEXES.items():
        op.create_index(name, "holds", columns)
    hold = sa.ForeignKey("holds.id", ondelete="CASCADE")
    op.create_table(
        "desk",
        sa.Column("hold_id", sa.String(32), hold, primary_key=True),
        sa.Column("assigned", sa.String(64)),
        sa.Column("seen", sa.Double),
        sa.Column("second", sa.Boolean, nullable=False),
        sa.Column("asked", sa.Double),
        sa.Column("urged", sa.Double),
        sa.Column("reviewed", sa.Double),
    )
    for name in ("asked", "urged"):
        op.create_index(f"desk_by_{name}", "desk", [name])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("roles", sa.String, nullable=False),
        sa.Column("compartments", sa.String, nullable=False),
        sa.Column("address_hash", sa.String(64)),
        sa.Column("password", sa.String),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("subject", sa.String(64)),
        sa.Column("entered", sa.Double),
        sa.Column("entered_by", sa.String(8)),
        sa.Column("totp", sa.LargeBinary),
        sa.Column("totp_used", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.Double, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
    )
    op.create_table(
        "daily",
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("what", sa.String(32), primary_key=True),
        sa.Column("by", sa.String(16), primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("compartment", sa.String, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column(
            "account",
            sa.String(64),
            sa.ForeignKey("accounts.name", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("acts", sa.String, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
        sa.Column("used", sa.Double),
    )
    op.create_index("tokens_by_account", "tokens", ["account"])


def _ways() -> None:
    op.create_table(
        "attempts",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("asked", sa.String, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
    )
    op.create_index("attempts_by_expiry", "attempts", ["expires"])
    account = sa.ForeignKey("accounts.name", ondelete="CASCADE")
    op.create_table(
        "passkeys",
        sa.Column("id_hash", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(64), account, nullable=False),
        sa.Column("credential", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("counter", sa.BigInteger, nullable=False),
        sa.Column("label", sa.LargeBinary, nullable=False),
        sa.Column("added", sa.Double, nullable=False),
        sa.Column("used", sa.Double),
    )
    op.create_index("passkeys_by_account", "passkeys", ["account"])


def _permits() -> None:
    op.create_table(
        "permits",
        sa.Column(
            "hold_id",
            sa.String(32),
            sa.ForeignKey("holds.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("asked", sa.Double, nullable=False),
        sa.Column("granted_by", sa.String(64)),
        sa.Column("until", sa.Double),
    )
    op.create_index("outbox_by_about", "outbox", ["about"])
    op.add_column("copies", sa.Column("corrected", sa.LargeBinary))
    _monitored()


def _monitored() -> None:
    op.create_table(
        "monitored",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=True,
        ),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("mail", sa.String(32), nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("compartment", sa.String, nullable=False),
        sa.Column("sender_domain", sa.String, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("judged", sa.String(16)),
    )
    op.create_index("monitored_by_rule", "monitored", ["rule", "judged"])
    op.create_index("monitored_by_age", "monitored", ["at"])


def downgrade() -> None:
    op.drop_table("monitored")
    op.drop_column("copies", "corrected")
    op.drop_index("outbox_by_about", "outbox")
    for table in ("passkeys", "attempts"):
        op.drop_table(table)
    for table in ("permits", "daily", "desk", "tokens", "sessions", "invitations", "accounts"):
        op.drop_table(table)
    for name in _INDEXES:
        op.drop_index(name, "holds")
    op.create_index("holds_by_sender", "holds", ["sender_hash"])
    op.drop_column("holds", "waiting")
    op.drop_column("holds", "hidden")
    op.drop_column("holds", "rank")
