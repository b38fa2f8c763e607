"""The section `smime`: whose certificates are trusted, where they are looked for, how we write."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway import config_words as words
from gateway.config_ways import is_loopback
from gateway.config_words import Section
from gateway.decide.marked import Refusal, Refused


class SmimeSign(Section):
    """The organisation's own. certificate: PEM, authorities after it. key: PEM, no passphrase."""

    certificate: words.File
    key: words.File


class CertificateLdap(Section):
    """A directory of correspondents. auth: a YAML file with `user` and `password`; None: anybody
    may search. seconds: that a mail may wait for it."""

    host: words.Host
    port: words.Port = 636
    security: Literal["implicit", "starttls", "none"] = "implicit"
    base: str = Field(min_length=1)
    auth: words.File | None = None
    address_attribute: str = Field(default="mail", min_length=1)
    ca: words.File | None = None
    seconds: Annotated[float, Field(gt=0, le=2)] = 2.0

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        if self.security == "none" and not is_loopback(self.host):
            wrong = "whom we write to would travel in clear"
            raise Refused(Refusal(wrong, 'write "implicit" or "starttls"', ("security",)))
        return self


class PhoneLdap(CertificateLdap):
    """The same, of their telephones. attribute: where a number stands."""

    attribute: str = Field(default="mobile", min_length=1)


class Smime(Section):
    """anchors: PEM files of authorities; None: what lies in `certificates` is trusted as it is.
    crls: revocation lists laid there by the operator. revocation: see `act.certificates`. harvest:
    keep the certificates of signed mails. oaep, gcm: who is known to read them. warn_days: before
    a certificate's end."""

    anchors: words.Directory | None = None
    crls: words.Directory | None = None
    revocation: Literal["required", "known", "off"] = "required"
    harvest: bool = True
    ldap: CertificateLdap | None = None
    oaep: tuple[words.Whom, ...] = ()
    gcm: tuple[words.Whom, ...] = ()
    sign: SmimeSign | None = None
    warn_days: int = Field(default=30, ge=1, le=365)

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        if self.anchors is None and self.ldap is not None:
            wrong = "nothing would tell whose certificates a directory gives"
            raise Refused(Refusal(wrong, "add anchors: a folder of authorities", ("ldap",)))
        return self
