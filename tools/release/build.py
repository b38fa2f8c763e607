"""`make release`: what a release consists of, into a folder, the same bytes for the same commit.

    vaguemestre-<v>.tar.gz             the tree as committed: rules, deploy, docs, pins; an sdist
    vaguemestre-<v>-py3-none-any.whl   the gateway's code alone
    vaguemestre-<v>.cdx.json           what it is made of (CycloneDX)
    SHA256SUMS, SHA256SUMS.sig         signed by `ssh-keygen -Y`, where a key is given

Built from HEAD and never from what lies around: what is not committed is not released. Times are
the commit's (or SOURCE_DATE_EPOCH), owners nobody's, modes two.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tools.release.licences import OF_THE_CORE
from tools.release.sbom import sbom

ROOT = Path(__file__).parents[2]
NAMESPACE = "vaguemestre"  # of signatures: one made for something else does not count
_BUILD = "import sys; from setuptools import build_meta as b; print(b.build_wheel(sys.argv[1]))"
_VERSION = re.compile(rb'^__version__ = "([^"]+)"', re.MULTILINE)


def release(repository: Path, out: Path, revision: str = "HEAD", key: Path | None = None) -> str:
    """Into `out`, which must be empty or absent; the version."""
    made = int(
        os.environ.get("SOURCE_DATE_EPOCH")
        or _git(repository, "log", "-1", "--format=%ct", revision)
    )
    tree = _tree(_git(repository, "archive", "--format=tar", revision))
    version = _version(tree)
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise SystemExit(f"{out}: not empty")
    wheel, told = _wheel(tree, made)
    files = {wheel[0]: wheel[1]}
    files[f"vaguemestre-{version}.tar.gz"] = _source(
        tree | {"PKG-INFO": (told, False)}, version, made
    )
    pins = [tree[name][0].decode() for name in OF_THE_CORE]
    files[f"vaguemestre-{version}.cdx.json"] = sbom(version, pins, made)
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
        (out / name).write_bytes(content)
    if key is not None:
        signing = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE]
        subprocess.run([*signing, str(out / "SHA256SUMS")], check=True)
    return version


def _git(repository: Path, *words: str) -> bytes:
    return subprocess.run(
        ["git", "-C", str(repository), *words],  # noqa: S607
        check=True,
        stdout=subprocess.PIPE,
    ).stdout


def _tree(archive: bytes) -> dict[str, tuple[bytes, bool]]:
    """Name -> content, and whether it is a program."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            if file is not None:
                found[member.name] = (file.read(), bool(member.mode & 0o100))
    return found


def _version(tree: Mapping[str, tuple[bytes, bool]]) -> str:
    found = _VERSION.search(tree["gateway/__init__.py"][0])
    if found is None:
        raise SystemExit("gateway/__init__.py: no version")
    return found[1].decode()


def _wheel(tree: Mapping[str, tuple[bytes, bool]], made: int) -> tuple[tuple[str, bytes], bytes]:
    """Its name and content; what it says of itself."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source"), Path(folder, "wheel")
        target.mkdir()
        for name, (content, program) in tree.items():
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o755 if program else 0o644)
        # With the setuptools of this environment, which is pinned: nothing is fetched.
        subprocess.run(
            [sys.executable, "-c", _BUILD, str(target)],
            cwd=source,
            env=os.environ | {"SOURCE_DATE_EPOCH": str(made)},
            umask=0o022,  # of files that setuptools writes itself
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (path,) = target.iterdir()
        with zipfile.ZipFile(path) as wheel:
            (about,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
            return (path.name, path.read_bytes()), wheel.read(about)


def _source(tree: Mapping[str, tuple[bytes, bool]], version: str, made: int) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=made, filename="") as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in sorted(tree):
            content, program = tree[name]
            member = tarfile.TarInfo(f"vaguemestre-{version}/{name}")
            member.size, member.mtime, member.mode = len(content), made, 0o755 if program else 0o644
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--revision", default="HEAD")
    parser.add_argument("--key", type=Path, help="private key of ssh-keygen, to sign with")
    asked = parser.parse_args()
    version = release(ROOT, asked.out, asked.revision, asked.key)
    signed = "signed" if asked.key else "NOT signed (KEY=~/.ssh/id_ed25519)"
    print(f"vaguemestre {version} in {asked.out}, {signed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
