"""Ordinary mail, in the shapes that clients, servers, lists and machines really write.

A shape is a public function of one of these modules that takes a `Random` and gives a message. Its
structure, field order, boundaries, folding and encodings are those of the software it is named
for; what it says is office prose. Lines end in LF; `writing.on_the_wire` gives them CRLF. Nothing
here may be held: tests/corpus/test_ordinary.py. Shapes meant to deceive stand elsewhere.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from random import Random

Shape = Callable[[Random], bytes]


def shapes() -> dict[str, Shape]:
    """Every shape by its name, "thunderbird.flowed"."""
    found: dict[str, Shape] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        functions = inspect.getmembers(importlib.import_module(module.name), inspect.isfunction)
        for name, function in functions:
            ours = function.__module__ == module.name and not name.startswith("_")
            if ours and function.__annotations__ == {"rng": "Random", "return": "bytes"}:
                found[f"{module.name.rpartition('.')[2]}.{name}"] = function
    return found
