"""`vaguemestre keys`: the officers' sealing keys."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Annotated

import typer

from gateway import parts
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out
from gateway.config import Config
from gateway.errors import Misconfigured
from gateway.store.keys import DEFAULT, load_hmac, load_public, make_keys, separated

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Sealing keys: init, rotate, list."
)


PassphraseOption = Annotated[
    bool,
    typer.Option(
        "--passphrase", help="Put the private half under one: asked for, or given by the service."
    ),
]


CompartmentOption = Annotated[
    str, typer.Option("--compartment", metavar="NAME", help="Whose officers' pair. As configured.")
]


@app.command("init")
def init(
    config: ConfigOption = None,
    passphrase: PassphraseOption = False,
    compartment: CompartmentOption = DEFAULT,
) -> None:
    """Make the officers' pair of a compartment, once, and the key of keyed hashes.

    The private half belongs to `users.release` alone (as root); else to whoever runs this.
    """
    with clear_errors():
        settings = _knowing(config, compartment)
        if compartment not in lacking(settings):
            fail(f"{settings.keys}: there are keys already; `keys rotate` adds a pair")
        _make(settings, passphrase, compartment)


@app.command("rotate")
def rotate(
    config: ConfigOption = None,
    passphrase: PassphraseOption = False,
    compartment: CompartmentOption = DEFAULT,
) -> None:
    """Add a pair to a compartment: from the next start on, its mail is sealed to it as well."""
    with clear_errors():
        _make(_knowing(config, compartment), passphrase, compartment)


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


def lacking(settings: Config) -> list[str]:
    """Compartments without a key that their mail could be sealed to."""
    known: set[str] = set()
    if any(settings.keys.glob("officer-*.pub")):
        known = {key.compartment for key in load_public(settings.keys)}
    return [name for name in {DEFAULT: None, **settings.compartments} if name not in known]


def _knowing(config: Path | None, compartment: str) -> Config:
    settings = configuration(config)
    known = {DEFAULT, *settings.compartments}
    if compartment not in known:
        fail(f"{compartment}: no such compartment; known: {', '.join(sorted(known))}")
    return settings


def _make(settings: Config, passphrase: bool, compartment: str) -> None:
    owner = group = None
    secret = (parts.passphrase() or _asked()) if passphrase else None
    if os.getuid() == 0 and settings.users.release and settings.users.door:
        owner = _entry(settings.users.release).pw_uid
        group = _entry(settings.users.door).pw_gid
    try:
        key = make_keys(
            settings.keys, compartment=compartment, passphrase=secret, owner=owner, group=group
        )
    except OSError as error:
        fail(f"{error.filename or settings.keys}: {error.strerror}")
    whose = "" if compartment == DEFAULT else f" ({compartment})"
    copy = f"Gardez une copie de officer-{key.id}.key ailleurs."
    out.print(f"Clé {key.id}{whose} dans {settings.keys}. {copy}")
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
