"""Two compartments, a mail each, through the running gateway: held apart, released apart.

two senders ─SMTP▶ gateway ─▶ two compartments ─ruling▶ release ─▶ internet
"""

from __future__ import annotations

import json
import shutil
import smtplib
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from tests.e2e.gateway import OURS, Gateway, eventually
from tests.e2e.test_incidents import STRANGER, s1

UNION, AGENT = f"elu@cse.{OURS}", f"agent@{OURS}"
MORE = {
    "domains": [OURS, f"cse.{OURS}"],
    "compartments": {
        "syndicat": {"senders": [f"@cse.{OURS}"], "officers": [f"rp@{OURS}"]},
    },
    "pdf": {"enabled": False},  # or what may go encrypted would, at once
    "processes": 1,
}


@pytest.fixture
def gateway(tmp_path, internet):
    made = Gateway(tmp_path / "gateway", internet.hop.port)
    made.more = MORE | {"doors": {"smtp": {"listen": f"127.0.0.1:{made.smtp}"}}}
    made.start()
    yield made
    made.stop()


def send(port, sender, to):
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail(sender, [to], s1())


@dataclass(frozen=True, slots=True)
class Officer:
    """With the keys of one compartment at hand. In this process: a command that is started takes
    seconds, and is tried elsewhere."""

    config: Path

    @classmethod
    def of(cls, gateway, folder, compartment):
        keys = folder / f"keys-{compartment}"
        shutil.copytree(gateway.root / "var" / "keys", keys)
        for path in keys.glob("officer-*.key"):
            if json.loads(path.read_text())["compartment"] != compartment:
                path.unlink()
        config = gateway.root / f"{compartment}.yaml"
        config.write_text(f"{gateway.config.read_text()}keys: {keys}\n")
        return cls(config)

    def says(self, *arguments):
        return CliRunner().invoke(app, ["quarantine", *arguments, "--config", str(self.config)])

    def sees(self):
        lines = self.says("list", "--json").stdout.splitlines()
        return {line["sender"]: line["id"] for line in map(json.loads, lines)}


@pytest.mark.e2e
def test_an_officer_of_one_neither_sees_nor_releases_the_others(gateway, internet, tmp_path):
    dpo, union = (Officer.of(gateway, tmp_path, name) for name in ("default", "syndicat"))
    send(gateway.smtp, AGENT, STRANGER)
    send(gateway.smtp, UNION, STRANGER)
    assert dpo.sees().keys() == {AGENT}
    assert union.sees().keys() == {UNION}
    assert dpo.says("release", union.sees()[UNION]).exit_code == 1
    assert union.says("release", dpo.sees()[AGENT]).exit_code == 1
    assert not internet.for_(STRANGER)
    assert union.says("release", union.sees()[UNION]).exit_code == 0
    [taken] = eventually(lambda: internet.for_(STRANGER))
    assert f"<{UNION}>" in taken.mail
    assert dpo.sees().keys() == {AGENT}
