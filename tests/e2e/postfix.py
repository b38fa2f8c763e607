"""A real Postfix of our own: private configuration, queue and ports, loopback only.

It is made of the very files of deploy/postfix, with our ports in place of theirs.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MTA = "mta.ch-exemple.example"
DEPLOY = Path(__file__).parents[2] / "deploy" / "postfix"

MASTER = """\
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""

FORGETFUL = """
127.0.0.1:{} inet n - n - - smtpd
    -o cleanup_service_name=forgetful
forgetful unix n - n - 0 cleanup
    -o enable_original_recipient=no
    -o {{ canonical_maps = inline:{{ @exemple.example=@canonique.example }} }}
    -o {{ virtual_alias_maps = inline:{{ alias@exemple.example=patiente@canonique.example }} }}
"""


# Ports below those that Linux gives to whoever connects (from 32,768 on), or another's connection
# might have one before it is listened on. Each process of the tests has some of its own, one after
# another: two drawn at random were the same, now and then.
_SHARE = 2400
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw4").removeprefix("gw")) % 5
_NEXT = itertools.count(secrets.randbelow(_SHARE))


def free_port() -> int:
    """One that nobody listens on, and that this process has not given before."""
    while True:
        port = 20_000 + _SHARE * _WORKER + next(_NEXT) % _SHARE
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


@dataclass(slots=True)
class Postfix:
    """set_up: "before-queue", "after-queue" or "milter"; gateway: the door's port; sink: the
    internet's. by_smtp: the after-queue set-up by SMTP, with the changes that its files name."""

    root: Path
    set_up: str
    gateway: int
    sink: int
    port: int = field(default_factory=free_port)
    back: int = field(default_factory=free_port)
    forgetful: int = field(default_factory=free_port)  # milter: rewrites, and forgets what was
    by_smtp: bool = False

    def start(self) -> None:
        self.root.chmod(0o755)
        for name in ("conf", "queue", "data"):
            (self.root / name).mkdir()
        shutil.chown(self.root / "data", "postfix")
        (self.root / "conf" / "main.cf").write_text(self._main())
        (self.root / "conf" / "master.cf").write_text(self._master())
        self._run("postfix", "start")

    def stop(self) -> None:
        subprocess.run(
            ["postfix", "-c", str(self.root / "conf"), "stop"], check=False, capture_output=True
        )

    def flush(self) -> None:
        self._run("postqueue", "-f")

    def queue(self) -> list[Mapping[str, object]]:
        """What Postfix still holds, as `postqueue -j` says it."""
        return [json.loads(line) for line in self._run("postqueue", "-j").splitlines()]

    def log(self) -> str:
        path = self.root / "queue" / "maillog"
        return path.read_text(errors="replace") if path.exists() else ""

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [program, "-c", str(self.root / "conf"), *arguments],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}\n{self.log()[-3000:]}"
        return done.stdout

    def _main(self) -> str:
        ours = f"""\
compatibility_level = 3.6
queue_directory = {self.root}/queue
data_directory = {self.root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {self.root}/queue/maillog
maillog_file_prefixes = {self.root}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = {MTA}
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{self.sink}
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_host_lookup = native
smtp_dns_support_level = disabled
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
transport_retry_time = 1s
default_destination_concurrency_failed_cohort_limit = 0
smtp_destination_concurrency_limit = 5
smtp_tls_security_level = none
alias_maps =
alias_database =
"""
        parts = [ours, (DEPLOY / "common.main.cf").read_text()]
        if self.set_up == "after-queue":
            parts.append(self._with_our_ports((DEPLOY / "after-queue.main.cf").read_text()))
            parts.append("vaguemestre_destination_concurrency_failed_cohort_limit = 0\n")
        if self.set_up == "milter":
            parts.append(self._with_our_ports((DEPLOY / "milter.main.cf").read_text()))
        return "\n".join(parts)

    def _master(self) -> str:
        text = (DEPLOY / f"{self.set_up}.master.cf").read_text()
        text = self._with_our_ports(text)
        if self.set_up == "before-queue":
            text = re.sub(r"^smtp( +inet)", f"127.0.0.1:{self.port}\\1", text, flags=re.M)
        else:
            text += f"\n127.0.0.1:{self.port} inet n - n - - smtpd\n"
        if self.set_up == "milter":
            text += FORGETFUL.format(self.forgetful)
        return MASTER + text

    def _with_our_ports(self, text: str) -> str:
        text = text.replace("10026", str(self.back))
        if self.by_smtp:
            text = text.replace("lmtp", "smtp")
        doors = {"before-queue": "10025", "after-queue": "10024", "milter": "10023"}
        return text.replace(doors[self.set_up], str(self.gateway))
