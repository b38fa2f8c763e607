"""The door's hold on the processes behind the wall: the keeper, one zygote, its workers.

Nothing here waits for the zygote without a limit, and a zygote that no longer listens is killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import NamedTuple

from gateway.errors import Misconfigured
from gateway.sandbox.zygote import Orders

_START_SECONDS = 60  # the lexicons are built meanwhile; some seconds on a slow machine
_TRY_AGAIN_SECONDS = 0.5  # after a fork that the machine refused
_NEWS_BYTES = 256
# Libraries of numbers and of OCR start threads otherwise, and no worker may.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


class End(NamedTuple):
    """How a worker ended. status: its exit code, or minus the signal.

    part: the number of the part that it had open, by its own word.
    """

    status: int
    part: int


@dataclass(slots=True, eq=False)
class Worker:
    """ended: None when the zygote ended first."""

    pid: int
    socket: socket.socket
    ended: asyncio.Future[End | None] = field(repr=False)


class KeeperHandle:
    """The process that starts zygotes. One that died is replaced, with what rights we have left."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._begin()

    def start(self) -> socket.socket:
        """Our end of the socket to a new zygote, in place of the one before. May raise OSError."""
        if self._process.poll() is not None:
            self._control.close()
            self._begin()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._control, [b"start"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def end(self) -> None:
        """End the zygote."""
        with suppress(OSError):  # they ended together
            self._control.send(b"end")

    async def close(self) -> None:
        """End it, the zygote and, by their parents' death, the workers."""
        self._control.close()
        await asyncio.to_thread(self._process.wait)

    def _begin(self) -> None:
        """In the thread of the event loop: the keeper dies when the thread that made it ends."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setblocking(False)
        with theirs:
            told = asdict(replace(self._orders, control=theirs.fileno(), parent=os.getpid()))
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "gateway.sandbox.keeper", json.dumps(told)],
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # the terminal's Ctrl-C is for the door
            )


class ZygoteHandle:
    """born: told of each new worker, in the event loop."""

    def __init__(self, keeper: KeeperHandle, born: Callable[[Worker], None]) -> None:
        self._keeper = keeper
        self._loop = asyncio.get_running_loop()
        self._born = born
        self._workers: dict[int, Worker] = {}
        self._warm: asyncio.Future[bool] = self._loop.create_future()
        self.missing: tuple[str, ...] = ()
        self.lost = asyncio.Event()
        self._control = keeper.start()
        self._control.setblocking(False)
        self._loop.add_reader(self._control, self._hear)

    @classmethod
    async def start(cls, keeper: KeeperHandle, born: Callable[[Worker], None]) -> ZygoteHandle:
        """Returns once it is warm; Misconfigured when it does not get there."""
        handle = cls(keeper, born)
        try:
            async with asyncio.timeout(_START_SECONDS):
                warm = await handle._warm
        except TimeoutError:
            warm = False
        except BaseException:
            handle.give_up()
            raise
        if not warm:
            handle.give_up()
            raise Misconfigured("sandbox: the zygote did not start")
        return handle

    def fork(self) -> None:
        self._order(b"fork")

    def end(self, worker: Worker) -> None:
        """Whatever it is doing; `ended` tells when it has."""
        if not worker.ended.done():
            self._order(b"kill %d" % worker.pid)

    def dismiss(self, worker: Worker) -> None:
        """End a worker whose last word nobody waits for."""
        worker.socket.close()
        self.end(worker)

    def _order(self, words: bytes) -> None:
        if not self.lost.is_set():
            try:
                self._control.send(words)
            except OSError:  # gone, or deaf for so long that the buffer is full
                self.give_up()

    def _hear(self) -> None:
        while not self.lost.is_set():
            try:
                news, descriptors, _, _ = socket.recv_fds(
                    self._control, _NEWS_BYTES, 1, socket.MSG_CMSG_CLOEXEC
                )
            except BlockingIOError:
                return
            except OSError:
                news, descriptors = b"", []
            self._heed(news.split(), descriptors)

    def _heed(self, news: list[bytes], descriptors: list[int]) -> None:
        match news:
            case [b"born", pid] if descriptors:
                end = socket.socket(fileno=descriptors[0])
                end.setblocking(False)
                worker = Worker(int(pid), end, self._loop.create_future())
                self._workers[worker.pid] = worker
                self._born(worker)
            case [b"ended", pid, status, part]:
                self._workers.pop(int(pid)).ended.set_result(End(int(status), int(part)))
            case [b"unborn"]:
                self._loop.call_later(_TRY_AGAIN_SECONDS, self.fork)
            case [b"ready", *layers]:
                self.missing = tuple(layer.decode() for layer in layers)
                self._warm.set_result(True)
            case _:  # its end, or nonsense
                self.give_up()

    def give_up(self) -> None:
        """Count it for dead, and see to it that it is."""
        if self.lost.is_set():
            return
        self.lost.set()
        self._loop.remove_reader(self._control)
        self._control.close()
        self._keeper.end()
        for worker in self._workers.values():
            worker.ended.set_result(None)
        self._workers.clear()
        if not self._warm.done():
            self._warm.set_result(False)


def _environment() -> dict[str, str]:
    """Nothing of ours: an environment may hold secrets."""
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
    return {"PYTHONPATH": path, "LC_ALL": "C.UTF-8"} | _ONE_THREAD
