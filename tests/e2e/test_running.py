"""The gateway as its operator lives with it: reload, keys of another user, metrics, kills."""

from __future__ import annotations

import os
import re
import shutil
import signal
import smtplib
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest

from gateway.means import portal_boxes, portal_parts
from tests.e2e import parcels
from tests.e2e.gateway import BALANCER, OURS, UNKNOWN, Gateway, eventually, python_for_all
from tests.e2e.postfix import free_port
from tests.e2e.test_incidents import s1
from tests.makers.mails import message, text
from tests.unit.test_supervisor import gone

SENDER = f"agent@{OURS}"
OUTSIDE = "dehors@exemple.example"
VISITOR = "patient@portail.example"  # who reads on the portal
PARCELS = f"var/{portal_boxes.FOLDER}/{portal_parts.FILE}"
REFUSE = "id: site/no\ntitle: Refus\nwhen:\n  recipient: external\nthen: reject\n"


def session(port: int, source: str = "127.0.0.1") -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", port, timeout=60, source_address=(source, 0))
    client.ehlo()
    return client


def send(client: smtplib.SMTP, content: bytes = b"Subject: x\r\n\r\nBonjour\r\n") -> int:
    client.mail(SENDER)
    client.rcpt(OUTSIDE)
    return int(client.data(content)[0])


@pytest.fixture(scope="module")
def one_pair(tmp_path_factory: pytest.TempPathFactory, one_internet):
    folder: Path = tmp_path_factory.mktemp("pair")
    rules = folder / "rules"
    rules.mkdir()
    (rules / "a.yaml").write_text("id: a\ntitle: A\nwhen:\n  size: '> 40 MB'\nthen: quarantine\n")
    more = {"rules": [str(rules)]}
    gateway = Gateway(folder / "gateway", one_internet.hop.port, more, processes=2)
    gateway.start()
    yield gateway, rules
    gateway.stop()


@pytest.fixture
def pair(one_pair, internet) -> Gateway:
    """Two doors, whose rules are in a folder of their own."""
    gateway, _ = one_pair
    if gateway.process.poll() is not None:  # killed by the test before
        gateway.start()
    eventually(lambda: gateway.ready() and len(gateway.doors()) == 2)
    gateway.as_new()
    return gateway


@pytest.fixture
def rules(one_pair, pair) -> Iterator[Path]:
    _, folder = one_pair
    yield folder
    (folder / "no.yaml").unlink(missing_ok=True)
    loaded = len(pair.lines("rules loaded"))
    pair.command("reload")
    eventually(lambda: len(pair.lines("rules loaded")) >= loaded + 2)


@pytest.mark.e2e
def test_reload_changes_rules_without_dropping_a_connection(pair, rules):
    with session(pair.smtp) as client:
        assert send(client) == 250
        (rules / "no.yaml").write_text(REFUSE)
        pair.command("reload")
        eventually(lambda: len(pair.lines("rules loaded")) >= 2, "both doors read them anew")
        assert send(client) == 550, "the same connection, the new rules"


@pytest.mark.e2e
def test_a_broken_set_keeps_the_old_rules_loudly(pair, rules):
    gateway = pair
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
def test_a_killed_door_is_replaced_and_no_connection_is_refused(pair):
    doors = pair.doors()
    assert len(doors) == 2
    for pid in doors:
        os.kill(pid, signal.SIGKILL)
        with session(pair.smtp) as client:  # waits in the supervisor's socket meanwhile
            assert send(client) == 250
    eventually(lambda: pair.ready() and set(doors).isdisjoint(pair.children()))


@pytest.mark.e2e
def test_both_doors_serve_one_port(pair):
    """Of many clients at once, each process has some: told by its open descriptors."""
    doors = pair.doors()
    before = [descriptors(pid) for pid in doors]
    clients = [session(pair.smtp) for _ in range(40)]
    assert all(descriptors(pid) > was for pid, was in zip(doors, before, strict=True))
    for client in clients:
        assert send(client) == 250
        client.quit()


@pytest.mark.e2e
def test_all_die_with_the_supervisor(pair):
    pids = eventually(lambda: len(pair.children()) == 3 and pair.children())
    pair.process.kill()
    pair.process.wait()
    eventually(lambda: all(gone(pid) for pid in pids))


@pytest.mark.e2e
@pytest.mark.timeout(300)  # two starts of processes, one after the other
def test_every_process_is_replaced_under_load_and_no_connection_is_refused(gateway, internet):
    """A client whose door leaves at that moment may hear 421 and connects again, as clients do."""
    stop = threading.Event()
    before, sent, refused = set(gateway.children()), [], []

    def one_mail(number: int) -> int:
        try:
            with session(gateway.smtp) as client:
                return send(client, f"Subject: roule {number}\r\n\r\nBonjour\r\n".encode())
        except smtplib.SMTPException:  # 421, or parted before its first word
            return 0
        except OSError as error:
            refused.append(type(error).__name__)
            return 0

    def load(first: int) -> None:
        number = first
        while not stop.wait(0.05):  # a load, and not all that the machine can do
            number += 10
            if eventually(lambda n=number: one_mail(n)) == 250:
                sent.append(number)

    with ThreadPoolExecutor(2) as pool:
        loads = [pool.submit(load, first) for first in range(2)]
        try:
            gateway.command("reload", "--restart")
            eventually(lambda: gateway.lines("rolled"))
        finally:
            stop.set()
        for one in loads:
            one.result()
    assert refused == []
    assert before.isdisjoint(gateway.children()), "all of them are new"
    got = {int(t.content.partition(b"roule ")[2].split()[0]) for t in internet.for_(OUTSIDE)}
    assert set(sent) <= got, "none of those accepted is lost"
    assert gateway.ready()
    assert not gateway.lines("process ended")
    page = gateway.page("metrics")
    assert 'vaguemestre_canaries_total{outcome="caught"}' in page
    assert "vaguemestre_canary_failing 0.0" in page
    assert gateway.held() == [], "no canary is ever held"


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


@pytest.fixture
def swaks() -> str:
    found = shutil.which("swaks")
    if found is None:
        missing = "missing: swaks (apt-get install swaks)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def clients_of(gateway: Gateway, client: str) -> list[dict[str, object]]:
    return [line for line in gateway.lines("mail") if line["client"] == client]


@pytest.mark.e2e
@pytest.mark.parametrize("version", ["1", "2"])
def test_behind_a_balancer_the_client_is_the_one_it_tells_of(gateway, internet, swaks, version):
    """swaks as HAProxy, then as a mail proxy behind it."""
    family = ["TCP4"] if version == "1" else ["AF_INET"]
    v2 = ["--proxy-protocol", "STREAM", "--proxy-command", "PROXY"] if version == "2" else []
    told = ["--proxy-source", "192.0.2.7", "--proxy-source-port", "4711"]
    told += ["--proxy-dest", "192.0.2.1", "--proxy-dest-port", "25"]
    command = [swaks, "--server", "127.0.0.1", "--port", str(gateway.smtp), "--local-interface"]
    command += [BALANCER, "--proxy-version", version, "--proxy-family", *family, *v2, *told]
    command += ["--from", SENDER, "--to", OUTSIDE, "--silent", "2"]
    for more, client in ([], "192.0.2.7"), (["--xclient-addr", "192.0.2.8"], "192.0.2.8"):
        done = subprocess.run([*command, *more], capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stdout + done.stderr
        told_of = partial(clients_of, gateway, client)
        eventually(told_of, f"no mail of {client} in the log")
        assert f"([{client}])".encode() in internet.taken[-1].content


@pytest.mark.e2e
@pytest.mark.parametrize("door", ["smtp", "lmtp"])
def test_a_mail_in_chunks_arrives_byte_for_byte(gateway, internet, door):
    content = b"Subject: x\r\n\r\n.\r\n..\r\n\xe9\r\n" + b"x" * 100_000 + b"\r\n.\r\n"
    client_of = {"smtp": smtplib.SMTP, "lmtp": smtplib.LMTP}[door]
    with client_of("127.0.0.1", getattr(gateway, door), timeout=60) as client:
        client.ehlo()
        assert client.has_extn("chunking")
        client.mail(SENDER)
        client.rcpt(OUTSIDE)
        for start in range(0, len(content), 40_000):
            chunk = content[start : start + 40_000]
            last = " LAST" if start + 40_000 >= len(content) else ""
            client.send(f"BDAT {len(chunk)}{last}\r\n".encode() + chunk)
            assert client.getreply()[0] == 250
    [got] = internet.for_(OUTSIDE)
    assert got.content.endswith(b"\r\n" + content)


@pytest.mark.e2e
def test_a_stranger_may_not_relay(gateway, internet):
    with pytest.raises(smtplib.SMTPException) as refusal:
        session(gateway.smtp, UNKNOWN).sendmail(SENDER, OUTSIDE, "x")
    assert "554" in str(refusal.value)
    assert internet.taken == []


@pytest.mark.e2e
@pytest.mark.skipif(os.getuid() != 0, reason="missing: root, to become three other users")
def test_neither_the_doors_nor_the_portals_user_can_read_the_quarantine(tmp_path, internet):
    """`keys init` as root, doors as one user, release as another, the portal as a third: the
    private half is the second's alone, and the third opens nothing but what waits for him."""
    port = free_port()
    more = {
        "users": {"door": "mail", "release": "backup", "portal": "www-data"},
        "portal": {"listen": f"127.0.0.1:{port}", "url": f"http://127.0.0.1:{port}"},
        "channels_for": {VISITOR: ["portal"]},
    }
    gateway = Gateway(tmp_path / "gateway", internet.hop.port, more)
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
        with session(gateway.smtp) as client:
            client.sendmail(SENDER, VISITOR, s1())
        assert "fiche demandée" in read_by_a_visitor(internet)
        secret = [private, folder / "var" / "vaguemestre.db", folder / "var" / "keys" / "hmac.key"]
        for path, allowed in [*((one, False) for one in secret), (folder / PARCELS, True)]:
            as_portal = ["setpriv", "--reuid", "www-data", "--regid", "www-data", "--clear-groups"]
            done = subprocess.run([*as_portal, "cat", str(path)], check=False, capture_output=True)
            assert (done.returncode == 0) is allowed, (path, done.stderr)
    finally:
        gateway.stop()
        shutil.rmtree(folder, ignore_errors=True)


def read_by_a_visitor(internet) -> str:
    """The page that the link and the code open."""
    link = parcels.link(internet, VISITOR)
    code, _ = parcels.code(internet, SENDER, VISITOR)
    with httpx.Client(follow_redirects=True, timeout=60) as browser:
        return browser.post(link, data={"code": code}).text


def made_nirs(count: int) -> list[str]:
    numbers = (2_85_09_75_999_000 + n for n in range(1, count + 1))
    return [f"{number}{97 - number % 97:02d}" for number in numbers]
