"""The lists of words beside this module: `name: one | another`, a line each; # comments."""

from __future__ import annotations

from importlib.resources import files


def _read() -> dict[str, tuple[str, ...]]:
    lists: dict[str, tuple[str, ...]] = {}
    data = files("tests.makers.innocent").joinpath("words.txt").read_text("utf-8")
    for line in data.splitlines():
        if line and not line.startswith("#"):
            name, _, words = line.partition(": ")
            lists[name] = tuple(word.strip() for word in words.split(" | "))
    return lists


LISTS = _read()
