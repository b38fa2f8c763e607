"""Where doors, release and portal keep what they share, and the boxes of those who come again."""

from __future__ import annotations

from pathlib import Path

from gateway.config import Config
from gateway.errors import Misconfigured
from gateway.store.boxes import Boxes, Office
from gateway.store.keys import load_hmac

FOLDER, BOXES = "portal", "boxes"
_DAY_SECONDS = 86400.0


def folder(config: Config) -> Path:
    """Of what doors, release and portal share, and nobody else."""
    return Path(config.data).absolute() / FOLDER


def boxes(config: Config) -> Boxes | None:
    """None where nobody chooses a password."""
    return _boxes(config) if config.portal and config.pdf.chosen else None


def office(config: Config) -> Office | None:
    """For those who have `hmac.key`; None, too, for a command run by somebody else."""
    if config.portal is None or not (config.pdf.chosen or config.portal.accounts):
        return None
    try:
        return Office(_boxes(config), load_hmac(config.keys))
    except Misconfigured:
        return None


def _boxes(config: Config) -> Boxes:
    return Boxes(folder(config) / BOXES, config.pdf.chosen_days * _DAY_SECONDS)
