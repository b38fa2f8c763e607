"""`vaguemestre completion`: what a shell needs to complete commands and options.

Each press of the key asks the program itself, so that what is completed is what this version has.
Codes of held mails are not among it: they would need the store, and a key.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from typer._completion_shared import get_completion_script  # nowhere public; pinned


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    shell: Annotated[Shell, typer.Argument(help="Which one.")],
) -> None:
    """Print the script that completes commands and options.

    bash: vaguemestre completion bash > /etc/bash_completion.d/vaguemestre

    zsh: vaguemestre completion zsh > /usr/share/zsh/site-functions/_vaguemestre

    fish: vaguemestre completion fish > ~/.config/fish/completions/vaguemestre.fish
    """
    print(
        get_completion_script(
            prog_name="vaguemestre", complete_var="_VAGUEMESTRE_COMPLETE", shell=shell.value
        )
    )
