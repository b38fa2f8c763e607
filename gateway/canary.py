"""The canary: a mail that must be stopped, sent by each door process through itself.

    socket pair ─▶ a door's own dialogue ─▶ the flow ─▶ reading (in the door, and behind the wall)
                ─▶ the rules in force ─▶ a hold rehearsed in the store ─▶ nowhere

It cannot leave: its flow knows no relay, no outbox and no quarantine, whatever is decided. Nor can
anybody send one: that flow is reached through a socket pair that has no address. So nothing has to
recognise it, and nothing of it is counted, held, remembered or told as mail.

It is caught where the reading finds the numbers in it and the rules stop it. Where no rule in force
would act on such numbers (all in monitor mode, or none about them), what is found is enough, and
`covered` says that no more can be asked.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import socket
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from gateway.errors import Temporary
from gateway.flow import Flow
from gateway.model import (
    Coverage,
    Disposition,
    Finding,
    Inspection,
    Likelihood,
    Mail,
    PartRead,
    Place,
    Receipt,
    Reply,
    Verdict,
)
from gateway.ports import Inspector, Judge
from gateway.receive.door import Door, DoorSettings
from gateway.settle import Settle
from gateway.store.rehearsal import Rehearsal

KIND = "fr.nir"
RECIPIENT = "canari@canari.invalid"  # RFC 6761: that domain never exists
_COUNT = 12  # beyond what rules let a person send
_FIRST = 2_85_09_75_999_001  # commune 999 does not exist
_OK = Reply(250, "2.0.0", ("Ok",))


class Outcome(StrEnum):
    CAUGHT = "caught"
    STORE = "store"  # seen and stopped, but the store would not have kept it
    DEFERRED = "deferred"  # 4yz: no worker, no time
    UNSEEN = "unseen"  # read, and its numbers not found
    PASSED = "passed"  # found, and not stopped although a rule says so
    UNANSWERED = "unanswered"

    @property
    def serves(self) -> bool:
        """Whether a door may take mail: what it must stop it stops, or puts off."""
        return self in (Outcome.CAUGHT, Outcome.STORE)


@dataclass(slots=True)
class _Seen:
    """The journal of a canary's flow, kept from one flight to its end."""

    judge: Judge
    found: bool = False
    stopped: bool = False
    covered: bool = False

    def judged(
        self,
        mail: Mail,
        verdicts: Sequence[Verdict],
        seen: Inspection,
        receipts: Mapping[str, Receipt],
        seconds: float,
    ) -> None:
        likely = (f for f in seen.findings if f.likelihood >= Likelihood.LIKELY)
        self.found = sum(f.count for f in likely if f.kind == KIND) >= _COUNT
        self.stopped = _stops(verdicts)
        self.covered = _stops(self.judge.decide(mail, _intended()))

    def failed(self, mail: Mail, what: str) -> None:
        """The reply says it all."""


@dataclass(slots=True)
class _Nowhere:
    """Every order, the memory and the custody of a canary: nothing is done, but for the rehearsal
    of what is to be kept."""

    rehearsal: Rehearsal
    kept: bool = True

    async def __call__(
        self, mail: Mail, verdicts: Sequence[Verdict], seen: Inspection
    ) -> tuple[Receipt, ...]:
        if _stops(verdicts):
            try:
                await self.rehearsal()
            except Temporary:
                self.kept = False
        return tuple(Receipt(one.recipient, one.disposition, _OK) for one in verdicts)

    async def recall(self, mail: Mail) -> dict[str, Receipt]:
        return {}

    async def remember(self, mail: Mail, receipts: object, *, answered: bool) -> None:
        return

    async def forget(self, mail: Mail) -> None:
        return


@dataclass(frozen=True, slots=True)
class Flight:
    """covered: whether a rule in force is there to stop it. seconds: what it took."""

    outcome: Outcome
    covered: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Canary:
    """sender: an address of ours. protocol: "smtp" or "lmtp". seconds: patience with one flight."""

    inspector: Inspector
    judge: Judge
    rehearsal: Rehearsal
    sender: str
    protocol: str = "smtp"
    seconds: float = 80.0
    contents: tuple[bytes, ...] = ()  # (): those of `mails`

    async def fly(self) -> Flight:
        """All of them, one after the other; the first that is not caught speaks for all."""
        started, covered = time.monotonic(), True
        outcome = Outcome.CAUGHT
        for content in self.contents or mails():
            outcome, is_covered = await self._one(content)
            covered = covered and is_covered
            if outcome is not Outcome.CAUGHT:
                break
        return Flight(outcome, covered, time.monotonic() - started)

    async def _one(self, content: bytes) -> tuple[Outcome, bool]:
        seen, nowhere = _Seen(self.judge), _Nowhere(self.rehearsal)
        settings = DoorSettings(self.protocol, "canari.invalid", deadline_seconds=self.seconds)
        flow = _flow(self.inspector, self.judge, nowhere, seen)
        door = Door(settings, flow.process, flow.answered, event=lambda what, fields: None)
        try:
            async with asyncio.timeout(self.seconds):
                code = await _talk(door, self.sender, self.protocol, content)
        except (TimeoutError, OSError, EOFError, ValueError):
            return Outcome.UNANSWERED, seen.covered
        finally:
            await door.close(grace=0)
        return _outcome(code, seen, nowhere), seen.covered


def _outcome(code: int, seen: _Seen, nowhere: _Nowhere) -> Outcome:
    if not 200 <= code < 300:
        return Outcome.DEFERRED
    if not seen.found:
        return Outcome.UNSEEN
    if seen.covered and not seen.stopped:
        return Outcome.PASSED
    return Outcome.CAUGHT if nowhere.kept else Outcome.STORE


def _flow(inspector: Inspector, judge: Judge, nowhere: _Nowhere, seen: _Seen) -> Flow:
    """As any mail's, but for where it leads."""
    settle = Settle(
        memory=nowhere,
        custody=None,  # type: ignore[arg-type]  # asked for after a refusal only; here is none
        quarantine=nowhere,
        report=None,  # type: ignore[arg-type]
        ours=lambda address: False,
    )
    return Flow(inspector, judge, dict.fromkeys(Disposition, nowhere), nowhere, settle, seen)


async def _talk(door: Door, sender: str, protocol: str, content: bytes) -> int:
    """The reply to the final dot. OSError, EOFError or ValueError: the dialogue broke off."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        await loop.connect_accepted_socket(door.connection, theirs)
        reader, writer = await asyncio.open_connection(sock=ours)
    except BaseException:
        ours.close()
        theirs.close()
        raise
    try:
        hello = "LHLO" if protocol == "lmtp" else "EHLO"
        await _reply(reader, 220)
        for command, code in (
            (f"{hello} canari.invalid", 250),
            (f"MAIL FROM:<{sender}>", 250),
            (f"RCPT TO:<{RECIPIENT}>", 250),
            ("DATA", 354),
        ):
            writer.write(f"{command}\r\n".encode())
            await _reply(reader, code)
        writer.write(content + b".\r\n")
        said = await _reply(reader)
        writer.write(b"QUIT\r\n")  # it has heard: nothing is left to be remembered
        await _reply(reader)
        return said
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _reply(reader: asyncio.StreamReader, wanted: int | None = None) -> int:
    line = b"250-"
    while line[3:4] == b"-":
        line = await reader.readline()
    code = int(line[:3])  # ValueError where the other end is gone
    if wanted is not None and code != wanted:
        raise ValueError("out of step")
    return code


def _stops(verdicts: Sequence[Verdict]) -> bool:
    return bool(verdicts) and all(_is_strict(v.disposition) for v in verdicts)


def _is_strict(order: Disposition) -> bool:
    return order.strictness > Disposition.TAG.strictness


@cache
def _intended() -> Inspection:
    """What is to be found in a canary, for the rules alone."""
    prints = tuple(f"{number:064x}" for number in range(_COUNT))
    finding = Finding(KIND, _COUNT, Likelihood.VERY_LIKELY, Place("1"), "", prints)
    return Inspection((finding,), (), (PartRead(Place("1"), "text", Coverage.WHOLE),))


@cache
def mails() -> tuple[bytes, bytes]:
    """One that a door reads by itself, and one whose numbers are in an archive: the wall's."""
    numbers = [_FIRST + step for step in range(_COUNT)]
    lines = "".join(f"NIR {number}{97 - number % 97:02d}\r\n" for number in numbers)
    head = "From: canari@canari.invalid\r\nTo: canari@canari.invalid\r\nSubject: canari\r\n"
    text = f"{head}\r\nPersonnes fictives, commune 999.\r\n\r\n{lines}".encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("canari.csv"), lines)
    return text, _with_attachment(head, packed.getvalue())


def _with_attachment(head: str, archive: bytes) -> bytes:
    encoded = base64.encodebytes(archive).replace(b"\n", b"\r\n").decode()
    return (
        f'{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="c"\r\n\r\n'
        "--c\r\nContent-Type: text/plain\r\n\r\nVoir la piece jointe.\r\n"
        '--c\r\nContent-Type: application/zip; name="canari.zip"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="canari.zip"\r\n\r\n'
        f"{encoded}--c--\r\n"
    ).encode()
