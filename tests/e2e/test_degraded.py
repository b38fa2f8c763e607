"""The gateway on a database of its own that goes and comes back, on a disk that fills, among
clients that take their time; its backups and its new keys, while mail goes on."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import json
import os
import re
import shutil
import smtplib
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from gateway import parts
from gateway.config import read_config
from gateway.store.database import Database
from gateway.store.holds import Holds
from gateway.store.keys import load_hmac, load_private, load_public
from tests.e2e.gateway import OURS, Gateway, eventually
from tests.makers.mails import message, text
from tests.stores import _as_postgres as as_postgres

SENDER = f"agent@{OURS}"
OUTSIDE, SECOND = "dehors@exemple.example", "ailleurs@autre.example"
INNOCENT = b"Subject: menu\r\n\r\nBonjour, le menu est en pi\xc3\xa8ce suivante.\r\n"
DEADLINE_SECONDS = 100
IDLE = 100  # connections, at a door that lets in forty before some must give way


def stopped(number: int) -> bytes:
    """A mail that is held."""
    piece = text(f"NIR 2 85 09 75 999 998 37 de Mme TESTEUR Anne, dossier {number}\n")
    return message(piece, {"Subject": f"retenu {number}"})


@dataclass
class PostgreSQL:
    """A server of its own, to be stopped; on a unix socket alone."""

    root: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="pg-own-")))

    def make(self) -> str:
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        if not found:
            missing = "no PostgreSQL server binaries (apt-get install postgresql)"
            pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
        self.binaries, self.data = Path(found[-1]).parent, self.root / "data"
        if os.geteuid() == 0:
            shutil.chown(self.root, "postgres", "postgres")
        as_postgres(
            *(
                self.binaries / "initdb",
                "-D",
                self.data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "--no-sync",
            )
        )
        self.start()
        with psycopg.connect(f"host={self.root} user=postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE store ENCODING 'UTF8' TEMPLATE template0")
        return f"postgresql://postgres@/store?host={self.root}"

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.root}"
        self._control("-l", self.root / "log", "-o", options, "start")

    def stop(self) -> None:
        """As abrupt as it can be told to."""
        self._control("-m", "immediate", "stop")

    def _control(self, *words: object) -> None:
        as_postgres(self.binaries / "pg_ctl", "-D", self.data, "-w", "-s", *words)


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    try:
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError, AttributeError):
            server.stop()
        shutil.rmtree(server.root, ignore_errors=True)


@pytest.fixture(scope="module")
def one_gateway(
    tmp_path_factory: pytest.TempPathFactory, one_internet, database
) -> Iterator[Gateway]:
    more = {
        "database": database.make(),
        "canary": {"every": 5},
        "pdf": {"enabled": False},  # or a number would leave encrypted
        "limits": {"connections": 40, "per_client": 10, "exempt": ["127.0.0.1/32"]},
    }
    one = Gateway(tmp_path_factory.mktemp("degraded") / "gateway", one_internet.hop.port, more)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def gateway(one_gateway, internet) -> Gateway:
    eventually(one_gateway.ready)
    return one_gateway


def session(port: int, source: str = "127.0.0.1") -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", port, timeout=DEADLINE_SECONDS, source_address=(source, 0))
    client.ehlo()
    return client


def send(port: int, content: bytes, *to: str) -> int:
    """The final reply's code; 421 where the door left us meanwhile."""
    try:
        with session(port) as client:
            code, _ = client.mail(SENDER)
            if code != 250:
                return int(code)
            for address in to or (OUTSIDE,):
                client.rcpt(address)
            return int(client.data(content)[0])
    except smtplib.SMTPException:  # 421 before any of it, or nothing at all
        return 421


def unready(gateway: Gateway) -> dict[str, object] | None:
    """What /readyz complains of."""
    try:
        gateway.page("readyz")
    except OSError as refusal:  # HTTPError is one
        return dict(json.loads(refusal.read()))  # type: ignore[attr-defined]
    return None


def told(gateway: Gateway) -> bool:
    """By /readyz, the metrics and the log, that mail cannot be held."""
    said = str(unready(gateway) or "")
    failing = "vaguemestre_canary_failing 1.0" in gateway.page("metrics")
    logged = [line for line in gateway.lines("canary") if line["outcome"] == "store"]
    return "canary store" in said and failing and bool(logged)


def check_degraded(gateway: Gateway, internet) -> None:
    """Innocent mail passes, mail to hold waits with its client, and people are told."""
    assert send(gateway.smtp, INNOCENT) == 250
    assert send(gateway.smtp, stopped(0)) == 451
    assert send(gateway.smtp, stopped(0), OUTSIDE, f"collegue@{OURS}") == 451
    [passed] = internet.for_(OUTSIDE)
    assert passed.content.endswith(INNOCENT), "and nothing of the others"
    eventually(lambda: told(gateway), "nobody is told")


def check_recovered(gateway: Gateway, number: int) -> None:
    """Without anybody's doing."""
    eventually(gateway.ready)
    before = len(gateway.held())
    assert send(gateway.smtp, stopped(number)) == 250
    assert len(gateway.held()) == before + 1
    assert not gateway.lines("process ended"), "no process died of it"


@pytest.mark.e2e
@pytest.mark.timeout(400)
def test_without_its_database_innocent_mail_passes_and_what_is_to_be_held_waits(
    gateway, database, internet
):
    database.stop()
    try:
        check_degraded(gateway, internet)
    finally:
        database.start()
    check_recovered(gateway, 1)


@pytest.mark.e2e
@pytest.mark.timeout(400)
def test_on_a_full_disk_innocent_mail_passes_and_what_is_to_be_held_waits(gateway, internet):
    blobs = gateway.root / "var" / "blobs"
    mounting = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(blobs)]
    if os.getuid() != 0 or subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("only root may mount a disk that is full")
    try:
        with contextlib.suppress(OSError), (blobs / "full").open("wb") as file:
            while True:
                file.write(bytes(4096))
                file.flush()
        check_degraded(gateway, internet)
    finally:
        subprocess.run(["umount", str(blobs)], check=True)
    check_recovered(gateway, 2)


class Traffic:
    """Clients that send innocent mail and mail to hold until told to stop, each mail again until it
    is taken. held: numbers of those to hold that were answered 250."""

    def __init__(self, gateway: Gateway, clients: int, first: int) -> None:
        self.gateway, self.first = gateway, first
        self.stop, self.held, self.passed = threading.Event(), [], []
        self.pool = ThreadPoolExecutor(clients)
        self.going = [self.pool.submit(self._client, number) for number in range(clients)]

    def _client(self, number: int) -> None:
        step = 0
        while not self.stop.wait(0.2):  # a load, and not all that the machine can do
            mail = self.first + 1000 * number + step
            content = stopped(mail) if step % 2 else INNOCENT + b"%d\r\n" % mail
            eventually(lambda c=content: send(self.gateway.smtp, c) == 250)
            (self.held if step % 2 else self.passed).append(mail)
            step += 1

    def __enter__(self) -> Traffic:
        eventually(lambda: len(self.held) >= 3)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.pool.shutdown()
        for one in self.going:
            one.result()


def numbers_in(config: Path) -> list[int]:
    """Of all that is held, each opened."""
    settings = read_config(config)
    keys, opening = load_public(settings.keys), load_private(settings.keys)
    database = Database.open(settings.database)
    holds = Holds(database, parts.blobs(settings), keys, load_hmac(settings.keys))

    async def opened() -> list[int]:
        found = []
        for held in await holds.list():
            one = await holds.open(held.id, opening, unseen=True)
            found.append(int(re.search(rb"Subject: retenu (\d+)", one.mail.content)[1]))
        assert len(await holds.find(SENDER)) == len(found), "under whatever key"
        return sorted(found)

    try:
        return asyncio.run(opened())
    finally:
        database.close()


@pytest.mark.e2e
@pytest.mark.timeout(400)
def test_a_backup_taken_while_mail_goes_on_has_all_that_was_accepted_before(gateway, tmp_path):
    """Restored elsewhere, in the other kind of database, with the same keys."""
    taken = []
    with Traffic(gateway, 3, first=10_000) as traffic:
        for number in range(3):
            before = len(traffic.held)
            eventually(lambda n=before: len(traffic.held) >= n + 3)
            accepted = list(traffic.held)
            gateway.command("backup", str(tmp_path / f"{number}.sauvegarde"))
            taken.append(accepted)
    for number, accepted in enumerate(taken):
        folder = tmp_path / str(number)
        elsewhere = Gateway(folder, gateway.relay)
        elsewhere.more = {"keys": str(gateway.root / "var" / "keys")}
        elsewhere.write()
        elsewhere.command("restore", str(tmp_path / f"{number}.sauvegarde"))
        there = numbers_in(elsewhere.config)
        assert set(accepted) <= set(there)
        assert len(set(there)) == len(there), "nothing twice"
        assert set(there) - {1, 2} <= set(traffic.held), "nothing that nobody sent"


def patiently(what: Callable[[], object]) -> None:
    """`eventually`, for several starts of processes, on two cores that many tests share."""
    for _ in range(3):
        with contextlib.suppress(AssertionError):
            eventually(what)
            return
    eventually(what)


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_new_keys_are_taken_into_use_while_mail_goes_on_and_nothing_is_lost(gateway, internet):
    """Both keys at once. What was held before opens and is found, and a mail half done before is
    not done twice after."""
    internet.hop.says[f"RCPT TO:<{SECOND}>"] = "451 4.2.1 later"
    half = INNOCENT + b"half\r\n"
    assert send(gateway.smtp, half, OUTSIDE, SECOND) == 451
    before, pids = numbers_in(gateway.config), gateway.children()
    with Traffic(gateway, 2, first=20_000) as traffic:
        gateway.command("keys", "rotate")
        gateway.command("keys", "rotate", "--hmac")
        rolled = len(gateway.lines("rolled"))
        gateway.command("reload", "--restart")
        patiently(lambda: len(gateway.lines("rolled")) > rolled)
        after = len(traffic.held)
        eventually(lambda: len(traffic.held) > after)
    assert set(pids).isdisjoint(gateway.children())
    del internet.hop.says[f"RCPT TO:<{SECOND}>"]
    assert send(gateway.smtp, half, OUTSIDE, SECOND) == 250
    for address in (OUTSIDE, SECOND):
        assert len([t for t in internet.for_(address) if t.content.endswith(half)]) == 1
    assert numbers_in(gateway.config) == sorted([*before, *traffic.held]), "each once, and it opens"


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.mark.e2e
@pytest.mark.timeout(400)
def test_hundreds_that_say_nothing_keep_nobody_out(gateway):
    """Doors let in twice their number at most; who is silent for long gives way."""
    doors = gateway.doors()
    idle = [socket.create_connection(("127.0.0.1", gateway.smtp), timeout=60) for _ in range(IDLE)]
    idle += [
        socket.create_connection(("127.0.0.1", gateway.metrics), timeout=60) for _ in range(50)
    ]
    try:
        held = max(map(descriptors, doors))
        assert eventually(lambda: send(gateway.smtp, INNOCENT) == 250)
        assert "vaguemestre_mails_total" in gateway.page("metrics")
        assert held < 200, "twice forty, and what a door needs for itself"
        assert gateway.doors() == doors
    finally:
        for one in idle:
            one.close()


@pytest.mark.e2e
def test_who_takes_more_than_a_share_hears_421_and_nobody_else(gateway):
    greedy = [
        socket.create_connection(("127.0.0.1", gateway.smtp), 60, source_address=("127.0.0.3", 0))
        for _ in range(11)
    ]
    said = [one.recv(1000)[:3] for one in greedy]
    for one in greedy:
        one.close()
    assert said == [b"220"] * 10 + [b"421"]
    assert send(gateway.smtp, INNOCENT) == 250
