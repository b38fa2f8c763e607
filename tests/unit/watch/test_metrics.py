"""Figures of several processes add up; names are those that dashboards are built on."""

import os
import subprocess
import sys

from prometheus_client.parser import text_string_to_metric_families

from gateway import __version__
from gateway.watch.metrics import HeldNow, exposition, forget, prepare

DOOR = """
import os
from gateway.watch.metrics import Metrics
metrics = Metrics()
metrics.mails.labels("smtp", "pass").inc({n})
metrics.mail_seconds.observe(0.02)
metrics.rules_stale.set({stale})
metrics.not_scanned.inc()
metrics.canary("caught")
metrics.inspection_seconds.labels("sandbox").observe(0.1)
metrics.findings.labels("fr.nir").inc()
metrics.problems.labels("encrypted").inc()
metrics.relay_failures.labels("451").inc()
print(os.getpid())
"""
NAMES = {  # DESIGN: scripts and dashboards stand on these
    "vaguemestre_mails": "counter",
    "vaguemestre_mail_seconds": "histogram",
    "vaguemestre_inspection_seconds": "histogram",
    "vaguemestre_findings": "counter",
    "vaguemestre_problems": "counter",
    "vaguemestre_not_scanned": "counter",
    "vaguemestre_quarantine_messages": "gauge",
    "vaguemestre_quarantine_oldest_seconds": "gauge",
    "vaguemestre_relay_failures": "counter",
    "vaguemestre_rules_stale": "gauge",
    "vaguemestre_build_info": "gauge",
    "vaguemestre_canaries": "counter",
    "vaguemestre_canary_failing": "gauge",
    "vaguemestre_bypass_seconds": "gauge",
    "vaguemestre_incidents": "counter",
    "vaguemestre_incidents_open": "gauge",
    "vaguemestre_incident_oldest_seconds": "gauge",
    "vaguemestre_waiting_messages": "gauge",
}


def processes(folder, *doors):
    """Run such doors to their end; their pids."""
    environment = prepare(folder, os.environ)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", DOOR.format(n=n, stale=stale)],
            env=environment,
            stdout=subprocess.PIPE,
        )
        for n, stale in doors
    ]
    return [int(door.communicate()[0]) for door in started]


def page(folder, held=lambda: HeldNow(3, 42.5)):
    written = exposition(folder, held).decode()
    families = list(text_string_to_metric_families(written))
    values = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }
    return {family.name: family.type for family in families}, values


def test_two_processes_add_up_under_the_promised_names(tmp_path):
    pids = processes(tmp_path / "figures", (2, 0), (3, 1))
    names, values = page(tmp_path / "figures")
    assert names == NAMES
    assert values["vaguemestre_mails_total", "pass", "smtp"] == 5
    assert values["vaguemestre_mail_seconds_count",] == 2
    assert values["vaguemestre_rules_stale",] == 1  # as long as any door is
    assert values["vaguemestre_quarantine_messages",] == 3
    assert values["vaguemestre_quarantine_oldest_seconds",] == 42.5
    assert values["vaguemestre_build_info", __version__] == 1

    forget(pids[1], tmp_path / "figures")
    _, values = page(tmp_path / "figures")
    assert values["vaguemestre_mails_total", "pass", "smtp"] == 5  # what was counted was counted
    assert values["vaguemestre_rules_stale",] == 0  # it was the dead one's rules that were


def test_of_a_process_that_was_killed_nothing_is_taken_back(tmp_path):
    folder = tmp_path / "figures"
    environment = prepare(folder, os.environ)
    code = DOOR.format(n=4, stale=1) + "import sys; sys.stdout.flush(); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as door:
        pid = int(door.stdout.readline())
        _, before = page(folder)
        door.kill()
        door.wait()
    forget(pid, folder)
    _, after = page(folder)
    totals = {key for key in before if key[0].endswith(("_total", "_count", "_sum", "_bucket"))}
    assert before["vaguemestre_mails_total", "pass", "smtp"] == 4
    assert len(totals) > 20
    assert {key: after[key] for key in totals} == {key: before[key] for key in totals}


def test_while_the_store_is_away_the_other_figures_stand(tmp_path):
    names, _ = page(tmp_path, lambda: None)
    assert set(names) == {"vaguemestre_build_info", "vaguemestre_canary_failing"}


def test_a_new_start_counts_from_nought(tmp_path):
    folder = tmp_path / "figures"
    processes(folder, (2, 0))
    assert prepare(folder, {"A": "b"}) == {"A": "b", "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    _, values = page(folder)
    assert ("vaguemestre_mails_total", "pass", "smtp") not in values
