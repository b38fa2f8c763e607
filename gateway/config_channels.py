"""The sections of the configuration that say by which ways an encrypted mail may leave."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from gateway import config_words as words
from gateway.config_words import Section

ChannelName = Literal["smime", "openpgp", "pdf", "zip", "portal"]


def _each_once(names: tuple[ChannelName, ...]) -> tuple[ChannelName, ...]:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise words.refuse(f"{twice} stands here twice", "name each channel once, the best first")
    return names


Chain = Annotated[tuple[ChannelName, ...], AfterValidator(_each_once)]
"""Of one recipient, the first that fits is taken. (): nothing leaves encrypted."""

DEFAULT_CHAIN: tuple[ChannelName, ...] = ("smime", "openpgp", "zip", "pdf", "portal")
"""zip before pdf: it fits those alone who asked for it. portal: where PDF is disabled."""


def _recipients(written: str) -> str:
    """An address, a domain, or all below it: "*.partenaire.example"."""
    return words.whom(written) if "@" in written else words.domains(written)


Recipients = Annotated[str, AfterValidator(_recipients)]


class Zip(Section):
    """Encryption as a ZIP, for whoever asked for it. recipients: addresses or "@domain"."""

    recipients: tuple[words.Whom, ...] = ()


class OpenPgp(Section):
    """keys: directory of recipients' keys. signature: secret key, without a passphrase, that signs
    inside what is encrypted. wkd: ask recipients' domains. autocrypt: take what mails bring."""

    keys: words.Directory | None = None
    signature: words.File | None = None
    wkd: bool = False
    autocrypt: bool = False

    @property
    def is_on(self) -> bool:
        return self.keys is not None or self.wkd or self.autocrypt
