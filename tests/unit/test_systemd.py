"""The units of deploy/systemd, read; and weighed by systemd's own measure where it is there."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway import supervisor
from gateway.cli.init_files import SYSTEM_USERS, Plan, gateway_yaml
from gateway.cli.serve import PROTOCOLS, Role

FOLDER = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = sorted(path.name for path in FOLDER.glob("*.service"))
SOCKETS = sorted(path.name for path in FOLDER.glob("*.socket"))
EXPOSURE = 2.0  # at most, of ten


class _Unit(configparser.RawConfigParser):
    """Keys keep their capitals; one may come twice, and the last counts here."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def unit(name: str) -> configparser.RawConfigParser:
    found = _Unit(strict=False)
    found.read(FOLDER / name, "utf-8")
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """As on a machine: the drop-in of all of them lies beside."""
    folder = tmp_path_factory.mktemp("root")
    shutil.copytree(FOLDER, folder / "etc" / "systemd" / "system")
    return folder


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="missing systemd-analyze")
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_exposed_no_more_than_it_must_be(root, name):
    weighed = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=true", f"--root={root}", name],
        capture_output=True,
        text=True,
        timeout=60,
    )
    (level,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", weighed.stdout)
    assert float(level) <= EXPOSURE, weighed.stdout


def test_every_process_has_a_service_with_a_user_and_a_port_of_its_own():
    told = {}
    for role in Role:
        service = unit(f"vaguemestre-{role}.service")["Service"]
        (only, port) = re.findall(r"--only (\w+) --metrics \S+:(\d+)", service["ExecStart"])[0]
        told[only] = (service["User"], port)
    assert set(told) == set(Role)
    assert len({port for _, port in told.values()}) == len(told)
    door, officers, portal = SYSTEM_USERS
    users = {"door": door, "release": officers, "console": officers, "portal": portal}
    assert {role: user for role, (user, _) in told.items()} == users


def test_the_users_are_made():
    made = re.findall(r"^u (\S+) -:(\S+)", (FOLDER / "vaguemestre.sysusers").read_text(), re.M)
    door, officers, portal = SYSTEM_USERS
    assert made == [(door, door), (officers, door), (portal, portal)]


@pytest.mark.parametrize("role", Role)
def test_a_service_may_end_its_mail_and_is_started_again_whatever_ended_it(role):
    """A database that is not up yet looks like a wrong configuration: exit status 2."""
    service = unit(f"vaguemestre-{role}.service")["Service"]
    assert service["Type"] == "notify"
    assert int(service["TimeoutStopSec"]) > supervisor.GRACE_SECONDS
    assert service["Restart"] == "on-failure"
    assert "RestartPreventExitStatus" not in service


def test_a_socket_for_every_door_and_page():
    named = {name: unit(name)["Socket"]["FileDescriptorName"] for name in SOCKETS}
    assert set(named.values()) == {*PROTOCOLS, "console", "portal"}
    for name, door in named.items():
        owner = door if door in ("console", "portal") else "door"
        assert name == f"vaguemestre-{door}.socket"
        assert unit(name)["Socket"]["Service"] == f"vaguemestre-{owner}.service"


@pytest.mark.parametrize("practice", [False, True])
def test_the_sockets_are_those_of_what_init_writes(practice):
    """Else the gateway refuses to start."""
    plan = Plan(("ch.example",), "a", 25, "d@ch.example", "var", ("r",), None, None, practice)
    written = dict(re.findall(r'(\w+): \{listen: "([^"]+)"', gateway_yaml(plan)))
    written.pop("metrics")
    assert set(written) == {
        "console",
        *(["submission", "submissions"] if practice else ["lmtp", "smtp"]),
    }
    for name, listen in written.items():
        assert unit(f"vaguemestre-{name}.socket")["Socket"]["ListenStream"] == listen
