"""The section `portal`: pages where a recipient picks up what was not to travel by mail."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from gateway import config_store
from gateway import config_words as words
from gateway.config_smime import PhoneLdap
from gateway.config_words import Section
from gateway.decide.marked import Refusal, Refused

MB = 1024 * 1024


def _address(url: str) -> str:
    example = 'write "https://messages.chu.example"'
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
        raise words.refuse("this is no address of pages", example)
    if parts.path.strip("/") or "@" in parts.netloc:
        raise words.refuse("the portal has a name of its own, without a path", example)
    if not _is_private(url):
        raise words.refuse("links and codes would travel in clear", example)
    return url.rstrip("/")


def _gateway(url: str) -> str:
    if not _is_private(url):
        raise words.refuse("codes would travel in clear", 'write "https://sms.chu.example/envoi"')
    return url


def _is_private(url: str) -> bool:
    """Over TLS, or within this machine."""
    parts = urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _body(text: str) -> str:
    if "{number}" not in text or "{text}" not in text:
        example = """write '{"to": {number}, "text": {text}}'"""
        raise words.refuse("neither a number nor a text would be sent", example)
    return text


class Sms(Section):
    """Whoever sends text messages for us, asked by an HTTP POST. body: {number} and {text} stand
    for what is sent, as JSON strings or as form values. authorization: a file with what the header
    of that name says."""

    url: Annotated[str, AfterValidator(_gateway)]
    body: Annotated[str, AfterValidator(_body)] = '{"to": {number}, "text": {text}}'
    format: Literal["json", "form"] = "json"
    authorization: words.File | None = None
    ca: words.File | None = None


class Portal(Section):
    """Off where it is not named. url: as recipients' browsers reach it. database: of its own; None:
    SQLite in `data`/portal. days: how long a message waits. reply: octets of an answer, files
    included. site: where the switchboard's number stands. rights: whom to ask about data. accounts:
    recipients may register a passkey, and need no code from then on. telephones: a directory that
    may know where a code goes whose sender named no number."""

    listen: words.ListenOn = words.Listen("127.0.0.1", 8026)
    url: Annotated[str, AfterValidator(_address)]
    database: Annotated[str, AfterValidator(config_store.database)] | None = None
    days: int = Field(default=15, ge=1, le=90)
    reply: words.Size = 10 * MB
    site: str = ""
    rights: str = ""
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] = "#0b5563"
    sms: Sms | None = None
    telephones: PhoneLdap | None = None
    accounts: bool = False

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        if self.telephones and self.sms is None:
            wrong = "nobody would send codes to them"
            raise Refused(Refusal(wrong, "add sms: a gateway of text messages", ("telephones",)))
        if self.accounts and _is_number(urlsplit(self.url).hostname or ""):
            wrong = "passkeys are bound to a name, and a number is none"
            raise Refused(
                Refusal(wrong, 'write url: "https://messages.chu.example"', ("accounts",))
            )
        return self
