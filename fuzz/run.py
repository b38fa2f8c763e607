"""`make fuzz`: every target in turn, each with its share of the time; exit status 1 on a crash.

    tools/fuzz --minutes 10 [--target parse]… [--seeds DIR]

Everything stands below var/fuzz: corpus/TARGET, which the next run goes on from, crashes/ with
the inputs that broke a law, and the log of each target. DIR: further mails to begin from; what is
made of them is kept in the corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
KEPT = ROOT / "var" / "fuzz"
TARGETS = (
    *("parse", "peers", "line_ends", "cost", "reading", "wire", "door", "milter", "client"),
    *("archives", "pdf", "packages", "compounds", "formats", "health", "texts"),
)

UNIT_SECONDS = 60  # one input, by the clock: honest ones take a second, the rest is a busy machine
MEMORY_MB = 2_000
PROGRESS_SECONDS = 15
ATHERIS_MISSING = "fuzz: atheris is not installed: it exists for Linux on x86-64 only"

_FLAGS = (
    f"-timeout={UNIT_SECONDS}",
    f"-report_slow_units={UNIT_SECONDS}",
    f"-rss_limit_mb={MEMORY_MB}",
    "-print_final_stats=1",
)
_STATUS = re.compile(r"^#(\d+)\s.*? cov: (\d+) ft: (\d+) corp: (\d+)", re.MULTILINE)
_RUNS = re.compile(r"^stat::number_of_executed_units:\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    target: str
    runs: int
    processor_seconds: float
    inputs: int
    crashes: tuple[Path, ...]


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5, help="in all, shared by the targets")
    parser.add_argument("--target", action="append", choices=TARGETS)
    parser.add_argument("--seeds", type=Path, help="a folder of further mails to begin from")
    chosen = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print(ATHERIS_MISSING, file=sys.stderr)
        return 2
    targets = chosen.target or list(TARGETS)
    share = chosen.minutes * 60 / len(targets)
    outcomes = [fuzz(target, share, chosen.seeds) for target in targets]
    print(f"\n{'target':<12}{'runs':>12}{'CPU min':>10}{'corpus':>10}{'crashes':>10}")
    for one in outcomes:
        spent = f"{one.processor_seconds / 60:.1f}"
        print(f"{one.target:<12}{one.runs:>12,}{spent:>10}{one.inputs:>10,}{len(one.crashes):>10}")
    crashes = [path for one in outcomes for path in one.crashes]
    for path in crashes:
        print(f"crash: {path.relative_to(ROOT)}")
    return 1 if crashes else 0


def fuzz(target: str, seconds: float, more: Path | None) -> Outcome:
    corpus, crashes = KEPT / "corpus" / target, KEPT / "crashes"
    for folder in (corpus, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    module = importlib.import_module(f"fuzz.{target}")
    known = set(crashes.glob(f"{target}-*"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    log = KEPT / f"{target}.log"
    command = [sys.executable, "-m", "fuzz.engine", target, *_FLAGS]
    command += [f"-max_total_time={max(1, int(seconds))}", f"-max_len={module.LONGEST}"]
    command += [f"-dict={dictionary(target, module.WORDS)}"]
    command += [f"-artifact_prefix={crashes}/{target}-"]
    command += map(str, [corpus, seeds(target, module.seeds()), *([more] if more else [])])
    with log.open("wb") as told:
        watch(target, subprocess.Popen(command, stdout=told, stderr=told, cwd=ROOT), log)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = tuple(sorted(set(crashes.glob(f"{target}-*")) - known))
    runs = _RUNS.search(log.read_text("utf-8", "replace"))
    return Outcome(
        target, int(runs[1]) if runs else 0, spent, sum(1 for _ in corpus.iterdir()), found
    )


def watch(target: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """A line now and then, until it ends."""
    began = time.monotonic()
    while True:
        try:
            process.wait(PROGRESS_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        except BaseException:  # Ctrl-C: it must not go on without us
            process.kill()
            raise
        if seen := _STATUS.findall(log.read_text("utf-8", "replace")):
            runs, branches, features, inputs = seen[-1]
            minutes = (time.monotonic() - began) / 60
            print(
                f"{target}: {minutes:.1f} min, {int(runs):,} runs, {branches} branches,"
                f" {features} features, {inputs} inputs",
                flush=True,
            )
        if process.returncode is not None:
            return


def seeds(target: str, given: Iterable[bytes]) -> Path:
    folder = KEPT / "seeds" / target
    folder.mkdir(parents=True, exist_ok=True)
    for seed in given:
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    return folder


def dictionary(target: str, words: list[bytes]) -> Path:
    """As libFuzzer wants it: one quoted word a line."""
    path = KEPT / f"{target}.dict"
    lines = {'"' + "".join(f"\\x{octet:02x}" for octet in word) + '"' for word in words if word}
    path.write_text("\n".join(sorted(lines)) + "\n")
    return path


if __name__ == "__main__":
    sys.exit(main())
