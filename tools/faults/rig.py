"""Flow, release and store as `serve` builds them, in this process and with a clock of the trial's.

    client (as an MTA) ─▶ HandOver ─▶ Flow ─▶ next hop (a process of its own) | store
                                      officer ─▶ Holds ─▶ Release ─▶ next hop

No door and no socket before the flow: those are in the runs with real processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import structlog
import yaml

from gateway import parts, waiting_parts
from gateway.act.encrypt import Encrypt
from gateway.act.hop import Hop, Routes
from gateway.act.pass_on import PassOn
from gateway.act.quarantine import Quarantine
from gateway.act.reject import Reject
from gateway.act.relay import PooledRelay
from gateway.config import SHIPPED_RULES, Config, read_config
from gateway.flow import Flow
from gateway.means import refusals
from gateway.model import Client, Disposition, Envelope, Limits, Mail, Reading, Recipient
from gateway.ports import Wall
from gateway.receive.hand_over import HandOver, one_for_all
from gateway.receive.trace import received_field
from gateway.release import LEASE_SECONDS, Release
from gateway.sandbox.inspector import DoorInspector
from gateway.settle import Settle
from gateway.store.bundles import Bundles
from gateway.store.outbox import LONGEST_BACK_OFF_SECONDS
from gateway.store.waits import awaiting
from gateway.waits_clock import Deadlines
from tests.drawing import bare
from tests.stores import Store
from tools.faults.account import Kept, Told, whole
from tools.faults.traffic import OURS, RULES, Sent, received

MOST_TRIES = 8  # of a client, before it counts as never answered
MOST_ROUNDS = 60  # of the outbox: back-off reaches an hour after seven
_codes = itertools.count(1)


class Silent:
    """A journal that writes nothing."""

    def judged(self, *_: object) -> None: ...

    def failed(self, *_: object) -> None: ...


class NoWall:
    """Mails of these trials are read in the door."""

    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        raise AssertionError("a mail for a worker, and none is there")


def configuration(folder: Path) -> Config:
    """The shipped rules and one for what waits, one next hop; its port is the rig's affair."""
    written = {
        "domains": [OURS],
        "data": "var",
        "rules": [str(SHIPPED_RULES), str(RULES)],
        "relay": {"default": {"host": "127.0.0.1", "port": 1, "tls": "none"}},
        "officers": [f"dpo@{OURS}"],
        "channels": ["pdf"],
        "hostname": f"gw.{OURS}",
    }
    path = folder / "gateway.yaml"
    path.write_text(yaml.safe_dump(written))
    return read_config(path)


@dataclass(slots=True)
class NextHop:
    """`tools.faults.sink` as a process of its own, with a journal that outlives it."""

    journal: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None

    def up(self) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tools.faults.sink"),
                *("--journal", str(self.journal), "--port", str(self.port)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._line().split()[1])

    def does(self, *deeds: Mapping[str, str]) -> None:
        for deed in deeds:
            self._write(json.dumps(deed))

    def forget(self) -> None:
        self._write("forget")

    def down(self, *, kill: bool = False) -> None:
        if self.process is None:
            return
        if kill:
            self.process.kill()
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)
        self.process = None

    def _write(self, line: str) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        self._line()

    def _line(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@dataclass(slots=True)
class Rig:
    """Everything for one trial or many, on an open store.

    seconds: a mail's deadline. timeout: seconds, of the next hop. answered: told of each answer
    that a client has heard, before the journey goes on.
    """

    config: Config
    store: Store
    port: int
    door: str = "lmtp"
    wall: Wall = field(default_factory=NoWall)
    seconds: float = 60.0
    timeout: float = 30.0
    answered: Callable[[Told], None] = lambda told: None
    tries: int = 0
    relay: PooledRelay = field(init=False)
    hand_over: HandOver = field(init=False)
    release: Release = field(init=False)
    deadlines: Deadlines = field(init=False)

    def __post_init__(self) -> None:
        hop = Hop("127.0.0.1", self.port, tls="none")
        self.relay = PooledRelay(Routes(hop), hostname=f"gw.{OURS}", timeout=self.timeout)
        flow = self._flow()
        self.hand_over = HandOver(flow.process, flow.answered, lambda name, fields: None)
        self.release = self._release()
        told, keys = self.release.notices, tuple(self.store.private)
        self.deadlines = Deadlines(self.store.waits, told, keys, self.release.log)

    def _flow(self) -> Flow:
        config, store = self.config, self.store
        channels = parts.channels(config)
        rulebook = parts.Rulebook(config, channels)
        notices = parts.notices(config, rulebook.title, store.hmac)
        quarantine = Quarantine(
            store.custody, notices.held, parts.deadlines(config), rulebook.grave
        )
        return Flow(
            inspector=DoorInspector(self.wall, store.hmac, config.limits.of_inspection()),
            judge=rulebook,
            actions={
                Disposition.PASS: PassOn(self.relay),
                Disposition.QUARANTINE: quarantine,
                Disposition.REJECT: Reject(notices.refusal),
                Disposition.ENCRYPT: self._encrypt(remembers=True),
            }
            | waiting_parts.actions(config, store.custody, notices, rulebook, quarantine),
            memory=store.memory,
            settle=Settle(
                store.memory,
                store.custody,
                quarantine,
                refusals.reporter(notices, str(config.hostname)),
                parts.ours(config),
            ),
            journal=Silent(),
        )

    def _encrypt(self, *, remembers: bool) -> Encrypt:
        notices = parts.notices(self.config, lambda rule: "", self.store.hmac)
        return Encrypt(
            parts.channels(self.config),
            self.relay,
            self.store.custody,
            lambda content, *_: content,
            notices.pdf_secret,
            draw=bare,
            remembers=remembers,
        )

    def _release(self) -> Release:
        store = self.store
        log = structlog.wrap_logger(structlog.ReturnLogger(), processors=[lambda *_: ""])
        return Release(
            outbox=store.outbox,
            holds=store.holds,
            bundles=Bundles(store.database, store.hmac, hourly=20),
            relay=self.relay,
            notices=parts.notices(self.config, lambda rule: "", store.hmac),
            opening=store.private,
            sealing=store.public,
            log=log,
            owner="trial:1",
            clock=store.clock,
            patience=(0.0,),
            encrypt=self._encrypt(remembers=False),
        )

    async def brought(self, told: Told, *, heard: bool = True) -> None:
        """One try of the mail's client. heard: it goes on after our answer, whatever that was;
        else it is gone before, and knows nothing."""
        self.tries += 1
        mail = self._mail(told.sent, told.waiting)
        replies = await self.hand_over.replies(mail)
        if self.door != "lmtp":
            replies = dict.fromkeys(replies, one_for_all(replies))
        if heard:
            told.replies |= {a: f"{r.code}" for a, r in replies.items()}
            told.later += any(reply.temporary for reply in replies.values())
            self.answered(told)
        else:
            told.cut += 1
        if any(reply.accepted for reply in replies.values()):
            self.hand_over.tell(mail, heard)
            await self.hand_over.settled()

    def _mail(self, sent: Sent, to: tuple[str, ...]) -> Mail:
        """LMTP tries again those that wait; with one reply for all, everybody."""
        code = f"T{next(_codes):07X}"
        trace = received_field(
            name="mta",
            address="127.0.0.1",
            hostname=f"gw.{OURS}",
            with_="LMTP",
            code=code,
            seconds=self.store.now,
        )
        return Mail(
            id=f"{code[:4]}-{code[4:]}",
            door=self.door,
            client=Client("127.0.0.1", 25, "mta", "", f"Q{self.tries:X}"),
            envelope=Envelope(sent.sender, tuple(map(Recipient, to)), ("BODY=8BITMIME",)),
            content=received(sent, self.tries),
            trace=trace,
            deadline=asyncio.get_running_loop().time() + self.seconds,
            received=self.store.now,
        )

    async def retried(self, told: Told) -> None:
        """As an MTA does, until each recipient has an answer for good."""
        for _ in range(MOST_TRIES):
            if not told.waiting:
                return
            self.store.now += 60
            self.store.memory._away_until = 0.0  # by that clock the pause after a failure is over
            await self.brought(told)

    async def ordered(self, told: Told, rng: Random) -> bool:
        """The officer releases about every second mail held."""
        found = False
        for held in await self.store.holds.find(told.sent.sender):
            if not held.awaits and rng.random() < 0.5:
                encrypted = rng.random() < 0.3
                moved = await self.store.holds.release(held.id, "dpo", encrypted=encrypted)
                found = found or bool(moved)
        return found

    async def looked(self) -> None:
        """As a release process does: at the clock, which may fail, then at the outbox."""
        with contextlib.suppress(Exception):
            await self.deadlines(self.store.now)
        await self.release.drain()

    async def waits(self) -> bool:
        """Whether anything is still to be sent later."""
        posted = (await self.store.outbox.counts()).waiting
        return bool(posted or await awaiting(self.store.database))

    async def drained(self) -> bool:
        """Whether all that is due later has gone, leases of the dead and back-off included."""
        for _ in range(MOST_ROUNDS):
            await self.looked()
            if not await self.waits():
                return True
            self.store.now += LONGEST_BACK_OFF_SECONDS + LEASE_SECONDS
        return False

    async def kept(self, told: Told) -> list[Kept]:
        """What the store holds of this mail, opened with the officers' key."""
        found: list[Kept] = []
        for held in await self.store.holds.find(told.sent.sender):
            sender, to = held.parties(self.store.private)
            if sender != told.sent.sender:
                continue
            try:
                content = whole(held.content(self.store.private, self.store.blobs))
            except Exception:  # it does not open: then it is not kept
                content = ""
            states = {copy.position: copy.state for copy in held.copies}
            found += [
                Kept(address, states[copy.position].value, content)
                for address, copy in zip(to, held.copies, strict=True)
            ]
        return found

    async def close(self) -> None:
        await self.relay.close()
