"""The gateway itself, as its operator runs it, with the internet and a clock of patience.

Everything is on 127.0.0.1 and below a temporary folder; only processes started here are ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner

from gateway.cli.main import app
from tests.e2e.postfix import free_port
from tests.fakes import NextHop, Taken

OURS = "ch-exemple.example"
BALANCER = "127.0.0.2"  # a client of the SMTP door that begins with a PROXY header
UNKNOWN = "127.0.1.1"  # no client of it
PATIENCE_SECONDS = 100  # on two cores that many tests share
READERS = ("agent", "ana", "bo")  # of whom the first writes most mails here
REREAD = "relu.example"  # domain of whom they agree on
RULES = Path(__file__).parents[2] / "rules"


def eventually(what: Callable[[], Any], why: str = "") -> Any:
    """The first true answer of `what`, asked again and again: never a sleep of a guessed length."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < end, why or f"never true: {what}"
        time.sleep(0.05)


def python_for_all() -> tuple[str, dict[str, str]]:
    """A Python that other users may run, too: ours, or Debian's with our packages."""
    home = Path(sys.base_prefix).resolve()
    if all(folder.stat().st_mode & 0o001 for folder in (home, *home.parents)):
        return sys.executable, {}
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    version = f"python3.{sys.version_info.minor}"
    assert version in packages
    return f"/usr/bin/{version}", {"PYTHONPATH": f"{packages}:{RULES.parent}"}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


@dataclass(slots=True)
class Internet:
    """A NextHop in a thread of its own, that can go down and come back on the same port."""

    hop: NextHop = field(default_factory=lambda: NextHop(says={}))
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None

    def up(self) -> None:
        self.hop.port = self.hop.port or free_port()
        ready = threading.Event()

        def run() -> None:
            async def listen() -> None:
                self._loop = asyncio.get_running_loop()
                self._end = asyncio.Event()
                async with self.hop:
                    ready.set()
                    await self._end.wait()

            asyncio.run(listen())

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert ready.wait(PATIENCE_SECONDS)

    def as_new(self) -> None:
        if self._loop is None:
            self.up()
        self.hop.taken.clear()
        self.hop.says.clear()

    def down(self) -> None:
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(PATIENCE_SECONDS)
        self._loop = None

    _end: Any = None

    @property
    def taken(self) -> list[Taken]:
        return list(self.hop.taken)

    def for_(self, address: str) -> list[Taken]:
        return [one for one in self.taken if any(f"<{address}>" in rcpt for rcpt in one.rcpts)]


@dataclass(slots=True)
class Gateway:
    """relay: port of the next hop. more: merged into gateway.yaml. processes: of the doors; each
    costs seconds at every start."""

    root: Path
    relay: int
    more: dict[str, Any] = field(default_factory=dict)
    processes: int = 1
    smtp: int = field(default_factory=free_port)
    lmtp: int = field(default_factory=free_port)
    milter: int = field(default_factory=free_port)
    metrics: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    python: tuple[str, dict[str, str]] = field(default_factory=lambda: (sys.executable, {}))
    _old: tuple[int, set[str]] = (0, set())  # log lines and held mail of tests before this one

    @property
    def config(self) -> Path:
        return self.root / "gateway.yaml"

    def write(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        written = {
            "domains": [OURS],
            "data": "var",
            "processes": self.processes,
            "doors": {
                "smtp": {
                    "listen": f"127.0.0.1:{self.smtp}",
                    "clients": ["127.0.0.0/24", "192.0.2.0/24"],
                    "proxy_protocol": [f"{BALANCER}/32"],
                    "xclient": [f"{BALANCER}/32", "192.0.2.0/24"],
                },
                "lmtp": {"listen": f"127.0.0.1:{self.lmtp}"},
                "milter": {"listen": f"127.0.0.1:{self.milter}"},
            },
            "relay": {"default": {"host": "127.0.0.1", "port": self.relay, "tls": "none"}},
            "rules": [str(RULES), str(self._site())],
            "officers": [f"dpo@{OURS}"],
            "reviewers": {"direction": {"members": [f"{one}@{OURS}" for one in READERS]}},
            "notices": {"url": f"https://courriel.{OURS}"},
            # A correspondent is new from the first day on; a loaded machine is waited for; these
            # tests' letters, all of one sender and one subject, are no software's series.
            "history": {"learn": 0, "seconds": 10, "series": 100},
            "metrics": {"listen": f"127.0.0.1:{self.metrics}"},
            "console": None,  # a process and a zygote more at each start; tests/browser has one
            "log": {"level": "debug", "file": "gateway.log"},
        }
        self.config.write_text(yaml.safe_dump(written | self.more))

    def _site(self) -> Path:
        """Rules of this house's own: what two others must read before it leaves."""
        site = self.root / "site"
        site.mkdir(exist_ok=True)
        when = {"all": [{"recipient": f"domain:{REREAD}"}, {"finding": "fr.nir"}]}
        rule = {"id": "house/reread", "title": "Relu avant sortie", "when": when}
        asked = {"then": "review", "reviewers": "direction", "quorum": 2, "notify": ["sender"]}
        (site / "reread.yaml").write_text(yaml.safe_dump(rule | asked))
        return site

    def start(self) -> None:
        if not self.config.exists():
            self.write()
        errors = (self.root / "stderr.log").open("ab")
        python, more = self.python
        self.process = subprocess.Popen(
            [python, "-m", "gateway.cli.main", "serve", "--config", str(self.config)],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            env={**os.environ, **more},
        )
        try:
            eventually(self.ready, f"not ready: {self.said()[-2000:]}")
        except BaseException:  # no fixture will stop what it never got
            self.stop()
            raise

    def ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.said()[-3000:]
        with contextlib.suppress(OSError):
            return bool(urllib.request.urlopen(self._url("readyz"), timeout=60).status == 200)
        return False

    def page(self, name: str) -> str:
        return str(urllib.request.urlopen(self._url(name), timeout=60).read().decode())

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """SIGKILL to the supervisor; its children die with it (PR_SET_PDEATHSIG: SIGTERM), so they
        are killed first, to be as abrupt as the power going."""
        assert self.process is not None
        for pid in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def children(self) -> list[int]:
        assert self.process is not None
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def doors(self) -> list[int]:
        said = {pid: Path(f"/proc/{pid}/cmdline") for pid in self.children()}
        return [pid for pid, path in said.items() if b"\0door\0" in _read(path)]

    def said(self) -> str:
        """Everything it wrote: log and standard error."""
        names = ("gateway.log", "stderr.log")
        paths = [self.root / name for name in names]
        return "\n".join(p.read_text(errors="replace") for p in paths if p.exists())

    def lines(self, event: str = "mail") -> list[dict[str, Any]]:
        path = self.root / "gateway.log"
        found = [json.loads(line) for line in path.read_text().splitlines()[self._old[0] :]]
        return [line for line in found if line["event"] == event]

    def command(self, *arguments: str, status: int = 0, stdin: bytes = b"") -> str:
        """In this process, since a start is seconds of a processor (tests/unit/cli/test_main.py
        starts some); in a thread of its own, since Playwright's loop may be running in this one."""
        wanted = [*arguments, "--config", str(self.config)]
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(CliRunner().invoke, app, wanted, stdin).result()
        assert done.exit_code == status, (done.output, done.exception)
        return str(done.stdout)

    def held(self) -> list[dict[str, Any]]:
        lines = self.command("quarantine", "list", "--json").splitlines()
        return [held for held in map(json.loads, lines) if held["id"] not in self._old[1]]

    def as_new(self) -> None:
        """For the next test of a module that shares it: what is there already does not count."""
        lines = len((self.root / "gateway.log").read_text().splitlines())
        with contextlib.closing(sqlite3.connect(self.root / "var" / "vaguemestre.db")) as store:
            self._old = lines, {name for (name,) in store.execute("select id from holds")}

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.metrics}/{name}"
