"""The door's hold on one zygote process: its start, its workers' births and ends, its own end.

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

from gateway.errors import Misconfigured
from gateway.sandbox.zygote import Orders

_START_SECONDS = 60  # the lexicons are built meanwhile; some seconds on a slow machine
_TRY_AGAIN_SECONDS = 0.5  # after a fork that the machine refused
_NEWS_BYTES = 256
# Libraries of numbers and of OCR start threads otherwise, and no worker may.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


@dataclass(slots=True, eq=False)
class Worker:
    """ended: its exit code, or minus the signal; None when the zygote ended first."""

    pid: int
    socket: socket.socket
    ended: asyncio.Future[int | None] = field(repr=False)


class ZygoteHandle:
    """born: told of each new worker, in the event loop."""

    def __init__(self, orders: Orders, born: Callable[[Worker], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._born = born
        self._workers: dict[int, Worker] = {}
        self._warm: asyncio.Future[bool] = self._loop.create_future()
        self.missing: tuple[str, ...] = ()
        self.lost = asyncio.Event()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setblocking(False)
        with theirs:
            self._process = _spawn(orders, theirs.fileno())
        self._loop.add_reader(self._control, self._hear)

    @classmethod
    async def start(cls, orders: Orders, born: Callable[[Worker], None]) -> ZygoteHandle:
        """Returns once it is warm; Misconfigured when it does not get there."""
        handle = cls(orders, born)
        try:
            async with asyncio.timeout(_START_SECONDS):
                warm = await handle._warm
        except TimeoutError:
            warm = False
        except BaseException:
            await handle.close()
            raise
        if not warm:
            await handle.close()
            raise Misconfigured("sandbox: the zygote did not start")
        return handle

    def fork(self) -> None:
        self._order(b"fork")

    def dismiss(self, worker: Worker) -> None:
        """End a worker, whatever it is doing."""
        worker.socket.close()
        if not worker.ended.done():
            self._order(b"kill %d" % worker.pid)

    async def close(self) -> None:
        """End the zygote and, by their parent's death, its workers."""
        self.give_up()
        await asyncio.to_thread(self._process.wait)

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
            case [b"ended", pid, status]:
                self._workers.pop(int(pid)).ended.set_result(int(status))
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
        with suppress(OSError):
            self._process.kill()
        for worker in self._workers.values():
            worker.ended.set_result(None)
        self._workers.clear()
        if not self._warm.done():
            self._warm.set_result(False)


def _spawn(orders: Orders, control: int) -> subprocess.Popen[bytes]:
    """In the thread of the event loop: the zygote dies when the thread that made it ends."""
    told = asdict(replace(orders, control=control, parent=os.getpid()))
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "gateway.sandbox.zygote", json.dumps(told)],
        cwd="/",
        env=_environment(),
        stdin=subprocess.DEVNULL,
        pass_fds=(control,),
        start_new_session=True,  # the terminal's Ctrl-C is for the door
    )


def _environment() -> dict[str, str]:
    """Nothing of ours: an environment may hold secrets."""
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
    return {"PYTHONPATH": path, "LC_ALL": "C.UTF-8"} | _ONE_THREAD
