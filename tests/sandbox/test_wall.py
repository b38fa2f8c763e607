"""The wall from the door's side: places, waiting, replacement, and nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.errors import Misconfigured, Temporary
from gateway.model import Coverage, Limits, PartRead, Place, Problem, Reading, Trouble
from gateway.sandbox.handle import Worker
from gateway.sandbox.jail import LAYERS
from gateway.sandbox.wall import SandboxWall
from tests.sandbox import users
from tests.sandbox.processes import children, descriptors, maps, running, until, zygote, zygotes

AMPLE = 60.0  # seconds: never reached, whatever the machine is busy with


def hostile_wall(**options: Any) -> SandboxWall:
    options = {"read": "tests.sandbox.hostile:read"} | options
    return SandboxWall(warm=("tests.sandbox.hostile:warm",), **options)


@asynccontextmanager
async def standing(**options: Any) -> AsyncIterator[SandboxWall]:
    wall = hostile_wall(**options)
    await wall.start()
    try:
        yield wall
    finally:
        await wall.close()


def with_wall(
    **options: Any,
) -> Callable[[Callable[[SandboxWall], Coroutine[Any, Any, None]]], Any]:
    """Runs the test in a loop of its own, with a wall that is closed afterwards."""

    def decorate(test: Callable[[SandboxWall], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        async def run() -> None:
            async with standing(**options) as wall:
                await test(wall)

        def test_in_a_loop() -> None:
            asyncio.run(run())

        test_in_a_loop.__name__ = test.__name__
        return test_in_a_loop

    return decorate


async def ask(wall: SandboxWall, act: str, seconds: float = AMPLE) -> Reading:
    """seconds: of reading; the wait for a worker is ample."""
    return await wall.read(act.encode(), Limits(seconds=seconds), seconds=AMPLE)


def unread(trouble: Trouble, detail: str) -> Reading:
    return Reading(
        problems=(Problem(trouble, Place(""), detail),),
        parts=(PartRead(Place(""), "message", Coverage.UNREAD),),
    )


@with_wall(workers=2)
async def test_fifty_at_once_are_all_answered_by_two_workers(wall):
    readings = await asyncio.gather(*(ask(wall, f"nothing {n}") for n in range(50)))
    assert [reading.hits[0].value for reading in readings] == [str(n) for n in range(50)]


@with_wall(workers=2, spare=1)
async def test_no_more_than_so_many_read_at_once(wall):
    readings = [asyncio.create_task(ask(wall, "loop")) for _ in range(6)]
    await until(lambda: len(children(zygote())) == 3)  # two read, one waits
    for _ in range(200):
        await asyncio.sleep(0)
        assert len(children(zygote())) <= 3
    for reading in readings:
        reading.cancel()
    await asyncio.wait(readings)


@with_wall()
async def test_two_messages_see_nothing_of_each_other(wall):
    told = [(await ask(wall, f"remember {n}")).hits[0].value.split() for n in range(3)]
    assert [seen for seen, _ in told] == ["1", "1", "1"]
    assert len({pid for _, pid in told}) == 3


@with_wall(workers=3, spare=3)
async def test_a_worker_has_no_page_in_common_with_another(wall):
    """Only its own, with the zygote: else it could put the blame on a part of another mail."""
    told = await asyncio.gather(*(ask(wall, "traces") for _ in range(6)))
    assert {reading.hits[0].value for reading in told} == {"1"}


@with_wall()
async def test_a_large_message_crosses_the_wall(wall):
    content = b"measure " + b"x" * 30_000_000
    reading = await wall.read(content, Limits(), seconds=AMPLE)
    assert reading.hits[0].value == "30000000"


@with_wall(cpu_seconds=1)
async def test_a_worker_has_so_much_time_of_the_processor(wall):
    assert await ask(wall, "loop") == unread(Trouble.TIMED_OUT, "reading took too long")


@with_wall()
async def test_a_worker_has_so_much_time_of_the_clock(wall):
    late = await ask(wall, "sleep", seconds=0.1)
    assert late == unread(Trouble.TIMED_OUT, "reading took too long")


@with_wall(memory_bytes=64 << 20)
async def test_memory_is_counted_beyond_what_the_libraries_take(wall):
    assert (await ask(wall, "allocate 32")).hits[0].value == str(32 << 20)
    too_much = await ask(wall, "allocate 96")
    assert too_much == unread(Trouble.TOO_BIG, "reading took too much memory")


@with_wall(read="tests.sandbox.hostile:failing")
async def test_an_exception_says_nothing_of_the_message(wall):
    assert await ask(wall, "secret") == unread(Trouble.CRASHED, "the reader broke down")


@with_wall(workers=1)
async def test_who_finds_no_worker_in_time_is_to_try_later(wall):
    busy = asyncio.create_task(ask(wall, "loop"))
    await until(lambda: len(children(zygote())) == 2)
    with pytest.raises(Temporary):
        await wall.read(b"nothing", Limits(), seconds=0.1)
    busy.cancel()
    await asyncio.wait({busy})
    assert (await ask(wall, "nothing then")).hits[0].value == "then"


@with_wall(workers=1)
async def test_the_queue_for_a_worker_has_an_end(wall):
    async def outcome(act: str) -> str:
        try:
            return (await ask(wall, act, seconds=0.5)).problems[0].kind
        except Temporary:
            return "temporary"

    waiting = [asyncio.create_task(outcome("sleep")) for _ in range(70)]
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert {task.result() for task in done} == {"temporary"}
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


@pytest.mark.parametrize("seconds", [0, -1])
def test_without_time_there_is_nothing_to_try(seconds):
    @with_wall()
    async def run(wall):
        with pytest.raises(Temporary):
            await wall.read(b"nothing", Limits(), seconds=seconds)

    run()


@with_wall()
async def test_who_goes_away_takes_the_worker_along(wall):
    reading = asyncio.create_task(ask(wall, "loop"))
    await until(lambda: len(children(zygote())) == 2)
    reading.cancel()
    await until(lambda: len(children(zygote())) == 1)


@with_wall()
async def test_a_zygote_that_is_killed_is_replaced(wall):
    first = zygote()
    os.kill(first, signal.SIGKILL)
    await until(lambda: not running(first))
    assert (await ask(wall, "nothing again")).hits[0].value == "again"
    await until(lambda: bool(zygotes() - {first}))


@with_wall()
async def test_a_message_read_while_the_zygote_is_killed_is_read_again(wall):
    first = zygote()
    reading = asyncio.create_task(ask(wall, "loop", seconds=1))
    await kill_while_reading(first)
    assert await reading == unread(Trouble.TIMED_OUT, "reading took too long")
    await until(lambda: bool(zygotes() - {first}))


@with_wall()
async def test_a_message_that_takes_two_zygotes_down_with_it_is_held(wall):
    first = zygote()
    reading = asyncio.create_task(ask(wall, "loop"))
    await kill_while_reading(first)
    await until(lambda: bool(zygotes() - {first}))
    await kill_while_reading(zygote())
    assert await reading == unread(Trouble.CRASHED, "the reader broke down")
    assert (await ask(wall, "nothing again")).hits[0].value == "again"


async def kill_while_reading(pid: int) -> None:
    await until(lambda: len(children(pid)) == 2)  # one reads, one waits
    workers = children(pid)
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not any(map(running, workers | {pid})))


@with_wall()
async def test_a_keeper_that_is_killed_is_replaced_with_its_zygote(wall):
    (first,), orphan = children(), zygote()
    os.kill(first, signal.SIGKILL)
    await until(lambda: not running(first) and not running(orphan))
    assert (await ask(wall, "nothing again")).hits[0].value == "again"
    await until(lambda: bool(children() - {first}))  # its last worker may have answered, dying


@with_wall()
async def test_signals_meant_for_the_door_do_not_end_the_zygote(wall):
    (keeper,), first = children(), zygote()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(first, number)
        os.kill(keeper, number)
    assert (await ask(wall, "nothing on")).hits[0].value == "on"
    assert zygote() == first


@with_wall(spare=2)
async def test_a_spare_worker_found_dead_is_passed_over(wall):
    await until(lambda: len(children(zygote())) == 2)
    both = children(zygote())
    for spare in both:
        os.kill(spare, signal.SIGKILL)
    await until(lambda: not both & children(zygote()))
    for _ in range(10):  # the zygote's news of it are on their way
        await wall_hears()
    assert (await ask(wall, "nothing then")).hits[0].value == "then"


async def wall_hears() -> None:
    """Time for a turn of the loop, and for the zygote to write a line."""
    await asyncio.to_thread(os.sched_yield)


def test_a_wall_that_closes_lets_its_messages_be_tried_later():
    async def run() -> None:
        async with standing() as wall:
            reading = asyncio.create_task(ask(wall, "loop"))
            await until(lambda: len(children(zygote())) == 2)
        with pytest.raises(Temporary):
            await reading
        with pytest.raises(Temporary):
            await ask(wall, "nothing")

    asyncio.run(run())


def test_nothing_is_left_behind():
    """Two hundred readings, some of them bad: no zombie, no descriptor, no process."""

    async def run() -> None:
        async with standing(workers=2, spare=1) as wall:
            await ask(wall, "nothing")
            before = descriptors()
            for act in ("nothing", "exit", "crash", "lie_bad_json", "lie_truncated") * 40:
                await ask(wall, act)
            await until(lambda: len(children(zygote())) == 1)
            await until(lambda: descriptors() <= before + 1)  # then, the spare was being born

    before, offspring = descriptors(), children()
    asyncio.run(run())
    assert descriptors() == before
    assert children() == offspring


@with_wall(workers=2, spare=2)
async def test_memory_does_not_grow_with_the_mails_read(wall):
    """Neither the door's, object by object, nor the zygote's, which forked for each of them."""
    letters = [b"measure " + b"x" * 200_000] * 3 + [b"crash", b"exit", b"lie_bad_json"]

    async def read(times: int) -> tuple[int, int, int]:
        for _ in range(times):
            readings = (wall.read(letter, Limits(), seconds=AMPLE) for letter in letters)
            await asyncio.gather(*readings)
        await until(lambda: len(children(zygote())) == 2)
        gc.collect()
        workers = sum(isinstance(thing, Worker) for thing in gc.get_objects())
        return tracemalloc.get_traced_memory()[0], workers, maps(zygote())

    tracemalloc.start()
    try:
        before, _, mapped_before = await read(10)
        after, workers, mapped = await read(60)
    finally:
        tracemalloc.stop()
    assert after - before < 200_000  # bytes: not one of those 180 letters
    assert workers <= 4  # those that wait, and their news on the way
    assert mapped <= mapped_before + 3


@pytest.mark.parametrize("become", [None, users.PLAIN], ids=["as it was", "become plain"])
def test_everything_dies_with_the_door(become):
    """Also when the door gave its rights away after having started the wall."""
    if become and os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    door = subprocess.Popen(
        [sys.executable, "-m", "tests.sandbox.door", json.dumps(become)],
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
    )
    told, _ = door.communicate()
    assert door.returncode == -signal.SIGKILL
    processes = json.loads(told)
    assert len(processes) == 4
    asyncio.run(until(lambda: not any(map(running, processes))))


@with_wall()
async def test_the_zygote_has_a_network_of_its_own(wall):
    if "network" in wall.degraded:
        pytest.skip("this kernel or user does not give one")
    ours, its = (os.readlink(f"/proc/{pid}/ns/net") for pid in (os.getpid(), zygote()))
    assert ours != its


def test_secrets_of_the_door_do_not_reach_a_worker(monkeypatch):
    """Neither its environment nor a descriptor it left inheritable."""
    monkeypatch.setenv("VAGUEMESTRE_SECRET", "s3cret")

    @with_wall()
    async def run(wall):
        status = (await ask(wall, "status")).hits[0].value
        assert "VAGUEMESTRE_SECRET" not in status
        assert len(json.loads((await ask(wall, "descriptors")).hits[0].value)) == 4

    end, other = socket.socketpair()
    with end, other:
        end.set_inheritable(True)
        run()


@with_wall(without=LAYERS)
async def test_missing_layers_are_named(wall):
    assert wall.degraded == LAYERS


def test_missing_layers_are_told_to_the_operator():
    heard: list[str] = []

    @with_wall(without=("landlock", "seccomp"), tell=heard.append)
    async def run(wall):
        assert {"landlock", "seccomp"} <= set(wall.degraded)

    run()
    assert "landlock" in heard[0]
    assert "seccomp" in heard[0]


def test_a_kernel_that_offers_less_is_told_once_and_serves():
    """As found by trying, not by its version: one line for the operator, and no message is lost."""
    heard: list[str] = []
    warm = ("tests.sandbox.hostile:warm", "tests.sandbox.old_kernel:warm")

    async def run() -> None:
        wall = SandboxWall(read="tests.sandbox.hostile:read", warm=warm, tell=heard.append)
        await wall.start()
        told = [(await ask(wall, f"nothing {n}")).hits[0].value for n in range(5)]
        assert told == ["0", "1", "2", "3", "4"]
        assert set(wall.degraded) - {"uid"} == {"network", "landlock", "seccomp"}
        assert (await ask(wall, "allocate")).problems[0].kind is Trouble.TOO_BIG
        await wall.close()

    asyncio.run(run())
    (line,) = [line for line in heard if "does not give" in line]
    assert line.endswith("network, landlock, seccomp")


def test_a_worker_that_breaks_down_is_told_without_a_word_of_the_message():
    heard: list[str] = []

    @with_wall(read="tests.sandbox.hostile:failing", tell=heard.append)
    async def run(wall):
        await ask(wall, "patient")

    run()
    assert "sandbox: a worker broke down, status 4" in heard
    assert not any("patient" in line for line in heard)


@pytest.mark.parametrize(
    "options",
    [
        {"user": "no-such-user"},
        {"read": "tests.sandbox.hostile:no_such_function"},
        {"read": "no.such.module:read"},
    ],
    ids=["user", "function", "module"],
)
def test_a_wall_that_cannot_stand_refuses_to_start(options, capfd):
    async def run() -> None:
        with pytest.raises(Misconfigured):
            await hostile_wall(**options).start()

    before, offspring = descriptors(), children()
    asyncio.run(run())
    assert (descriptors(), children()) == (before, offspring)


def test_a_wall_that_was_not_started_reads_nothing():
    with pytest.raises(Temporary):
        asyncio.run(ask(hostile_wall(), "nothing"))
