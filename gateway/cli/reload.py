"""`vaguemestre reload`: new rules for the running gateway, without dropping a connection; with
--restart new processes, too (a new version, a new configuration), without refusing one."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from gateway import parts
from gateway.cli import pid_files
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out


def reload(
    config: ConfigOption = None,
    restart: Annotated[
        bool,
        typer.Option("--restart", help="Replace every process, each once its successor is ready."),
    ] = False,
) -> None:
    """Check configuration and rules, then have the running gateway read the rules anew."""
    with clear_errors():
        settings = configuration(config)
        parts.Rulebook(settings, None)
        number = signal.SIGUSR1 if restart else signal.SIGHUP
        told = [_told(path, number) for path in pid_files.all_of(settings)]
        if not any(told):
            fail(f"no gateway runs with this configuration ({settings.data})", STOPPED)
        if restart:
            out.print("Règles vérifiées, remplacement des processus demandé : suite au journal.")
        else:
            out.print("Règles vérifiées, rechargement demandé.")


def _told(pid_file: Path, number: signal.Signals) -> bool:
    """Whether that supervisor lives, and we may tell it."""
    try:
        os.kill(int(pid_file.read_text()), number)
    except (OSError, ValueError):
        return False
    return True
