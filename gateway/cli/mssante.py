"""`vaguemestre mssante`: whether one can write into the MSSanté space from here, who takes part in
it, and who has a mailbox there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.act.white_list import NAME
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    configuration,
    fail,
    print_json,
    show,
)
from gateway.config import Config
from gateway.means import mssante_parts

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="The MSSanté space: check, list, find."
)
RPPS_DIGITS = 11
DAY_SECONDS = 86_400.0

Line = tuple[bool, str]
"""Whether it is in order, and what it is, in French."""


@app.callback()
def mssante() -> None:
    """The MSSanté space."""


@app.command()
def check(
    address: Annotated[list[str] | None, typer.Argument(help="Of senders, recipients.")] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """What leads into the space, how fresh its white list is; and these addresses."""
    with clear_errors():
        settings = configuration(config)
        lines = [*_ways(settings), *_list(settings), *_about(settings, address or [])]
    for right, told in lines:
        if json:
            print_json({"ok": right, "told": told})
        else:
            show(told if right else f"Attention : {told}")
    if not all(right for right, _ in lines):
        raise typer.Exit(STOPPED)


@app.command("list")
def listed(config: ConfigOption = None, json: JsonOption = False) -> None:
    """The domains of the white list in force."""
    with clear_errors():
        known = mssante_parts.white_list(configuration(config))
        domains = known.domains() if known else frozenset()
    for domain in sorted(domains):
        if json:
            print_json({"domain": domain})
        else:
            show(domain)
    if not domains:
        raise typer.Exit(STOPPED)


@app.command()
def find(
    name: Annotated[list[str], typer.Argument(help="A name, an RPPS number, or a mailbox.")],
    config: ConfigOption = None,
    structure: Annotated[bool, typer.Option("--structure", help="A name of a structure.")] = False,
    json: JsonOption = False,
) -> None:
    """Who has a mailbox in the space, by the public directory (`mssante.directory`)."""
    with clear_errors():
        directory = mssante_parts.directory(configuration(config))
        if directory is None:
            fail("mssante.directory: none is named in gateway.yaml")
        found = directory.ask(*_question(" ".join(name), structure))
    for one in found:
        if json:
            print_json({"address": one.address, "name": one.whose})
        else:
            show(f"{one.address}  {one.whose}".rstrip())
    if not found:
        raise typer.Exit(STOPPED)


def _question(asked: str, structure: bool) -> tuple[str, dict[str, str]]:
    """Kind of resource, and search parameters."""
    kind = "Organization" if structure else "Practitioner"
    if "@" in asked:
        return kind, {"mailbox-mss": asked}
    if asked.isdecimal() and len(asked) == RPPS_DIGITS:
        return "Practitioner", {"identifier": asked, "_revinclude": "PractitionerRole:practitioner"}
    if structure:
        return kind, {"name": asked}
    return kind, {"name": asked, "_revinclude": "PractitionerRole:practitioner"}


def _ways(settings: Config) -> Iterator[Line]:
    domains = ", ".join(settings.mssante.domains)
    if not domains:
        yield True, "mssante : aucun domaine, l'espace n'est pas connu ici"
        return
    routes = settings.space_routes()
    for name, hop in routes.items():
        yield True, f"{name} : par {hop.host or 'MX'}, port {hop.port}"
    if not routes:
        yield False, f"aucune route en TLS sûr ne mène à {domains} : ces destinataires sont refusés"
    if settings.mssante.senders is None:
        yield True, "senders : aucun fichier, seuls écrivent ceux qui le font de leur boîte MSSanté"


def _list(settings: Config) -> Iterator[Line]:
    told, known = settings.mssante.white_list, mssante_parts.white_list(settings)
    if told is None or known is None:
        yield True, "white_list : aucune, l'opérateur seul connaît les domaines"
        return
    age = known.age()
    if age is None:
        yield False, f"white_list : jamais reçue ({known.folder / NAME}), rien ne part"
        return
    had = datetime.fromtimestamp(known.clock() - age, UTC).date().isoformat()
    days = age / DAY_SECONDS
    state = ", expirée : rien ne part" if days > told.expired else ""
    yield days <= told.stale, f"white_list : {len(known.domains())} domaines, du {had}{state}"


def _about(settings: Config, addresses: list[str]) -> Iterator[Line]:
    space, proposed = mssante_parts.space(settings), mssante_parts.proposals(settings)
    if space is None:
        return
    known = mssante_parts.white_list(settings)
    for address in addresses:
        domain = address.rpartition("@")[2].lower()
        if space.holds(address):
            right = known is None or known.listed(domain) is True
            yield right, f"{address} : {'' if right else 'pas '}dans l'espace en vigueur"
            continue
        own, other = space.own(address), proposed(address)
        yield bool(own or other), f"{address} : écrit sous {own or 'aucune adresse MSSanté'}"
        if other:
            yield True, f"{address} : a une boîte MSSanté, {other}"
