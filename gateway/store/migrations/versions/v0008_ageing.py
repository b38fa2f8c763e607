"""Events grow old: what is younger than five months still cannot be erased, and nothing changed."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEPT_SECONDS = 150 * 86400  # by the database's clock; gateway.yaml asks for a month more at least
_KEPT = "CREATE TRIGGER events_kept BEFORE {} ON events FOR EACH {} EXECUTE FUNCTION {}()"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER events_no_delete")
        _refuse_deletion(f"WHEN OLD.at > strftime('%s', 'now') - {KEPT_SECONDS} ")
        return
    op.execute("DROP TRIGGER events_kept ON events")
    op.execute(_KEPT.format("UPDATE OR TRUNCATE", "STATEMENT", "events_are_kept"))
    op.execute(
        "CREATE FUNCTION young_events_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.at > extract(epoch FROM now()) - {KEPT_SECONDS} THEN "
        "RAISE EXCEPTION 'events are kept'; END IF; RETURN OLD; END $$"
    )
    op.execute(_KEPT.replace("kept", "young", 1).format("DELETE", "ROW", "young_events_are_kept"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER events_no_delete")
        _refuse_deletion("")
        return
    op.execute("DROP TRIGGER events_young ON events")
    op.execute("DROP FUNCTION young_events_are_kept()")
    op.execute("DROP TRIGGER events_kept ON events")
    op.execute(_KEPT.format("UPDATE OR DELETE OR TRUNCATE", "STATEMENT", "events_are_kept"))


def _refuse_deletion(when: str) -> None:
    op.execute(
        f"CREATE TRIGGER events_no_delete BEFORE DELETE ON events {when}"
        "BEGIN SELECT RAISE(ABORT, 'events are kept'); END"
    )
