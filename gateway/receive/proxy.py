"""The PROXY protocol, versions 1 and 2: a load balancer says which client it connects for.

Its specification is HAProxy's (doc/proxy-protocol.txt). The header comes before anything else, TLS
included, and from the balancers that a door names alone: whoever may write one may pass for
anybody. So nobody guesses whether there is one: from a balancer it must be there and be right,
from anybody else it is no command.

What a balancer says of TLS or names (type-length-values) is skipped. No octet behind the header is
read here.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket

SECONDS = 10.0  # for the whole header, which is sent at once
V1_OCTETS = 107  # of the longest line, with CRLF
V2_OCTETS = 536  # of the longest header: what one packet holds everywhere
_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_FIXED = len(_SIGNATURE) + 4  # then version and command, family, length of the rest
_LOCAL, _PROXY = 0x20, 0x21
_FAMILIES = 0x3  # unspecified, IPv4, IPv6, unix …
_TRANSPORTS = 0x2  # … unspecified, stream, datagram
_STREAMS = {0x11: 4, 0x21: 16}  # octets of an address

Peer = tuple[str, int]
"""Address and port of a client."""


class Malformed(Exception):
    """No header by the book: nobody knows who speaks, nor what its first octets mean."""


async def read_header(connected: socket.socket) -> Peer | None:
    """Who is behind the balancer; None where it speaks for itself or cannot say.

    Raises Malformed, EOFError, OSError; the caller sets a time limit.
    """
    head = await _exactly(connected, len(_SIGNATURE))
    if head == _SIGNATURE:
        head += await _exactly(connected, _FIXED - len(head))
        length = int.from_bytes(head[-2:], "big")
        if length > V2_OCTETS - _FIXED:
            raise Malformed
        return version_2(head, await _exactly(connected, length))
    if not head.startswith(b"PROXY "):
        raise Malformed
    while not head.endswith(b"\r\n"):
        if len(head) >= V1_OCTETS:
            raise Malformed
        head += await _exactly(connected, 1)  # what follows the line is the client's
    return version_1(head)


async def _exactly(connected: socket.socket, octets: int) -> bytes:
    loop, taken = asyncio.get_running_loop(), b""
    while len(taken) < octets:
        piece = await loop.sock_recv(connected, octets - len(taken))
        if not piece:
            raise EOFError
        taken += piece
    return taken


def version_1(line: bytes) -> Peer | None:
    """b"PROXY TCP4 192.0.2.1 192.0.2.2 4711 25\\r\\n"."""
    words = line.removesuffix(b"\r\n").split(b" ")
    if words[:2] == [b"PROXY", b"UNKNOWN"]:
        return None
    if len(words) != 6 or words[0] != b"PROXY" or words[1] not in (b"TCP4", b"TCP6"):
        raise Malformed
    version = 4 if words[1] == b"TCP4" else 6
    _address(words[3], version)
    _port(words[5])
    return _address(words[2], version), _port(words[4])


def _address(word: bytes, version: int) -> str:
    try:
        ip = ipaddress.ip_address(word.decode("ascii"))
    except ValueError:
        raise Malformed from None
    if ip.version != version or b"%" in word:
        raise Malformed
    return _plain(ip)


def _port(word: bytes) -> int:
    if not word.isdigit() or len(word) > 5 or str(int(word)).encode() != word or int(word) > 65535:
        raise Malformed
    return int(word)


def version_2(head: bytes, rest: bytes) -> Peer | None:
    """head: up to the length; rest: as many octets as it says."""
    command, kind = head[12], head[13]
    if command not in (_LOCAL, _PROXY) or kind >> 4 > _FAMILIES or kind & 15 > _TRANSPORTS:
        raise Malformed
    octets = _STREAMS.get(kind)
    if command == _LOCAL or octets is None:
        return None
    if len(rest) < 2 * octets + 4:
        raise Malformed
    port = int.from_bytes(rest[2 * octets : 2 * octets + 2], "big")
    return _plain(ipaddress.ip_address(rest[:octets])), port


def _plain(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """One client has one spelling, or it would be counted as two."""
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return str(mapped or ip)
