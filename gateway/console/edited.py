"""A rule edited on a page: loaded with all the others as a door would, tried, and never written.

text of the file ─edited─▶ read with the other files ─▶ complaints, file:line:column
                                                    └▶ rules ─▶ a mail judged, its own tests
                 └─▶ a diff, for whoever keeps the rules (Git): files remain the truth
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from gateway import inspection
from gateway.console.bench import Bench, Tested
from gateway.decide import rule_tests
from gateway.decide.rules import RuleSet
from gateway.detect import search
from gateway.errors import Misconfigured
from gateway.model import DEFAULT_LIMITS, Inspection
from gateway.rulebook import read_rules, tests_of

MOST_CHARACTERS = 60_000  # shipped rules have a thousand
MOST_LINES = 1_000  # a comparison of more would take long


@dataclass(frozen=True, slots=True)
class Source:
    """The file of a rule in force. name: below the directory of rules."""

    path: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """rules: with the edit in place; None where it does not load, and `complaint` says why.
    diff: against the file, "" where nothing changed."""

    rules: RuleSet | None
    complaint: str = ""
    diff: str = ""


def source(bench: Bench, rule: str) -> Source | None:
    """None for a rule that is not in force, or whose file is gone."""
    path = bench.rules().paths.get(rule)
    if path is None:
        return None
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return Source(path, _below(bench.directories, path), text)


def edit(bench: Bench, of: Source, text: str) -> Edited:
    """Never writes. Blocks for as long as rules take to load."""
    written = "\n".join(text.splitlines()) + "\n"
    if len(written) > MOST_CHARACTERS or written.count("\n") > MOST_LINES:
        return Edited(None, f"{of.name}: too long to be tried here")
    diff = "".join(_difference(of, written))
    try:
        rules = read_rules(
            bench.directories,
            search.kinds(),
            partners=bench.places.partners.keys(),
            reviewers=bench.reviewers,
            consequence="nothing was tried, nothing is written",
            more={of.path: written},
        )
    except Misconfigured as refused:
        return Edited(None, _shortened(bench.directories, str(refused)), diff)
    return Edited(rules, "", diff)


def tests(bench: Bench, of: Source, rules: Sequence[RuleSet]) -> list[Tested]:
    """Of this rule's file, for each of these sets of rules. Misconfigured for broken tests."""
    found = tests_of(bench.directories)
    cases = {
        path: several for path, several in found.items() if rule_tests.rule_of(path) == of.path
    }
    key, known = os.urandom(32), dict[bytes, Inspection]()

    def inspect(content: bytes) -> Inspection:
        if content not in known:
            reading = inspection.read(content, DEFAULT_LIMITS)
            known[content] = inspection.conclude(reading, key)
        return known[content]

    return [_tested(list(rule_tests.run_cases(one, cases, inspect))) for one in rules]


def _tested(results: Sequence[rule_tests.Result]) -> Tested:
    failed = tuple(str(result) for result in results if not result.passed)
    return Tested(len(results) - len(failed), failed)


def _difference(of: Source, written: str) -> list[str]:
    return [
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(
            of.text.splitlines(keepends=True),
            written.splitlines(keepends=True),
            f"a/{of.name}",
            f"b/{of.name}",
        )
    ]


def _shortened(directories: Sequence[Path], complaints: str) -> str:
    """Without the folders of this machine."""
    for directory in directories:
        complaints = complaints.replace(f"{directory}/", f"{directory.name}/")
    return complaints


def _below(directories: Sequence[Path], path: str) -> str:
    """As the diff names it, from the folder that holds the rules."""
    for directory in directories:
        if Path(path).is_relative_to(directory):
            return str(Path(directory.name) / Path(path).relative_to(directory))
    return Path(path).name
