"""What an extractor is: one file of this package, with one `EXTRACTOR`, found by package scan."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import gateway.extract
from gateway.model import Limits, Part, Problem, Table, Text

Extracted = Text | Table | Part | Problem
Extract = Callable[[Part, Limits], Iterator[Extracted]]


@dataclass(frozen=True, slots=True)
class Extractor:
    """kinds: what it reads, in the words of `extract.kind`.

    extract yields as it goes, so that what was read before a failure is kept. It may raise
    anything: the one net for it is in `gateway.inspection`. Children are yielded as parts with
    a path of their own. What it could not read, it says with a Problem.
    """

    kinds: tuple[str, ...]
    extract: Extract


@cache
def extractors() -> Mapping[str, Extract]:
    """By kind. Imports every module of this package, so it is called before the wall is up."""
    found: dict[str, Extract] = {}
    for module in pkgutil.iter_modules(gateway.extract.__path__, "gateway.extract."):
        extractor = getattr(importlib.import_module(module.name), "EXTRACTOR", None)
        if isinstance(extractor, Extractor):
            found.update(dict.fromkeys(extractor.kinds, extractor.extract))
    return found
