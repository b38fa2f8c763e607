"""Sockets from systemd and news to it: an activator and a notify socket of the test's own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
import typer

from gateway.cli import serve
from gateway.cli.init import init
from gateway.cli.serve import Role
from gateway.config import read_config
from gateway.config_words import Listen
from gateway.errors import Misconfigured
from gateway.inherited import demand_same, inherited
from gateway.manager import Manager
from gateway.supervisor import listen

ACTIVATOR = Path(__file__).parents[1] / "activator.py"
PATIENCE_SECONDS = 100


@pytest.fixture
def door():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


@pytest.fixture
def heard(tmp_path):
    """A notify socket, and what comes to it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(PATIENCE_SECONDS)
        yield sock


def until(heard, said):
    """The messages up to that one, which must come."""
    found = []
    while not found or said not in found[-1].splitlines():
        found.append(heard.recv(4096).decode())
    return found


def activated(sockets, *command, **environment):
    given = [f"{name}={sock.fileno()}" for name, sock in sockets]
    return subprocess.Popen(
        [sys.executable, str(ACTIVATOR), *given, "--", sys.executable, *command],
        pass_fds=[sock.fileno() for _, sock in sockets],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


TELL = """
import os
from gateway.errors import Misconfigured
from gateway.inherited import inherited
try:
    found = inherited(os.environ)
except Misconfigured as wrong:
    print(wrong)
else:
    for name, sock in found.items():
        print(name, sock.getsockname()[1], os.get_inheritable(sock.fileno()))
print([name for name in os.environ if name.startswith("LISTEN_")])
"""


def test_sockets_come_by_name_and_their_variables_go_no_further(door):
    with socket.create_server(("127.0.0.1", 0)) as other:
        process = activated([("smtp", door), ("console", other)], "-c", TELL)
        out, _ = process.communicate(timeout=PATIENCE_SECONDS)
        ports = [sock.getsockname()[1] for sock in (door, other)]
    assert out.splitlines() == [f"smtp {ports[0]} False", f"console {ports[1]} False", "[]"]


def test_two_of_a_name_are_refused(door):
    process = activated([("smtp", door), ("smtp", door)], "-c", TELL)
    assert "two sockets are named smtp" in process.communicate(timeout=PATIENCE_SECONDS)[0]


@pytest.mark.parametrize("told", [{}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}])
def test_what_was_meant_for_another_process_is_left_alone(told):
    """A shell started by a service inherits its variables, not its sockets."""
    environment = {**told, "LISTEN_FDNAMES": "smtp"}
    assert inherited(environment) == {}
    assert environment == {}


@pytest.mark.parametrize(
    ("written", "same"), [("127.0.0.1", True), ("0.0.0.0", False), ("::1", False)]
)
def test_a_unit_and_gateway_yaml_must_agree(door, written, same):
    """Or a door meant for this machine alone would listen to all."""
    where = Listen(written, door.getsockname()[1])
    if same:
        demand_same("smtp", door, where)
    else:
        with pytest.raises(Misconfigured, match="write the same in both"):
            demand_same("smtp", door, where)


def test_a_unix_socket_is_compared_by_its_path(tmp_path):
    with listen(Listen(path=tmp_path / "a.sock")) as sock:
        demand_same("milter", sock, Listen(path=tmp_path / "a.sock"))
        with pytest.raises(Misconfigured):
            demand_same("milter", sock, Listen(path=tmp_path / "b.sock"))


@pytest.mark.parametrize("name", ["{}/notify", "@vaguemestre-test-{}"])
def test_the_manager_is_told_on_a_path_and_on_an_abstract_socket(tmp_path, name):
    address = name.format(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        sock.settimeout(PATIENCE_SECONDS)
        environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "30000000"}
        manager = Manager.of(environment)
        manager.tell("READY=1", "STATUS=x")
        assert sock.recv(4096) == b"READY=1\nSTATUS=x"
    manager.tell("READY=1")  # it is gone: nothing is said, and nothing is raised
    assert (environment, manager.patience) == ({}, 30.0)


@pytest.mark.parametrize(
    ("environment", "patience"),
    [
        ({}, 0.0),
        ({"WATCHDOG_USEC": "2000000"}, 2.0),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}, 2.0),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, 0.0),  # another's, inherited
        ({"WATCHDOG_USEC": "never"}, 0.0),
    ],
)
def test_signs_of_life_are_given_to_whoever_asks_us_for_them(environment, patience):
    assert Manager.of(dict(environment)).patience == patience


def test_without_a_watchdog_there_is_nothing_to_do():
    asyncio.run(asyncio.wait_for(Manager().live(), PATIENCE_SECONDS))


def configured(folder, *ports):
    """By `vaguemestre init`, on ports that somebody else has opened."""
    init(["ch.example"], "127.0.0.1:10026", "dpo@ch.example", folder=folder, yes=True)
    path = folder / "gateway.yaml"
    text = path.read_text().replace("processes: 2", "processes: 1")
    for written, port in zip(("10024", "10025", "8025", "9825"), (*ports, 0), strict=True):
        text = text.replace(f"127.0.0.1:{written}", f"127.0.0.1:{port}")
    path.write_text(text)
    return path


def test_a_gateway_from_init_serves_on_the_managers_sockets_and_tells_it_how_it_is(
    tmp_path, door, heard
):
    """
    activator ─LISTEN_FDS─▶ gateway ─READY, RELOADING, READY, WATCHDOG, STOPPING─▶ notify socket

    Its canary, twelve numbers in one mail, is stopped by the floor, or it would not be ready.
    """
    with socket.create_server(("127.0.0.1", 0)) as lmtp:
        sockets = [("lmtp", lmtp), ("smtp", door)]
        path = configured(tmp_path, *(sock.getsockname()[1] for _, sock in sockets), 0)
        command = ("-m", "gateway.cli.main", "serve", "--only", "door", "--config", str(path))
        process = activated(
            sockets, *command, NOTIFY_SOCKET=heard.getsockname(), WATCHDOG_USEC="1000000"
        )
        try:
            assert any("WATCHDOG=1" in said for said in until(heard, "READY=1"))
            with socket.create_connection(door.getsockname(), PATIENCE_SECONDS) as client:
                assert client.recv(1024).startswith(b"220 ")
            assert (tmp_path / "var" / "vaguemestre-door.pid").read_text() == f"{process.pid}\n"
            process.send_signal(signal.SIGHUP)
            (said,) = (one for one in until(heard, "RELOADING=1") if "RELOADING=1" in one)
            assert "MONOTONIC_USEC=" in said
            until(heard, "READY=1")
            process.send_signal(signal.SIGTERM)
            until(heard, "STOPPING=1")
        finally:
            process.terminate()
            _, told = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, told
        socket.create_connection(
            door.getsockname(), PATIENCE_SECONDS
        ).close()  # it waits; not refused


ROLES = {
    ("door",): (["door 1", "door 2"], {"lmtp", "smtp"}),
    ("release",): (["release"], set()),
    ("console",): (["console"], {"console"}),
    ("portal",): (["portal"], {"portal"}),
    tuple(Role): (
        ["door 1", "door 2", "release", "console", "portal"],
        {"lmtp", "smtp", "console", "portal"},
    ),
}


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "gateway.yaml"
    path.write_text(
        """\
domains: [ch.example]
rules: [.]
doors: {smtp: {listen: "127.0.0.1:0"}, lmtp: {listen: "127.0.0.1:0"}}
relay: {default: {host: 127.0.0.1}}
console: {listen: "127.0.0.1:0"}
portal: {listen: "127.0.0.1:0", url: "https://m.ch.example"}
"""
    )
    return read_config(path)


@pytest.mark.parametrize("roles", ROLES, ids="-".join)
def test_each_service_has_its_own_processes_and_sockets(settings, roles):
    names, opened = ROLES[roles]
    sockets = serve._sockets(settings, frozenset(roles), {})
    children = serve._children(settings, Path("f"), sockets, frozenset(roles))
    for sock in sockets.values():
        sock.close()
    assert ([child.name for child in children], set(sockets)) == (names, opened)


def test_a_socket_that_nothing_here_opens_is_refused(settings, door):
    with pytest.raises(Misconfigured, match="a socket is named console"):
        serve._sockets(settings, frozenset({Role.DOOR}), {"console": door})


def test_another_address_for_the_measures_of_a_second_service(settings):
    assert str(serve._measured(settings, "127.0.0.1:9826").metrics.listen) == "127.0.0.1:9826"
    assert serve._measured(settings, None) is settings
    with pytest.raises(typer.Exit):
        serve._measured(settings, "9826")


def test_where_no_keys_are_seen_and_none_can_be_made_the_reason_is_said(settings, tmp_path):
    """As whoever has no right to look in: root may, so here a file stands in the way."""
    (tmp_path / "file").touch()
    closed = settings.model_copy(update={"keys": tmp_path / "file" / "keys"})
    with pytest.raises(Misconfigured, match=r"keys: .*must be able to look in"):
        serve._store(closed, tmp_path, structlog.get_logger())
