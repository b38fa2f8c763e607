"""A resolver on 127.0.0.1 that says what it is told, over UDP and TCP; and a site for policies.

    zone = Zone({("x.example", "MX"): ["10 mx1.x.example."]}, secure={"x.example"})
    async with zone:
        Names(["127.0.0.1"], zone.port)

It validates nothing: which answers bear the AD bit is said in `secure`, as a validating resolver's
would for signed zones.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class Fault(Enum):
    """What a resolver does instead of answering."""

    SILENT = "say nothing"
    SERVFAIL = "fail, as for a signature that is forged"
    NONSENSE = "answer with bytes that are no message"
    ANOTHER = "answer another question"


@dataclass
class Zone:
    """says: (name, type) -> records, or a fault; an alias stands under CNAME. A name that bears
    none of any type does not exist. secure: names below which, and which themselves, are signed;
    "" for all. unsigned: parts of these that are not."""

    says: Mapping[tuple[str, str], list[str] | Fault] = field(default_factory=dict)
    secure: Set[str] = frozenset()
    unsigned: Set[str] = frozenset()
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        while True:
            self._tcp = await asyncio.start_server(self._over_tcp, "127.0.0.1", 0)
            self.port = self._tcp.sockets[0].getsockname()[1]
            try:
                self._udp, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=("127.0.0.1", self.port)
                )
            except OSError:  # another has it: the next
                self._tcp.close()
                continue
            return self

    async def __aexit__(self, *_: object) -> None:
        self._udp.close()
        self._tcp.close()

    async def _over_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(2), "big")
        answer = self.answer(await reader.readexactly(size), most=65_535)
        if answer:
            writer.write(len(answer).to_bytes(2, "big") + answer)
        writer.close()

    def answer(self, question: bytes, most: int) -> bytes:
        asked = dns.message.from_wire(question)
        [query] = asked.question
        name = query.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(query.rdtype)
        self.asked.append((name, kind))
        response = dns.message.make_response(asked, our_payload=most)
        signed = self._fill(response, name, kind)
        if isinstance(signed, Fault):
            return self._fault(signed, response)
        if signed:
            response.flags |= dns.flags.AD
        try:
            return response.to_wire(max_size=most)
        except dns.exception.TooBig:
            response.answer.clear()
            response.flags |= dns.flags.TC
            return response.to_wire()

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> bool | Fault:
        """Whether all of it is signed."""
        signed = True
        for _ in range(8):
            signed = signed and self._is_signed(name)
            said = self.says.get((name, kind))
            alias = self.says.get((name, "CNAME"))
            if isinstance(said, Fault):
                return said
            if said:
                response.answer.append(dns.rrset.from_text(name + ".", 300, "IN", kind, *said))
            elif said is None and isinstance(alias, list):
                response.answer.append(dns.rrset.from_text(name + ".", 300, "IN", "CNAME", *alias))
                name = alias[0].removesuffix(".")
                continue
            elif not any(known == name for known, _ in self.says):
                response.set_rcode(dns.rcode.NXDOMAIN)
            return signed
        return signed

    def _is_signed(self, name: str) -> bool:
        return _is_below(name, self.secure) and not _is_below(name, self.unsigned)

    def _fault(self, fault: Fault, response: dns.message.Message) -> bytes:
        if fault is Fault.SILENT:
            return b""
        if fault is Fault.NONSENSE:
            return b"\xff" * 30
        if fault is Fault.ANOTHER:
            other = dns.message.make_response(dns.message.make_query("other.example", "TXT"))
            other.flags |= dns.flags.AD
            return other.to_wire()
        response.set_rcode(dns.rcode.SERVFAIL)
        return response.to_wire()


def _is_below(name: str, zones: Set[str]) -> bool:
    return any(not zone or name == zone or name.endswith(f".{zone}") for zone in zones)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if answer := self._zone.answer(data, most=1232):
            self._transport.sendto(answer, addr)  # type: ignore[attr-defined]


@dataclass
class PolicySite:
    """An HTTPS server. answers: pieces of what is said to the next requests, one a request, then
    the last again; None: say nothing more, and keep the connection."""

    context: ssl.SSLContext
    answers: list[list[bytes | None]]
    port: int = 0
    requests: list[bytes] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._talks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self.context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            pieces = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
            for piece in pieces:
                if piece is None:
                    await asyncio.Event().wait()
                else:
                    writer.write(piece)
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._talks.discard(task)
            writer.transport.abort() if writer.is_closing() else writer.close()


def served(policy: bytes, kind: str = "text/plain", status: str = "200 OK") -> list[bytes | None]:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(policy)}\r\n"
    return [f"{head}Connection: close\r\n\r\n".encode() + policy]
