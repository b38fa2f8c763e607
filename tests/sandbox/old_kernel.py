"""A kernel that offers none of the layers: what the zygote would meet on it."""

from __future__ import annotations

import errno
from typing import NoReturn

from gateway.sandbox import kernel, landlock


def warm() -> None:
    """In the zygote, before the jail is built."""
    landlock.syscall = _unknown  # type: ignore[attr-defined]  # no Landlock before 5.13
    kernel.filter_calls = _unknown  # no seccomp
    kernel.unshare = _forbidden  # a container that may make no namespaces


def _unknown(*_: object) -> NoReturn:
    raise OSError(errno.ENOSYS, "no such call")


def _forbidden(*_: object) -> NoReturn:
    raise OSError(errno.EPERM, "not here")
