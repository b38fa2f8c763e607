"""The wall: one message read by one jailed process, with an answer in any case.

    read -> a free place -> a waiting worker -> request, answer -> Reading
                                              └ late, dead or lying -> a Problem, unread

At most `workers` messages are read at once; `spare` workers wait, forked and jailed, so that a
message never waits for a fork. Those who wait for a place are answered in bounded time. A zygote
that ends is replaced, the later the more often it ends.

A worker that breaks down takes its whole message with it: that is held as unread, not tried again,
so a poisonous message costs one worker. Only when the zygote itself ends is a message tried again,
once: it may have been another's fault, or nobody's.
"""

from __future__ import annotations

import asyncio
import pwd
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from gateway.errors import Misconfigured, Temporary
from gateway.model import Limits, Reading, Trouble
from gateway.sandbox import wire, worker
from gateway.sandbox.handle import Worker, ZygoteHandle
from gateway.sandbox.worker import unread
from gateway.sandbox.zygote import Orders

_CHUNK_BYTES = 1 << 16
_LONG_ANSWER_BYTES = 1 << 16  # decoded in 10 ms at most; longer, it would keep other mails waiting
_NOBODY = 65534  # no files are anybody's under this uid, and every container maps it
_WAITING_PER_WORKER = 64  # messages; above, try later at once
_MOST_STILLBORN = 5  # idle workers found dead in a row: the zygote itself is at fault
_LAST_WORDS_SECONDS = 2.0  # between the end of a worker's answer and the news of its end
_TRIES = 2  # of a message whose worker went down with the zygote, by whosever fault
_BROKE_DOWN = "the reader broke down"
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 30.0  # before a zygote is replaced again
_STEADY_SECONDS = 60.0  # a zygote that lived so long is replaced at once


class _ZygoteLost(Exception):
    """A worker ended because its zygote did, and nobody knows how it ended."""


class SandboxWall:
    """Implements gateway.ports.Wall.

    user:         what workers become where we are root; a name or a uid, default nobody.
    memory_bytes: what one message may take beyond the libraries.
    cpu_seconds:  of one worker; the wall-clock limit is `Limits.seconds`.
    read, warm:   "module:function", what workers do and what the zygote does before.
    without:      layers of the jail left out, for tests that show each of them hold alone.
    tell:         hears of what happens to processes; fixed wording, for the log.
    """

    def __init__(
        self,
        *,
        user: str | None = None,
        workers: int = 2,
        spare: int = 1,
        memory_bytes: int = 1 << 30,
        output_bytes: int = 16 << 20,
        cpu_seconds: int = 30,
        read: str = "gateway.inspection:read",
        warm: tuple[str, ...] = ("gateway.detect.search:warm", "gateway.inspection:warm"),
        without: tuple[str, ...] = (),
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._user = user
        self._spare = max(1, spare)
        self._output_bytes = output_bytes
        self._memory_bytes = memory_bytes
        self._cpu_seconds = cpu_seconds
        self._read, self._warm, self._without = read, warm, without
        self._tell = tell
        self._places = asyncio.Semaphore(workers)
        self._most_waiting = _WAITING_PER_WORKER * workers
        self._waiting = 0
        self._stillborn = 0
        self._stock: asyncio.Queue[Worker] = asyncio.Queue()  # as many as were asked for
        self._zygote: ZygoteHandle | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Before any key is loaded. Misconfigured when there is no such user or no zygote."""
        uid, gid = _ids(self._user)
        orders = Orders(
            control=-1,
            parent=-1,
            read=self._read,
            warm=self._warm,
            uid=uid,
            gid=gid,
            memory_bytes=self._memory_bytes,
            cpu_seconds=self._cpu_seconds,
            output_bytes=self._output_bytes,
            without=self._without,
        )
        self._zygote = await self._begin(orders)
        self._keeper = asyncio.create_task(self._keep(self._zygote, orders))

    @property
    def degraded(self) -> tuple[str, ...]:
        """Protections that this kernel or user could not give."""
        return self._zygote.missing if self._zygote else ()

    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        """Temporary when no worker was free in time; never raises for what the message does."""
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        for _ in range(_TRIES):
            # Not so long that the worker would lack time for want of a place: that is no fault of
            # the message, and must not hold it.
            left = end - clock()
            found = await self._claim(patience=max(left - limits.seconds, left / 2))
            try:
                return await self._ask(found, content, limits, min(limits.seconds, end - clock()))
            except _ZygoteLost:
                continue
            finally:
                self._dismiss(found)
                self._places.release()
        return unread(Trouble.CRASHED, _BROKE_DOWN)

    async def close(self) -> None:
        """End every process. Messages being read are answered Temporary."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
        zygote, self._zygote = self._zygote, None
        if zygote:
            await zygote.close()
        self._empty_stock()

    async def _begin(self, orders: Orders) -> ZygoteHandle:
        zygote = self._zygote = await ZygoteHandle.start(orders, self._stock.put_nowait)
        if zygote.missing:
            self._tell("sandbox: this kernel or user does not give " + ", ".join(zygote.missing))
        for _ in range(self._spare):
            zygote.fork()
        return zygote

    async def _keep(self, zygote: ZygoteHandle, orders: Orders) -> None:
        """Replace every zygote that ends."""
        clock = asyncio.get_running_loop().time
        pause = 0.0
        while True:
            begun = clock()
            await zygote.lost.wait()
            await zygote.close()
            self._empty_stock()
            if clock() - begun >= _STEADY_SECONDS:
                pause = 0.0
            zygote, pause = await self._replace(orders, pause)

    async def _replace(self, orders: Orders, pause: float) -> tuple[ZygoteHandle, float]:
        while True:
            self._tell("sandbox: the zygote ended, another is started")
            await asyncio.sleep(pause)
            pause = min(max(2 * pause, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
            with suppress(Misconfigured, OSError):
                return await self._begin(orders), pause

    async def _claim(self, patience: float) -> Worker:
        """A place and a worker; whoever has one releases the place and dismisses the worker."""
        if self._zygote is None or patience <= 0 or self._waiting >= self._most_waiting:
            raise Temporary("no reader is free")
        self._waiting += 1
        try:
            async with asyncio.timeout(patience):
                await self._places.acquire()
                try:
                    return await self._take()
                except BaseException:
                    self._places.release()
                    raise
        except TimeoutError:
            raise Temporary("no reader was free in time") from None
        finally:
            self._waiting -= 1

    async def _take(self) -> Worker:
        while True:
            found = await self._stock.get()
            if self._zygote:  # soon: once the request is on its way
                asyncio.get_running_loop().call_soon(self._zygote.fork)
            if not found.ended.done():
                self._stillborn = 0
                return found
            found.socket.close()
            self._stillborn += 1
            if self._zygote and self._stillborn >= _MOST_STILLBORN:
                self._stillborn = 0
                self._zygote.give_up()

    async def _ask(self, found: Worker, content: bytes, limits: Limits, seconds: float) -> Reading:
        try:
            async with asyncio.timeout(seconds):
                said = await _converse(
                    found.socket, wire.request(content, limits), self._output_bytes
                )
        except TimeoutError:
            self._tell("sandbox: a worker was ended at the limit of time")
            return unread(Trouble.TIMED_OUT, "reading took too long")
        try:
            if len(said) <= _LONG_ANSWER_BYTES:
                return wire.reading(said, limits, self._output_bytes)
            return await asyncio.to_thread(wire.reading, said, limits, self._output_bytes)
        except wire.Malformed:
            if wire.unfinished(said, self._output_bytes):
                return self._explain(await _last_word(found))
            self._tell("sandbox: a worker lied")
            return unread(Trouble.CRASHED, _BROKE_DOWN)

    def _explain(self, status: int | None) -> Reading:
        """What it means that a worker ended before its answer did."""
        if self._zygote is None or status == worker.UNJAILED:
            raise Temporary("the sandbox could not read")  # and the message did nothing
        if status is None:
            raise _ZygoteLost
        self._tell(f"sandbox: a worker broke down, status {status}")
        if status in (worker.OUT_OF_MEMORY, -signal.SIGKILL):  # killed not by us: memory is short
            return unread(Trouble.TOO_BIG, "reading took too much memory")
        if status == -signal.SIGXCPU:
            return unread(Trouble.TIMED_OUT, "reading took too long")
        return unread(Trouble.CRASHED, _BROKE_DOWN)

    def _dismiss(self, found: Worker) -> None:
        if self._zygote:
            self._zygote.dismiss(found)
        else:
            found.socket.close()

    def _empty_stock(self) -> None:
        while not self._stock.empty():
            self._stock.get_nowait().socket.close()


async def _converse(end: socket.socket, request: tuple[bytes, ...], most: int) -> bytes:
    """One whole answer, or what there is of it; nothing follows an answer longer than `most`.

    Waits for the answer's last byte, not for the end of the worker, which takes longer.
    """
    loop = asyncio.get_running_loop()
    with suppress(OSError):  # it does not listen any more; it may have spoken
        for piece in request:
            await loop.sock_sendall(end, piece)
    said = bytearray()
    with suppress(OSError):  # it ended without having listened to the end
        while wire.unfinished(said, most):
            piece = await loop.sock_recv(end, _CHUNK_BYTES)
            if not piece:
                break
            said += piece
    return bytes(said)


async def _last_word(found: Worker) -> int | None:
    """How it ended, from the zygote, which hears of it a little later than the socket does."""
    ended, _ = await asyncio.wait({found.ended}, timeout=_LAST_WORDS_SECONDS)
    return found.ended.result() if ended else None


def _ids(user: str | None) -> tuple[int, int]:
    if user is None:
        return _NOBODY, _NOBODY
    try:
        entry = pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
    except KeyError:
        if user.isdigit():
            return int(user), int(user)
        raise Misconfigured(f"sandbox: there is no user {user!r}") from None
    return entry.pw_uid, entry.pw_gid
