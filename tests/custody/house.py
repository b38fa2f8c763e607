"""A door process and a release process as `serve` builds them, but for the reading of mail: what is
to be done with a copy stands in its recipient's name ("held.one@…"), and sealing is a stroke.

Everything custody rests on is real: door, flow, settle, orders, relay, store, release, clockwork.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from sqlalchemy import Engine

from gateway.act import outside
from gateway.act.ask import Ask
from gateway.act.encrypt import Encrypt
from gateway.act.method import Method, Sealed
from gateway.act.pass_on import PassOn
from gateway.act.quarantine import Quarantine
from gateway.act.reject import Reject
from gateway.act.stay import LeaveWithMta
from gateway.decide.terms import WAITS
from gateway.flow import Flow
from gateway.means.refusals import reporter
from gateway.model import Disposition, Inspection, Mail, Verdict
from gateway.receive.door import Door, DoorSettings
from gateway.release import Release
from gateway.settle import Settle
from gateway.store.database import Database, engine_of
from tests.custody.stops import Stop
from tests.makers.held import SEEN, a_letter
from tests.makers.waiting import a_wait
from tests.release import a_relay, a_release, some_notices
from tests.stores import Store

ORDERS = {
    "pass": Disposition.PASS,
    "full": Disposition.PASS,  # the next hop says 452 at first
    "unknown": Disposition.PASS,  # the next hop says 550
    "kept": Disposition.PASS,  # the next hop says 550, and nobody can be told: held instead
    "held": Disposition.QUARANTINE,
    "asked": Disposition.CONFIRM,
    "never": Disposition.REJECT,
    "secret": Disposition.ENCRYPT,  # with a secret that the sender must be told
    "sealed": Disposition.ENCRYPT,  # without
}
HOLDING = (Disposition.QUARANTINE, *WAITS)
DAY = 86400.0
SEALED = b"sealed for "


def order_of(address: str) -> Disposition:
    return ORDERS.get(address.partition(".")[0], Disposition.PASS)


@dataclass(slots=True)
class Progress:
    """What the process can say of itself when it ends. begun: addresses whose order had begun.
    failures: what should never happen. met: the points it came by, if it was not killed."""

    whole: bool = False
    begun: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    met: list[Stop] = field(default_factory=list)

    def written(self) -> bytes:
        return json.dumps([self.whole, sorted(self.begun), self.failures, self.met]).encode()

    @classmethod
    def read(cls, written: bytes) -> Progress:
        whole, begun, failures, met = json.loads(written)
        return cls(whole, set(begun), failures, [Stop(*one) for one in met])


class Warm(Store):
    """Over an engine that is kept, for the statements it has compiled. It is closed before every
    fork, so that no connection is shared."""

    def opened(self) -> Database:
        return Database(_engine(self.url))


@cache
def _engine(url: str) -> Engine:
    return engine_of(url)


class _Channels:
    """Everybody has one."""

    means = None

    def choose(self, mail: Mail, recipient: str) -> Method:
        bare = recipient.startswith("sealed.")  # without a secret
        return Method(f"bare {bare}", lambda *_: True, partial(_sealed, not bare))

    def outside(self, mail: Mail) -> outside.Outside | None:
        return outside.of(mail)

    def is_clean(self, mail: Mail, head: bytes) -> bool:
        return True


def _sealed(with_secret: bool, means: object, mail: Mail, shown: object, to: Sequence[str]):
    secret = f"secret-{secrets.token_hex(8)}" if with_secret else ""
    content = b"From: a@chu.example\r\n\r\n" + SEALED + mail.id.encode() + b"\r\n"
    return [Sealed(tuple(to), content + secret.encode() + b"\r\n", secret)]


class _Begun:
    """An action, noted when it begins."""

    def __init__(self, action, progress: Progress) -> None:
        self._action, self._progress = action, progress

    async def __call__(self, mail, verdicts, seen):
        self._progress.begun |= {verdict.recipient for verdict in verdicts}
        return await self._action(mail, verdicts, seen)


class _Judged:
    """Inspector, judge and journal."""

    def __init__(self, failures: list[str]) -> None:
        self._failures = failures

    async def inspect(self, content: bytes, *, seconds: float) -> Inspection:
        await asyncio.sleep(0)
        return SEEN

    def decide(self, mail: Mail, seen: Inspection, *_: object) -> tuple[Verdict, ...]:
        told = ("sender",)
        return tuple(Verdict(a, order_of(a), notify=told) for a in mail.envelope.addresses)

    def judged(self, *_: object) -> None:
        pass

    def failed(self, mail: Mail, what: str) -> None:
        self._failures.append(what)


class Gateway:
    """One door, on a socket that is listened on already."""

    def __init__(self, store: Store, hop: int, protocol: str, progress: Progress) -> None:
        self._progress = progress
        self._relay = a_relay(hop)
        notices, judged = some_notices(), _Judged(progress.failures)
        quarantine = Quarantine(store.custody, notices.held, _in_days, _no_matter)
        passing = PassOn(self._relay)
        actions = {
            Disposition.PASS: LeaveWithMta(passing) if protocol == "milter" else passing,
            Disposition.QUARANTINE: quarantine,
            Disposition.CONFIRM: _an_ask(store, quarantine),
            Disposition.REJECT: Reject(notices.refusal),
            Disposition.ENCRYPT: an_encrypt(store, self._relay),
        }
        self._flow = Flow(
            judged,
            judged,
            {order: _Begun(action, progress) for order, action in actions.items()},
            store.memory,
            Settle(
                store.memory,
                store.custody,
                quarantine,
                reporter(notices, "gw.example"),
                lambda address: address.endswith("@chu.example"),
            ),
            judged,
        )
        self.door = Door(
            DoorSettings(protocol, "gw.example"),
            self._process,
            self._flow.answered,
            event=lambda what, _: progress.failures.append(what),
        )

    async def _process(self, mail: Mail):
        self._progress.whole = True
        replies = await self._flow.process(mail)
        if any(reply.temporary for reply in replies.values()):  # it comes again
            self._progress.whole = False
            self._progress.begun.clear()
        return replies

    async def serve(self, sock: socket.socket, enough: asyncio.Event) -> None:
        serving = asyncio.create_task(self.door.serve(sock))
        await enough.wait()
        await self.door.close(grace=30)
        await serving
        await self._relay.close()


def _in_days(since: float) -> tuple[float, float]:
    return since + DAY, since + 5 * DAY


def _no_matter(*_: object) -> bool:
    return False


def _an_ask(store: Store, quarantine: Quarantine) -> Ask:
    return Ask(
        store.custody,
        lambda mail, verdicts: a_wait(mail, after=(Disposition.PASS,) * len(verdicts)),
        lambda *_: [a_letter(kind="question")],
        _in_days,
        _no_matter,
        lambda mail: ("default", ""),
        quarantine,
    )


def an_encrypt(store: Store, relay: object, *, remembers: bool = True) -> Encrypt:
    letter = some_notices().pdf_secret
    return Encrypt(_Channels(), relay, store.custody, lambda c, *_: c, letter, remembers=remembers)


def releasing(store: Store, hop: int, owner: str) -> Release:
    release = a_release(store, hop, owner=owner, telling=True)
    release.encrypt = an_encrypt(store, release.relay, remembers=False)
    return release
