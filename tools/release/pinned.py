"""What is pinned in a requirements file: name, version, hashes, and the licence it says it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata

_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^ ;]+)(?: ; (.+?))?(?= +--hash=| *$)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pinned:
    """marker: "sys_platform == 'win32'", "" for all. hashes: of every file it comes in."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def licence(self) -> str | None:
        """As its own metadata has it; "" where they say nothing, None where it is not installed."""
        try:
            told = metadata(self.name)
        except PackageNotFoundError:
            return None
        kinds = [
            one.rpartition(" :: ")[2]
            for one in told.get_all("Classifier") or ()
            if one.startswith("License ::")
        ]
        whole = told.get("License-Expression") or "; ".join(kinds) or told.get("License") or ""
        return whole.partition("\n")[0].strip()


def pinned(requirements: str) -> Iterator[Pinned]:
    """requirements: what such a file says."""
    for line in requirements.replace("\\\n", " ").splitlines():
        if found := _PIN.match(line):
            yield Pinned(found[1], found[2], found[3] or "", tuple(sorted(_HASH.findall(line))))
