"""Landlock: the kernel refuses every file, TCP port and abstract socket from then on.

Source: Linux, Documentation/userspace-api/landlock.rst. What is already open stays usable, so
libraries are loaded before. It does not refuse stat(2); the filter of system calls does.
"""

from __future__ import annotations

import os
import struct

from gateway.sandbox.kernel import syscall

# The same numbers on every architecture.
_CREATE_RULESET = 444
_RESTRICT_SELF = 446
_ASK_VERSION = 1

_FILES = (1 << 13) - 1  # version 1: execute, read, write, list, make, remove
_LATER_FILES = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}  # refer, truncate, ioctl on devices
_NETWORK = 0b11  # version 4: bind and connect over TCP
_SCOPE = 0b11  # version 6: abstract unix sockets and signals of processes outside


def ruleset() -> int | None:
    """A descriptor of a ruleset that allows nothing; None where the kernel has no Landlock."""
    try:
        version = syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
        attributes = _attributes(version)
        return syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    except OSError:
        return None


def restrict(descriptor: int) -> None:
    """Bind this process and its children for ever. Needs no-new-privileges."""
    syscall(_RESTRICT_SELF, descriptor, 0)
    os.close(descriptor)


def _attributes(version: int) -> bytes:
    """struct landlock_ruleset_attr, as long as this version knows it."""
    files = _FILES | sum(bit for since, bit in _LATER_FILES.items() if version >= since)
    if version >= 6:
        return struct.pack("=QQQ", files, _NETWORK, _SCOPE)
    if version >= 4:
        return struct.pack("=QQ", files, _NETWORK)
    return struct.pack("=Q", files)
