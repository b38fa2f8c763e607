"""OpenPGP keys of fictitious persons, and gpg and rnp in a folder of their own."""

from __future__ import annotations

import datetime
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from pysequoia import Cert, Profile, Tsk

DAY = 86_400


@cache
def secret(address: str) -> Tsk:
    """Valid from now on, for ever; the same for the same address."""
    return Tsk.generate(f"Personne fictive <{address}>")


@cache
def secret_of_today(address: str) -> Tsk:
    """As RFC 9580 has it, which few programs read."""
    return Tsk.generate(f"Personne fictive <{address}>", profile=Profile.RFC9580)


def public(address: str) -> Cert:
    return secret(address).extract_certificate()


def expired(address: str, days: int = 1) -> Cert:
    """It expires in so many days: whoever asks later finds it expired."""
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    return public(address).set_expiration(end, secret(address).certifier())


def revoked(address: str) -> Cert:
    cert = public(address)
    return Cert.from_bytes(bytes(cert) + bytes(cert.revoke(secret(address).certifier())))


class Gpg:
    """gpg with a home of its own, short enough for its sockets. Ended by `close`."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="gpg"))  # 0700

    def make(self, address: str, first: str = "ed25519", second: str = "cv25519") -> bytes:
        """A key such as people have: its public half. first: signs. second: is encrypted to."""
        user = f"Personne fictive <{address}>"
        self.run("--quick-generate-key", user, first, "cert,sign", "never").check_returncode()
        told = self.run("--list-keys", "--with-colons", address).stdout.decode()
        mark = next(line.split(":")[9] for line in told.splitlines() if line.startswith("fpr:"))
        self.run("--quick-add-key", mark, second, "encr", "never").check_returncode()
        return self.run("--export", address).stdout

    def secret(self, address: str) -> bytes:
        return self.run("--export-secret-keys", address).stdout

    def run(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--pinentry-mode", "loopback"]
        command += ["--passphrase", "", "--trust-model", "always", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=60)

    def decrypt(self, data: bytes) -> bytes | None:
        done = self.run("--decrypt", stdin=data)
        return done.stdout if done.returncode == 0 else None

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], timeout=60)
        shutil.rmtree(self.home, ignore_errors=True)


class Rnp:
    """The library under Thunderbird, by its own command."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        (folder / "key.asc").write_bytes(key)

    def decrypt(self, data: bytes) -> bytes | None:
        (self._folder / "mail.asc").write_bytes(data)
        command = ["rnp", "--keyfile", "key.asc", "--decrypt", "mail.asc", "--output", "-"]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, timeout=60)
        return done.stdout if done.returncode == 0 else None
