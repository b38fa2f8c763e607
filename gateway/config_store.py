"""Where the store is: `database` and `blobs` of the configuration, and DATABASE_URL.

DATABASE_URL of the environment stands in for a `database` that the file does not name. Where both
are there and differ, nothing starts: a gateway, or an officer's command, on another database than
the one meant would answer for mail that nobody looks after.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from gateway import config_words as words
from gateway.config_words import Section
from gateway.errors import Misconfigured

VARIABLE = "DATABASE_URL"
_SQLITE = "sqlite:///"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_POSTGRESQL = ("postgresql://", "postgresql+psycopg://")
# Before the host, as SQLAlchemy reads it: "/", "?" and "#" do not end it; or among the options.
_PASSWORD = re.compile(r"(://[^:/@]*:)[^@]+(?=@)|([?&](?:ssl)?password=)[^&]+")


def database(url: str, info: ValidationInfo) -> str:
    """As the file may name it: without a password, in a path relative to it."""
    found = _known(url, lambda path: words.beside(path, info))
    if found is None:
        remedy = 'write "sqlite:///var/vaguemestre.db" or "postgresql://user@host/name"'
        raise words.refuse("neither SQLite nor PostgreSQL", remedy)
    if shown(found) != found:
        raise words.refuse(
            "a password stands here in clear", "put it in a file: ?passfile=/etc/vaguemestre/pgpass"
        )
    return found


def of_environment(environment: Mapping[str, str], base: Path, written: str | None) -> str | None:
    """The database that DATABASE_URL names; None where it names none. written: what the file names.

    "postgres://" is what many hosts write. A password in it is theirs to guard; ours is not to show
    it. Misconfigured for what is no database, or another than `written`.
    """
    told = environment.get(VARIABLE, "").strip()
    if not told:
        return None
    if told.startswith("postgres://"):
        told = f"postgresql://{told.removeprefix('postgres://')}"
    found = _known(told, lambda path: base / path)
    if found is None:
        raise Misconfigured(f"{VARIABLE}: neither SQLite nor PostgreSQL")
    if written is not None and written != found:
        raise Misconfigured(
            f"{VARIABLE}: names another database than `database` in gateway.yaml; keep one of them"
        )
    return found


def shown(url: str) -> str:
    """Without its passwords."""
    return _PASSWORD.sub(lambda found: f"{found[1] or found[2]}…", url)


def _known(url: str, placed: Callable[[Path], Path]) -> str | None:
    if url.startswith(_SQLITE):
        return f"{_SQLITE}{placed(Path(url.removeprefix(_SQLITE)))}"
    return url if url.startswith(_POSTGRESQL) else None


def _endpoint(url: str) -> str:
    """In clear on this machine only: the login goes over it, if never the content."""
    none = words.refuse("this is no S3 endpoint", 'write "https://s3.example"')
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        raise none from None
    beyond = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in ("https", "http") or not host or beyond:
        raise none
    if parts.scheme == "http" and not _is_loopback(host):
        raise words.refuse("this goes over the network in clear", 'write "https://…"')
    if parts.username is not None:
        raise words.refuse("a login stands here in clear", "put it in the file that `auth` names")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bucket(name: str) -> str:
    if not _BUCKET.fullmatch(name):
        raise words.refuse("this is no bucket", "small letters, figures, dots, hyphens: 3 to 63")
    return name


class S3(Section):
    """A bucket of one's own, or below a prefix. auth: a YAML file: `user` is the access key's id,
    `password` the secret key. ca: PEM, beside the usual authorities."""

    bucket: Annotated[str, AfterValidator(_bucket)]
    endpoint: Annotated[str, AfterValidator(_endpoint)]
    region: str = Field(default="us-east-1", pattern=r"^[a-z0-9-]{1,40}$")
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9_/-]{0,100}$")
    auth: words.File
    ca: words.File | None = None


class Contents(Section):
    """Where contents of held mail are: files below `data`, the database itself (PostgreSQL), or a
    bucket."""

    place: Literal["files", "database"] = "files"
    s3: S3 | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Contents:
        if self.s3 is not None and "place" in self.model_fields_set:
            raise words.refuse("contents are in one place", "keep `place` or `s3`")
        return self


def _in_short(value: Any) -> Any:
    return {"place": value} if isinstance(value, str) else value


ContentsInShort = Annotated[Contents, BeforeValidator(_in_short)]


def demand_room_for_contents(contents: Contents, url: str) -> None:
    """SQLite has one writer: contents of 50 MB in it would hold up every other mail."""
    if contents.place == "database" and url.startswith(_SQLITE):
        raise Misconfigured(
            "blobs: contents go into PostgreSQL only; name one in `database`, or write `files`"
        )
