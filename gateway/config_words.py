"""The values that a configuration takes: paths, addresses, domains, sizes. Each is refused when it
is read rather than when it is first needed.

Files that must exist are looked for; nothing is opened.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
)

from gateway.decide.marked import Refusal, Refused, Strict
from gateway.decide.places import normal_domain

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_SIZE = re.compile(r"(\d{1,9})\s*([kmg]?)[bo]?", re.ASCII | re.IGNORECASE)
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3}


class Section(Strict):
    """Defaults are checked like what is written, so that they too are relative to the file."""

    model_config = ConfigDict(validate_default=True)


def refuse(wrong: str, remedy: str) -> Refused:
    return Refused(Refusal(wrong, remedy))


@dataclass(frozen=True, slots=True)
class Listen:
    """Where a door opens: host and port, or a unix socket."""

    host: str = ""
    port: int = 0
    path: Path | None = None

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.path is not None or ipaddress.ip_address(self.host).is_loopback


def _listen(value: Any, info: ValidationInfo) -> Listen:
    if isinstance(value, Listen):
        return value
    example = 'write for example "127.0.0.1:10025", "[::1]:10025" or "unix:var/door.sock"'
    if not isinstance(value, str):
        raise refuse("this is no address to listen on", example)
    if value.startswith("unix:"):
        return Listen(path=beside(Path(value.removeprefix("unix:")), info))
    host, colon, port = value.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise refuse("this is no address to listen on", example)
    try:
        literal = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        wrong = "a door listens on a numeric address"
        raise refuse(wrong, example) from None
    return Listen(str(literal), int(port))


def beside(path: Path, info: ValidationInfo) -> Path:
    """Relative to the configuration file."""
    base: Path = (info.context or {}).get("base", Path())
    return base / path


def _existing(is_there: Callable[[Path], bool], what: str) -> Callable[[Path], Path]:
    def check(path: Path) -> Path:
        if not is_there(path):
            raise refuse(f"no such {what}", f"looked for {path}")
        return path

    return check


def _host(name: str) -> str:
    bare = name.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    normal = normal_domain(name)
    if not _is_domain(normal):
        raise refuse("this is no host", "write a name or a numeric address")
    return normal


def _is_domain(name: str) -> bool:
    return len(name) <= 253 and all(_LABEL.fullmatch(label) for label in name.split("."))


def as_domain(name: str) -> str:
    normal = normal_domain(name)
    if not _is_domain(normal):
        raise refuse("this is no domain", 'write "chu.example"')
    return normal


def domains(name: str) -> str:
    """With "*." in front: all below it, not itself."""
    if name.startswith("*."):
        return f"*.{as_domain(name.removeprefix('*.'))}"
    if "*" in name or "?" in name:
        raise refuse("a star stands only in front", 'write "*.chu.example"')
    return as_domain(name)


def _address(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not at or not local or any(c.isspace() or c in "<>" for c in address):
        raise refuse("this is no mail address", 'write "dpo@chu.example"')
    return f"{local}@{as_domain(domain)}"


def whom(value: str) -> str:
    """An address, or everybody at a domain: "@chu.example"; in small letters, to be compared."""
    if value.startswith("@"):
        return f"@{as_domain(value.removeprefix('@'))}"
    return _address(value).lower()


def _senders(pattern: str) -> str:
    """An address, "@domain", or either with stars."""
    if "*" not in pattern:
        return whom(pattern)
    if "@" not in pattern or any(c.isspace() or c in "<>" for c in pattern):
        example = 'write "cse-*@chu.example", "@chu.example" or "*@*.chu.example"'
        raise refuse("this names no sender", example)
    return pattern.lower()


def _size(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise refuse("this is no size", 'write "35 MB", or a number of bytes')
    return int(found[1]) * int(1024 ** _POWERS[found[2].lower()])


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        wrong, remedy = "this is no network", 'write "192.0.2.0/24" or "2001:db8::/32"'
        raise refuse(wrong, remedy) from None


def _hour(value: str) -> str:
    if not _HOUR.fullmatch(value):
        raise refuse("this is no hour", 'write "09:00"')
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise refuse("unknown time zone", 'write "Europe/Paris"') from None
    return value


def listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


ListenOn = Annotated[Listen, PlainValidator(_listen), PlainSerializer(str)]
Beside = Annotated[Path, AfterValidator(beside)]
File = Annotated[Path, AfterValidator(beside), AfterValidator(_existing(Path.is_file, "file"))]
Directory = Annotated[
    Path, AfterValidator(beside), AfterValidator(_existing(Path.is_dir, "directory"))
]
Host = Annotated[str, AfterValidator(_host)]
Domain = Annotated[str, AfterValidator(as_domain)]
DomainGlob = Annotated[str, AfterValidator(domains)]
MailAddress = Annotated[str, AfterValidator(_address)]
Family = Literal["health", "social", "identity", "bank"]
Whom = Annotated[str, AfterValidator(whom)]
Senders = Annotated[str, AfterValidator(_senders)]
Network = Annotated[str, AfterValidator(_network)]
Hour = Annotated[str, AfterValidator(_hour)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
Size = Annotated[int, BeforeValidator(_size), Field(ge=1)]
Port = Annotated[int, Field(ge=1, le=65535)]

# Where anybody may open a mailbox; French operators first (domain list kept by hand, 2026).
_WEBMAIL = """
gmail.com googlemail.com hotmail.com hotmail.fr outlook.com outlook.fr live.com live.fr msn.com
yahoo.com yahoo.fr ymail.com icloud.com me.com mac.com aol.com gmx.com gmx.fr proton.me
protonmail.com pm.me tutanota.com mail.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr
neuf.fr cegetel.net 9online.fr club-internet.fr numericable.fr noos.fr bbox.fr aliceadsl.fr
nordnet.fr voila.fr caramail.com zaclys.net mailo.com net-c.com
"""
WEBMAIL = tuple(_WEBMAIL.split())
