"""What a reader that was taken over would try. Each returns what it managed, or never returns.

The content names the act and its argument: b"open_file /etc/shadow". What was got away with comes
back as a hit of kind "escaped"; a refusal by the system as a problem.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import mmap
import os
import pickle
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable

from gateway.model import (
    Coverage,
    Hit,
    Likelihood,
    Limits,
    PartRead,
    Place,
    Problem,
    Reading,
    Trouble,
)
from gateway.sandbox import kernel, worker
from gateway.sandbox.wire import Broken

At = Callable[[int], None]

CALLS = {  # include/uapi/asm-generic/unistd.h, arch/x86/entry/syscalls/syscall_64.tbl
    "x86_64": {"fork": 57, "vfork": 58, "clone": 56, "clone3": 435, "brk": 12, "unlink": 87}
    | {"memfd_create": 319, "prlimit64": 302, "shmget": 29, "sched_setscheduler": 144},
    "aarch64": {"clone": 220, "clone3": 435, "brk": 214, "memfd_create": 279, "prlimit64": 261}
    | {"shmget": 194, "sched_setscheduler": 119},
}

SEEN: list[bytes] = []  # what this process read: one message, if the wall holds


def warm() -> None:
    ctypes.CDLL(None)


def said(*words: str) -> Reading:
    """A proper reading that carries these words as values."""
    hits = tuple(Hit("escaped", word, Likelihood.LIKELY, Place("1")) for word in words)
    return Reading(hits=hits, parts=(PartRead(Place("1"), "text", Coverage.WHOLE),))


def read(content: bytes, limits: Limits, broken: Broken, at: At) -> Reading:
    name, _, argument = content.decode("utf-8", "replace").partition(" ")
    try:
        return said(str(ACTS[name](argument)))
    except OSError as refusal:
        problem = Problem(Trouble.UNSUPPORTED, Place("1"), os.strerror(refusal.errno or 0))
        return Reading(problems=(problem,))


def failing(content: bytes, limits: Limits, broken: Broken, at: At) -> Reading:
    raise ValueError("the text of this quotes " + content.decode())


def _door() -> int:
    """The descriptor that leads to the door: the only socket there is."""
    for number in range(3, 256):
        try:
            if os.fstat(number).st_mode & 0o170000 == 0o140000:
                return number
        except OSError:
            continue
    raise AssertionError("no door")


def lie(frame: bytes) -> None:
    left = memoryview(frame)
    while left:
        left = left[os.write(_door(), left) :]
    os._exit(0)


def framed(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


class _Bomb:
    def __reduce__(self):
        return os._exit, (42,)


def _flood(_: str) -> None:
    door = _door()
    while True:
        os.write(door, b"\xff" * 65536)


def _descriptors(_: str) -> list[int]:
    found = []
    for number in range(1024):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            continue
    return found


def _use_file(path: str, flags: int) -> str:
    descriptor = os.open(path, flags, 0o600)
    return os.read(descriptor, 100).decode() if flags == os.O_RDONLY else "opened"


def _fork(_: str) -> str:
    if os.fork() == 0:
        time.sleep(30)
        os._exit(0)
    return "forked"


def _loop(_: str) -> None:
    while True:
        pass


def _loop_in_c(_: str) -> None:
    """Never back in the interpreter's own loop, where Python would look for signals."""
    sum(iter(int, 1))


def _tire(_: str) -> None:
    """Compute for so long that it shows from outside (processes.busy), then sleep."""
    begun = time.process_time()
    while time.process_time() < begun + 0.5:
        pass
    time.sleep(600)


def _hang_up(_: str) -> None:
    os.close(_door())
    time.sleep(600)


def _blame(number: str) -> None:
    """Say that another part is open, then die of it."""
    for trace in _traces():
        trace.put(int(number))
    ctypes.string_at(0)


def _traces() -> list[worker.Trace]:
    """Its own, and those of its siblings if it could see them."""
    return [thing for thing in gc.get_objects() if isinstance(thing, worker.Trace)]


def _remember(word: str) -> str:
    SEEN.append(word.encode())
    os.environ["SEEN"] = word
    return f"{len(SEEN)} {os.getpid()}"


def _trace(_: str) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), None, None) < 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")
    return "attached"


def _socket(name: str) -> str:
    family, kind = {
        "inet": (socket.AF_INET, socket.SOCK_STREAM),
        "inet6": (socket.AF_INET6, socket.SOCK_DGRAM),
        "unix": (socket.AF_UNIX, socket.SOCK_STREAM),
        "netlink": (socket.AF_NETLINK, socket.SOCK_RAW),
        "packet": (socket.AF_PACKET, socket.SOCK_RAW),
        "alg": (socket.AF_ALG, socket.SOCK_SEQPACKET),
    }[name]
    return str(socket.socket(family, kind))


def _system_call(words: str) -> str:
    """By number, as code would that does not care for the C library."""
    name, *arguments = words.split()
    result = kernel.syscall(CALLS[os.uname().machine][name], *map(int, arguments))
    if result == 0 and name in ("fork", "vfork", "clone", "clone3"):
        os._exit(0)
    return f"{name} {result}"


def _break_up(_: str) -> int:
    """10 GB by brk(2), which malloc does not need to be asked for."""
    number = CALLS[os.uname().machine]["brk"]
    before = kernel.syscall(number, 0)
    return kernel.syscall(number, before + (10 << 30)) - before or _refused()


def _refused() -> int:
    raise OSError(errno.ENOMEM, "brk")  # it says so by not moving


def _map(_: str) -> int:
    return len(mmap.mmap(-1, 10 << 30))


def _flood_errors(_: str) -> str:
    """A gigabyte of noise, to wherever standard output and errors lead."""
    for _ in range(1 << 10):
        os.write(1, b"x" * (1 << 19))
        os.write(2, b"x" * (1 << 19))
    return ""


def _signal(number: str) -> str:
    signal.raise_signal(int(number))
    return "survived"


def _answer_twice(_: str) -> None:
    """An answer to the message, and another for whoever comes next."""
    record = framed(b'["part","1","","text","whole"]')
    os.write(_door(), record)
    lie(record)


def _connect(port: str) -> str:
    with socket.create_connection(("127.0.0.1", int(port)), timeout=5):
        return "connected"


def _raise_limits(_: str) -> str:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    return "raised"


def _status(_: str) -> str:
    return f"{os.getuid()} {os.geteuid()} {os.getgid()} {sorted(os.environ)}"


ACTS = {
    "nothing": lambda word: word,
    "measure": len,
    "status": _status,
    "remember": _remember,
    "descriptors": _descriptors,
    "open_socket": _socket,
    "system_call": _system_call,
    "break": _break_up,
    "map": _map,
    "flood_errors": _flood_errors,
    "signal": _signal,
    "answer_twice": _answer_twice,
    "connect": _connect,
    "open_file": lambda path: _use_file(path, os.O_RDONLY),
    "write_file": lambda path: _use_file(path, os.O_WRONLY | os.O_CREAT),
    "look_at_file": lambda path: os.stat(path).st_size,
    "list_directory": os.listdir,
    "read_memory_of_parent": lambda _: _use_file(f"/proc/{os.getppid()}/mem", os.O_RDONLY),
    "read_environment_of_parent": lambda _: _use_file(f"/proc/{os.getppid()}/environ", os.O_RDONLY),
    "fork": _fork,
    "thread": lambda _: __import__("_thread").start_new_thread(time.sleep, (30,)),
    "execute": lambda _: os.execv("/bin/true", ["true"]),
    "spawn": lambda _: subprocess.run(["/bin/true"], check=True),
    "become_root": lambda _: os.setuid(0),
    "trace_parent": _trace,
    "kill_parent": lambda _: os.kill(os.getppid(), signal.SIGKILL),
    "kill_all": lambda _: os.kill(-1, signal.SIGKILL),
    "raise_limits": _raise_limits,
    "allocate": lambda mebibytes: len(bytearray(int(mebibytes or 10 << 10) << 20)),
    "loop": _loop,
    "loop_in_c": _loop_in_c,
    "tire": _tire,
    "hang_up": _hang_up,
    "traces": lambda _: len(_traces()),
    "blame": _blame,
    "sleep": lambda _: time.sleep(600),
    "flood": _flood,
    "exit": lambda _: os._exit(0),
    "crash": lambda _: ctypes.string_at(0),
    "abort": lambda _: os.abort(),
    "recurse": lambda _: (lambda f: f(f))(lambda f: f(f)),
    "much": lambda _: "x" * 20_000,
    "lie_bad_json": lambda _: lie(framed(b'["hit",')),
    "lie_wrong_type": lambda _: lie(framed(b'["hit","fr.nir",7,2,"1","",[]]')),
    "lie_extra_field": lambda _: lie(framed(b'["part","1","","text","whole","more"]')),
    "lie_object": lambda _: lie(framed(b'{"hits":[]}')),
    "lie_huge_length": lambda _: lie(b"\xff\xff\xff\xff[]"),
    "lie_truncated": lambda _: lie(framed(b'["part","1","","text","whole"]')[:-3]),
    "lie_trailing": lambda _: lie(framed(b'["part","1","","text","whole"]') + b"\n"),
    "lie_pickle": lambda _: lie(framed(pickle.dumps(_Bomb()))),
    "lie_nesting": lambda _: lie(framed(b"[" * 400_000)),
    "lie_nothing": lambda _: lie(b""),
    "lie_short_length": lambda _: lie(b"\0\0\0\1" + b'["part","1","","text","whole"]'),
    "lie_long_length": lambda _: lie(b"\0\0\1\0" + b'["part","1","","text","whole"]'),
    "lie_negative": lambda _: lie(framed(b'["more","fr.nir",-3]')),
    "lie_unknown_kind": lambda _: lie(framed(b'["hit","Jean Dupont","1",2,"1","",[]]')),
    "lie_unknown_trouble": lambda _: lie(framed(b'["problem","fine","1","",""]')),
    "lie_long_place": lambda _: lie(framed(b'["part","%s","","text","whole"]' % (b"1" * 20_000))),
    "lie_many_parts": lambda _: lie(framed(b'["part","1","","text","whole"]\n' * 100_000)),
    "lie_pathological_number": lambda _: lie(framed(b'["more","x",' + b"9" * 100_000 + b"]")),
}
