"""The supervisor with processes of its own; sockets, signals and deaths are real."""

import asyncio
import os
import signal
import socket
import stat
import sys
from pathlib import Path

import pytest

from gateway import supervisor as module
from gateway.config_words import Listen
from gateway.errors import Misconfigured
from gateway.supervisor import Child, Supervisor, listen
from gateway.watch.metrics import HeldNow
from tests.release import Quiet

PROGRAM = (sys.executable, str(Path(__file__).parents[1] / "supervised.py"))


@pytest.fixture
def door():
    sock = listen(Listen("127.0.0.1", 0))
    yield sock
    sock.close()


def a_supervisor(tmp_path, door, *roles, program=PROGRAM):
    given = (f"--socket={door.fileno()}", f"--mark={tmp_path / 'mark'}")
    children = [Child(f"{r} {n}", (r, *given), (door.fileno(),)) for n, r in enumerate(roles)]
    return Supervisor(
        log=Quiet(),
        metrics_address=("127.0.0.1", 0),
        figures=tmp_path / "figures",
        held=lambda: HeldNow(0, 0.0),
        children=children,
        program=program,
    )


def supervised(one, act):
    """Run `act` while the supervisor runs, then SIGTERM to ourselves; its exit status."""

    async def go():
        running = asyncio.create_task(one.run())
        acting = asyncio.create_task(act())
        await asyncio.wait([running, acting], return_when=asyncio.FIRST_COMPLETED, timeout=60)
        assert acting.done() or running.done(), "never came about"
        acting.cancel()
        if not running.done():
            os.kill(os.getpid(), signal.SIGTERM)
        status = await asyncio.wait_for(running, 60)
        await asyncio.wait([acting])
        if not acting.cancelled():
            acting.result()  # what it found wrong
        return status

    return asyncio.run(go())


async def until(true):
    """Asked again and again, at no guessed moment."""
    while not true():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def answer(door):
    """The pid of whoever takes this connection; it waits in the socket while nobody does."""
    reader, writer = await asyncio.open_connection(*door.getsockname())
    try:
        return int(await reader.read())
    finally:
        writer.close()


async def killed(pid):
    """And dead: one that is dying may still take a connection with it."""
    os.kill(pid, signal.SIGKILL)
    await until(lambda: gone(pid))


def gone(pid):
    """Dead, whether or not its parent has asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_killed_process_is_started_again_and_no_client_is_refused(tmp_path, door):
    one = a_supervisor(tmp_path, door, "serve")
    pids = []

    async def act():
        for _ in range(2):
            await until(lambda: not one.waiting_for())
            pids.append(await answer(door))
            await killed(pids[-1])
            pids.append(await answer(door))  # connects while nobody lives

    assert supervised(one, act) == 0
    assert (pids[1] == pids[0], pids[2] == pids[1], pids[3] == pids[2]) == (False, True, False)
    assert [line["status"] for line in one.log.said("process ended")] == [-signal.SIGKILL] * 2
    assert all(gone(pid) for pid in pids)


def test_sigterm_ends_all(tmp_path, door):
    one = a_supervisor(tmp_path, door, "serve", "serve", "serve")
    pids = []

    async def act():
        await until(lambda: not one.waiting_for())
        pids.extend(child.process.pid for child in one.children)

    assert supervised(one, act) == 0
    assert len(pids) == 3
    assert all(gone(pid) for pid in pids)
    assert one.waiting_for() == ["stopping"]


def test_whoever_does_not_hear_sigterm_is_killed(tmp_path, door, monkeypatch):
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.1)
    one = a_supervisor(tmp_path, door, "deaf")

    async def act():
        await until(lambda: not one.waiting_for())

    assert supervised(one, act) == 0
    assert gone(one.children[0].process.pid)


def test_told_to_stop_while_a_process_is_being_started_it_tells_that_one_too(
    tmp_path, door, monkeypatch
):
    monkeypatch.setattr(module, "GRACE_SECONDS", 20)
    one = a_supervisor(tmp_path, door, "serve")
    start = asyncio.create_subprocess_exec

    async def told_meanwhile(*arguments, **how):
        one.stopping.set()
        return await start(*arguments, **how)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", told_meanwhile)
    assert supervised(one, asyncio.Event().wait) == 0
    assert one.children[0].process.returncode == -signal.SIGTERM


def test_a_misconfigured_process_ends_all_with_status_2(tmp_path, door):
    one = a_supervisor(tmp_path, door, "serve", "refuse")

    async def act():
        await asyncio.Event().wait()

    assert supervised(one, act) == 2
    assert gone(one.children[0].process.pid)


def test_a_configuration_broken_later_does_not_end_those_that_run(tmp_path, door):
    """An operator edits gateway.yaml, badly, and one door happens to die: the others go on."""
    one = a_supervisor(tmp_path, door, "changes", "serve")

    async def act():
        await until(lambda: not one.waiting_for())
        one.children[0].process.kill()
        await until(lambda: len(one.log.said("process ended")) >= 2)
        await answer(door)

    assert supervised(one, act) == 0
    assert [line["status"] for line in one.log.said("process ended")][:2] == [-9, 2]


def test_what_ends_at_once_is_started_ever_more_slowly_and_keeps_us_from_ready(tmp_path, door):
    one = a_supervisor(tmp_path, door, "dies", "serve")

    async def act():
        await until(lambda: one.children[0].failures >= 2)
        assert one.waiting_for() == ["dies 0"]

    assert supervised(one, act) == 0
    assert list(module.RESTART_SECONDS) == sorted(module.RESTART_SECONDS)


def test_a_program_that_cannot_be_started_is_tried_again(tmp_path, door):
    one = a_supervisor(tmp_path, door, "serve", program=("/nowhere/python",))

    async def act():
        await until(lambda: len(one.log.said("process not started")) >= 2)

    assert supervised(one, act) == 0


@pytest.mark.parametrize("role", ["babbles", "lingers"])
def test_what_a_process_says_or_leaves_behind_does_not_keep_it_from_being_restarted(
    tmp_path, door, role
):
    one = a_supervisor(tmp_path, door, role)

    async def act():
        await until(lambda: not one.waiting_for())
        first = await answer(door)
        await killed(first)
        assert await answer(door) != first

    assert supervised(one, act) == 0


def test_sighup_goes_to_all_of_them(tmp_path, door):
    """These do not handle it, so it ends them: that is how we see that it came."""
    one = a_supervisor(tmp_path, door, "serve", "serve")

    async def act():
        await until(lambda: not one.waiting_for())
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: len(one.log.said("process ended")) == 2)

    assert supervised(one, act) == 0
    assert {line["status"] for line in one.log.said("process ended")} == {-signal.SIGHUP}


def test_the_console_may_ask_for_the_rules_to_be_read_anew(tmp_path, door):
    """It has written one, and may not signal the others itself."""
    one = a_supervisor(tmp_path, door, "asks")
    one.children[0].name = module.CONSOLE

    async def act():
        await until(lambda: not one.waiting_for())
        await answer(door)
        await until(lambda: one.log.said("process ended"))

    assert supervised(one, act) == 0
    assert one.log.said("process ended")[0]["status"] == -signal.SIGHUP


def test_no_other_process_may(tmp_path, door):
    """A door reads strangers' bytes: it has no say in when the others read their rules."""
    one = a_supervisor(tmp_path, door, "asks")

    async def act():
        await until(lambda: not one.waiting_for())
        first = await answer(door)
        assert await answer(door) == first  # its wish was told before it took this one

    assert supervised(one, act) == 0
    assert not one.log.said("reload asked for")


# Canaries


def test_a_door_whose_canary_is_not_caught_keeps_us_from_ready_and_people_are_told(
    tmp_path, door, monkeypatch
):
    monkeypatch.setattr(module, "ALARM_SECONDS", 0.01)
    one, told = a_supervisor(tmp_path, door, "blind", "serve"), []

    async def tell(names):
        told.append(names)
        raise OSError  # the store is away: that ends nothing

    one.alarm = tell

    async def act():
        await until(lambda: len(told) > 1 and one.children[1].ready)
        assert one.waiting_for() == ["blind 0: canary unseen"]
        assert b"vaguemestre_canary_failing 1.0" in one._metrics()

    assert supervised(one, act) == 0
    assert told[0] == ["blind 0"]
    assert one.log.said("canaries not caught")[0] == {"doors": ["blind 0"]}


@pytest.mark.parametrize("lasts", [True, False])
def test_a_door_that_falls_silent_is_as_one_that_sees_nothing(lasts):
    """By the monotonic clock: nobody puts that one back."""
    child = Child("door 1", (), (), ready=True)
    module._note_canary(child, {"outcome": "caught", "within": 60 if lasts else -1})
    assert child.trouble == ("" if lasts else "silent")
    module._note_canary(child, {"outcome": "passed", "within": "soon"})
    assert child.trouble == "passed"
    module._note_canary(child, {})
    assert child.trouble == "None", "what makes no sense is no comfort"


# Rolling


def doors(tmp_path, door, *roles):
    one = a_supervisor(tmp_path, door, *roles)
    for child in one.children:
        role, *rest = child.arguments
        child.arguments = ("door", f"--as={role}", *rest)
    return one


def rolled(one):
    return one.log.said("rolled") or one.log.said("rolling given up")


def test_each_process_is_replaced_and_one_at_least_is_always_ready(tmp_path, door):
    one = doors(tmp_path, door, "serve", "serve")
    one.children.append(
        Child("release", ("release", *one.children[0].arguments[1:]), (door.fileno(),))
    )
    pids, waited = [], []

    async def act():
        await until(lambda: not one.waiting_for())
        pids.extend(child.process.pid for child in one.children)
        os.kill(os.getpid(), signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGUSR1)  # asked twice, done once
        while not rolled(one):
            waited.extend(name for name in one.waiting_for() if name != "release")
            assert await answer(door) > 0
        await until(lambda: not one.waiting_for())
        pids.extend(child.process.pid for child in one.children)

    assert supervised(one, act) == 0
    assert len(set(pids)) == 6, "all of them are new"
    assert waited == [], "the old one answers for both until it leaves"
    assert all(gone(pid) for pid in pids)
    assert len(one.log.said("rolled")) == 1
    assert not one.log.said("process ended"), "nothing that was asked for is an error"


@pytest.mark.parametrize("role", ["changes", "turns blind"])
def test_a_successor_that_is_not_sound_is_ended_and_the_old_one_stays(
    tmp_path, door, monkeypatch, role
):
    monkeypatch.setattr("gateway.rolling.READY_SECONDS", 60 if role == "changes" else 0.5)
    one = doors(tmp_path, door, "changes" if role == "changes" else "serve", "serve")
    pids = []

    async def act():
        await until(lambda: not one.waiting_for())
        pids.extend(child.process.pid for child in one.children)
        if role != "changes":
            child = one.children[0]
            child.arguments = ("door", "--as=blind", *child.arguments[2:])
        os.kill(os.getpid(), signal.SIGUSR1)
        await until(lambda: rolled(one))
        assert [child.process.pid for child in one.children] == pids
        assert one.waiting_for() == []
        assert await answer(door) in pids

    assert supervised(one, act) == 0
    assert one.log.said("rolling given up") == [{"name": one.children[0].name}]
    assert not one.refused


def test_told_to_stop_while_it_rolls_it_ends_them_all(tmp_path, door, monkeypatch):
    one = doors(tmp_path, door, "serve")
    pids = []

    async def act():
        await until(lambda: not one.waiting_for())
        child = one.children[0]
        child.arguments = ("door", "--as=blind", *child.arguments[2:])
        os.kill(os.getpid(), signal.SIGUSR1)
        await until(lambda: one.beside and one.beside[0].ready)
        pids.extend(c.process.pid for c in (*one.children, *one.beside))

    assert supervised(one, act) == 0
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_a_metrics_port_that_is_taken_is_refused_before_anything_is_started(tmp_path, door):
    one = a_supervisor(tmp_path, door, "serve")
    one.metrics_address = door.getsockname()
    with pytest.raises(Misconfigured, match=r"metrics\.listen 127\.0\.0\.1:"):
        asyncio.run(one.run())
    assert one.children[0].process is None


# Listening sockets


def test_a_listening_socket_can_be_inherited_and_does_not_block():
    with listen(Listen("::1", 0)) as sock:
        assert sock.family == socket.AF_INET6
        assert sock.getblocking() is False


def test_a_unix_socket_left_by_a_kill_is_taken_over(tmp_path):
    path = tmp_path / "door.sock"
    listen(Listen(path=path)).close()
    with listen(Listen(path=path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660


def test_a_file_where_the_socket_should_be_is_not_removed(tmp_path):
    path = tmp_path / "door.sock"
    path.write_text("somebody's")
    with pytest.raises(Misconfigured, match="cannot listen"):
        listen(Listen(path=path))
    assert path.read_text() == "somebody's"


def test_an_address_taken_is_told(door):
    with pytest.raises(Misconfigured, match=f"{door.getsockname()[1]}: Address already in use"):
        listen(Listen(*door.getsockname()))
