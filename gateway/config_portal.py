"""The section `portal`: pages where a recipient picks up what was not to travel by mail."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from gateway import config_store
from gateway import config_words as words
from gateway.config_words import Section

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
    included. site: where the switchboard's number stands. rights: whom to ask about data."""

    listen: words.ListenOn = words.Listen("127.0.0.1", 8026)
    url: Annotated[str, AfterValidator(_address)]
    database: Annotated[str, AfterValidator(config_store.database)] | None = None
    days: int = Field(default=15, ge=1, le=90)
    reply: words.Size = 10 * MB
    site: str = ""
    rights: str = ""
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")] = "#0b5563"
    sms: Sms | None = None
