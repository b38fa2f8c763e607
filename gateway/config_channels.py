"""The sections of the configuration that say by which ways an encrypted mail may leave."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from gateway import config_words as words
from gateway.config_words import Section

ChannelName = Literal["smime", "pdf"]


def _each_once(names: tuple[ChannelName, ...]) -> tuple[ChannelName, ...]:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise words.refuse(f"{twice} stands here twice", "name each channel once, the best first")
    return names


Chain = Annotated[tuple[ChannelName, ...], AfterValidator(_each_once)]
"""Of one recipient, the first that fits is taken. (): nothing leaves encrypted."""

DEFAULT_CHAIN: tuple[ChannelName, ...] = ("smime", "pdf")


class Pdf(Section):
    """Encryption as a PDF under a password that travels another way."""

    enabled: bool = True
