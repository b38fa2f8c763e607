"""What is looked up beside a mail never keeps the mail from its way, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from gateway.watch.log import where


@contextmanager
def unfailing(log: structlog.BoundLogger) -> Iterator[None]:
    """A fault of ours is logged by its place; its words may quote the mail."""
    try:
        yield
    except Exception as error:
        log.error("look-up failed", **where(error))
