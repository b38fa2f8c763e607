"""The zygote: a warm interpreter that workers are forked from. Run as a program by the keeper.

It holds every library that reading needs, and never configuration or keys: it is a fresh process,
with an environment of its own, that reads nothing but its command line and short orders:

    door -> zygote   "fork" | "kill PID"
    zygote -> door   "ready LAYER…" | "born PID" with a descriptor | "unborn"
                     | "ended PID STATUS PART"

One thread only, or a fork could inherit a lock that nobody opens. It dies with the door, and its
workers with it. It alone ends and reaps workers, so a PID is never mistaken for another's.
"""

from __future__ import annotations

import codecs
import encodings
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gateway.sandbox import kernel, worker
from gateway.sandbox.jail import Jail

_ORDER_BYTES = 64


@dataclass(frozen=True, slots=True)
class Orders:
    """The command line, as JSON: anybody on the machine may read it.

    control: the descriptor of our end of the socket to the door.
    parent: the PID of the keeper, with which we end.
    read, warm: "module:function"; the latter load what the former needs, and may be given one
    text, after a blank.
    uid, gid: what workers become where the zygote is root.
    """

    control: int
    parent: int
    read: str
    warm: tuple[str, ...]
    uid: int
    gid: int
    memory_bytes: int
    cpu_seconds: int
    output_bytes: int
    without: tuple[str, ...]


def main(told: str) -> None:
    orders = Orders(**json.loads(told))
    kernel.die_with(orders.parent)
    control = socket.socket(fileno=orders.control)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # meant for the door
    os.umask(0o077)
    os.chdir("/")
    read = _named(orders.read)
    for warm in orders.warm:
        name, *argument = warm.split(" ", 1)
        _named(name)(*argument)
    _load_codecs()
    _be_silent()
    gc.collect()
    gc.freeze()  # or the collector would write to, and so copy, every page shared with the workers
    jail = Jail.build(
        uid=orders.uid,
        gid=orders.gid,
        memory_bytes=orders.memory_bytes,
        cpu_seconds=orders.cpu_seconds,
        without=tuple(orders.without),
    )
    Zygote(control, jail, read, orders.output_bytes).serve()


class Zygote:
    def __init__(
        self, control: socket.socket, jail: Jail, read: worker.Read, output_bytes: int
    ) -> None:
        self._control = control
        self._jail = jail
        self._read = read
        self._output_bytes = output_bytes
        self._pid = os.getpid()
        self._missing = _trial(jail)
        self._children: dict[int, worker.Trace] = {}

    def serve(self) -> None:
        """Until the door goes away."""
        woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._tell("ready", *self._missing, *_threads())
        poll = select.poll()
        poll.register(woken, select.POLLIN)
        poll.register(self._control, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if woken in ready:
                os.read(woken, 4096)
                self._reap()
            if self._control.fileno() in ready and not self._obey():
                return

    def _obey(self) -> bool:
        match self._control.recv(_ORDER_BYTES).split():
            case [b"fork"]:
                self._fork()
            case [b"kill", pid] if int(pid) in self._children:
                os.kill(int(pid), signal.SIGKILL)
            case []:
                return False
        return True

    def _fork(self) -> None:
        ours, theirs = socket.socketpair()
        trace = worker.Trace()
        with ours, theirs:
            try:
                pid = os.fork()
            except OSError:  # no memory or no process left on the machine
                self._tell("unborn")
                return
            if pid == 0:
                self._children.clear()  # unmaps the pages of the others' traces
                worker.live(
                    theirs.fileno(),
                    self._jail,
                    self._pid,
                    self._missing,
                    self._read,
                    trace,
                    self._output_bytes,
                )
            self._children[pid] = trace
            socket.send_fds(self._control, [b"born %d" % pid], [ours.fileno()])

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            part = self._children.pop(pid).take()
            self._tell("ended", pid, os.waitstatus_to_exitcode(status), part)

    def _tell(self, *words: str | int) -> None:
        self._control.send(" ".join(map(str, words)).encode())


def _trial(jail: Jail) -> tuple[str, ...]:
    """Jail a first worker for nothing, to learn which layers this kernel and user give."""
    told, tell = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(tell, json.dumps(worker.enter(jail, parent, tell)).encode())
        finally:
            os._exit(0)
    os.close(tell)
    with open(told, "rb") as pipe:
        missing = json.loads(pipe.read())
    os.waitpid(pid, 0)
    return tuple(missing)


def _threads() -> tuple[str, ...]:
    """A library that started threads makes forks unsafe: named like a missing layer."""
    return ("threads",) if len(os.listdir("/proc/self/task")) > 1 else ()


def _load_codecs() -> None:
    """Python opens the file of a character set at its first use, which no worker can."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(ImportError, LookupError):  # those of another operating system
            importlib.import_module(f"encodings.{module.name}")
            codecs.lookup(module.name)


def _be_silent() -> None:
    """What libraries print may quote the message."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _named(dotted: str) -> Any:
    module, _, name = dotted.partition(":")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    main(sys.argv[1])
