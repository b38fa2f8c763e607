"""`vaguemestre config`: check and show the configuration."""

from __future__ import annotations

import typer
import yaml

from gateway import equipment, parts
from gateway.cli.common import ConfigOption, clear_errors, configuration, out
from gateway.config import demand_startable

app = typer.Typer(add_completion=False, no_args_is_help=True, help="gateway.yaml: check, show.")


@app.command()
def check(config: ConfigOption = None) -> None:
    """Every complaint with line, column and the nearest known key; rules and secrets, too."""
    with clear_errors():
        settings = configuration(config)
        demand_startable(settings)
        parts.routes(settings)
        parts.signer(settings)
        rulebook = parts.Rulebook(settings, parts.channels(settings))
        out.print(f"No error. {len(rulebook.rules.rules)} rules.")
        for lack in equipment.lacks():
            out.print(f"Attention : {lack.name} manque. {lack.unread} Remède : {lack.remedy}.")


@app.command()
def show(config: ConfigOption = None) -> None:
    """The configuration in force, defaults filled in. Secrets are named, never shown."""
    with clear_errors():
        settings = configuration(config).model_dump(mode="json", by_alias=True)
        print(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), end="")
