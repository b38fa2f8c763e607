"""Byte for byte: every mail of the collections through the SMTP and LMTP doors to a next hop.

What arrives is one Received field of ours and the mail, to the last octet; a mail that we do not
take is refused with a reply that says why, and goes again with its line ends mended, as mail
programs send it. No rule is asked: they are about content. `-s` prints the figures of
docs/fidelity.md.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from gateway.act import header
from gateway.act.hop import Hop, Routes
from gateway.act.pass_on import PassOn
from gateway.act.relay import PooledRelay
from gateway.model import Disposition, Inspection, Mail, Reply, Verdict
from gateway.receive.door import Door, DoorSettings
from tests.corpus.test_shared_corpora import found
from tests.fakes import NextHop

TO = "a@x.example"
BARE_LINE_END = "550 5.6.0"  # RFC 5321, 2.3.8: CR and LF go together
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class Passing:
    """A journey without rules: everything is passed on."""

    def __init__(self, relay: PooledRelay) -> None:
        self._pass_on = PassOn(relay)

    async def process(self, mail: Mail) -> Mapping[str, Reply]:
        verdicts = [Verdict(address, Disposition.PASS) for address in mail.envelope.addresses]
        receipts = await self._pass_on(mail, verdicts, Inspection())
        return {one.recipient: one.reply for one in receipts}


async def one_mail(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, content: bytes
) -> str:
    """The reply to the end of the data: code and enhanced code."""
    stuffed = re.sub(rb"(?m)^\.", b"..", content)
    writer.write(f"MAIL FROM:<s@ours.example> BODY=8BITMIME\r\nRCPT TO:<{TO}>\r\nDATA\r\n".encode())
    for _ in range(3):
        assert (await reader.readline())[:1] in b"23"
    writer.write(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    said = await reader.readline()
    while said[3:4] == b"-":
        said = await reader.readline()
    return " ".join(said.decode().split()[:2])


async def through(protocol: str, messages: Sequence[bytes]) -> tuple[list[str], list[bytes]]:
    """The reply to each, and what arrived."""
    async with NextHop() as hop:
        routes = Routes(Hop("127.0.0.1", hop.port, tls="none"))
        relay = PooledRelay(routes, hostname="gw.example")
        settings = DoorSettings(protocol, "gw.example")
        door = Door(
            settings,
            Passing(relay).process,
            lambda mail, heard: None,
            event=lambda name, fields: None,
        )
        listening = socket.create_server(("127.0.0.1", 0))
        serving = asyncio.create_task(door.serve(listening))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        hello = "LHLO" if protocol == "lmtp" else "EHLO"
        await reader.readline()
        writer.write(f"{hello} client.example\r\n".encode())
        while (await reader.readline())[3:4] == b"-":
            pass
        replies = [await one_mail(reader, writer, content) for content in messages]
        writer.close()
        await door.close(grace=0)
        await serving
        await relay.close()
        return replies, [taken.content for taken in hop.taken]


def is_identical(arrived: bytes, sent: bytes) -> bool:
    """But for one Received field in front, and the line end that any last line gets."""
    whole = sent if sent.endswith(b"\r\n") else sent + b"\r\n"
    trace = arrived[: len(arrived) - len(whole)]
    names = [name for name, _ in header.read(trace).fields]
    return arrived == trace + whole and names == [b"received"]


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_every_mail_that_a_door_takes_arrives_byte_for_byte(protocol):
    messages = [source.content for source in found("mime", False)]
    bare = [content for content in messages if _BARE.search(content)]
    messages += [_BARE.sub(b"\r\n", content) for content in bare]
    replies, arrived = asyncio.run(through(protocol, messages))
    taken = [one for one, reply in zip(messages, replies, strict=True) if reply.startswith("2")]
    same = [is_identical(*pair) for pair in zip(arrived, taken, strict=True)]
    print(f"\n{protocol}: {len(messages)} sent, {len(taken)} accepted,", end=" ")
    print(f"{sum(same)} identical, {dict(Counter(replies))}")
    assert all(same)
    refused = [one for one, reply in zip(messages, replies, strict=True) if reply[:1] != "2"]
    assert refused == bare
    assert set(replies) <= {"250 2.0.0", BARE_LINE_END}
