"""Who may hand mail over, and what a trusted client says of the mail it forwards.

XFORWARD is Postfix's extension (XFORWARD_README): the real client's name, address… and the queue
id of the mail. Of these only the id is used, to find one mail in both logs; nothing is decided on
what XFORWARD says, so every client may say it.

XCLIENT, Postfix's too (XCLIENT_README), makes another client of the one that speaks: whoever may
say it could pass for anybody, so a door names those who may. Address, port and the name said in
EHLO are used; a login that somebody else checked is not.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.receive.trace import clean_id
from gateway.receive.wording import Refusal

XFORWARD = ("NAME", "ADDR", "PROTO", "HELO", "SOURCE", "PORT", "IDENT")
XCLIENT = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT")
_UNKNOWN = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")
_HEX = re.compile(r"\+([0-9A-F]{2})")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9_])?|\[[A-Za-z0-9:.-]{2,64}\]")


class Networks:
    """The networks that may relay. A unix socket's own permissions are its list."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(network, strict=False) for network in networks]

    def allow(self, address: str) -> bool:
        """address: as the socket gives it, "" on a unix socket."""
        if not address:
            return True
        ip = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        return any(ip in network for network in self._networks)


def address_of(peername: object) -> tuple[str, int]:
    """Address and port of a connected socket; ("", 0) on a unix socket."""
    if isinstance(peername, tuple) and len(peername) >= 2:
        return str(peername[0]), int(peername[1])
    return "", 0


def spoken_name(said: str) -> str:
    """The name given in EHLO, where it looks like one; else "", never something strange."""
    return said if _NAME.fullmatch(said) else ""


def xforward_ident(arguments: str) -> str | None:
    """The queue id in an XFORWARD command: None when it gives none, "" for an unusable one."""
    ident = None
    for word in arguments.split():
        name, equals, value = word.partition("=")
        if not equals or name.upper() not in XFORWARD:
            raise Refusal(501, "5.5.4", "XFORWARD : attribut inconnu")
        if name.upper() == "IDENT":
            ident = clean_id(_from_xtext(value))
    return ident


@dataclass(frozen=True, slots=True)
class Claim:
    """Who speaks from now on. "" and 0: not said, or not known."""

    address: str = ""
    port: int = 0
    name: str = ""


def claimed(arguments: str) -> Claim:
    """From the argument of XCLIENT: "ADDR=192.0.2.1 PORT=4711". The last of a kind counts."""
    said: dict[str, str] = {}
    for word in arguments.split():
        name, equals, value = word.partition("=")
        if not equals or name.upper() not in XCLIENT:
            raise Refusal(501, "5.5.4", "XCLIENT : attribut inconnu")
        plain = _from_xtext(value)
        said[name.upper()] = "" if plain.upper() in _UNKNOWN else plain
    right = said.get("PROTO", "").upper() in ("", "SMTP", "ESMTP")
    ports = [said.get(name, "") for name in ("PORT", "DESTPORT")]
    right = right and all(port == "" or _is_port(port) for port in ports)
    if not said or not right:
        raise _bad_claim()
    addresses = [_literal(said.get(name, "")) for name in ("ADDR", "DESTADDR")]
    return Claim(addresses[0], int(ports[0] or 0), spoken_name(said.get("HELO", "")))


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535


def _literal(text: str) -> str:
    """As a socket gives it; a scope could name an interface of ours."""
    if not text:
        return ""
    try:
        ip = ipaddress.ip_address(text[5:] if text[:5].upper() == "IPV6:" else text)
    except ValueError:
        raise _bad_claim() from None
    if "%" in text:
        raise _bad_claim()
    return str((ip.ipv4_mapped if ip.version == 6 else None) or ip)


def _bad_claim() -> Refusal:
    return Refusal(501, "5.5.4", "XCLIENT : valeur incorrecte")


def _from_xtext(text: str) -> str:
    """RFC 3461, 4: "+2B" for a plus sign."""
    return _HEX.sub(lambda found: chr(int(found[1], 16)), text)
