"""A real Postfix before the milter door, without a gateway behind it: what was shown to the door is
what leaves, but for what the door asked for.

    smtplib ─▶ Postfix ─▶ internet, and Postfix asks a door whose journey answers by subject
"""

from __future__ import annotations

import asyncio
import os
import shutil
import smtplib
import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gateway.model import Mail, Reply, Stay
from gateway.receive.door import Door, DoorSettings
from tests.e2e.gateway import PATIENCE_SECONDS, eventually
from tests.e2e.postfix import Postfix
from tests.unit.receive.talk import Journey

SENDER, TO = "agent@ch-exemple.example", "patiente@exemple.example"
BODY = b"autre\r\n" * 20_000  # in three pieces
OK = Reply(250, "2.0.0", ("Ok",))
SAID = {
    b"stay": Reply(250, "2.0.0", ("Ok",), Stay()),
    b"field": Reply(250, "2.0.0", ("Ok",), Stay(((b"X-Ours", b"un\r\n deux"),))),
    b"body": Reply(250, "2.0.0", ("Ok",), Stay(((b"X-Ours", b"un"), (b"X-More", b"")), BODY)),
    b"gone": OK,
    b"no": Reply(550, "5.7.1", ("20 % ne part pas", "%s %n")),
    b"later": Reply(451, "4.3.0", ("plus tard",)),
}
ADDED = {b"field": b"X-Ours: un\r\n deux\r\n", b"body": b"X-Ours: un\r\nX-More: \r\n"}


def subject(content: bytes) -> bytes:
    return content.partition(b"Subject: ")[2].partition(b"\r\n")[0].partition(b" ")[0]


class BySubject(Journey):
    async def process(self, mail: Mail) -> Mapping[str, Reply]:
        await super().process(mail)
        return dict.fromkeys(mail.envelope.addresses, SAID[subject(mail.content)])


class Milter:
    """A door in a thread of its own."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.journey = BySubject()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(PATIENCE_SECONDS)

    async def _serve(self) -> None:
        journey, self._loop, self._end = self.journey, asyncio.get_running_loop(), asyncio.Event()
        settings = DoorSettings("milter", "gw.example")
        self.door = Door(settings, journey.process, journey.note, event=journey.event)
        serving = asyncio.create_task(self.door.serve(self.socket))
        self._ready.set()
        await self._end.wait()
        await self.door.close(grace=0)
        await serving

    def counted(self) -> tuple[int, int]:
        return self.door.load.connections, self.door.load.octets

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(PATIENCE_SECONDS)
        self.socket.close()


@pytest.fixture(scope="module")
def one_of_each(one_internet) -> Iterator[tuple[Postfix, Milter]]:
    if os.getuid() != 0 or not shutil.which("postfix", path="/usr/sbin:/usr/bin"):
        why = "missing: root and Postfix (apt-get install postfix)"
        pytest.skip(why)
    folder = Path(tempfile.mkdtemp(prefix="vaguemestre-postfix-"))
    milter = Milter()
    postfix = Postfix(folder, "milter", milter.socket.getsockname()[1], one_internet.hop.port)
    try:
        postfix.start()
        yield postfix, milter
    finally:
        postfix.stop()
        milter.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def stage(one_of_each, internet) -> tuple[Postfix, Milter]:
    one_of_each[1].journey.mails.clear()
    one_of_each[1].journey.events.clear()
    return one_of_each


def head(kind: str, number: int) -> bytes:
    return (
        f"From: {SENDER}\r\nTo: {TO}\r\nSubject: {kind} {number}\r\n"
        f"Message-ID: <{number}@ch-exemple.example>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\n"
    ).encode()


def without_trace(content: bytes) -> bytes:
    """Without Postfix's own Received, wherever it stands, and what was put above it."""
    at = content.index(b"Received: from")
    end = at
    while True:
        end = content.index(b"\r\n", end) + 2
        if content[end : end + 1] not in (b" ", b"\t"):
            return content[:at] + content[end:]


ODD = {
    "lead": b"X-A:  deux\r\nX-B:rien\r\nX-C:\ttab\r\nX-D:   \r\nX-E:\r\n",
    "space before the colon": b"X-A : un\r\nX-B\t: deux\r\n",
    "folded": b"X-A: un\r\n\tdeux\r\n  trois\r\nX-B:\r\n plus bas\r\nX-C: fin \t\r\n",
    "eight bits": "X-A: é\r\n".encode() + b"X-B: \xe9\xff\r\n",
    "twice": b"X-A: 1\r\nx-a: 2\r\nX-A: 1\r\nDKIM-Signature: v=1; b=a\r\n b\r\nX-A: 3\r\n",
    "percent": b"X-A: 100 %s %n %%\r\n",
    "long": b"X-A: " + b"x" * 30_000 + b"\r\n",
    "too long": b"X-A: " + b"y" * 150_000 + b"\r\nX-B: b\r\n",
    "many": b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(2_000)),
    "nul": b"X-A: devant\0derriere\r\nX-B: b\r\n",
    "nul in a name": b"X-A\0B: c\r\nX-B: b\r\n",
    "bare CR": b"X-A: un\rX-B: deux\r\n",
    "CR CR LF": b"X-A: un\r\r\n\tdeux\r\r\nX-B: b\r\n",
    "no field": b"ceci n'est pas un champ\r\nX-B: b\r\n",
    "mailbox line": b">From agent Sun Nov 22\r\nX-B: b\r\n",
    "no name": b": vide\r\nX-B: b\r\n",
    "controls": b"X-A: \x01\x0b\x0c\x1f\x7f\r\n",
}


@pytest.mark.e2e
def test_what_leaves_is_what_was_shown(stage, internet):
    """A field that the MTA shows in part, or not at all, would be a way past us."""
    postfix, milter = stage
    bodies = [b"", b"a\r\n", b"\0nul\0\r\n.\r\n..\r\n", b"z" * 70_000 + b"\r\n\r\n\r\n"]
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        for number, fields in enumerate(ODD.values()):
            client.mail(SENDER, ["BODY=8BITMIME"])
            client.rcpt(TO)
            body = bodies[number % len(bodies)]
            raw = head("stay", number) + fields + b"\r\n" + body
            client.putcmd("DATA")
            assert client.getreply()[0] == 354
            client.send(b"".join(dot(line) for line in raw.splitlines(keepends=True)) + b".\r\n")
            assert client.getreply()[0] == 250
    eventually(lambda: len(internet.taken) == len(ODD))
    left = {one.content.partition(b"Subject: stay ")[2][:2]: one.content for one in internet.taken}
    for name, mail in zip(ODD, milter.journey.mails, strict=True):
        got = left[mail.content.partition(b"Subject: stay ")[2][:2]]
        assert without_trace(got) == mail.content, name


@pytest.mark.e2e
def test_fifty_mails_of_one_session_are_each_answered_and_edited(stage, internet):
    """Fields are put on top of all that was there, in their order; nothing of one mail is in
    another. The text of a refusal is no format of printf."""
    postfix, milter = stage
    kinds = list(SAID)
    sent, told = {}, []
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        for number in range(12, 62):
            client.mail(SENDER, ["BODY=8BITMIME"])
            client.rcpt(TO, [f"ORCPT=rfc822;n{number}@x.example"])
            kind = kinds[number % len(kinds)]
            sent[number] = head(kind.decode(), number) + ODD["lead"] + ODD["twice"]
            told.append(client.data(sent[number] + b"\r\nBonjour %d\r\n" % number))
    kept = [n for n in sent if kinds[n % len(kinds)] in (b"stay", b"field", b"body")]
    eventually(lambda: len(internet.taken) == len(kept))
    assert [code for code, _ in told] == ([250, 250, 250, 250, 550, 451] * 9)[:50]
    assert told[4][1] == b"5.7.1 20 % ne part pas\n5.7.1 %s %n"
    for one in internet.taken:
        number, kind = int(one.rcpts[0].partition("rfc822;n")[2][:2]), subject(one.content)
        body = BODY if kind == b"body" else b"Bonjour %d\r\n" % number
        wanted = ADDED.get(kind, b"") + sent[number] + b"\r\n" + body
        assert without_trace(one.content) == wanted
    assert len(milter.journey.mails) == 50
    assert milter.journey.events == []


@pytest.mark.e2e
@pytest.mark.parametrize("said", [b"Subject: stay\r\n\r\ndemi", b"Subject: sta", b""])
def test_a_client_that_is_lost_on_the_way_leaves_nothing(stage, internet, said):
    postfix, milter = stage
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo()
        client.mail(SENDER)
        client.rcpt(TO)
        client.putcmd("DATA")
        assert client.getreply()[0] == 354
        client.send(said)
        client.close()
    eventually(lambda: milter.counted() == (0, 0))
    assert milter.journey.mails == internet.taken == []
    assert not postfix.queue()


def dot(line: bytes) -> bytes:
    return b"." + line if line.startswith(b".") else line
