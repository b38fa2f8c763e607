"""`vaguemestre`: one command, one file.

A command's file is imported when it is called: reading mail and databases takes a second to load,
which neither `--help` nor the other commands should wait for.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from importlib import import_module
from typing import Annotated, Any

import typer
from typer._completion_classes import completion_init  # nowhere public; pinned
from typer.core import TyperCommand, TyperGroup

from gateway import __version__

COMMANDS = {
    "init": "Three questions, and a gateway to start: gateway.yaml, keys, Postfix's lines.",
    "serve": "Run the gateway until SIGTERM. SIGHUP reads the rules anew.",
    "reload": "Have the running gateway read its rules anew, once they are found sound.",
    "scan": "Judge mails as a door would, without sending or keeping anything.",
    "explain": "Say what would become of a mail, and why.",
    "channels": "Say by which way an encrypted mail would reach an address.",
    "extract": "Show what is read in mails and files, part by part.",
    "evaluate": "Recall and precision on a labelled directory.",
    "trace": "Where is my mail?",
    "bypass": "Mail goes past the gateway: on, off, status.",
    "run": "Start the gateway with sample mails, on this machine only.",
    "config": "gateway.yaml: check, show.",
    "rules": "Rules: check, test, list.",
    "allow": "Values that are no finding: add, list.",
    "quarantine": "Held mail: list, show, release, reject, purge.",
    "directory": "Addresses of staff: import, list, search.",
    "history": "Who writes to whom: import, show, forget.",
    "incident": "Mails that reached somebody else: to qualify; --from-mail: take a report.",
    "portal": "Messages on the portal: list, recall.",
    "backup": "Save the store into one sealed file, while the gateway runs.",
    "restore": "Bring a backup back into an empty store.",
    "store": "The store as a whole: copy.",
    "retention": "How long each class is kept, and the proof of purges.",
    "keys": "Sealing keys: init, rotate, list.",
    "mssante": "The MSSanté space: check, list, find.",
    "certificates": "S/MIME certificates: list, check, import.",
    "secrets": "Passwords agreed on with recipients: set, forget.",
    "dkim": "DKIM keys: new, list, check, retire.",
    "relay": "Next hops, as they are now: test.",
    "submission": "Who may submit mail with a password: add, remove, list.",
    "users": "Accounts of the console: add, invite, disable, list.",
    "completion": "Completion of commands for bash, zsh, fish.",
}
UNEXPECTED = 2
COMPLETING = "_VAGUEMESTRE_COMPLETE"  # set by the shell: see `completion`


class Commands(TyperGroup):
    """The table above, until one is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {name: TyperCommand(name, help=said) for name, said in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, _loaded(name) if name else command, rest


def _loaded(name: str) -> Any:
    """`app` of the command's file where it has several; else the function of its name."""
    module = import_module(f"gateway.cli.{name}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command(name)(getattr(module, name))
    command = typer.main.get_command(app)
    for one in (command, *getattr(command, "commands", {}).values()):
        one.help = _reflowed(one.help or "")
    return command


def _reflowed(text: str) -> str:
    """Paragraphs as lines: else a terminal breaks them where the source does, and again itself."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


app = typer.Typer(
    name="vaguemestre",
    add_completion=False,  # `completion` prints it; nothing of ours writes into profiles
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables would print mails
)


def _version(asked: bool) -> None:
    if asked:
        print(f"vaguemestre {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and end.")
    ] = False,
) -> None:
    """Stop health and social-security data from leaving by mail to the wrong place."""


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may be no text at all
            stream.reconfigure(errors="backslashreplace")
    if COMPLETING in os.environ:
        completion_init()
    try:
        app(prog_name="vaguemestre")  # however it was called: completion goes by it
    except Exception as error:
        _tell(error)
        sys.exit(UNEXPECTED)


def _tell(error: Exception) -> None:
    """Where it happened. Never the error's own text: it may quote a mail."""
    with contextlib.suppress(OSError):
        frames = traceback.extract_tb(error.__traceback__)
        ours = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        told = "\n".join(["unexpected error; please report these lines:", *ours[-20:]])
        print(f"{told}\n  {type(error).__name__}", file=sys.stderr)


if __name__ == "__main__":
    main()
