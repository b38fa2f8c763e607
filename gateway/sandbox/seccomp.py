"""The system calls a worker may make, as a seccomp-BPF program.

Three answers. What computing needs is allowed. What no reader of documents has cause to call kills
the process: it has been taken over. All else (opening a file, starting a thread) is refused with
EPERM, since libraries try such things and live without.

Numbers: Linux, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
Source of the layout: Documentation/userspace-api/seccomp_filter.rst. Other machines get no filter,
and say so.
"""

from __future__ import annotations

import errno
import os
import struct

_LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

# Offsets into struct seccomp_data, both machines being little-endian.
_NUMBER = 0
_MACHINE = 4
_FOURTH_ARGUMENT = 40

_KILL = 0x80000000  # SECCOMP_RET_KILL_PROCESS
_REFUSE = 0x00050000 | errno.EPERM  # SECCOMP_RET_ERRNO
_ALLOW = 0x7FFF0000

_AT_EMPTY_PATH = 0x1000  # fstat in the C library of today: the descriptor, never a path


_Numbers = dict[str, tuple[int, int | None]]
"""Name of a call: its numbers on the two machines; None where there is no such call."""

# fmt: off
_ALLOWED: _Numbers = {
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "close": (3, 57),
    "fstat": (5, 80), "lseek": (8, 62),
    "mmap": (9, 222), "munmap": (11, 215), "mprotect": (10, 226), "brk": (12, 214),
    "mremap": (25, 216), "madvise": (28, 233),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128),
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101), "gettimeofday": (96, 169), "time": (201, None), "times": (100, 153),
    "getrusage": (98, 165),
    "getpid": (39, 172), "gettid": (186, 178), "getppid": (110, 173), "getuid": (102, 174),
    "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "getrandom": (318, 278), "futex": (202, 98), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "set_robust_list": (273, 99), "rseq": (334, 293),
    "membarrier": (324, 283), "getcpu": (309, 168), "sysinfo": (99, 179), "uname": (63, 160),
    "exit": (60, 93), "exit_group": (231, 94),
}
_FATAL: _Numbers = {
    "socket": (41, 198), "socketpair": (53, 199), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "connect": (42, 203), "sendto": (44, 206),
    "sendmsg": (46, 211),
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "kill": (62, 129), "tkill": (200, 130), "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_by_handle_at": (304, 265),
    "setuid": (105, 146), "setgid": (106, 144), "setresuid": (117, 147), "setresgid": (119, 149),
    "setgroups": (116, 159), "capset": (126, 91),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219),
}
# fmt: on
_NEWFSTATAT = (262, 79)  # allowed for a descriptor, refused for a path
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_… of linux/audit.h


def program(machine: str | None = None) -> bytes | None:
    """The filter for this machine, or None where we have no table for it."""
    machine = machine or os.uname().machine
    if machine not in _MACHINES:
        return None
    column = list(_MACHINES).index(machine)
    steps = [
        (_LOAD_WORD, 0, 0, _MACHINE),
        (_JUMP_EQUAL, 1, 0, _MACHINES[machine]),
        (_RETURN, 0, 0, _KILL),  # a call made by the rules of another machine
        (_LOAD_WORD, 0, 0, _NUMBER),
    ]
    for answer, calls in ((_ALLOW, _ALLOWED), (_KILL, _FATAL)):
        for numbers in calls.values():
            number = numbers[column]
            if number is not None:
                steps += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer)]
    steps += [
        (_JUMP_EQUAL, 0, 3, _NEWFSTATAT[column]),
        (_LOAD_WORD, 0, 0, _FOURTH_ARGUMENT),
        (_JUMP_EQUAL, 0, 1, _AT_EMPTY_PATH),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
