"""What a worker gives up before it reads a message: everything but computing and answering.

    uid -> capabilities -> new privileges -> limits -> files and network -> system calls

Each layer alone should hold; a kernel or a user that cannot give one says so by name, and the
gateway tells its operator. What costs too much for every worker (a network of its own, empty) is
done once in the zygote, whose children inherit it.

Does not hide that files exist from a kernel without seccomp, nor time, nor the load of the machine.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from gateway.sandbox import kernel, landlock, seccomp

_T = TypeVar("_T")

LAYERS = ("uid", "network", "landlock", "seccomp")


@dataclass(frozen=True, slots=True)
class Jail:
    """uid, gid: what root becomes; a plain user stays who it is, and lacks the layer "uid".

    address_space_bytes: what the zygote occupies, and what one message may take beyond.
    network: whether an empty network was had.
    ruleset: descriptor of the Landlock rules, or None.
    program: the filter of system calls, or None.
    """

    uid: int
    gid: int
    address_space_bytes: int
    cpu_seconds: int
    network: bool
    ruleset: int | None
    program: bytes | None

    @classmethod
    def build(
        cls, *, uid: int, gid: int, memory_bytes: int, cpu_seconds: int, without: tuple[str, ...]
    ) -> Jail:
        """In the zygote, warm. without: layers left out, so that tests can see each hold alone."""
        root = os.geteuid() == 0
        return cls(
            uid=uid if root and "uid" not in without else -1,
            gid=gid,
            address_space_bytes=_occupied_bytes() + memory_bytes,
            cpu_seconds=cpu_seconds,
            network="network" not in without and _leave_the_network(root),
            ruleset=None if "landlock" in without else landlock.ruleset(),
            program=None if "seccomp" in without else seccomp.program(),
        )

    def enter(self, parent: int) -> tuple[str, ...]:
        """In the worker: give all of it up. Returns the layers that could not be had."""
        missing = [] if self.network else ["network"]
        with suppress(OSError):  # first to go when the machine runs short, before the zygote
            _write("/proc/self/oom_score_adj", b"1000")
        if not self._drop_user():
            missing.append("uid")
        kernel.drop_capabilities()
        kernel.forbid_new_privileges()
        kernel.forbid_dumps()
        kernel.die_with(parent)
        self._limit()
        if not _done(landlock.restrict, self.ruleset):
            missing.append("landlock")
        if not _done(kernel.filter_calls, self.program):
            missing.append("seccomp")
        return tuple(layer for layer in LAYERS if layer in missing)

    def _drop_user(self) -> bool:
        if self.uid < 0:
            return False
        try:
            os.setgroups([])
            os.setresgid(self.gid, self.gid, self.gid)
            os.setresuid(self.uid, self.uid, self.uid)
        except OSError:  # root of a container that may not change users
            return False
        return True

    def _limit(self) -> None:
        for what, soft, hard in (
            (resource.RLIMIT_CPU, self.cpu_seconds, self.cpu_seconds + 1),  # SIGXCPU, SIGKILL
            (resource.RLIMIT_AS, self.address_space_bytes, self.address_space_bytes),
            (resource.RLIMIT_FSIZE, 0, 0),
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_MEMLOCK, 0, 0),
            (resource.RLIMIT_MSGQUEUE, 0, 0),
            (resource.RLIMIT_NPROC, 0, 0),
            (resource.RLIMIT_NOFILE, 0, 0),  # what is open stays usable, nothing else opens
        ):
            ceiling = resource.getrlimit(what)[1]
            if ceiling != resource.RLIM_INFINITY:
                soft, hard = min(soft, ceiling), min(hard, ceiling)
            resource.setrlimit(what, (soft, hard))


def _leave_the_network(root: bool) -> bool:
    """Into an empty one. A plain user needs a user namespace for that, which it may not have."""
    namespaces = kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC
    try:
        kernel.unshare(namespaces if root else namespaces | kernel.CLONE_NEWUSER)
    except OSError:
        return False
    return True


def _done(give_up: Callable[[_T], None], what: _T | None) -> bool:
    if what is None:
        return False
    try:
        give_up(what)
    except OSError:
        return False
    return True


def _occupied_bytes() -> int:
    with open("/proc/self/statm", "rb") as pages:
        return int(pages.read().split()[0]) * resource.getpagesize()


def _write(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)
