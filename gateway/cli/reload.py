"""`vaguemestre reload`: new rules for the running gateway, without dropping a connection; with
--restart new processes, too (a new version, a new configuration), without refusing one."""

from __future__ import annotations

import os
import signal
from typing import Annotated

import typer

from gateway import parts
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out
from gateway.cli.serve import PID_FILE


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
        pid_file = settings.data / PID_FILE
        try:
            pid = int(pid_file.read_text())
            os.kill(pid, signal.SIGUSR1 if restart else signal.SIGHUP)
        except (OSError, ValueError):
            fail(f"no gateway runs with this configuration ({pid_file})", STOPPED)
        if restart:
            out.print("Règles vérifiées, remplacement des processus demandé : suite au journal.")
        else:
            out.print("Règles vérifiées, rechargement demandé.")
