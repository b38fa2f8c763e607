"""`vaguemestre rules`: check, test and list the rules."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway import inspection, parts
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, config_or_none, out, show
from gateway.config import Config
from gateway.decide import rule_tests
from gateway.decide.rules import RuleSet
from gateway.detect import search
from gateway.model import DEFAULT_LIMITS, Inspection
from gateway.rulebook import read_rules, tests_of

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Rules: check, test, list.")
RulesOption = Annotated[
    list[Path] | None, typer.Option("--rules", help="Directories; by default the configured ones.")
]


def _settings(config: Path | None, rules: list[Path] | None) -> tuple[Config, tuple[Path, ...]]:
    settings = config_or_none(config) or Config.least(["localhost"])
    return settings, tuple(rules or settings.rules)


def _read(settings: Config, directories: tuple[Path, ...]) -> RuleSet:
    return read_rules(
        directories,
        search.kinds(),
        partners=frozenset(settings.partners),
        reviewers=frozenset(settings.reviewers),
        consequence="a gateway would keep the rules it has",
    )


@app.command()
def check(config: ConfigOption = None, rules: RulesOption = None) -> None:
    """Every complaint with its line and column, and warnings about rules without tests."""
    with clear_errors():
        settings, directories = _settings(config, rules)
        found = _read(settings, directories)
        told = rule_tests.warnings(
            found, tests_of(directories), datetime.now(parts.timezone(settings))
        )
        for warning in told:
            show(f"warning: {warning}")
        out.print(f"{len(found.rules)} rules, no error.")


@app.command()
def test(config: ConfigOption = None, rules: RulesOption = None) -> None:
    """Run the rules' own tests, which stand beside them. Exit status 1 if one fails."""
    with clear_errors():
        settings, directories = _settings(config, rules)
        found = _read(settings, directories)
        key = os.urandom(32)

        def inspect(content: bytes) -> Inspection:
            return inspection.conclude(inspection.read(content, DEFAULT_LIMITS), key)

        results = list(rule_tests.run_cases(found, tests_of(directories), inspect))
        failed = [result for result in results if not result.passed]
        for result in failed:
            out.print(str(result), style="red", markup=False)
        out.print(f"{len(results) - len(failed)} passed, {len(failed)} failed.")
    raise typer.Exit(STOPPED if failed else 0)


@app.command("list")
def list_(config: ConfigOption = None, rules: RulesOption = None) -> None:
    """The rules in force, with what each does."""
    with clear_errors():
        settings, directories = _settings(config, rules)
        table = Table("id", "titre", "alors", "mode", box=None)
        found, observation = _read(settings, directories), parts.observation(settings)
        if observation.on(time.time()):
            found = observation.of(found)
        for rule in found.rules:
            then = "exception" if rule.allow else str(rule.then)
            table.add_row(rule.id, rule.title, then, rule.mode)
        out.print(table)
