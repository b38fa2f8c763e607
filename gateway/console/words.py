"""The language of the console's pages; its English is `locale/en.po`."""

from __future__ import annotations

from pathlib import Path

from gateway import language
from gateway.language import Words

FOLDER = Path(__file__).parent / "locale"


def of(accepted: str) -> Words:
    """By the browser's Accept-Language."""
    return language.of(accepted, FOLDER)
