"""Runs a program as root or as a plain user, in a clean environment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PLAIN = 54321  # a uid that nobody has
USERS = ("root", "plain")

# The interpreter may live where only root may look: the plain user may read everything, which its
# own files would let it anyway, and makes the wall's task harder.
_BECOME_PLAIN = (
    *("setpriv", f"--reuid={PLAIN}", f"--regid={PLAIN}", "--clear-groups"),
    *("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"),
)


def command(user: str, *arguments: str) -> list[str]:
    if user == "root" and os.geteuid() != 0:
        pytest.skip("only root can try this as root")
    become = _BECOME_PLAIN if user == "plain" and os.geteuid() == 0 else ()
    return [*become, sys.executable, *arguments]


def run(user: str, *arguments: str) -> str:
    done = subprocess.run(
        command(user, *arguments),
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        text=True,
        timeout=90,
        check=True,
    )
    return done.stdout
