"""The keeper: starts zygotes for a door, with the rights the door had when its wall was raised.

A door that began as root leaves root once its sockets and keys are open. A zygote that it started
after that could not become nobody any more, nor leave the network. So a small process that never
sees a message stays behind and starts them. Run as a program by the door, which orders:

    door -> keeper   "start" with a descriptor, the zygote's end of its socket to the door | "end"

Either ends the zygote before. It dies with the door, and its zygote with it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress

from gateway.sandbox import kernel

_ORDER_BYTES = 16


def main(told: str) -> None:
    """told: the zygote's orders as JSON; `control` and `parent` are ours here."""
    orders = json.loads(told)
    kernel.die_with(orders["parent"])
    control = socket.socket(fileno=orders["control"])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # meant for the door, which ends us when it is done
    zygote: subprocess.Popen[bytes] | None = None
    while True:
        order, descriptors, _, _ = socket.recv_fds(
            control, _ORDER_BYTES, 1, socket.MSG_CMSG_CLOEXEC
        )
        if zygote:
            zygote.kill()
            zygote.wait()
            zygote = None
        if not order:  # the door went away
            return
        for descriptor in descriptors:
            with suppress(OSError):  # the machine is short of something: the door hears its end
                zygote = _start(orders, descriptor)
            os.close(descriptor)


def _start(orders: dict[str, object], control: int) -> subprocess.Popen[bytes]:
    told = orders | {"control": control, "parent": os.getpid()}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "gateway.sandbox.zygote", json.dumps(told)],
        pass_fds=(control,),
    )


if __name__ == "__main__":
    main(sys.argv[1])
