"""The portal's own role on PostgreSQL, and its own file on SQLite: nothing else is in its reach."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from gateway.errors import Misconfigured
from gateway.store import portal_tables
from gateway.store.database import engine_of
from gateway.store.schema import metadata
from tests.stores import empty, fresh

ROLE = (  # as docs/operateur/portail.md says it
    "DROP SCHEMA IF EXISTS portail CASCADE",
    "DROP ROLE IF EXISTS portail",
    "CREATE ROLE portail LOGIN",
    "CREATE SCHEMA portail AUTHORIZATION portail",
    "ALTER ROLE portail SET search_path = portail",
)
PAGE = Path(__file__).parents[3] / "docs/operateur/portail.md"


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The store of a gateway, seen by the portal's role."""
    whole = fresh("postgresql", tmp_path_factory.mktemp("role"))
    with psycopg.connect(whole, autocommit=True) as connection:
        for statement in ROLE:
            connection.execute(statement)
    yield whole.replace("postgres@", "portail@")
    with psycopg.connect(whole, autocommit=True) as connection:
        for statement in ROLE[:2]:
            connection.execute(statement)


def test_the_role_makes_its_own_tables_and_lives_in_them(url):
    engine = engine_of(url)
    portal_tables.prepare(engine)
    portal_tables.prepare(engine)
    with engine.connect() as connection:
        count = text("SELECT count(*) FROM portal_parcels")
        assert connection.execute(count).scalar() == 0
    engine.dispose()


def test_the_role_reads_and_writes_none_of_the_quarantines_tables(url):
    with psycopg.connect(url, autocommit=True) as connection:
        for table in metadata.sorted_tables:
            for statement in ("SELECT * FROM public.{}", "DELETE FROM public.{}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.format(table.name))


def test_the_page_for_operators_says_how_the_role_is_made():
    written = PAGE.read_text("utf-8")
    for statement in ROLE[2:]:
        assert f"{statement};" in written


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_tables_of_before_get_what_they_lack_and_keep_what_they_have(kind, tmp_path):
    engine = engine_of(empty(kind, tmp_path))
    portal_tables.prepare(engine)
    with engine.begin() as connection:
        for table in (portal_tables.passkeys, portal_tables.challenges):
            table.drop(connection)
        told = {"at": 1.0, "kind": "code", "about": "x", "compartment": "", "parties": b"x"}
        connection.execute(portal_tables.news.insert(), told)
    portal_tables.prepare(engine)
    with engine.connect() as connection:
        assert connection.execute(portal_tables.passkeys.select()).all() == []
        assert len(connection.execute(portal_tables.news.select()).all()) == 1
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_tables_of_another_version_are_refused(kind, tmp_path):
    engine = engine_of(empty(kind, tmp_path))
    portal_tables.prepare(engine)
    with engine.begin() as connection:
        connection.execute(portal_tables.version.update().values(version=99))
    with pytest.raises(Misconfigured, match="another version"):
        portal_tables.prepare(engine)
    engine.dispose()
