"""The section `mssante`: which domains are of the space, who writes there under which address, and
which of its domains are in force."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from gateway import config_words as words
from gateway.config_words import Section
from gateway.decide.marked import Refusal, Refused

DOMAINS = ("*.mssante.fr",)
_SHA256_DIGITS = 64


def _source(written: str, info: ValidationInfo) -> str:
    """A path is made relative to the file; the release process says when nothing is there."""
    if "://" not in written:
        return str(words.beside(Path(written), info))
    return _https(written)


def _https(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise words.refuse("this is no address to fetch from", 'write "https://hôte/chemin"')
    return url


def _digest(written: str) -> str:
    digest = written.lower().replace(":", "")
    if len(digest) != _SHA256_DIGITS or not set(digest) <= set("0123456789abcdef"):
        raise words.refuse("this is no SHA-256", "write its 64 hexadecimal digits (sha256sum)")
    return digest


class ListSignature(Section):
    """Who must have signed the list itself. authorities: PEM of those that vouch for him. name: of
    his certificate."""

    authorities: words.File
    name: words.Host = "alb.mssante.fr"


class WhiteList(Section):
    """Domains that take part in the space. source: a file, or "https://…". ca: who vouches for that
    host, None: the system's authorities. sha256: of the file, where it never changes unseen.
    signature: None: that in the list is not looked at. every:
    hours between two looks at a host; a file is looked at every few minutes. stale, expired: days
    without a fresh one, before officers are told and before nothing goes to the space any more."""

    source: Annotated[str, AfterValidator(_source)]
    ca: words.File | None = None
    sha256: Annotated[str, AfterValidator(_digest)] | None = None
    signature: ListSignature | None = None
    every: float = Field(default=24, gt=0, le=168)
    stale: float = Field(default=3, gt=0, le=90)
    expired: float = Field(default=30, gt=0, le=90)

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        if self.expired <= self.stale:
            wrong = "it would be out of force before anybody is told"
            raise Refused(Refusal(wrong, "write more days than for stale", ("expired",)))
        return self


class HealthDirectory(Section):
    """The public directory of health professionals (FHIR). key: a file that holds the API key.
    seconds: for one question."""

    url: Annotated[str, AfterValidator(_https)] = "https://gateway.api.esante.gouv.fr/fhir/v2"
    key: words.File
    ca: words.File | None = None
    seconds: Annotated[float, Field(gt=0, le=60)] = 15


class Mssante(Section):
    """domains: of the space; (): it is not known here, and they are outside like any. senders: a
    file of two columns, an ordinary address (or "@domain") and that in the space under which it
    writes there. correspondents: the same of recipients, proposed to who writes to them in clear.
    keep_held: what is stopped on its way to the space waits in the quarantine."""

    domains: tuple[words.DomainGlob, ...] = DOMAINS
    senders: words.File | None = None
    correspondents: words.File | None = None
    white_list: WhiteList | None = None
    directory: HealthDirectory | None = None
    keep_held: bool = False


def _in_short(value: Any) -> Any:
    """A list is that of the domains."""
    return {"domains": value} if isinstance(value, list | tuple) else value


MssanteInShort = Annotated[Mssante, BeforeValidator(_in_short)]
