"""Alerts ring when they must, as promtool sees it, and nobody watches what does not exist."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).parents[3] / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
BOARD = json.loads((DEPLOY / "grafana" / "vaguemestre.json").read_text("utf-8"))
DOCUMENTED = frozenset(
    re.findall(
        r"^\| `(vaguemestre_[a-z_]+)",
        (DEPLOY.parent / "docs/metrics.md").read_text("utf-8"),
        re.MULTILINE,
    )
)
_METRIC = re.compile(r"\bvaguemestre_[a-z_]+")
_RECORDED = re.compile(r"\bvaguemestre:[a-z_0-9:]+")

promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="missing: promtool (apt-get install prometheus)"
)


def rules(name):
    groups = yaml.safe_load((PROMETHEUS / name).read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALERTS, RECORDED = rules("alerts.yaml"), {rule["record"] for rule in rules("recording.yaml")}
PANELS = [
    (panel["title"], target["expr"]) for panel in BOARD["panels"] for target in panel["targets"]
]
ASKED = [(rule["alert"], rule["expr"]) for rule in ALERTS] + [
    (rule["record"], rule["expr"]) for rule in rules("recording.yaml")
]


def strange(expression):
    """Metrics in it that we do not show, and rates that are recorded nowhere."""
    for name in _METRIC.findall(expression):
        family = name.removesuffix("_bucket")
        if family not in DOCUMENTED:
            yield name
    yield from (name for name in _RECORDED.findall(expression) if name not in RECORDED)


@promtool
@pytest.mark.parametrize("name", ["alerts.test.yaml", "week.test.yaml"])
def test_alerts_ring_when_they_must_and_else_never(name):
    done = subprocess.run(
        ["promtool", "test", "rules", name], cwd=PROMETHEUS, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@promtool
def test_the_example_of_a_configuration_is_sound():
    done = subprocess.run(
        ["promtool", "check", "config", "prometheus.yml"],
        cwd=PROMETHEUS,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_was_seen_to_ring():
    written = "".join(path.read_text("utf-8") for path in PROMETHEUS.glob("*.test.yaml"))
    rung = {
        name
        for line in written.splitlines()
        if "labels:" in line
        for name in re.findall(r'alertname="(\w+)"', line)
    }
    assert {rule["alert"] for rule in ALERTS} <= rung


def test_alerts_and_panels_ask_for_what_exists():
    wrong = [(title, name) for title, asked in ASKED + PANELS for name in strange(asked)]
    assert wrong == []


def test_a_metric_that_does_not_exist_is_noticed():
    assert [*strange("rate(vaguemestre_mail_total[5m]) + vaguemestre:held:rate2h")] == [
        "vaguemestre_mail_total",
        "vaguemestre:held:rate2h",
    ]


def test_every_alert_says_what_to_do():
    assert all(
        rule["labels"]["severity"] in ("page", "ticket")
        and rule["annotations"]["summary"]
        and rule["annotations"]["description"].endswith(".")
        for rule in ALERTS
    )


def test_panels_stand_beside_each_other():
    taken = set()
    for panel in BOARD["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not taken & cells, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_the_operators_page_knows_every_alert_and_no_other():
    page = (DEPLOY.parent / "docs" / "operateur" / "surveillance.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(Vaguemestre\w+)`", page, re.MULTILINE)) == {
        rule["alert"] for rule in ALERTS
    }
