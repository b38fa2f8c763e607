"""The command line as a user has it: an empty folder to stand in, and one with held mail."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.store.custody import StoreCustody
from gateway.store.database import Database
from gateway.store.file_blobs import FileBlobs
from gateway.store.keys import load_hmac, load_public, make_keys
from tests.makers.held import a_hold, a_mail
from tests.stores import migrated

CONFIG = """\
domains: [chu.example]
data: .
doors: {smtp: {listen: "127.0.0.1:0"}}
relay: {default: {host: 127.0.0.1, port: 2525}}
officers: [dpo@chu.example]
"""


@dataclass(frozen=True, slots=True)
class Said:
    """out and err: text. status: of the process."""

    out: str
    err: str
    status: int
    raw: bytes

    @property
    def lines(self) -> list[dict[str, object]]:
        """Of --json: every line one object, or the test fails here."""
        return [json.loads(line) for line in self.out.splitlines()]


Command = Callable[..., Said]


@pytest.fixture(autouse=True)
def _stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def vaguemestre() -> Command:
    """The command, in this process. An unexpected exception fails the test as it is."""

    def run(*arguments: object, stdin: bytes = b"") -> Said:
        result = CliRunner().invoke(app, [str(one) for one in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.stdout, result.stderr, result.exit_code, result.stdout_bytes)

    return run


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """A folder with a configuration and keys."""
    (tmp_path / "gateway.yaml").write_text(CONFIG)
    make_keys(tmp_path / "keys")
    return tmp_path


@pytest.fixture
def holding(configured: Path) -> Path:
    """The same, with two mails held: 7K2F-9QXD and, later, 8M3G-1ABC."""
    shutil.copy(migrated(), configured / "vaguemestre.db")
    database = Database.open(f"sqlite:///{configured}/vaguemestre.db")
    keys = configured / "keys"
    custody = StoreCustody(
        database, FileBlobs(configured / "blobs"), load_public(keys), load_hmac(keys)
    )

    async def hold() -> None:
        for code, later in (("7K2F-9QXD", 0), ("8M3G-1ABC", 60)):
            mail = a_mail(code, received=1_700_000_000.0 + later)
            await custody.hold(mail, a_hold(mail), [], [])

    asyncio.run(hold())
    database.close()
    return configured
