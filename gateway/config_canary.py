"""The section `canary`: the mail by which each door proves, again and again, that it still sees."""

from __future__ import annotations

from pydantic import Field

from gateway.config_words import Section


class Canary(Section):
    """every: seconds between two, for each door process."""

    every: float = Field(default=60, ge=5, le=3600)
