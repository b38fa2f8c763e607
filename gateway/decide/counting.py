"""How many there are of what was found, over the whole of a message."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.model import Finding


def distinct(found: Iterable[Finding]) -> int:
    """Distinct values over several places: by fingerprint, plus what was counted without one."""
    fingerprints: set[str] = set()
    unnamed = 0
    for finding in found:
        fingerprints.update(finding.fingerprints)
        unnamed += max(0, finding.count - len(finding.fingerprints))
    return len(fingerprints) + unnamed
