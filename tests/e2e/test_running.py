"""The gateway as its operator lives with it: reload, keys of another user, metrics, kills."""

from __future__ import annotations

import os
import re
import shutil
import signal
import smtplib
import subprocess
from pathlib import Path

import pytest

from tests.e2e.gateway import OURS, Gateway, eventually, python_for_all
from tests.makers.mails import message, text

SENDER = f"agent@{OURS}"
OUTSIDE = "dehors@exemple.example"
REFUSE = "id: site/no\ntitle: Refus\nwhen:\n  recipient: external\nthen: reject\n"


def session(port: int) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", port, timeout=60)
    client.ehlo()
    return client


def send(client: smtplib.SMTP, content: bytes = b"Subject: x\r\n\r\nBonjour\r\n") -> int:
    client.mail(SENDER)
    client.rcpt(OUTSIDE)
    return int(client.data(content)[0])


@pytest.fixture
def with_rules(tmp_path: Path, internet):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.yaml").write_text("id: a\ntitle: A\nwhen:\n  size: '> 40 MB'\nthen: quarantine\n")
    gateway = Gateway(tmp_path / "gateway", internet.hop.port, {"rules": [str(rules)]}, processes=2)
    gateway.start()
    yield gateway, rules
    gateway.stop()


@pytest.mark.e2e
def test_reload_changes_rules_without_dropping_a_connection(with_rules):
    gateway, rules = with_rules
    with session(gateway.smtp) as client:
        assert send(client) == 250
        (rules / "no.yaml").write_text(REFUSE)
        gateway.command("reload")
        eventually(lambda: len(gateway.lines("rules loaded")) >= 2, "both doors read them anew")
        assert send(client) == 550, "the same connection, the new rules"


@pytest.mark.e2e
def test_a_broken_set_keeps_the_old_rules_loudly(with_rules):
    gateway, rules = with_rules
    (rules / "no.yaml").write_text("id: no\ntitle: [\n")
    gateway.command("reload", status=2)
    assert gateway.process is not None
    gateway.process.send_signal(signal.SIGHUP)
    eventually(lambda: len(gateway.lines("rules refused")) >= 2)
    assert "vaguemestre_rules_stale 1.0" in gateway.page("metrics")
    assert "no.yaml:" in gateway.said(), "the complaint names the file and the line"
    with session(gateway.smtp) as client:
        assert send(client) == 250
    (rules / "no.yaml").unlink()
    gateway.command("reload")
    eventually(lambda: "vaguemestre_rules_stale 0.0" in gateway.page("metrics"))


@pytest.mark.e2e
def test_a_killed_door_is_replaced_and_no_connection_is_refused(fresh_gateway):
    gateway = fresh_gateway
    doors = gateway.children()[:2]
    for pid in doors:
        os.kill(pid, signal.SIGKILL)
        with session(gateway.smtp) as client:  # waits in the supervisor's socket meanwhile
            assert send(client) == 250
    eventually(lambda: gateway.ready() and set(doors).isdisjoint(gateway.children()))


@pytest.mark.e2e
def test_both_doors_serve_one_port(fresh_gateway):
    """Of many clients at once, each process has some: told by its open descriptors."""
    gateway = fresh_gateway
    doors = gateway.children()[:2]
    before = [descriptors(pid) for pid in doors]
    clients = [session(gateway.smtp) for _ in range(40)]
    assert all(descriptors(pid) > was for pid, was in zip(doors, before, strict=True))
    for client in clients:
        assert send(client) == 250
        client.quit()


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.mark.e2e
def test_the_metrics_of_the_contract_are_there(gateway):
    passed = 'vaguemestre_mails_total{disposition="pass",door="smtp"} '
    before = float((gateway.page("metrics").partition(passed)[2] or "0").split()[0])
    with session(gateway.smtp) as client:
        send(client)
        send(client, message(text("NIR 2 85 09 75 999 998 37 de Mme TESTEUR Anne\n")))
    page = eventually(
        lambda: f"{passed}{before + 1}" in gateway.page("metrics") and gateway.page("metrics")
    )
    for name in (
        "vaguemestre_mails_total",
        "vaguemestre_mail_seconds_bucket",
        "vaguemestre_inspection_seconds_count",
        "vaguemestre_findings_total",
        "vaguemestre_not_scanned_total",
        "vaguemestre_quarantine_messages",
        "vaguemestre_quarantine_oldest_seconds",
        "vaguemestre_rules_stale",
        "vaguemestre_build_info",
    ):
        assert re.search(rf"^{name}(\{{| )", page, re.M), name
    assert "exemple.example" not in page


@pytest.mark.e2e
def test_the_log_says_where_a_mail_went(gateway):
    with session(gateway.smtp) as client:
        send(
            client,
            b"Received: from x (x [127.0.0.1])\r\n\tby mta (Postfix) with ESMTP id 4XYZ1a\r\n"
            b"\tfor <a@b>; Mon, 1 Jan 2026 00:00:00 +0000\r\nSubject: x\r\n\r\nBonjour\r\n",
        )
    [line] = eventually(lambda: gateway.lines("mail"))
    assert line["queue_id"] == "4XYZ1a"
    assert line["recipients"][0]["order"] == "pass"
    assert line["recipients"][0]["reply"].startswith("250")
    assert "127.0.0.1" in line["recipients"][0]["hop"]
    assert line["id"] in gateway.command("trace", "4XYZ1a")


@pytest.mark.e2e
def test_a_stranger_may_not_relay(tmp_path, internet):
    doors = {"smtp": {"listen": "127.0.0.1:0", "clients": ["10.1.2.3/32"]}}
    gateway = Gateway(tmp_path / "gateway", internet.hop.port)
    doors["smtp"]["listen"] = f"127.0.0.1:{gateway.smtp}"
    gateway.more = {"doors": doors}
    gateway.start()
    try:
        with pytest.raises(smtplib.SMTPException) as refusal:
            session(gateway.smtp).sendmail(SENDER, OUTSIDE, "x")
        assert "554" in str(refusal.value)
        assert internet.taken == []
    finally:
        gateway.stop()


@pytest.mark.e2e
@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become two other users")
def test_the_doors_user_cannot_read_the_quarantine(tmp_path, internet):
    """`keys init` as root, doors as one user, release as another: the private half is his alone."""
    gateway = Gateway(
        tmp_path / "gateway", internet.hop.port, {"users": {"door": "mail", "release": "backup"}}
    )
    folder = Path("/tmp") / f"vaguemestre-{os.getpid()}"
    gateway.root, gateway.python = folder, python_for_all()
    try:
        gateway.write()
        gateway.command("keys", "init")
        gateway.start()
        with session(gateway.smtp) as client:
            content = message(text("".join(f"{n}\n" for n in made_nirs(12))))
            assert send(client, content) == 250
        [held] = eventually(gateway.held)
        [private] = (folder / "var" / "keys").glob("officer-*.key")
        for user, allowed in (("mail", False), ("backup", True)):
            done = subprocess.run(
                [
                    "setpriv",
                    "--reuid",
                    user,
                    "--regid",
                    "mail",
                    "--clear-groups",
                    "cat",
                    str(private),
                ],
                check=False,
                capture_output=True,
            )
            assert (done.returncode == 0) is allowed, (user, done.stderr)
        assert not gateway.lines("keys not separated")
        gateway.command("quarantine", "release", held["id"], "--reason", "essai")
        eventually(lambda: internet.for_(OUTSIDE), "the release user can open and send it")
    finally:
        gateway.stop()
        shutil.rmtree(folder, ignore_errors=True)


def made_nirs(count: int) -> list[str]:
    numbers = (2_85_09_75_999_000 + n for n in range(1, count + 1))
    return [f"{number}{97 - number % 97:02d}" for number in numbers]
