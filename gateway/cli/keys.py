"""`vaguemestre keys`: the officers' sealing keys."""

from __future__ import annotations

import os
import pwd
from typing import Annotated

import typer

from gateway import parts
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out
from gateway.config import Config
from gateway.errors import Misconfigured
from gateway.store.keys import load_hmac, load_public, make_keys, separated

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Sealing keys: init, rotate, list."
)


PassphraseOption = Annotated[
    bool,
    typer.Option(
        "--passphrase", help="Put the private half under one: asked for, or given by the service."
    ),
]


@app.command("init")
def init(config: ConfigOption = None, passphrase: PassphraseOption = False) -> None:
    """Make the officers' pair and the key of keyed hashes, once.

    The private half belongs to `users.release` alone (as root); else to whoever runs this.
    """
    with clear_errors():
        settings = configuration(config)
        if any(settings.keys.glob("officer-*.pub")):
            fail(f"{settings.keys}: there are keys already; `keys rotate` adds a pair")
        _make(settings, passphrase)


@app.command("rotate")
def rotate(config: ConfigOption = None, passphrase: PassphraseOption = False) -> None:
    """Add a pair: from the next start on, mail is sealed to it as well."""
    with clear_errors():
        _make(configuration(config), passphrase)


@app.command("list")
def list_(config: ConfigOption = None) -> None:
    """The public halves, and whether this user can read a private one."""
    with clear_errors():
        settings = configuration(config)
        if not settings.keys.is_dir():
            fail(f"{settings.keys}: no keys as yet; `keys init` makes them", STOPPED)
        load_hmac(settings.keys)
        for key in load_public(settings.keys):
            out.print(f"{key.id}  {key.compartment}")
        told = (
            "séparées" if separated(settings.keys) else "non séparées : cet utilisateur peut ouvrir"
        )
        out.print(f"Clés {told}.")


def _make(settings: Config, passphrase: bool) -> None:
    owner = group = None
    secret = (parts.passphrase() or _asked()) if passphrase else None
    if os.getuid() == 0 and settings.users.release and settings.users.door:
        owner = _entry(settings.users.release).pw_uid
        group = _entry(settings.users.door).pw_gid
    try:
        key = make_keys(settings.keys, passphrase=secret, owner=owner, group=group)
    except OSError as error:
        fail(f"{error.filename or settings.keys}: {error.strerror}")
    out.print(
        f"Clé {key.id} dans {settings.keys}. Gardez une copie de officer-{key.id}.key ailleurs."
    )
    if owner is None and secret is None:
        out.print("Clés non séparées : tout tourne sous le même utilisateur.")


def _asked() -> bytes:
    asked = typer.prompt("Phrase secrète", hide_input=True, confirmation_prompt=True, err=True)
    return str(asked).encode()


def _entry(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise Misconfigured(f"users: there is no system user {user}") from None
