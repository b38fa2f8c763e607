"""What `traces` of the configuration stands for."""

from __future__ import annotations

from gateway.config import Config
from gateway.watch import spans


def begin(config: Config, process: str) -> None:
    """After the last fork of this process. Nothing where nobody asked for traces."""
    told = config.traces
    if told is not None:
        ca = str(told.ca) if told.ca else None
        spans.start(process, str(config.hostname), told.url, sample=told.sample, ca=ca)
