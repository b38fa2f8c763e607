"""A PostgreSQL of the campaign's own, to be killed: server, backends and all.

Debian's binaries, a socket in a folder, nothing on the network. fsync is off: what is killed here
are processes, and what they gave to the kernel stays; the power does not fail.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.stores import _as_postgres as as_postgres
from tools.faults.tree import children, command

_START_SECONDS = 60.0  # the dead one's processes and memory must be gone first


@dataclass(slots=True)
class Server:
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="pg-own-")))

    def make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        made = ("-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync")
        as_postgres(self._binary("initdb"), *made)
        self.start()
        as_postgres(self._binary("createdb"), "-h", self.folder, "-U", "postgres", "faults")

    def _binary(self, name: str) -> Path:
        found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
        if not found:
            raise SystemExit("no PostgreSQL server binaries (apt-get install postgresql)")
        return Path(found[-1])

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/faults?host={self.folder}"

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        end = time.monotonic() + _START_SECONDS
        while True:
            with contextlib.suppress(subprocess.CalledProcessError):
                as_postgres(
                    *(self._binary("pg_ctl"), "-D", self.data, "-w", "-s"),
                    *("-l", self.folder / "log", "-o", options, "start"),
                )
                return
            if time.monotonic() > end:
                raise TimeoutError("PostgreSQL does not come back")
            time.sleep(0.2)

    def postmaster(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        os.kill(self.postmaster(), signal.SIGKILL)

    def backends(self) -> list[int]:
        """That serve somebody now."""
        return [p for p in children([self.postmaster()]) if b"postgres faults" in command(p)]

    def stop(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            as_postgres(self._binary("pg_ctl"), "-D", self.data, "-s", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
