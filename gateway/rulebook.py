"""Rules and their tests, read from disk: all of them or none.

Every `*.yaml` below the directories is a rule, `*.test.yaml` the tests beside it; what starts with
a dot is left out (Kubernetes mounts its volumes through such links). What rules mean is
`gateway.decide.rules`'s business.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from gateway.decide.complaint import Complaint, about_file
from gateway.decide.marked import MAX_BYTES, load
from gateway.decide.rule_tests import Case, Cases
from gateway.decide.rules import RuleSet, parse_rules
from gateway.errors import Misconfigured

MAX_FILES = 5_000  # far beyond any rule book: somebody named the wrong directory
_TEST = ".test.yaml"


def read_rules(
    directories: Sequence[Path],
    kinds: Collection[str],
    *,
    partners: Collection[str] | None = None,
    reviewers: Collection[str] | None = None,
    consequence: str = "the gateway does not start",
    more: Mapping[str, str] | None = None,
) -> RuleSet:
    """kinds: the names of findings that exist. consequence: what the caller does without them,
    "the gateway keeps the rules of 09:14". more: files still to be written, by path."""
    texts, complaints = _texts(directories)
    texts = {**texts, **(more or {})}
    files = {path: text for path, text in texts.items() if not path.endswith(_TEST)}
    unreadable = {complaint.path for complaint in complaints}
    rules = None
    if files:
        rules, wrong = parse_rules(files, kinds=kinds, partners=partners, reviewers=reviewers)
        complaints += wrong
    if not files and not complaints:
        named = ", ".join(map(str, directories)) or "no directory"
        complaints.append(about_file(named, "no rule at all", "name a directory that holds rules"))
    if complaints or rules is None:
        raise Misconfigured(_told(complaints, len(files.keys() | unreadable), consequence))
    return rules


def tests_of(directories: Sequence[Path]) -> dict[str, tuple[Case, ...]]:
    """The cases of every test file, by its path; Misconfigured with all complaints."""
    texts, complaints = _texts(directories)
    found: dict[str, tuple[Case, ...]] = {}
    for path, text in texts.items():
        if path.endswith(_TEST):
            cases, more = load(path, text, Cases)
            complaints += more
            found[path] = cases.root if cases else ()
    if complaints:
        raise Misconfigured(_told(complaints, len(found), "no test was run"))
    return found


def _told(complaints: Sequence[Complaint], files: int, consequence: str) -> str:
    broken = len({complaint.path for complaint in complaints})
    errors = "1 error" if len(complaints) == 1 else f"{len(complaints)} errors"
    counted = f"{errors} in {broken} of {max(files, broken)} rule files."
    return "\n".join([*map(str, complaints), "", f"{counted} Nothing was loaded: {consequence}."])


def _texts(directories: Sequence[Path]) -> tuple[Mapping[str, str], list[Complaint]]:
    texts: dict[str, str] = {}
    complaints: list[Complaint] = []
    for directory in directories:
        if not directory.is_dir():
            wrong, remedy = "no such directory", "correct `rules:` in the configuration"
            complaints.append(about_file(str(directory), wrong, remedy))
        for path in _files(directory):
            name = str(path)
            if len(texts) >= MAX_FILES:
                wrong = f"more than {MAX_FILES} files"
                complaints.append(about_file(str(directory), wrong, "name the rules' directory"))
                break
            if path.suffix == ".yml":
                complaints.append(about_file(name, "not read as a rule", "rename it to .yaml"))
            elif path.suffix == ".yaml":
                text = _text(path)
                if isinstance(text, Complaint):
                    complaints.append(text)
                else:
                    texts[name] = text
    return texts, complaints


def _files(directory: Path) -> Iterator[Path]:
    for where, below, names in os.walk(directory):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(where, name)


def _text(path: Path) -> str | Complaint:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        return data.decode("utf-8-sig")
    except OSError as error:
        return about_file(str(path), f"cannot be read: {error.strerror}", "check its rights")
    except UnicodeDecodeError:
        return about_file(str(path), "not UTF-8", "save it as UTF-8 text")
