"""The section `history.ldap`: the directory in which staff's addresses stand, to be looked up at
intervals. What is done with them is `gateway.means.staff_care`."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from gateway import config_words as words
from gateway.config_ways import is_loopback
from gateway.config_words import Section
from gateway.decide.marked import Refusal, Refused


class StaffLdap(Section):
    """auth: a YAML file with `user` and `password`; None: anybody may search. attributes: where
    addresses stand; an entry without the first is left. match: what else must hold of an entry.
    hours: from one look to the next."""

    host: words.Host
    port: words.Port = 636
    security: Literal["implicit", "starttls", "none"] = "implicit"
    base: str = Field(min_length=1)
    auth: words.File | None = None
    attributes: tuple[str, ...] = Field(default=("mail", "proxyAddresses"), min_length=1)
    match: dict[str, str] = Field(default_factory=dict)
    ca: words.File | None = None
    hours: float = Field(default=24, ge=1, le=168)

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        if self.security == "none" and not is_loopback(self.host):
            wrong = "who works here would travel in clear, and the password with it"
            raise Refused(Refusal(wrong, 'write "implicit" or "starttls"', ("security",)))
        return self
