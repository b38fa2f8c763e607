"""What each process of the gateway does of itself: it leaves root, dies with its parent, and
stops or reads its rules again when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import pwd
import signal
import socket
from collections.abc import Callable

from gateway.config import Config
from gateway.errors import Misconfigured


def become(config: Config, user: str | None, *, apart: bool = False) -> None:
    """Leave root for good. Door and release share a store through the door user's group, and with
    the portal, through that one's group, what waits there. apart: the portal itself."""
    if user is None or os.getuid() != 0:
        return
    house = user if apart else config.users.door or user
    shared = config.users.portal if config.portal and not apart else None
    try:
        uid = pwd.getpwnam(user).pw_uid
        gid = pwd.getpwnam(house).pw_gid
        groups = [gid, pwd.getpwnam(shared).pw_gid] if shared else [gid]
    except KeyError:
        raise Misconfigured(f"users: there is no system user {user}") from None
    os.setgroups(groups)
    os.setgid(gid)
    os.setuid(uid)
    os.umask(0o007)
    die_with_parent()  # the kernel forgets it when the uid changes


def die_with_parent() -> None:
    pr_set_pdeathsig = 1
    libc = ctypes.CDLL(None)
    libc.prctl(pr_set_pdeathsig, signal.SIGTERM, 0, 0, 0)


def is_orphan(status: socket.socket) -> bool:
    """The parent died before we asked to die with it."""
    try:
        return status.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


def until_told(reload: Callable[[], None]) -> asyncio.Event:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    def again() -> None:
        with contextlib.suppress(Misconfigured):
            reload()

    loop.add_signal_handler(signal.SIGHUP, again)
    return stopping
