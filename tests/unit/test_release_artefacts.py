"""`make release` and the part of `make audit` that needs no network."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools.release import build, licences
from tools.release.pinned import pinned
from tools.release.sbom import sbom

ROOT = Path(__file__).parents[2]
MADE = 1_790_000_000
WHO = ["-c", "user.name=x", "-c", "user.email=x@chu.example"]
PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "vaguemestre"
version = "9.9"
[tool.setuptools.packages.find]
include = ["gateway*"]
"""
PINS = """\
# pinned
click==8.1.0 \\
    --hash=sha256:{0} \\
    --hash=sha256:{1}
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:{0}
""".format("a" * 64, "b" * 64)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A small project of the same shape, committed; with something beside that is not."""
    if shutil.which("git") is None:
        pytest.skip("missing: git")
    root = tmp_path_factory.mktemp("repository")
    (root / "gateway").mkdir()
    (root / "tools").mkdir()
    (root / "gateway/__init__.py").write_text('__version__ = "9.9"\n')
    (root / "tools/run").write_text("#!/bin/sh\n")
    (root / "tools/run").chmod(0o755)
    (root / "pyproject.toml").write_text(PROJECT)
    for name in licences.OF_THE_CORE:
        (root / name).write_text(PINS)
    for words in (["init", "-q"], ["add", "-A"], [*WHO, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    (root / "gateway/secret.py").write_text("not committed")
    return root


@pytest.fixture(scope="module")
def released(repository, tmp_path_factory):
    """Twice, by people with other habits; the first signed."""
    key = tmp_path_factory.mktemp("key") / "id"
    if shutil.which("ssh-keygen") is None:
        pytest.skip("missing: ssh-keygen")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second") / "new"
    build.release(repository, first, key=key)
    before = os.umask(0o077)
    try:
        build.release(repository, second)
    finally:
        os.umask(before)
    return first, second, key


def test_the_same_commit_gives_the_same_bytes(released):
    first, second, _ = released
    names = sorted(path.name for path in second.iterdir())
    assert names == [
        "SHA256SUMS",
        "vaguemestre-9.9-py3-none-any.whl",
        "vaguemestre-9.9.cdx.json",
        "vaguemestre-9.9.tar.gz",
    ]
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_the_sums_are_those_of_the_files_and_the_signature_is_over_them(released):
    first, _, key = released
    for line in (first / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((first / name).read_bytes()).hexdigest() == digest
    signers = first.parent / "allowed"
    signers.write_text(f"vaguemestre {key.with_suffix('.pub').read_text()}")
    words = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "vaguemestre"]
    words += ["-n", build.NAMESPACE, "-s", str(first / "SHA256SUMS.sig")]
    sums = (first / "SHA256SUMS").read_bytes()
    assert subprocess.run(words, input=sums, capture_output=True).returncode == 0
    assert subprocess.run(words, input=sums + b"x", capture_output=True).returncode != 0


def test_what_is_not_committed_is_not_released(released):
    first, *_ = released
    with tarfile.open(first / "vaguemestre-9.9.tar.gz") as source:
        members = {one.name: one for one in source}
    assert "vaguemestre-9.9/PKG-INFO" in members
    assert members["vaguemestre-9.9/tools/run"].mode == 0o755
    assert {one.mtime for one in members.values()} == {next(iter(members.values())).mtime}
    assert not [name for name in members if "secret" in name]
    with zipfile.ZipFile(first / "vaguemestre-9.9-py3-none-any.whl") as wheel:
        assert "gateway/__init__.py" in wheel.namelist()
        assert "gateway/secret.py" not in wheel.namelist()


def test_a_release_is_never_mixed_with_an_older_one(repository, released):
    with pytest.raises(SystemExit, match="not empty"):
        build.release(repository, released[0])


def test_every_pin_is_in_the_bill_of_materials_with_its_hashes():
    pins = [(ROOT / name).read_text() for name in licences.OF_THE_CORE]
    bill = json.loads(sbom("9.9", pins, MADE))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["timestamp"] == "2026-09-21T14:13:20Z"
    lines = [line for text in pins for line in text.splitlines() if "==" in line]
    names = {line.partition("==")[0] for line in lines}
    assert {one["name"] for one in bill["components"]} == names
    assert all(one["externalReferences"] for one in bill["components"])


def test_a_pin_is_read_with_its_marker():
    click, colorama = pinned(PINS)
    assert (click.name, click.version, click.marker) == ("click", "8.1.0", "")
    assert click.hashes == ("a" * 64, "b" * 64)
    assert colorama.marker == "sys_platform == 'win32'"
    assert next(pinned("nobody-has-this==1.0 \\\n")).licence is None


@pytest.mark.parametrize(
    ("licence", "binding"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("GNU Affero General Public License v3", True),
        ("GNU General Public License v2 (GPLv2)", True),
        ("SSPL-1.0", True),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MIT OR GPL-2.0-only", False),
        ("Apache-2.0", False),
    ],
)
def test_which_licences_would_bind_the_gateway(licence, binding):
    assert licences.binds(licence) is binding


def test_nothing_in_the_core_binds_the_gateway():
    assert licences.complaints() == []
