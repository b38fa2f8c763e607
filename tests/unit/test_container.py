"""The container's files, read and (where they are scripts) run.

No image is built here; that takes minutes, root and an engine.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.main import get_command

from gateway import config, supervisor
from gateway.cli.init import init
from gateway.cli.serve import Role
from gateway.config import Config, demand_startable, read_config
from gateway.config_portal import Portal

ROOT = Path(__file__).resolve().parents[2]
CONTAINER = ROOT / "deploy" / "container"
COMPOSE_PROGRAM = Path(sys.executable).with_name("docker-compose")
init_app = typer.Typer()
init_app.command()(init)
DOCKERFILES = [ROOT / "Dockerfile", CONTAINER / "postfix.Dockerfile"]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
GATEWAY, POSTFIX = SERVICES["gateway"], SERVICES["postfix"]
OURS = {name: one for name, one in SERVICES.items() if one["image"] == "vaguemestre"}
SERVING = {name: one for name, one in OURS.items() if "command" in one}
STRANGERS = {  # what nothing but these may reach
    "keys": {"init", "release", "console"},
    "database": {"init", "gateway", "release", "console", "postgres"},
}


def steps(dockerfile: Path) -> list[tuple[str, str]]:
    """(instruction, the rest) with lines joined and comments left out."""
    lines = (line for line in dockerfile.read_text("utf-8").splitlines() if line[:1] != "#")
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, rest.strip())
        for word, _, rest in (s.partition(" ") for s in joined.split("\n"))
        if word
    ]


def last_stage() -> list[tuple[str, str]]:
    found = steps(ROOT / "Dockerfile")
    start = max(index for index, (word, _) in enumerate(found) if word == "FROM")
    return found[start:]


def sources(dockerfile: Path) -> Iterator[str]:
    """What the build takes out of the clone."""
    for word, rest in steps(dockerfile):
        if word in ("COPY", "ADD") and "--from=" not in rest:
            yield from [name for name in rest.split() if not name.startswith("--")][:-1]


@pytest.fixture
def inside(tmp_path: Path) -> Config:
    """The container's gateway.yaml, with the clone's rules where the image has its own."""
    text = (CONTAINER / "gateway.yaml").read_text("utf-8")
    file = tmp_path / "gateway.yaml"
    file.write_text(text.replace("/usr/share/vaguemestre/rules", str(ROOT / "rules")), "utf-8")
    return read_config(file)


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_all_that_is_copied_exists_and_is_let_into_the_context(dockerfile: Path) -> None:
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = {line[1:] for line in ignore if line.startswith("!")}
    for source in sources(dockerfile):
        assert (ROOT / source).exists()
        assert source.split("/")[0] in let_in


def test_nothing_is_let_into_the_context_by_default() -> None:
    """An allow-list: somebody's gateway.yaml, keys or var/ must never end in a layer."""
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    patterns = [line for line in ignore if line and not line.startswith("#")]
    wanted = {name.split("/")[0] for file in DOCKERFILES for name in sources(file)}
    assert patterns[0] == "*"
    assert {line[1:] for line in patterns if line.startswith("!")} == wanted


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_images_stay_small(dockerfile: Path) -> None:
    installs = [
        rest for word, rest in steps(dockerfile) if word == "RUN" and "apt-get install" in rest
    ]
    assert all("--no-install-recommends" in rest for rest in installs)
    assert "rm -rf /var/lib/apt/lists/*" in installs[-1]


def test_only_pinned_packages_come_from_an_index() -> None:
    commands = [
        command.strip()
        for word, rest in steps(ROOT / "Dockerfile")
        if word == "RUN"
        for command in rest.split("&&")
    ]
    installs = [command for command in commands if command.startswith("pip ")]
    assert len(installs) == 3
    assert "--require-hashes" in installs[0]
    assert "--no-build-isolation" in installs[1]  # isolation would fetch setuptools without a hash
    assert "--no-index" in installs[2]


def test_the_gateway_is_nobody_special_and_kubernetes_can_see_it() -> None:
    (user,) = [rest for word, rest in last_stage() if word == "USER"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert f"--uid {user.split(':')[0]}" in " ".join(rest for _, rest in last_stage())


def test_process_1_buries_orphans_and_hears_an_early_sigterm() -> None:
    assert ("ENTRYPOINT", '["tini", "--", "vaguemestre"]') in last_stage()


def test_commands_find_the_configuration_without_being_told() -> None:
    stage = dict(last_stage())
    copied = [rest.split()[-1] for word, rest in last_stage() if word == "COPY"]
    assert f"{stage['WORKDIR']}/gateway.yaml" in copied


def test_shipped_rules_are_found_without_being_named() -> None:
    """`scan` without a configuration, or somebody's own file without `rules`."""
    copied = [rest.split() for word, rest in last_stage() if word == "COPY"]
    (where,) = [to for *_, what, to in copied if what == "rules"]
    assert Path(where) in config.RULES_PLACES


def test_the_containers_configuration_starts(inside: Config) -> None:
    demand_startable(inside)
    (volume,) = [rest for word, rest in last_stage() if word == "VOLUME"]
    assert inside.data == Path(volume)
    mounts = [mount.split(":")[1] for one in OURS.values() for mount in one["volumes"]]
    assert volume not in mounts, "each container has one of its own"


def test_every_door_is_exposed(inside: Config) -> None:
    assert inside.doors.smtp
    assert inside.doors.lmtp
    assert inside.metrics
    assert inside.console
    listening = {
        *(inside.doors.smtp.listen, inside.doors.lmtp.listen),
        *(inside.metrics.listen, inside.console.listen),
    }
    (exposed,) = [rest for word, rest in last_stage() if word == "EXPOSE"]
    portal = Portal.model_fields["listen"].default.port  # off until it has an address
    assert inside.portal is None
    assert {where.port for where in listening} | {portal} == {int(p) for p in exposed.split()}
    assert {where.host for where in listening} == {"0.0.0.0"}


def test_the_next_hop_is_the_postfix_of_the_compose_file(inside: Config) -> None:
    assert inside.relay
    assert inside.relay.default.host in SERVICES
    assert f":{inside.relay.default.port} inet" in (
        ROOT / "deploy" / "postfix" / "after-queue.master.cf"
    ).read_text("utf-8")
    assert POSTFIX["environment"]["GATEWAY"] in SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_loopback_only(name: str) -> None:
    """Behind Docker's own address a stranger may look like a client of ours: an open relay."""
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


def test_the_doors_are_not_published(inside: Config) -> None:
    assert inside.doors.smtp
    assert inside.doors.lmtp
    doors = {str(door.listen.port) for door in (inside.doors.smtp, inside.doors.lmtp)}
    published = {port.split(":")[-1] for one in SERVICES.values() for port in one.get("ports", ())}
    assert doors.isdisjoint(published)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_writes_in_its_volumes_and_tmp_only(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert ("cap_add" in service) is (name == "postfix")


@pytest.mark.parametrize("volume", STRANGERS)
def test_the_private_half_and_the_database_are_where_they_must_be(volume: str) -> None:
    mounted = {
        name
        for name, one in SERVICES.items()
        if any(mount.startswith(f"{volume}:") for mount in one.get("volumes", ()))
    }
    assert mounted == STRANGERS[volume]


def test_every_process_has_a_service() -> None:
    commands = [one["command"] for one in SERVING.values()]
    assert commands == [["serve", "--only", str(role)] for role in Role]


def test_nobody_starts_before_configuration_keys_and_passwords_are_made() -> None:
    made = "service_completed_successfully"
    for one in (*SERVING.values(), SERVICES["postgres"], SERVICES["grafana"]):
        assert one["depends_on"]["init"] == {"condition": made}
    assert SERVICES["init"]["restart"] == "no"


@pytest.mark.parametrize("network", ["store", "watch"])
def test_the_store_and_the_measures_are_closed_to_the_outside(network: str) -> None:
    assert COMPOSE["networks"][network] == {"internal": True}


def test_what_is_mounted_from_the_clone_exists() -> None:
    mounts = [m for one in SERVICES.values() for m in one.get("volumes", ()) if m[:1] == "."]
    assert len(mounts) == 6
    for mount in mounts:
        assert (ROOT / mount.partition(":")[0]).exists()


def test_prometheus_asks_every_service_that_has_measures() -> None:
    told = yaml.safe_load((CONTAINER / "prometheus.yml").read_text("utf-8"))
    (job,) = told["scrape_configs"]
    (hosts,) = (one["targets"] for one in job["static_configs"])
    assert {host.partition(":")[0] for host in hosts} == set(SERVING) - {"portal"}
    mounted = [Path(m.split(":")[1]).name for m in SERVICES["prometheus"]["volumes"]]
    assert set(told["rule_files"]) <= set(mounted)


@pytest.mark.skipif(not COMPOSE_PROGRAM.exists(), reason="missing docker-compose")
def test_docker_compose_takes_the_file() -> None:
    command = [str(COMPOSE_PROGRAM), "--profile", "portal", "config", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_mail_under_way_is_given_its_time_to_end() -> None:
    for one in SERVING.values():
        assert int(one["stop_grace_period"].removesuffix("s")) > supervisor.GRACE_SECONDS


@pytest.fixture
def first_start(tmp_path: Path) -> list[str]:
    """What the first start runs; a second one runs nothing."""
    tools, secret = tmp_path / "bin", tmp_path / "password"
    tools.mkdir()
    _tool(tools / "vaguemestre", 'printf "%s\\n" "$@" >> said; touch gateway.yaml')
    script = (CONTAINER / "first-start").read_text("utf-8")
    script = script.replace("/run/vaguemestre/grafana/password", str(secret))
    for _ in range(2):
        environment = {"PATH": f"{tools}:{os.environ['PATH']}", "DOMAIN": "chu.example"}
        subprocess.run(["sh", "-c", script], env=environment, cwd=tmp_path, check=True)
    assert len(secret.read_text().strip()) == 24
    return (tmp_path / "said").read_text().splitlines()


def test_the_first_start_asks_nothing_and_comes_once(first_start: list[str]) -> None:
    command, *told = first_start
    assert (command, told.count("--yes")) == ("init", 1)
    options = {option for one in get_command(init_app).params for option in one.opts}
    assert {word for word in told if word.startswith("--")} <= options
    assert told[told.index("--officer") + 1] == "dpo@chu.example"
    host, _, _ = told[told.index("--next-hop") + 1].partition(":")
    assert host in SERVICES


def test_the_image_says_what_it_is_made_of() -> None:
    """Asked here of this machine's packages; in the image, of the image's."""
    done = subprocess.run(
        [sys.executable, str(CONTAINER / "sbom")], capture_output=True, text=True, timeout=60
    )
    if "dpkg-query" in done.stderr:
        pytest.skip("missing dpkg-query")
    bill = json.loads(done.stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    refs = [one["bom-ref"] for one in bill["components"]]
    assert len(refs) == len(set(refs)) > 50
    assert any(ref.startswith("pkg:pypi/cryptography@") for ref in refs)
    assert any(ref.startswith("pkg:deb/debian/libc6@") for ref in refs)
    assert ("RUN", "sbom >/usr/share/vaguemestre/sbom.cdx.json") in last_stage()


def test_the_image_and_the_compose_file_ask_for_the_same_health() -> None:
    """An OCI image carries no health check, and Postfix waits for it."""
    assert all(one["healthcheck"]["test"] == ["CMD", "healthcheck"] for one in SERVING.values())
    (image,) = [rest for word, rest in last_stage() if word == "HEALTHCHECK"]
    assert image.endswith('CMD ["healthcheck"]')
    assert POSTFIX["depends_on"] == {"gateway": {"condition": "service_healthy"}}


@contextmanager
def readyz(status: int) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/readyz"
        finally:
            server.shutdown()
            thread.join()


def healthcheck(url: str) -> int:
    """Its exit status; a proxy of the environment must not be asked."""
    environment = {"READY_URL": url, "http_proxy": "http://127.0.0.1:1", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-I", str(CONTAINER / "healthcheck")]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode


@pytest.mark.parametrize(("status", "exit_status"), [(200, 0), (503, 1), (500, 1)])
def test_healthy_is_ready(status: int, exit_status: int) -> None:
    with readyz(status) as url:
        assert healthcheck(url) == exit_status


def test_nobody_answering_is_not_healthy() -> None:
    with readyz(200) as url:
        pass
    assert healthcheck(url) == 1


@pytest.fixture
def started(tmp_path: Path) -> Path:
    """/etc/postfix after two starts of the Postfix container."""
    etc = tmp_path / "etc"
    tools = tmp_path / "bin"
    for directory in (etc, tools):
        directory.mkdir()
    (etc / "main.cf").touch()
    (etc / "master.cf").touch()
    _tool(tools / "postconf", f'printf "%s\\n" "$@" >> {etc}/postconf')
    _tool(tools / "postfix", f'echo "$@" >> {etc}/postfix')
    script = (CONTAINER / "postfix-start").read_text("utf-8")
    script = script.replace("/usr/share/vaguemestre/postfix", str(ROOT / "deploy" / "postfix"))
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "RELAYHOST": "[relais.example]:25"}
    for _ in range(2):
        command = ["sh", "-c", script.replace("/etc/postfix", str(etc))]
        subprocess.run(command, env=environment, check=True)
    return etc


def _tool(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n", "utf-8")
    path.chmod(0o755)


def test_postfix_gives_its_mail_to_the_gateway_and_takes_it_back(started: Path) -> None:
    main = (started / "main.cf").read_text("utf-8")
    master = (started / "master.cf").read_text("utf-8")
    assert (ROOT / "deploy" / "postfix" / "common.main.cf").read_text("utf-8") in main
    assert main.count("\ncontent_filter = vaguemestre:gateway:10024\n") == 1
    assert len(re.findall(r"^vaguemestre +unix .* lmtp$", master, re.M)) == 1
    assert len(re.findall(r"^10026 +inet .* smtpd$", master, re.M)) == 1
    assert "127.0.0.1:" not in master
    clients = re.findall(r"-o mynetworks=(\S+)", master)
    assert clients == ["127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"]
    assert "relayhost=[relais.example]:25" in (started / "postconf").read_text("utf-8")
    assert (started / "postfix").read_text("utf-8") == "start-fg\n" * 2


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        ("5.4.4 unable to look up host gateway: Name or service not known", "4.4.4"),
        ("5.7.1 Refusé : numéro de sécurité sociale", None),  # our own verdict stands
        ("5.1.1 unknown user", None),
    ],
)
def test_mail_waits_while_the_gateways_name_does_not_exist(
    started: Path, status: str, becomes: str | None
) -> None:
    """Seen with a stopped container: Postfix bounced all mail meanwhile."""
    assert f"lmtp_delivery_status_filter=regexp:{started}/gateway-away" in (
        started / "postconf"
    ).read_text("utf-8")
    rule = (started / "gateway-away").read_text("utf-8").rstrip("\n")
    pattern, _, answer = rule.removeprefix("/").partition("/ ")
    found = re.search(pattern, status)
    changed = found and answer.replace("$1", found[1])
    assert changed == (status.replace("5.4.4", becomes) if becomes else None)
