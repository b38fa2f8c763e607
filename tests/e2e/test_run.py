"""`make run ARGS=--once`, as a newcomer does: exit 0 and a table with each kind of fate."""

from __future__ import annotations

import subprocess
import sys

import yaml

from gateway.cli import run
from gateway.cli.samples import OURS
from tests.e2e.postfix import free_port


def test_the_first_run_shows_mail_passed_held_and_encrypted(tmp_path):
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "certificates").mkdir()
    config = yaml.safe_load(run.CONFIG.format(ours=OURS))
    config["doors"] = {"smtp": {"listen": f"127.0.0.1:{free_port()}"}}
    config["relay"]["default"]["port"] = free_port()
    config["metrics"] = {"listen": f"127.0.0.1:{free_port()}"}
    config["console"] = {"listen": f"127.0.0.1:{free_port()}"}
    (folder / "gateway.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "gateway.cli.main", "run", "--once", "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    for fate, least in {
        "passé, octet pour octet": 6,
        "retenu": 3,
        "demandé à l'expéditeur": 1,
        "chiffré (S/MIME)": 1,
        "chiffré (PDF)": 2,
    }.items():
        assert done.stdout.count(fate) >= least, done.stdout
    assert "/bienvenue/" in done.stdout, "the link of a first sign-in"
    assert "refusé" not in done.stdout
    assert "modifié" not in done.stdout
