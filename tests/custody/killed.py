"""One journey, killed at one point, and what becomes of every copy afterwards.

    parent    prepare ─ fork ─ client, next hop ─ evidence ─ the next process ─ account
    child              └ the gateway's part of it … SIGKILL

The parent is client, next hop, officer and, once the child is dead, the process that comes after
it. Of the dead one nothing is left but what it had written and what others had heard of it.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.release import LEASE_SECONDS
from gateway.store.outbox import LONGEST_BACK_OFF_SECONDS
from tests.custody import account, states
from tests.custody.clients import Client
from tests.custody.house import Gateway, Progress, Warm, releasing
from tests.custody.scenario import CONTENT, Scenario
from tests.custody.stops import Stop, Watch
from tests.fakes import NextHop
from tests.stores import Store, fresh

PATIENCE_SECONDS = 60.0
TRIES = 4
PAUSES_SECONDS = (0.0, LEASE_SECONDS, LONGEST_BACK_OFF_SECONDS, LONGEST_BACK_OFF_SECONDS)
FAILED = 70
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True, slots=True)
class Ground:
    """Where journeys take place. statements: whether each statement is a point, too."""

    kind: str
    directory: Path
    statements: bool = False

    def cleared(self) -> str:
        for path in (*self.directory.glob("store.db*"), *self.directory.glob("blobs/*")):
            path.unlink()
        return fresh(self.kind, self.directory)


@dataclass(frozen=True, slots=True)
class Outcome:
    """met: the points that the process came by; () if it was killed. states: of each copy when it
    ended. wrong: what must not be."""

    met: tuple[Stop, ...]
    states: Mapping[str, str]
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """known: what deaths have left behind from which all went well afterwards: what comes after
    two that left the same is the same. None: each is followed to its end."""

    scenario: Scenario
    ground: Ground
    fatal: Stop | None = None
    known: set[object] | None = None

    def run(self) -> Outcome:
        """Killed at `fatal`; None: to its end."""
        url = self.ground.cleared()
        hop, door = _listening(), _listening()
        if self.scenario.prepare is not None:
            store = Warm(url, self.ground.directory)
            asyncio.run(self.scenario.prepare(store, _port(hop)))
            store.close()
        words, parent = socket.socketpair()
        child = os.fork()
        if child == 0:
            _end(lambda: self._live(Warm(url, self.ground.directory), _port(hop), door, parent))
        parent.close()
        try:
            return asyncio.run(self._witness(url, hop, door, words, child))
        except BaseException:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            raise
        finally:
            for sock in (hop, door, words):
                sock.close()

    def _live(self, store: Store, hop: int, door: socket.socket, parent: socket.socket) -> None:
        """The child's part."""
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        gc.disable()  # what it walks would be copied
        progress = Progress()
        watch = Watch(self.fatal, lambda: parent.sendall(progress.written()))
        watch.install(statements=self.ground.statements)
        loop = asyncio.new_event_loop()
        loop.set_task_factory(watch.tasks)

        async def life() -> None:
            if self.scenario.work is not None:
                await self.scenario.work(store, hop)
                return
            enough = asyncio.Event()
            loop.add_reader(parent, enough.set)
            await Gateway(store, hop, self.scenario.door, progress).serve(door, enough)

        loop.run_until_complete(life())
        store.close()
        progress.met = watch.met
        parent.sendall(progress.written())

    async def _witness(
        self, url: str, hop: socket.socket, door: socket.socket, words: socket.socket, child: int
    ) -> Outcome:
        scenario, says = self.scenario, self.scenario.answers()
        client = Client(
            scenario.door, scenario.sender, scenario.to, CONTENT, vanishes=scenario.vanishes
        )
        async with asyncio.timeout(PATIENCE_SECONDS), NextHop(sock=hop, says=says) as internet:
            dying = asyncio.create_task(_dead(child))
            while scenario.door and client.will_try and not dying.done():
                trying = asyncio.create_task(client.attempt(_port(door)))
                await asyncio.wait({dying, trying}, return_when=asyncio.FIRST_COMPLETED)
                if dying.done():
                    _turn_away(door)
                await trying
            words.shutdown(socket.SHUT_WR)
            await dying
            await internet.parted()
            progress = Progress.read(_all_of(words))
            store = Warm(url, self.ground.directory)
            try:
                seen, left = await account.evidence(scenario, store, internet, client, progress)
                found = {address: states.of(one) for address, one in seen.items()}
                wrong = [
                    f"{address} in {found[address]}: with {sorted(one.holders)} alone"
                    for address, one in seen.items()
                    if not states.is_safe(found[address], one)
                ]
                if self.known is None or left not in self.known:
                    await self._go_on(store, _port(hop), door, client)
                    wrong += await account.complaints(scenario, store, internet, client, found)
                if self.known is not None and not wrong:
                    self.known.add(left)
            finally:
                store.close()
        return Outcome(tuple(progress.met), found, (*progress.failures, *wrong))

    async def _go_on(self, store: Store, hop: int, door: socket.socket, client: Client) -> None:
        """What the next processes do, those in front, and who rules."""
        client.vanishes = False
        if self.scenario.door and client.waiting:
            enough = asyncio.Event()
            gateway = Gateway(store, hop, self.scenario.door, Progress())
            serving = asyncio.create_task(gateway.serve(door, enough))
            for _ in range(TRIES):
                if client.waiting:
                    await client.attempt(_port(door))
            enough.set()
            await serving
        release = releasing(store, hop, "next:1")
        for pause in PAUSES_SECONDS:
            store.now += pause
            if self.scenario.rule is not None:
                await self.scenario.rule(store, hop)
            while await release.drain():
                pass
        await release.relay.close()


def _end(life: Callable[[], None]) -> None:
    """Whatever happens, nothing of the test goes on in this process."""
    try:
        life()
        os._exit(0)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        os._exit(FAILED)


def _listening() -> socket.socket:
    """Its protocol named, without which asyncio leaves what it accepts to Nagle: 40 ms a reply."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.bind(("127.0.0.1", 0))
    sock.listen()
    return sock


def _port(sock: socket.socket) -> int:
    return int(sock.getsockname()[1])


async def _dead(child: int) -> None:
    loop, dead = asyncio.get_running_loop(), asyncio.Event()
    descriptor = os.pidfd_open(child)
    loop.add_reader(descriptor, dead.set)
    await dead.wait()
    loop.remove_reader(descriptor)
    os.close(descriptor)
    _bury(child)


def _bury(child: int) -> None:
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the child broke"


def _turn_away(door: socket.socket) -> None:
    """Whoever came to a door that was dead, or died before it had let him in."""
    door.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            door.accept()[0].close()


def _all_of(sock: socket.socket) -> bytes:
    said = b""
    while piece := sock.recv(1 << 16):
        said += piece
    return said
