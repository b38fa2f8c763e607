"""Which processes serve a configuration on this machine: a file below `data` for each supervisor,
of which there are several where the gateway's processes have services of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from gateway.config import Config
from gateway.means import portal_boxes


def of(home: Path, roles: Collection[str] = ()) -> Path:
    """Of a supervisor of these roles; () for all of them."""
    return home / f"{'-'.join(('vaguemestre', *sorted(roles)))}.pid"


def all_of(settings: Config) -> Iterator[Path]:
    for home in (settings.data, portal_boxes.folder(settings)):
        yield from sorted(home.glob("vaguemestre*.pid"))
