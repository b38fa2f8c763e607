"""Runs one target under atheris, which follows what each input makes the code do.

    python -m fuzz.engine parse var/fuzz/corpus/parse -max_total_time=60

The rest of the line goes to libFuzzer. `tools/fuzz` runs this for each target in turn.
"""

from __future__ import annotations

import importlib
import sys

import atheris

ROOMS = ["parse", "extract", "inspection", "sandbox", "receive", "act"]
OWN = {"texts": ["detect"]}  # where other inputs lead, but what is to be found is elsewhere


def main() -> None:
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=[f"gateway.{room}" for room in OWN.get(name, ROOMS)]):
        target = importlib.import_module(f"fuzz.{name}")
    atheris.Setup(sys.argv, target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
