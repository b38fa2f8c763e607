"""`vaguemestre config`: check and show the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml

from gateway import equipment, hops, parts
from gateway.act.signature import RSA
from gateway.cli import postfix_files, ways
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, out
from gateway.cli.keys import missing
from gateway.cli.postfix_check import hurts
from gateway.config import Config, demand_startable
from gateway.config_compartments import shadowed
from gateway.config_store import shown
from gateway.console import furnish
from gateway.console.duties import DUTIES
from gateway.model import Disposition
from gateway.store.keys import DEFAULT, compartments_of

_ASKING = (Disposition.CONFIRM, Disposition.DELAY)  # their senders, on a page

app = typer.Typer(add_completion=False, no_args_is_help=True, help="gateway.yaml: check, show.")


@app.command()
def check(
    config: ConfigOption = None,
    postfix: Annotated[
        Path | None,
        typer.Option(
            "--postfix", metavar="DIR", help="Its main.cf and master.cf, too: what would hurt."
        ),
    ] = None,
) -> None:
    """Every complaint with line, column and the nearest known key; rules and secrets, too."""
    with clear_errors():
        settings = configuration(config)
        _check(settings)
        hurting = hurts(postfix_files.read(postfix), settings) if postfix else []
        for hurt in hurting:
            out.print(str(hurt), markup=False, soft_wrap=True, highlight=False)
        if postfix and not hurting:
            out.print(f"{postfix} : rien qui nuise au courrier.", soft_wrap=True)
        without_key = missing(settings)
        for command in without_key:
            out.print(f"Il manque une clé à un compartiment : `{command}`.", soft_wrap=True)
        if without_key or hurting:
            raise typer.Exit(STOPPED)


def _check(settings: Config) -> None:
    """What is wrong is raised, what is only to be known is told."""
    demand_startable(settings)
    hops.relay(settings)
    parts.signer(settings)
    parts.blobs(settings)  # its secrets can be read
    furnish.provider(settings)
    furnish.directory(settings)
    rulebook = parts.Rulebook(settings, parts.channels(settings))
    out.print(f"No error. {len(rulebook.rules.rules)} rules.")
    for lack in equipment.lacks():
        out.print(f"Attention : {lack.name} manque. {lack.unread} Remède : {lack.remedy}.")
    for meaning in ways.meanings(settings):
        out.print(meaning, markup=False, soft_wrap=True)
    for warning in (
        *ways.warnings(settings),
        *_of_compartments(settings),
        *_of_signing(settings),
        *_of_beginnings(settings),
        *_of_questions(settings, rulebook),
    ):
        out.print(f"Attention : {warning}", markup=False, soft_wrap=True)


def _of_signing(settings: Config) -> Iterator[str]:
    whose = settings.arc.domain or settings.domains[0].removeprefix("*.")
    in_force = parts.signer(settings).in_force(whose)
    if settings.arc.resolvers and not any(key.algorithm == RSA for key in in_force):
        yield (
            f"arc : aucune clé RSA de {whose} en vigueur, rien ne sera scellé. Remède : "
            "`vaguemestre dkim new --algorithm rsa`."
        )


def _of_beginnings(settings: Config) -> Iterator[str]:
    observation, now = parts.observation(settings), datetime.now(parts.timezone(settings))
    if observation.on(now.timestamp()):
        yield (
            f"monitor : jusqu'au {observation.until}, hors de monitor.enforce, les règles comptent "
            "sans rien retenir."
        )
    elif observation.until:
        yield f"monitor : terminé depuis le {observation.until} ; la section peut être retirée."
    for name in settings.declared.missing(now.date()):
        yield (
            f"declared.{name} : {DUTIES[name].name} sans date. Remède : docs/operateur/declarer.md."
        )


def _of_questions(settings: Config, rulebook: parts.Rulebook) -> Iterator[str]:
    asking = [rule.id for rule in rulebook.rules.rules if rule.then in _ASKING]
    page = settings.notices.url or (settings.console and settings.console.url)
    if asking and not page:
        yield (
            f"console.url : sans page où répondre, {len(asking)} règles ({asking[0]}…) retiennent "
            "pour la quarantaine au lieu de demander à l'expéditeur."
        )


def _of_compartments(settings: Config) -> Iterator[str]:
    known = parts.compartments(settings)
    for name, sender, other in shadowed(settings.compartments):
        yield f"{name} : {sender} est déjà dans {other}, qui vient avant et l'emporte."
    if settings.compartments and not known.named(DEFAULT).officers:
        yield "default : personne n'est prévenu. Remède : officers, ou compartments.default."
    named = {one.name for one in known.several}
    for name in sorted(compartments_of(settings.keys) - named):
        yield (
            f"{name} n'est plus configuré : ses dossiers restent à qui en a la clé, et les "
            "lettres à leur sujet vont à default. Gardez la clé jusqu'au dernier."
        )
    if settings.console and settings.console.profile == "practice":
        yield (
            "console.profile: practice : on peut envoyer ses propres messages par une voie "
            "protégée, et en clair avec un motif, listé chaque mois aux officiers."
        )


@app.command()
def show(config: ConfigOption = None) -> None:
    """The configuration in force, defaults filled in. Secrets are named, never shown."""
    with clear_errors():
        settings = configuration(config)
        told = settings.model_dump(mode="json", by_alias=True)
        told["database"] = shown(settings.database)  # DATABASE_URL may have a password
        print(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), end="")
