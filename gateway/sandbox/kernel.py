"""System calls that Python does not offer, resolved when this module is imported.

Nothing is looked up later: once a worker is jailed, no library can be opened any more.
Numbers are those of linux/prctl.h, linux/sched.h and linux/capability.h.
"""

from __future__ import annotations

import ctypes
import os
import signal

_LIBC = ctypes.CDLL(None, use_errno=True)
_SYSCALL, _PRCTL, _UNSHARE, _CAPSET = (
    getattr(_LIBC, name) for name in ("syscall", "prctl", "unshare", "capset")
)
_SYSCALL.restype = ctypes.c_long

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_SECCOMP_MODE_FILTER = 2
_OWN_CAPABILITIES = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3 of the header; this process
_NONE = (ctypes.c_uint32 * 6)()

CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


class _Program(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """The result; OSError where the kernel refuses or does not know the call."""
    return _checked(_SYSCALL(ctypes.c_long(number), *map(_argument, arguments)))


def unshare(namespaces: int) -> None:
    _checked(_UNSHARE(ctypes.c_int(namespaces)))


def drop_capabilities() -> None:
    """All three sets of this process, and what an exec would inherit."""
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    _checked(_CAPSET(_OWN_CAPABILITIES, _NONE))


def forbid_new_privileges() -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def forbid_dumps() -> None:
    """No core, and no ptrace or /proc/pid/mem by another process of the same user."""
    _prctl(_PR_SET_DUMPABLE, 0)


def die_with(parent: int) -> None:
    """SIGKILL once the parent ends. A change of uid clears it, so this comes after."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(0)


def filter_calls(program: bytes) -> None:
    """Install a seccomp-BPF program: 8 bytes an instruction."""
    descriptor = _Program(len(program) // 8, program)
    _checked(
        _PRCTL(
            ctypes.c_int(_PR_SET_SECCOMP),
            ctypes.c_ulong(_SECCOMP_MODE_FILTER),
            ctypes.byref(descriptor),
            ctypes.c_ulong(0),
            ctypes.c_ulong(0),
        )
    )


def _prctl(option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    _checked(_PRCTL(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero))


def _argument(value: int | bytes | None) -> ctypes.c_ulong | ctypes.c_char_p:
    """Whole words: a variadic function would read only half of one for a plain int."""
    return ctypes.c_ulong(value) if isinstance(value, int) else ctypes.c_char_p(value)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
