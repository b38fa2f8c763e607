"""The sections of the configuration that say how officers sign in beside local accounts:
`console.oidc`, `console.ldap`. What they mean is in `gateway.console.ways`. A directory knows
submitters, too (`doors.submission.ldap`)."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from gateway import config_words as words
from gateway.config_words import Section
from gateway.decide.marked import Refusal, Refused

RoleName = Literal["admin", "officer", "deputy", "reviewer", "auditor"]


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _issuer(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        example = 'write "https://auth.ch-exemple.fr/realms/personnel"'
        raise words.refuse("this is no address of a provider", example)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise words.refuse("tokens would travel in clear", 'write "https://"')
    if url.endswith("/.well-known/openid-configuration"):
        raise words.refuse("this is its discovery document", "leave that ending off")
    return url


def _template(name: str) -> str:
    if name and (name.count("{}") != 1 or "=" not in name):
        example = 'write "uid={},ou=personnes,dc=ch-exemple,dc=fr"'
        raise words.refuse("this makes no name to bind by", example)
    return name


class Group(Section):
    """What members of a group may do. compartments: "*" is every one; where there are several, one
    of them or "*" must be named."""

    roles: tuple[RoleName, ...] = Field(min_length=1)
    compartments: tuple[str, ...] = ()


class Oidc(Section):
    """OpenID Connect. name: on the button. client_secret: a file; None: a public client. *_claim:
    which claims tell of the person; "a.b" is b within a. acr, amr: what the provider must have
    asked for. groups: what they allow; {}: accounts must exist."""

    name: str = Field(default="OpenID Connect", min_length=1, max_length=60)
    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: str = Field(min_length=1)
    client_secret: words.File | None = None
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    account_claim: str = Field(default="preferred_username", min_length=1)
    address_claim: str = "email"
    groups_claim: str = "groups"
    userinfo: bool = False
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    end_session: bool = True
    groups: dict[str, Group] = Field(default_factory=dict)
    ca: words.File | None = None

    @model_validator(mode="after")
    def _is_coherent(self) -> Oidc:
        if "openid" not in self.scopes:
            wrong = "without it, the provider tells of nobody"
            raise Refused(Refusal(wrong, 'add "openid"', ("scopes",)))
        return self


class LdapServer(Section):
    """A directory, asked whether a password is somebody's. auth: a YAML file with `user` and
    `password` of who may search; None: anybody. template: the name to bind by, in place of a
    search. match: what else must hold of a person's entry."""

    host: words.Host
    port: words.Port = 636
    security: Literal["implicit", "starttls", "none"] = "implicit"
    base: str = ""
    template: Annotated[str, AfterValidator(_template)] = ""
    auth: words.File | None = None
    account_attribute: str = Field(default="uid", min_length=1)
    address_attribute: str = Field(default="mail", min_length=1)
    match: dict[str, str] = Field(default_factory=dict)
    ca: words.File | None = None

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        refusals = []
        if self.security == "none" and not is_loopback(self.host):
            wrong = "passwords would travel in clear"
            refusals.append(Refusal(wrong, 'write "implicit" or "starttls"', ("security",)))
        if not self.base and not self.template:
            wrong = "nobody would be found"
            remedy = 'add base: "ou=personnes,dc=ch-exemple,dc=fr", or a template'
            refusals.append(Refusal(wrong, remedy))
        if self.template and self.auth:
            wrong = "with a template, persons bind as themselves"
            refusals.append(Refusal(wrong, "leave it out", ("auth",), on_key=True))
        if refusals:
            raise Refused(*refusals)
        return self


class Ldap(LdapServer):
    """Of officers. group_base: where groups with `member` are; "": persons name theirs."""

    title: str = Field(default="l'annuaire", min_length=1, max_length=60)
    groups_attribute: str = Field(default="memberOf", min_length=1)
    group_base: str = ""
    groups: dict[str, Group] = Field(default_factory=dict)
