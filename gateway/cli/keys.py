"""`vaguemestre keys`: the officers' sealing keys.

A compartment with `unlock: sign_in` has a second pair, for contents. Its private half is written
once, into an escrow file that the operator names and takes away; `grant` gives it to a first
officer, who gives it to others in the console.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import pwd
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway import parts
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out
from gateway.config import Config
from gateway.errors import Misconfigured
from gateway.store import hmac_key
from gateway.store.accounts import Accounts
from gateway.store.database import Database
from gateway.store.keyrings import Keyrings
from gateway.store.keys import (
    DEFAULT,
    OpeningKey,
    asks_passphrase,
    load_content,
    load_hmac,
    load_public,
    make_content_keys,
    make_keys,
    read_escrow,
    separated,
)

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


EscrowOption = Annotated[
    Path | None,
    typer.Option(
        "--escrow",
        metavar="FILE",
        help="With `unlock: sign_in`: where the content key's only copy goes. Take it away.",
    ),
]


UnlockingOption = Annotated[
    Path | None,
    typer.Option("--escrow", metavar="FILE", help="Of contents that officers' sign-ins unlock."),
]


@app.command("init")
def init(
    config: ConfigOption = None,
    passphrase: PassphraseOption = False,
    compartment: CompartmentOption = DEFAULT,
    escrow: EscrowOption = None,
) -> None:
    """Make the officers' pair of a compartment, once, and the key of keyed hashes.

    The private half belongs to `users.release` alone (as root); else to whoever runs this.
    """
    with clear_errors():
        settings = _knowing(config, compartment)
        lacks, locks = compartment in lacking(settings), compartment in unlockable(settings)
        if not lacks and not locks:
            fail(f"{settings.keys}: there are keys already; `keys rotate` adds a pair")
        if locks and escrow is None:
            fail(
                f"{compartment} is unlocked by sign-ins: name the --escrow FILE of its content key"
            )
        if escrow is not None:
            _demand_elsewhere(settings, compartment, escrow)
        if lacks:
            make(settings, passphrase=passphrase, compartment=compartment)
        if escrow is not None:
            _make_content(settings, compartment, escrow)


@app.command("rotate")
def rotate(
    config: ConfigOption = None,
    passphrase: PassphraseOption = False,
    compartment: CompartmentOption = DEFAULT,
    escrow: EscrowOption = None,
    hmac: Annotated[
        bool, typer.Option("--hmac", help="Instead, the key of keyed hashes; the old one is kept.")
    ] = False,
) -> None:
    """Add a pair to a compartment: from the next start on, its mail is sealed to it as well.

    With --escrow, a pair for its contents. With --hmac, a new `hmac.key`: what was hashed under the
    old one is still found. `reload --restart` takes either into use without a pause.
    """
    with clear_errors():
        settings = _knowing(config, compartment)
        if hmac:
            if passphrase or escrow is not None or compartment != DEFAULT:
                fail("--hmac goes alone: there is one such key for all compartments")
            _rotate_hmac(settings)
        elif escrow is None:
            make(settings, passphrase=passphrase, compartment=compartment)
        else:
            _demand_elsewhere(settings, compartment, escrow)
            _make_content(settings, compartment, escrow)


def _rotate_hmac(settings: Config) -> None:
    try:
        former = hmac_key.replace(settings.keys)
    except OSError as error:
        fail(f"{error.filename or settings.keys}: {error.strerror}")
    out.print(
        f"Nouvelle clé dans {settings.keys / hmac_key.FILE} ; l'ancienne reste honorée "
        f"({former.name}). `vaguemestre reload --restart` la met en service ; quand retirer "
        "l'ancienne : docs/operateur/trousseau.md.",
        soft_wrap=True,
    )


@app.command("grant")
def grant(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An account of the console.")],
    escrow: Annotated[Path, typer.Option("--escrow", metavar="FILE", help="From `keys init`.")],
    config: ConfigOption = None,
) -> None:
    """Give an account the content key of an escrow file: it opens after its next unlocking.

    The account must have signed in once since the key was made. It can then give it to others.
    """
    with clear_errors():
        settings = configuration(config)
        key = _opened(escrow)
        load_hmac(settings.keys)
        asyncio.run(_grant(settings, name, key))
    out.print(f"{name} : clé {key.id} ({key.compartment}) confiée.")


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
        for key in load_content(settings.keys):
            out.print(f"{key.id}  {key.compartment}, contenus, ouverts par l'entrée d'un officier")
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


def missing(settings: Config) -> list[str]:
    """The commands that make keys which must be made by hand: content keys, and all others once
    there are some."""
    lacks = lacking(settings) if any(settings.keys.glob("officer-*.pub")) else []
    locks = unlockable(settings)
    return [
        f"vaguemestre keys init --compartment {name}" + (" --escrow FILE" if name in locks else "")
        for name in dict.fromkeys((*lacks, *locks))
    ]


def unlockable(settings: Config) -> list[str]:
    """Compartments that sign-ins are to unlock, and whose contents have no key."""
    return [name for name, keys in parts.content_keys(settings).items() if not keys]


def unlocked_by(escrow: Path | None) -> tuple[OpeningKey, ...]:
    """() where no file is named. Asks for its passphrase."""
    if escrow is None:
        return ()
    with clear_errors():
        return (_opened(escrow),)
    raise AssertionError  # clear_errors raises in every other case


def officers_passphrase(keys: Path) -> bytes | None:
    """The service manager's, else the officer's own, asked for where there is somebody to ask."""
    given = parts.passphrase()
    if given is None and asks_passphrase(keys) and sys.stdin.isatty():
        return str(typer.prompt("Phrase secrète de la clé", hide_input=True, err=True)).encode()
    return given


def asked_twice(what: str = "Phrase secrète") -> bytes:
    """A new passphrase."""
    asked = typer.prompt(what, hide_input=True, confirmation_prompt=True, err=True)
    return str(asked).encode()


def _opened(escrow: Path) -> OpeningKey:
    if not escrow.is_file():
        fail(f"{escrow}: no such file")
    asked = typer.prompt("Phrase secrète de la copie sous scellé", hide_input=True, err=True)
    return read_escrow(escrow, str(asked).encode())


async def _grant(settings: Config, name: str, key: OpeningKey) -> None:
    database = Database.open(settings.database)
    try:
        accounts = Accounts(database, load_public(settings.keys), load_hmac(settings.keys))
        account = await accounts.get(name)
        if account is None or account.disabled:
            fail(f"{name}: no such account, or a closed one", STOPPED)
        if account.compartments and key.compartment not in account.compartments:
            fail(f"{name} does not see {key.compartment}", STOPPED)
        if await Keyrings(database).of(name) is None:
            fail(
                f"{name} has no vault yet: it is made at a sign-in, or on the page /coffre", STOPPED
            )
        if not await Keyrings(database).give(key, name, getpass.getuser()):
            fail(f"{name} has this key already", STOPPED)
    finally:
        database.close()


def _demand_elsewhere(settings: Config, compartment: str, escrow: Path) -> None:
    """Before anything is made."""
    if compartment not in parts.content_keys(settings):
        fail(f"{compartment}: no content key without `unlock: sign_in` in its section")
    whole, data = escrow.absolute(), (settings.keys.absolute(), settings.data.absolute())
    if any(whole.is_relative_to(one) for one in data):
        fail(f"{escrow}: beside what it opens; name a place elsewhere, best one you take away")
    if whole.exists():
        fail(f"{escrow}: there is such a file already")


def _make_content(settings: Config, compartment: str, escrow: Path) -> None:
    secret = asked_twice("Phrase secrète de la copie sous scellé")
    key = make_content_keys(
        settings.keys, compartment=compartment, escrow=escrow, passphrase=secret
    )
    out.print(
        f"Clé de contenu {key.id} ({compartment}). ATTENTION : {escrow} en est la seule copie tant "
        "qu'aucun officier ne l'a reçue (`vaguemestre keys grant`), et le seul recours ensuite. "
        "Mettez ce fichier et sa phrase en deux lieux sûrs, hors de cette machine : sans eux et "
        "sans officier, ce qui est retenu là est perdu.",
        soft_wrap=True,
    )


def _knowing(config: Path | None, compartment: str) -> Config:
    settings = configuration(config)
    known = {DEFAULT, *settings.compartments}
    if compartment not in known:
        fail(f"{compartment}: no such compartment; known: {', '.join(sorted(known))}")
    return settings


def make(
    settings: Config,
    *,
    passphrase: bool = False,
    compartment: str = DEFAULT,
    apart: bool = False,
) -> None:
    """A pair, its private half the release user's where there is one. apart: something else keeps
    it from the doors, such as the mounts of containers."""
    owner = group = None
    secret = (parts.passphrase() or asked_twice()) if passphrase else None
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
    if owner is None and secret is None and not apart:
        out.print("Clés non séparées : tout tourne sous le même utilisateur.")


def _entry(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise Misconfigured(f"users: there is no system user {user}") from None
