"""Killed at each step of a release, nothing is lost; a second copy only after the hop's 250.

A child process takes up one released mail and is killed by SIGKILL at the step named; another takes
the work up once the dead one's lease has run out.
"""

import asyncio
import multiprocessing
import os
import signal

import pytest

from gateway.release import LEASE_SECONDS
from gateway.store.schema import State
from tests.e2e.gateway import Internet, eventually
from tests.e2e.postfix import free_port
from tests.fakes import Deed
from tests.makers.held import a_hold, a_mail, content
from tests.release import a_release
from tests.stores import KINDS, Store, fresh

ID = a_mail().id
MESSAGE_ID = b"Message-ID: <fixed@chu.example>\r\n"
CONTENT = MESSAGE_ID + content()


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def before(whom, name):
    setattr(whom, name, lambda *a, **k: die())


def after(whom, name):
    """Die once the real thing is done."""
    real = getattr(whom, name)

    async def wrapped(*arguments, **how):
        await real(*arguments, **how)
        die()

    setattr(whom, name, wrapped)


STEPS = {
    "before the lease": lambda release: before(release.outbox, "lease"),
    "after the lease": lambda release: after(release.outbox, "lease"),
    "opened": lambda release: before(release.relay, "send"),
    "the hop stalls before its 250": lambda release: None,  # killed from outside
    "after the 250": lambda release: after(release.relay, "send"),
    "before the record": lambda release: before(release.outbox, "done"),
    "after the record": lambda release: after(release.outbox, "done"),
}
UNRECORDED = ("after the 250", "before the record")


def child(url, directory, port, step, begin):
    begin.recv()
    store = Store(url, directory)
    release = a_release(store, port, owner="dead:1")
    STEPS[step](release)
    asyncio.run(release.drain())


async def ordered(store):
    mail = a_mail(content=CONTENT)
    await store.custody.hold(mail, a_hold(mail), (), ())
    await store.holds.release(ID, "dpo")


async def taken_up(store, port):
    """What the next process does at once, and after the lease of the dead one."""
    await a_release(store, port, owner="next:1").drain()
    store.now += LEASE_SECONDS
    await a_release(store, port, owner="next:1").drain()
    store.now += 30 * 86400
    await a_release(store, port, owner="next:1").drain()
    return [copy.state for copy in (await store.holds.get(ID)).copies]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_a_released_mail_is_sent(tmp_path, kind, step):
    url = fresh(kind, tmp_path)
    store = Store(url, tmp_path)
    asyncio.run(ordered(store))
    store.database.close()
    internet = Internet()
    internet.hop.port = free_port()
    if "stalls" in step:
        internet.hop.says["."] = [Deed.STALL]
    fork = multiprocessing.get_context("fork")  # before the hop has its thread
    begin, begins = fork.Pipe()
    process = fork.Process(target=child, args=(url, tmp_path, internet.hop.port, step, begins))
    process.start()
    internet.up()
    begin.send("now")
    if "stalls" in step:
        eventually(lambda: "DATA" in internet.hop.commands)
        os.kill(process.pid, signal.SIGKILL)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    store = Store(url, tmp_path)
    states = asyncio.run(taken_up(store, internet.hop.port))
    store.database.close()
    internet.down()
    assert states == [State.RELEASED] * 2
    assert len(internet.taken) == (2 if step in UNRECORDED else 1)
    assert {one.content for one in internet.taken} == {a_mail().trace + CONTENT}
