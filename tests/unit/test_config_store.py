"""Which database and which place for contents: gateway.yaml, DATABASE_URL, and both at once."""

from __future__ import annotations

import pytest

from gateway import parts
from gateway.config import read_config
from gateway.config_store import VARIABLE, shown
from gateway.errors import Misconfigured
from gateway.store.database_blobs import DatabaseBlobs
from gateway.store.file_blobs import FileBlobs
from gateway.store.s3_blobs import S3Blobs
from tests.object_store import object_store

HERE = "postgresql://gw@db.example/gw"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """A configuration of these lines, with DATABASE_URL or without."""
    monkeypatch.delenv(VARIABLE, raising=False)

    def reading(*lines, environment=None):
        if environment is not None:
            monkeypatch.setenv(VARIABLE, environment)
        path = tmp_path / "gateway.yaml"
        path.write_text("\n".join(["domains: [ch.example]", *lines]), "utf-8")
        return read_config(path)

    return reading


@pytest.mark.parametrize(
    ("environment", "database"),
    [
        (HERE, HERE),
        (f"  {HERE}\n", HERE),
        ("postgres://gw@db.example/gw", HERE),
        ("postgresql+psycopg://gw@db.example/gw", "postgresql+psycopg://gw@db.example/gw"),
        ("postgresql://gw:pw@db.example/gw", "postgresql://gw:pw@db.example/gw"),
        ("sqlite:///held.db", "sqlite:///{}/held.db"),
        ("sqlite:////srv/held.db", "sqlite:////srv/held.db"),
        ("", "sqlite:///{}/var/vaguemestre.db"),
    ],
)
def test_the_environment_chooses_where_the_file_does_not(read, tmp_path, environment, database):
    assert read(environment=environment).database == database.format(tmp_path)


def test_both_may_say_the_same(read, tmp_path):
    assert read(f'database: "{HERE}"', environment=HERE).database == HERE
    relative = "sqlite:///var/held.db"
    found = read(f"database: {relative}", environment=relative)
    assert found.database == f"sqlite:///{tmp_path}/var/held.db"


def test_two_that_differ_stop_everything(read):
    """On the wrong one, mail would be held where no officer looks."""
    with pytest.raises(Misconfigured, match="keep one of them") as refused:
        read("database: sqlite:///var/held.db", environment="postgresql://gw:pw@db.example/gw")
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize("wrong", ["mysql://localhost/x", "held.db", "sqlite://"])
def test_what_is_no_database_is_refused(read, wrong):
    with pytest.raises(Misconfigured, match="neither SQLite nor PostgreSQL"):
        read(environment=wrong)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        (HERE, HERE),
        ("postgresql://gw:p%40w@db.example/gw", "postgresql://gw:…@db.example/gw"),
        (
            "postgresql://db.example/gw?a=b&password=p%26w",
            "postgresql://db.example/gw?a=b&password=…",
        ),
        ("postgresql://gw:a/b?c#d@db.example/gw", "postgresql://gw:…@db.example/gw"),
        ("postgresql://gw:g@db.example/gw", "postgresql://gw:…@db.example/gw"),
        (
            "postgresql://gw:p@db.example/gw?password=q&sslpassword=r&a=b",
            "postgresql://gw:…@db.example/gw?password=…&sslpassword=…&a=b",
        ),
        ("postgresql://db.example:5432/gw", "postgresql://db.example:5432/gw"),
        ("sqlite:////srv/held.db", "sqlite:////srv/held.db"),
    ],
)
def test_a_password_is_not_shown(url, seen):
    assert shown(url) == seen


def test_contents_are_files_unless_said_otherwise(read):
    assert isinstance(parts.blobs(read()), FileBlobs)
    assert isinstance(parts.blobs(read("blobs: files")), FileBlobs)


def test_contents_may_be_in_the_database(read):
    assert isinstance(parts.blobs(read("blobs: database", environment=HERE)), DatabaseBlobs)
    assert isinstance(
        parts.blobs(read("blobs: {place: database}", environment=HERE)), DatabaseBlobs
    )


def test_contents_may_be_in_a_bucket(read):
    server = object_store()
    told = f"bucket: {server.bucket.name}, endpoint: {server.bucket.endpoint}, prefix: a/b"
    files = f"auth: {server.root}/login.yaml, ca: {server.root}/ca.pem"
    blobs = parts.blobs(read(f"blobs: {{s3: {{{told}, {files}}}}}"))
    assert isinstance(blobs, S3Blobs)
    blobs.write("ab", [b"x"])
    assert blobs.size("ab") == 1


def test_a_login_that_cannot_be_read_is_told_and_not_quoted(read, tmp_path):
    (tmp_path / "login.yaml").write_text("user: k\nsecret: very secret\n")
    told = 'bucket: held, endpoint: "https://s3.example", auth: login.yaml'
    with pytest.raises(Misconfigured) as refused:
        parts.blobs(read(f"blobs: {{s3: {{{told}}}}}"))
    assert "very secret" not in str(refused.value)


@pytest.mark.parametrize(
    "local", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000/"]
)
def test_in_clear_on_this_machine_alone(read, tmp_path, local):
    (tmp_path / "login.yaml").write_text("user: k\npassword: s\n")
    config = read(f'blobs: {{s3: {{bucket: held, endpoint: "{local}", auth: login.yaml}}}}')
    assert config.blobs.s3.endpoint == local.rstrip("/")
