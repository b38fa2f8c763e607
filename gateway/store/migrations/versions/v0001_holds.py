"""Holds and copies, the outbox, the memory, the append-only events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _create_holds()
    _create_outbox()
    _create_memory()
    _create_events()


def downgrade() -> None:
    for table in ("events", "memory", "outbox", "copies", "holds"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION events_are_kept()")


def _create_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("blob", sa.String(32), nullable=False, unique=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("received", sa.Double, nullable=False),
        sa.Column("held", sa.Double, nullable=False),
        sa.Column("door", sa.String, nullable=False),
        sa.Column("queue_id", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("compartment", sa.String, nullable=False),
        sa.Column("grave", sa.Boolean, nullable=False),
        sa.Column("remind", sa.Double, nullable=False),
        sa.Column("reminded", sa.Double),
        sa.Column("until", sa.Double, nullable=False),
        sa.Column("decided", sa.Double),
        sa.Column("sender_domain", sa.String, nullable=False),
        sa.Column("sender_hash", sa.String(64), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary, nullable=False),
        sa.Column("dossier", sa.LargeBinary, nullable=False),
    )
    op.create_index("holds_by_sender", "holds", ["sender_hash"])
    op.create_index("holds_by_decision", "holds", ["decided", "held"])
    op.create_table(
        "copies",
        sa.Column(
            "hold_id",
            sa.String(32),
            sa.ForeignKey("holds.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("changed", sa.Double, nullable=False),
        sa.Column("domain", sa.String, nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
    )
    op.create_index("copies_by_address", "copies", ["address_hash"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _serial, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("route", sa.String, nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sa.Column("hold_id", sa.String(32)),
        sa.Column("positions", sa.String, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("due", sa.Double, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("leased_until", sa.Double, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("finished", sa.Double),
        sa.Column("cause", sa.String(64), nullable=False),
    )
    op.create_index("outbox_by_due", "outbox", ["state", "due"])


def _create_memory() -> None:
    op.create_table(
        "memory",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("hint", sa.String(64), nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
    )
    op.create_index("memory_by_hint", "memory", ["hint"])
    op.create_index("memory_by_expiry", "memory", ["expires"])


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", _serial, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("hold_id", sa.String(32)),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("reason", sa.LargeBinary),
        sa.Column("detail", sa.String, nullable=False),
    )
    op.create_index("events_by_hold", "events", ["hold_id"])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
                "BEGIN SELECT RAISE(ABORT, 'events are kept'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION events_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'events are kept'; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_are_kept()"
    )
