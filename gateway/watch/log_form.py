"""How a line of the log is written down: as the JSON that it is, for eyes, or for journald.

All forms are made of the cleaned JSON line, so that none can say what that one does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable

Form = Callable[[str, str], str]
"""(JSON line, level) -> what is written."""

_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3}  # sd-daemon(3)
_FIRST = ("timestamp", "level", "process", "event")


def as_json(line: str, level: str) -> str:
    return line


def as_journald(line: str, level: str) -> str:
    """journald takes the number off, and keeps it as the line's PRIORITY."""
    return f"<{_PRIORITIES.get(level, 5)}>{line}"


def as_text(line: str, level: str) -> str:
    """2026-11-22T09:14:02Z warning door: canary outcome=passed ms=3.1"""
    event = json.loads(line)
    if not isinstance(event, dict):
        return line
    when, _, process, what = (_shown(event.pop(name, "")) for name in _FIRST)
    fields = "".join(f" {name}={_shown(value)}" for name, value in event.items())
    return f"{when} {level} {process}: {what}{fields}"


def _shown(value: object) -> str:
    """Bare where no blank or quote could be taken for an end."""
    if isinstance(value, str) and value and not set(value) & set(' "='):
        return value
    if value == "":
        return "-"
    return json.dumps(value, separators=(",", ":"))


FORMS: dict[str, Form] = {"json": as_json, "text": as_text, "journald": as_journald}
