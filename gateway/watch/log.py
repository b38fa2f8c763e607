"""The log: one JSON object a line, on standard error or, if asked, into a file; in other forms by
`gateway.watch.log_form`.

No personal data: callers give ids, domains, keyed hashes, codes and fixed words. As a second
line of defence the last processor refuses what it does not know: only numbers, booleans, None and
short printable ASCII strings (and lists and mappings of these) go through; an exception is reduced
to its class and the place in our own code, since its text may quote a mail. That holds for what
libraries log and warn of, and for exceptions that nobody caught, in whatever thread.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, cast

import structlog

from gateway.errors import Misconfigured
from gateway.watch.log_file import Unfailing
from gateway.watch.log_form import FORMS, Form

MAX_CHARACTERS = 300
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_OURS = Path(__file__).parents[1]  # the package
_ENCODER = json.JSONEncoder()


def plain(value: object) -> object:
    """The value, if it is of a kind that may be logged; "?" otherwise."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return (
            value
            if value.isascii() and value.isprintable() and len(value) <= MAX_CHARACTERS
            else "?"
        )
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return "?"


def _finished(form: Form, _: Any, level: str, event: structlog.typing.EventDict) -> str:
    """All that structlog is asked to do, in one step: three would cost twice as much."""
    event["level"] = level
    event["timestamp"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return form(_line(event), level)


def _line(event: structlog.typing.EventDict) -> str:
    """The event as JSON, cleaned value by value only where the text shows that it is needed: that
    costs three times as much as the rest of the line."""
    error = event.pop("exc_info", None)
    if error:
        event.update(where(error if isinstance(error, BaseException) else sys.exc_info()[1]))
    try:
        text = _ENCODER.encode(event)
    except (TypeError, ValueError, RecursionError):  # something that JSON does not know
        text = ""
    return text if text and _is_plain(text) else _ENCODER.encode(plain(event))


def _is_plain(text: str) -> bool:
    """Whether all its strings are short and plain: the encoder writes all else as an escape, and
    without any escape, quotes stand around strings only."""
    return "\\" not in text and max(map(len, text.split('"'))) <= MAX_CHARACTERS


def where(error: BaseException | None) -> dict[str, object]:
    """An exception without its words: class, and the innermost line of ours that it crossed."""
    if error is None:
        return {}
    return {"error": type(error).__name__, "at": _innermost(error.__traceback__)}


def _innermost(trace: TracebackType | None) -> str:
    found = ""
    for frame, line in traceback.walk_tb(trace):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_OURS):
            found = f"{path.stem}:{line}"
    return found


class _Quiet(logging.Handler):
    """What libraries log, without their words: they may quote a mail."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().warning("library", logger=record.name, level_name=record.levelname)


def start(
    process: str, *, level: str = "info", file: Path | None = None, form: str = "json"
) -> structlog.BoundLogger:
    """Configure logging for this process, once; the logger carries its name."""
    finished = partial(_finished, FORMS[form])

    def missed(lines: int) -> str:
        return finished(None, "warning", {"process": process, "event": "log", "missed": lines})

    structlog.configure(
        processors=[finished],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, Unfailing(_opened(file), missed))),
        cache_logger_on_first_use=False,
    )
    # Bound at once: what get_logger() gives would be bound anew for each line.
    logger: structlog.BoundLogger = structlog.get_logger().bind(process=process)
    _silence(logger)
    return logger


def _opened(file: Path | None) -> TextIO:
    if file is None:
        return sys.stderr
    try:
        return file.open("a", encoding="ascii")
    except OSError as error:
        raise Misconfigured(f"log.file {file}: {error.strerror}") from None


def _silence(log: structlog.BoundLogger) -> None:
    """Whatever else would print an exception or a message in its own words."""
    root = logging.getLogger()
    root.handlers[:] = [_Quiet(level=logging.WARNING)]
    root.setLevel(logging.WARNING)
    logging.raiseExceptions = False  # a failing handler must not print the record
    logging.captureWarnings(True)

    def uncaught(error: BaseException | None) -> None:
        log.error("uncaught", **where(error))

    sys.excepthook = lambda kind, error, trace: uncaught(error)
    sys.unraisablehook = lambda unraisable: uncaught(unraisable.exc_value)
    threading.excepthook = lambda arguments: uncaught(arguments.exc_value)
