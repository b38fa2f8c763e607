"""Listening sockets that the service manager opened for us (sd_listen_fds(3)).

A port below 1024 then asks for no root, and while we restart clients wait in the manager's socket
instead of being refused. Each has a name, that of the door: `FileDescriptorName=smtp`.
"""

from __future__ import annotations

import os
import socket
from collections.abc import MutableMapping

from gateway.config_words import Listen
from gateway.errors import Misconfigured

FIRST = 3  # SD_LISTEN_FDS_START


def inherited(environment: MutableMapping[str, str]) -> dict[str, socket.socket]:
    """By name. The variables that tell of them are taken away: they are not for our children."""
    told = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
    pid, count, names = (environment.pop(name, "") for name in told)
    if pid != str(os.getpid()) or not count.isdecimal():
        return {}
    found: dict[str, socket.socket] = {}
    for number, name in enumerate(names.split(":")[: int(count)], FIRST):
        if name in found:
            raise Misconfigured(f"systemd: two sockets are named {name}; one is enough: [::]:25")
        os.set_inheritable(number, False)
        found[name] = socket.socket(fileno=number)
        found[name].setblocking(False)
    return found


def demand_same(name: str, sock: socket.socket, where: Listen) -> None:
    """The configuration says where we listen; what a unit says must not differ unseen."""
    is_local = sock.family == socket.AF_UNIX
    address = sock.getsockname()
    given = f"unix:{address}" if is_local else str(Listen(*address[:2]))
    if given != str(where):
        wrong = f"{name}: gateway.yaml listens on {where}, systemd's socket on {given}"
        raise Misconfigured(f"{wrong}; write the same in both")
