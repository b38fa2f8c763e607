"""What a reader that was taken over would try. Each returns what it managed, or never returns.

The content names the act and its argument: b"open_file /etc/shadow". What was got away with comes
back as a hit of kind "escaped"; a refusal by the system as a problem.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import socket
import struct
import subprocess
import time

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

SEEN: list[bytes] = []  # what this process read: one message, if the wall holds


def warm() -> None:
    ctypes.CDLL(None)


def said(*words: str) -> Reading:
    """A proper reading that carries these words as values."""
    hits = tuple(Hit("escaped", word, Likelihood.LIKELY, Place("1")) for word in words)
    return Reading(hits=hits, parts=(PartRead(Place("1"), "text", Coverage.WHOLE),))


def read(content: bytes, limits: Limits) -> Reading:
    name, _, argument = content.decode("utf-8", "replace").partition(" ")
    try:
        return said(str(ACTS[name](argument)))
    except OSError as refusal:
        problem = Problem(Trouble.UNSUPPORTED, Place("1"), os.strerror(refusal.errno or 0))
        return Reading(problems=(problem,))


def failing(content: bytes, limits: Limits) -> Reading:
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


def _remember(word: str) -> str:
    SEEN.append(word.encode())
    os.environ["SEEN"] = word
    return f"{len(SEEN)} {os.getpid()}"


def _trace(_: str) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), None, None) < 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")
    return "attached"


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
    "open_socket": lambda _: socket.socket(),
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
    "lie_pathological_number": lambda _: lie(framed(b'["more","x",' + b"9" * 100_000 + b"]")),
}
