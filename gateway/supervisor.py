"""The supervisor: opens every listening socket once, hands them to N doors, and outlives them.

    supervisor ─┬─ door 1..N   (each with its own zygote and sandbox workers)
                └─ release     (the outbox, the deadlines, the private key)

A door may die or be replaced without a refused connection, since the sockets stay open here. One
that finds its configuration wrong at the start ends all of us; once it has been ready, it is tried
again and again while the others go on. All die with the supervisor (PR_SET_PDEATHSIG in each).
SIGHUP goes to all of them: rules and what else can change are read anew. SIGUSR1 replaces them one
by one (`gateway.rolling`). SIGTERM lets transactions under way end. Each door says how its last
canary went, and one that says nothing for too long counts as failing. It owns the metrics port, and
computes gauges from the store; it never sees a mail.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from gateway.config_words import Listen
from gateway.errors import Misconfigured
from gateway.manager import READY, STOPPING, Manager
from gateway.rolling import DOOR, roll
from gateway.watch import health, metrics

BACKLOG = 1024
CONSOLE = "console"  # the one child that may ask for a reload
REFUSED = 2  # exit status of a process whose configuration is wrong: trying again will not help
RESTART_SECONDS = (0.2, 0.5, 1, 2, 5, 10, 30)
GRACE_SECONDS = 40
ALARM_SECONDS = 20.0  # that a canary must have gone wrong for before a mail is written
CAUGHT = "caught"


@dataclass(slots=True)
class Child:
    """One process of ours, and what it last said of itself. proven: it was ready once. leaving: it
    is to end and not to be started again. canary: how its last one went wrong, or "". due: when the
    next is to be told at the latest, on the monotonic clock."""

    name: str
    arguments: tuple[str, ...]
    sockets: tuple[int, ...]
    process: asyncio.subprocess.Process | None = None
    ready: bool = False
    proven: bool = False
    failures: int = 0
    leaving: bool = False
    canary: str = ""
    due: float = math.inf

    @property
    def trouble(self) -> str:
        """Of a process that is ready: why it is not to be relied upon."""
        return self.canary or ("silent" if self.ready and time.monotonic() > self.due else "")


async def _nobody(names: list[str]) -> None:
    return


@dataclass(slots=True)
class Supervisor:
    """children: each runs `program` with its arguments. sockets are kept open and given to them.
    alarm: tells people that these doors do not catch their canaries; asked again and again.
    keepers: by the child's id(). beside: those that come or go while others are of the house.
    soon: what will change of itself. manager: is told how we are. reloading: the doors, by id(),
    that have not read their rules yet."""

    log: structlog.BoundLogger
    metrics_address: tuple[str, int]
    figures: Path
    held: Callable[[], metrics.HeldNow | None]
    children: list[Child] = field(default_factory=list)
    program: tuple[str, ...] = (sys.executable, "-m", "gateway.serve")
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    refused: bool = False
    alarm: Callable[[list[str]], Awaitable[None]] = _nobody
    keepers: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    beside: list[Child] = field(default_factory=list)
    environment: Mapping[str, str] = field(default_factory=dict)
    rolling: asyncio.Task[None] | None = None
    soon: Callable[[], list[str]] = list
    manager: Manager = field(default_factory=Manager)
    reloading: set[int] = field(default_factory=set)

    async def run(self) -> int:
        """Until SIGTERM or SIGINT; the exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        loop.add_signal_handler(signal.SIGUSR1, self._roll)
        self.environment = metrics.prepare(self.figures, os.environ)
        pages = health.Pages(self._metrics, self.waiting_for, self.soon)
        try:
            server = health.serve(*self.metrics_address, pages)
        except OSError as error:
            host, port = self.metrics_address
            raise Misconfigured(f"metrics.listen {host}:{port}: {error.strerror}") from None
        for child in self.children:
            self.keep(child)
        watching = asyncio.create_task(self._watch())
        living = asyncio.create_task(self.manager.live())
        await self.stopping.wait()
        self.manager.tell(STOPPING)
        watching.cancel()
        if self.rolling is not None:
            self.rolling.cancel()
        self._signal(signal.SIGTERM)
        if self.keepers:
            _, late = await asyncio.wait(self.keepers.values(), timeout=GRACE_SECONDS)
            if late:
                self._signal(signal.SIGKILL)
                await asyncio.wait(late)
        living.cancel()
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        self.log.info("stopped")
        return REFUSED if self.refused else 0

    def waiting_for(self) -> list[str]:
        if self.stopping.is_set():
            return ["stopping"]
        unready = [child.name for child in self.children if not child.ready]
        return unready + [f"{c.name}: canary {c.trouble}" for c in self.children if c.trouble]

    def keep(self, child: Child) -> None:
        self.keepers[id(child)] = asyncio.create_task(self._keep(child))

    async def _keep(self, child: Child) -> None:
        """Start the child again whenever it ends, ever more slowly while it ends at once."""
        while not (self.stopping.is_set() or child.leaving):
            status: int | None = None
            try:
                status = await self._once(child)
            except OSError as error:  # no process or descriptor to be had: not for ever, we hope
                self.log.error("process not started", name=child.name, errno=error.errno)
            if self.stopping.is_set() or child.leaving:
                return
            if status == REFUSED and not child.proven:
                self.refused = True
                self.stopping.set()
                return
            self.log.error("process ended", name=child.name, status=status)
            wait = RESTART_SECONDS[min(child.failures, len(RESTART_SECONDS) - 1)]
            child.failures += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), wait)

    async def _once(self, child: Child) -> int:
        """One life of the child; its exit status."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            child.process = process = await asyncio.create_subprocess_exec(
                *self.program,
                *child.arguments,
                *("--status", str(theirs.fileno())),
                pass_fds=(*child.sockets, theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                env=dict(self.environment),
            )
            theirs.close()
            if self.stopping.is_set():  # told while this one was on its way
                process.terminate()
            listening = asyncio.create_task(self._listen(child, ours))
            try:
                # Its end counts, not that of the socket, which a process of its own may still hold.
                return await process.wait()
            finally:
                listening.cancel()
                await asyncio.wait([listening])  # it lets go of `ours` before that is closed
                child.ready, child.canary, child.due = False, "", math.inf
                metrics.forget(process.pid, self.figures)
                self._has_reloaded(child)

    async def _listen(self, child: Child, status: socket.socket) -> None:
        """What the child says of itself: a JSON object a line."""
        reader, writer = await asyncio.open_connection(sock=status)
        try:
            async for line in reader:
                said = _said(line)
                event = said.get("event")
                if event == "canary":
                    _note_canary(child, said)
                if event == "rules":
                    self._has_reloaded(child)
                if event == "reload" and child.name == CONSOLE:  # it has written a rule
                    self._reload()
                if event == "ready":
                    child.ready, child.proven, child.failures = True, True, 0
                    if not self.waiting_for():
                        self.log.info("ready", processes=len(self.children))
                        self.manager.tell(READY)
        except (OSError, ValueError):  # reset, or a line without end
            self.log.warning("status unreadable", name=child.name)
        finally:
            writer.close()

    def _metrics(self) -> bytes:
        failing = sum(bool(child.trouble) for child in self.children)
        return metrics.exposition(self.figures, self.held, failing)

    def _reload(self) -> None:
        self.log.info("reload asked for")
        self.manager.reloading()
        doors = (child for child in self.children if child.arguments[:1] == (DOOR,))
        self.reloading = {id(child) for child in doors if child.ready}
        self._signal(signal.SIGHUP)
        if not self.reloading:
            self.manager.tell(READY)

    def _has_reloaded(self, child: Child) -> None:
        """Or has ended, which comes to the same: it reads the rules as it starts."""
        if id(child) in self.reloading:
            self.reloading.remove(id(child))
            if not self.reloading:
                self.manager.tell(READY)

    def _roll(self) -> None:
        if self.rolling is None or self.rolling.done():
            self.rolling = asyncio.create_task(roll(self))

    async def _watch(self) -> None:
        """Have people told of a door that does not catch its canaries, once that has stood."""
        while True:
            before = {child.name for child in self.children if child.trouble}
            await asyncio.sleep(ALARM_SECONDS)
            names = [c.name for c in self.children if c.trouble and c.name in before]
            if names:
                self.log.error("canaries not caught", doors=names)
                with contextlib.suppress(Exception):  # the store's trouble is told by the log
                    await self.alarm(names)

    def _signal(self, number: signal.Signals) -> None:
        for child in (*self.children, *self.beside):
            if child.process is not None and child.process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.process.send_signal(number)


def _said(line: bytes) -> Mapping[str, object]:
    """What the child reports; {} for what is no report (others print on a wrong descriptor)."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _note_canary(child: Child, said: Mapping[str, object]) -> None:
    outcome, within = said.get("outcome"), said.get("within")
    child.canary = "" if outcome == CAUGHT else str(outcome)[:32]
    child.due = time.monotonic() + (within if isinstance(within, int | float) else math.inf)


def listen(where: Listen) -> socket.socket:
    """A listening socket, to be inherited. Misconfigured: taken, or not ours to take."""
    family = (
        socket.AF_UNIX if where.path else socket.AF_INET6 if ":" in where.host else socket.AF_INET
    )
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if where.path:
            if where.path.is_socket():  # left by a kill
                where.path.unlink()
            sock.bind(str(where.path))
            where.path.chmod(0o660)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Inherited by what is accepted; asyncio sets it only where it made the socket itself.
            # Without it a reply waits 40 ms for the client's delayed ACK.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((where.host, where.port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise Misconfigured(f"cannot listen on {where}: {error.strerror}") from None
    sock.setblocking(False)
    return sock
