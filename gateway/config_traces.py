"""The section `traces`: where spans go, if anywhere."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from gateway import config_words as words
from gateway.config_words import Section

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _collector(url: str) -> str:
    """In clear to this machine only."""
    none = words.refuse("this is no collector", 'write "https://otel.chu.example:4318/v1/traces"')
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise none from None
    sure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not sure or not host or parts.username is not None:
        raise none
    return url


class Traces(Section):
    """url: of an OpenTelemetry collector, OTLP over HTTP. sample: the share of mails told. ca: who
    vouches for it, None: the usual authorities."""

    url: Annotated[str, AfterValidator(_collector)]
    sample: float = Field(default=1.0, gt=0, le=1)
    ca: words.File | None = None
