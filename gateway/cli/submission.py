"""`vaguemestre submission`: who may submit mail with a password (`doors.submission.users`).

Passwords are typed, never given on the command line, and only their Argon2id hash is written.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
import yaml

from gateway.cli.common import ConfigOption, clear_errors, configuration, fail, out
from gateway.console.credentials import complaint
from gateway.passwords import hashed
from gateway.submitters import Submitter, read

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Who may submit mail with a password: add, remove, list.",
)
UserArgument = Annotated[str, typer.Argument(help="As the mail program gives it.")]


@app.command()
def add(
    user: UserArgument,
    sender: Annotated[
        list[str], typer.Option(help="In whose name: an address, or @domain. May be repeated.")
    ],
    config: ConfigOption = None,
) -> None:
    """Make a user, or give one another password and other addresses."""
    with clear_errors():
        file = _file(config)
        known = dict(read(file)) if file.exists() else {}
        if any("@" not in one for one in sender):
            fail("--sender: an address, or @domain")
        password = typer.prompt("Mot de passe", hide_input=True, confirmation_prompt=True)
        wrong = complaint(password, user)
        if wrong:
            fail(wrong)
        known[user] = Submitter(user, hashed(password), tuple(sender))
        _write(file, known.values())
    out.print(f"{user} : {', '.join(sender)}", markup=False)


@app.command()
def remove(user: UserArgument, config: ConfigOption = None) -> None:
    """Take a user's password away; what he has under way is carried to its end."""
    with clear_errors():
        file = _file(config)
        known = dict(read(file))
        if known.pop(user, None) is None:
            fail(f"{file}: {user} is not there", status=1)
        _write(file, known.values())
    out.print(f"{user} : retiré", markup=False)


@app.command("list")
def list_(config: ConfigOption = None) -> None:
    """Users, and in whose name they send."""
    with clear_errors():
        for one in read(_file(config)).values():
            out.print(f"{one.user}  {', '.join(one.senders)}", markup=False)


def _file(config: Path | None) -> Path:
    doors = configuration(config).doors
    door = doors.submission or doors.submissions
    if door is None:
        fail("doors: neither submission nor submissions is open")
    if door.passwords != "users" or door.users is None:
        fail("doors: passwords of the submission door are not those of a file")
    return door.users


def _write(path: Path, several: Iterable[Submitter]) -> None:
    """Whole or not at all; nobody else may read it, but who could before."""
    status = path.stat() if path.exists() else None
    lines = [
        {"user": one.user, "password": one.password, "senders": list(one.senders)}
        for one in several
    ]
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        yaml.safe_dump(lines, file, allow_unicode=True, sort_keys=False)
        if status is not None:
            os.fchmod(file.fileno(), status.st_mode & 0o777)
            os.fchown(file.fileno(), status.st_uid, status.st_gid)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
