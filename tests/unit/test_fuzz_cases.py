"""The laws that `make fuzz` tries to break: on what broke them once, and on its seeds."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from fuzz.run import TARGETS

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "tests" / "corpus" / "crashes"
ENGINE = {"__init__", "engine", "files", "pieces", "run", "seeds", "swapped"}

# File below tests/corpus/crashes, beginning with its target: what it showed.
CASES = {
    "parse/many-content-types.eml": "as many readings as there are types, none counted",
    "formats/full-width-grave-accent.txt": "a character that `detect.fold` raised at: in any mail",
    "line_ends/base64-with-much-junk.eml": "a reading made with LF alone: line ends counted, too",
    "line_ends/multipart-of-nothing.eml": "what cannot be split lost its name when it was in CRLF",
    "line_ends/nul-in-a-long-text.eml": "files in a text with a NUL near its top: not looked for",
    "peers/backslash-in-boundary.eml": "not cut where some programs do, nobody told",
    "peers/stray-octets-in-quoted-printable.eml": "some programs leave them out, nobody told",
    "peers/text-around-uuencode.eml": "only the file was read, and nobody told",
    "reading/more-readings-than-parts.eml": "read whole by the door, cut by a worker",
    "texts/a-tag-of-hl7-alone.txt": "an empty list of segments: `health.hl7` failed, mail held",
    "texts/a-tag-of-hprim-alone.txt": "the same of `health.hprim`",
    "texts/born-after-blank-lines.txt": "no word before a birth: `person`, `health.person` failed",
    "texts/lines-of-a-paper-without-number.txt": "a finding of nothing, by `mrz`",
    "texts/tags-of-a-rpu-alone.txt": "the same of `health.pmsi`",
}
UNTIMED = [target for target in TARGETS if target != "cost"]  # which looks at the clock


def check(target: str, data: bytes) -> None:
    importlib.import_module(f"fuzz.{target}").check(data)


@pytest.mark.parametrize("name", CASES)
def test_what_broke_a_law_once_breaks_it_no_more(name):
    check(name.partition("/")[0], (KEPT / name).read_bytes())


def test_every_kept_case_is_told_of():
    kept = {str(path.relative_to(KEPT)) for path in KEPT.rglob("*") if path.is_file()}
    assert kept == set(CASES)


@pytest.mark.parametrize("target", UNTIMED)
def test_the_laws_hold_for_the_seeds(target):
    seeds = set(importlib.import_module(f"fuzz.{target}").seeds())
    assert len(seeds) > 2
    for seed in seeds:
        check(target, seed)


@pytest.mark.parametrize("target", UNTIMED)
def test_the_laws_hold_for_nothing_and_for_noise(target):
    for data in (b"", b"\0", b"\n", b"\xff" * 9, bytes(range(256))):
        check(target, data)


def test_every_target_is_run():
    assert {path.stem for path in (ROOT / "fuzz").glob("*.py")} - ENGINE == set(TARGETS)
