"""What may stand in this repository, whatever the code does."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.detect import iban, nir
from gateway.detect.fold import fold
from gateway.model import Likelihood
from tests.each import of_each

ROOT = Path(__file__).parents[2]
NOT_OURS = {".git", ".venv", "var", "build", "dist", "__pycache__", "node_modules"}
NOT_OURS |= {".mypy_cache", ".ruff_cache", ".hypothesis", ".pytest_cache"}

# Examples that their authorities publish for tests: they are nobody's.
PUBLISHED = {
    "279035121518989",  # test identity of the Agence du numérique en santé
    "FR7630006000011234567890189",  # the banks' own example
}


def _files() -> Iterator[Path]:
    for where, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in NOT_OURS and "egg-info" not in name]
        yield from (Path(where, name) for name in names)


FILES = sorted(_files())
TEXTS = {
    str(path.relative_to(ROOT)): path.read_bytes().decode("utf-8", "replace") for path in FILES
}
MAKERS = [name for name in TEXTS if name.startswith("tests/makers/")]
REQUIREMENTS = [
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-ocr.txt",
    "requirements-fuzz.txt",
]


def joined(*halves: str) -> str:
    """So that this file does not hold what it looks for."""
    return "".join(halves)


# A build machine's folders, and hosts that serve packages (mirrors and proxies included).
FORBIDDEN = [
    joined("/wo", "rk/"),
    joined("/fa", "rm/"),
    joined("pypi", ".org"),
    joined("python", "hosted.org"),
    joined("npm", "js.org"),
    joined("npm", "js.com"),
    joined("crates", ".io"),
    joined("proxy.", "golang.org"),
    joined("repo1.", "maven.org"),
    joined("rubygems", ".org"),
    joined("arti", "factory"),
    joined("/sim", "ple/"),
    joined("--index", "-url"),
    joined("--extra-index", "-url"),
]


@pytest.mark.parametrize("forbidden", FORBIDDEN)
def test_no_machine_and_no_registry_is_named(forbidden):
    assert [name for name, text in TEXTS.items() if forbidden in text.lower()] == []


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements_hold_hashes_and_no_address(name):
    text = TEXTS[name].replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[A-Za-z0-9_.\[\],-]+==[^\s;]+", line), f"not pinned: {line[:60]}"
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), f"no hash: {line[:60]}"
        assert "://" not in line
        assert " @ " not in line


def test_nothing_is_left_for_later():
    words = "|".join([joined("TO", "DO"), joined("FIX", "ME"), joined("NotImple", "mentedError")])
    found = [
        name
        for name, text in TEXTS.items()
        if name.split("/")[0] in ("gateway", "tests", "tools", "deploy", "rules")
        and re.search(rf"\b({words})\b", text)
    ]
    assert found == []


def test_every_folder_of_tests_can_be_imported():
    modules = [name for name in TEXTS if name.startswith("tests/") and name.endswith(".py")]
    assert modules
    for name in modules:
        dotted = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        assert all(part.isidentifier() for part in dotted.split(".")), name
        assert importlib.util.find_spec(dotted) is not None, name


@pytest.mark.parametrize("folder", ["tools", ".ci"])
def test_scripts_can_be_run(folder):
    scripts = [path for path in (ROOT / folder).iterdir() if path.is_file()]
    scripts = [path for path in scripts if path.suffix != ".py"]
    assert scripts
    for path in scripts:
        assert os.access(path, os.X_OK), f"{path.name}: chmod +x"
        assert path.read_text("utf-8").startswith("#!/usr/bin/env "), path.name


@of_each(MAKERS)
def test_makers_write_to_nobody_real(name):
    for domain in re.findall(r"[\w.+-]@((?:[\w-]+\.)+[a-z]{2,})", TEXTS[name]):
        assert domain.endswith((".example", ".invalid")), domain


def _sure(detector, text: str) -> Iterator[str]:
    for match in detector.find(fold(text)):
        if match.likelihood is Likelihood.VERY_LIKELY:
            yield match.value


def _told() -> list[str]:
    """Whatever shows examples: tests, makers, rules, documents, the samples of `run`."""
    return [
        name
        for name in TEXTS
        if name.startswith(("tests/", "rules/", "docs/", "gateway/cli/")) or name.endswith(".md")
    ]


@of_each(_told())
def test_persons_and_accounts_are_made_up(name):
    """Commune 999 and bank 99999 do not exist."""
    for number in {*_sure(nir, TEXTS[name])} - PUBLISHED:
        assert number[7:10] == "999" or number[5:10] == "99999", f"{name}: a real commune"
    for account in {*_sure(iban, TEXTS[name])} - PUBLISHED:
        if account.startswith("FR"):
            assert account[4:9] == "99999", f"{name}: a real bank"
