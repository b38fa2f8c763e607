"""The wall: one message read by one jailed process, with an answer in any case.

    read -> a free place -> a waiting worker -> request, answer -> Reading
                           └ the next worker  <- late or dead: that part stays closed

At most `workers` messages are read at once; `spare` workers wait, forked and jailed, so that a
message never waits for a fork. Those who wait for a place are answered in bounded time. A zygote
that ends is replaced, the later the more often it ends.

A worker that dies or is late leaves the number of the part that it had open. Another one reads the
message again and leaves that part closed, with a Problem; the rest is judged as ever. A poisonous
message costs so many workers and so much time, never more: what is still not read then is told as
unread, which rules hold. It is never put off for what it does. The message of a worker that lies
gets no other: it has taken one over.

When the zygote itself ends, a message is tried again, once: it may have been another's fault, or
nobody's.
"""

from __future__ import annotations

import asyncio
import pwd
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from gateway.errors import Misconfigured, Temporary
from gateway.inspection import MOST_BROKEN
from gateway.model import Limits, Reading, Trouble
from gateway.sandbox import wire, worker
from gateway.sandbox.handle import End, KeeperHandle, Worker, ZygoteHandle
from gateway.sandbox.worker import unread
from gateway.sandbox.zygote import Orders

_CHUNK_BYTES = 1 << 16
_LONG_ANSWER_BYTES = 1 << 16  # decoded in 10 ms at most; longer, it would keep other mails waiting
_NOBODY = 65534  # no files are anybody's under this uid, and every container maps it
_WAITING_PER_WORKER = 64  # messages; above, try later at once
_MOST_STILLBORN = 5  # idle workers found dead in a row: the zygote itself is at fault
_LAST_WORDS_SECONDS = 2.0  # between the end of a worker's answer and the news of its end
_MOST_ZYGOTES = 2  # that one message may see go down, by whosever fault
_LATE_TWICE = 2  # times `Limits.seconds`, for all the workers of one message
_BROKE_DOWN = "the reader broke down"
_LATE = "reading took too long"
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 30.0  # before a zygote is replaced again
_STEADY_SECONDS = 60.0  # a zygote that lived so long is replaced at once


class _ZygoteLost(Exception):
    """A worker ended because its zygote did, and nobody knows how it ended."""


class _Died(Exception):
    """A worker ended before its answer did, or had to be. part: what it had open."""

    def __init__(self, trouble: Trouble, detail: str, part: int) -> None:
        super().__init__(trouble)
        self.trouble, self.detail, self.part = trouble, detail, part


READ = "gateway.inspection:read"
WARM = ("gateway.detect.search:warm", "gateway.inspection:warm")


class SandboxWall:
    """Implements gateway.ports.Wall.

    user:         what workers become where we are root; a name or a uid, default nobody.
    memory_bytes: what one message may take beyond the libraries.
    cpu_seconds:  of one worker; the wall-clock limit is `Limits.seconds`.
    read, warm:   "module:function", what workers do and what the zygote does before; the latter
                  may be given one text, after a blank, which anybody on the machine may read.
    without:      layers of the jail left out, for tests that show each of them hold alone.
    late:         start() raises the keeper alone, and the first message a zygote, which stays: for
                  work that may never come.
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
        read: str = READ,
        warm: tuple[str, ...] = WARM,
        without: tuple[str, ...] = (),
        late: bool = False,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._user = user
        self._spare = max(1, spare)
        self._output_bytes = output_bytes
        self._memory_bytes = memory_bytes
        self._cpu_seconds = cpu_seconds
        self._read, self._warm, self._without = read, warm, without
        self._late, self._raising = late, asyncio.Lock()
        self._tell = tell
        self._places = asyncio.Semaphore(workers)
        self._most_waiting = _WAITING_PER_WORKER * workers
        self._waiting = 0
        self._stillborn = 0
        self._stock: asyncio.Queue[Worker] = asyncio.Queue()  # as many as were asked for
        self._zygote: ZygoteHandle | None = None
        self._keeper: KeeperHandle | None = None
        self._watch: asyncio.Task[None] | None = None

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
        self._keeper = KeeperHandle(orders)
        if self._late:
            return
        try:
            await self._raise()
        except BaseException:
            await self.close()
            raise

    @property
    def degraded(self) -> tuple[str, ...]:
        """Protections that this kernel or user could not give."""
        return self._zygote.missing if self._zygote else ()

    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        """Temporary when no worker was free in time; never raises for what the message does."""
        # Not so long that the worker would lack time for want of a place: that is no fault of the
        # message, and must not hold it.
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        if self._late:
            await self._raise_once()
        first = await self._claim(patience=max(seconds - limits.seconds, seconds / 2))
        try:
            end = min(end, clock() + _LATE_TWICE * limits.seconds)
            return await self._insist(first, content, limits, end)
        finally:
            self._places.release()

    async def _insist(self, found: Worker, content: bytes, limits: Limits, end: float) -> Reading:
        """One worker after the other, until one tells how it went or there is nobody to ask."""
        broken: dict[int, Trouble] = {}
        lost = 0
        while True:
            try:
                return await self._ask(found, content, limits, broken, end)
            except _ZygoteLost:
                lost += 1
                if lost == _MOST_ZYGOTES:
                    return unread(Trouble.CRASHED, _BROKE_DOWN)
            except _Died as death:
                if death.part < 0 or death.part in broken or len(broken) == MOST_BROKEN:
                    return unread(death.trouble, death.detail)
                broken[death.part] = death.trouble
            finally:
                self._dismiss(found)
            another = await self._take_before(end)
            if another is None and broken and self._zygote:
                return unread(Trouble.TIMED_OUT, _LATE)
            if another is None:
                raise Temporary("no reader was free in time")
            found = another

    async def close(self) -> None:
        """End every process. Messages being read are answered Temporary."""
        if self._watch:
            self._watch.cancel()
            await asyncio.wait({self._watch})
        zygote, self._zygote = self._zygote, None
        if zygote:
            zygote.give_up()
        keeper, self._keeper = self._keeper, None
        if keeper:
            await keeper.close()
        self._empty_stock()

    async def _raise_once(self) -> None:
        async with self._raising:
            if self._watch is None and self._keeper:
                try:
                    await self._raise()
                except (Misconfigured, OSError):
                    raise Temporary("no reader can be started") from None

    async def _raise(self) -> None:
        assert self._keeper
        self._zygote = await self._begin(self._keeper)
        self._watch = asyncio.create_task(self._keep(self._zygote, self._keeper))

    async def _begin(self, keeper: KeeperHandle) -> ZygoteHandle:
        zygote = self._zygote = await ZygoteHandle.start(keeper, self._stock.put_nowait)
        if zygote.missing:
            self._tell("sandbox: this kernel or user does not give " + ", ".join(zygote.missing))
        for _ in range(self._spare):
            zygote.fork()
        return zygote

    async def _keep(self, zygote: ZygoteHandle, keeper: KeeperHandle) -> None:
        """Replace every zygote that ends."""
        clock = asyncio.get_running_loop().time
        pause = 0.0
        while True:
            begun = clock()
            await zygote.lost.wait()
            self._empty_stock()
            if clock() - begun >= _STEADY_SECONDS:
                pause = 0.0
            zygote, pause = await self._replace(keeper, pause)

    async def _replace(self, keeper: KeeperHandle, pause: float) -> tuple[ZygoteHandle, float]:
        while True:
            self._tell("sandbox: the zygote ended, another is started")
            await asyncio.sleep(pause)
            pause = min(max(2 * pause, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
            with suppress(Misconfigured, OSError):
                return await self._begin(keeper), pause

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

    async def _take_before(self, end: float) -> Worker | None:
        if asyncio.get_running_loop().time() >= end:
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout_at(end):
                return await self._take()
        return None

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

    async def _ask(
        self, found: Worker, content: bytes, limits: Limits, broken: wire.Broken, end: float
    ) -> Reading:
        request = wire.request(content, limits, broken)
        late = min(end, asyncio.get_running_loop().time() + limits.seconds)
        try:
            async with asyncio.timeout_at(late):
                said = await _converse(found.socket, request, self._output_bytes)
        except TimeoutError:
            self._tell("sandbox: a worker was ended at the limit of time")
            raise _Died(Trouble.TIMED_OUT, _LATE, await self._end(found)) from None
        try:
            if len(said) <= _LONG_ANSWER_BYTES:
                return wire.reading(said, limits, self._output_bytes)
            return await asyncio.to_thread(wire.reading, said, limits, self._output_bytes)
        except wire.Malformed:
            if wire.unfinished(said, self._output_bytes):
                raise await self._explained(found) from None
            self._tell("sandbox: a worker lied")
            return unread(Trouble.CRASHED, _BROKE_DOWN)

    async def _end(self, found: Worker) -> int:
        """End a worker. Returns the number of the part it had open, below 0 where none is known."""
        if self._zygote:
            self._zygote.end(found)
        last = await _last_word(found)
        return last.part if last else -1

    async def _explained(self, found: Worker) -> Exception:
        """What it means that a worker's words ended before its answer did."""
        last = await _last_word(found)
        if not found.ended.done():  # it hung up and lives on
            self._tell("sandbox: a worker hung up")
            return _Died(Trouble.CRASHED, _BROKE_DOWN, await self._end(found))
        if self._zygote is None or (last and last.status == worker.UNJAILED):
            return Temporary("the sandbox could not read")  # and the message did nothing
        if last is None:
            return _ZygoteLost()
        self._tell(f"sandbox: a worker broke down, status {last.status}")
        if last.status in (worker.OUT_OF_MEMORY, -signal.SIGKILL):  # not by us: memory is short
            return _Died(Trouble.TOO_BIG, "reading took too much memory", last.part)
        if last.status == -signal.SIGXCPU:
            return _Died(Trouble.TIMED_OUT, _LATE, last.part)
        return _Died(Trouble.CRASHED, _BROKE_DOWN, last.part)

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


async def _last_word(found: Worker) -> End | None:
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
