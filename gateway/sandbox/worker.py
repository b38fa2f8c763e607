"""One worker: forked, jailed, one message, gone. Never returns to the zygote's code.

Its exit code is all it says besides the answer. The door does not rely on either.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import NoReturn

from gateway.model import Coverage, Limits, PartRead, Place, Problem, Reading, Trouble
from gateway.sandbox import wire
from gateway.sandbox.jail import Jail

Read = Callable[[bytes, Limits, wire.Broken, Callable[[int], None]], Reading]
"""The work itself: gateway.inspection.read."""

NO_PART = -1  # as gateway.inspection numbers it

ANSWERED = 0
OUT_OF_MEMORY = 3
FAILED = 4
UNJAILED = 5  # a layer that the trial had could not be had again; no message was read

_CHUNK_BYTES = 1 << 20

_SPECIMEN = b"""\
Subject: =?utf-8?q?R=C3=A9p=C3=A9tition?=\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=x\r
\r
--x\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
Madame, Monsieur, rien =C3=A0 signaler le 3 mai 2021 au 01 02 03 04 05.\r
--x\r
Content-Type: text/html; charset=utf-8\r
\r
<html><body><p>Rien &agrave; signaler</p></body></html>\r
--x\r
Content-Type: text/csv; name=liste.csv\r
Content-Transfer-Encoding: base64\r
\r
Q29kZTtMaWJlbGzpDQoxO1JpZW4NCjI7UmllbiBub24gcGx1cw0KMztUb3Vqb3VycyByaWVuDQo=\r
--x--\r
"""


class Trace:
    """The number of the part that a worker has open, in a page that it shares with the zygote.

    It outlives the worker, costs no message, and can be forged: it names what to close, no more.
    """

    _number = struct.Struct("=q")

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)
        self.put(NO_PART)

    def put(self, number: int) -> None:
        self._number.pack_into(self._page, 0, number)

    def take(self) -> int:
        """In the zygote, once the worker has ended."""
        (number,) = self._number.unpack_from(self._page)
        self._page.close()
        return int(number)


def live(
    door: int,
    jail: Jail,
    parent: int,
    missing: tuple[str, ...],
    read: Read,
    trace: Trace,
    output_bytes: int,
) -> NoReturn:
    """missing: the layers known to be out of reach; one more, and the worker refuses to work."""
    code = FAILED
    try:
        if enter(jail, parent, door) != missing:
            os._exit(UNJAILED)
        _work(door, read, trace, output_bytes)
        code = ANSWERED
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:  # whatever was raised is dropped with the process: its text may quote the message
        os._exit(code)


def enter(jail: Jail, parent: int, door: int) -> tuple[str, ...]:
    """Leave everything of the zygote's behind but its memory. Returns the missing layers."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    kept = sorted({0, 1, 2, door} | ({jail.ruleset} if jail.ruleset is not None else set()))
    for before, after in pairwise(kept):
        os.closerange(before + 1, after)
    os.closerange(kept[-1] + 1, os.sysconf("SC_OPEN_MAX"))
    return jail.enter(parent)


def unread(trouble: Trouble, detail: str) -> Reading:
    """Nothing of the message was read, and why: rules hold it."""
    whole = Place("")
    return Reading(
        problems=(Problem(trouble, whole, detail),),
        parts=(PartRead(whole, "message", Coverage.UNREAD),),
    )


def _work(door: int, read: Read, trace: Trace, output_bytes: int) -> None:
    _rehearse(read, output_bytes)
    content, limits, broken = wire.take_request(partial(_take, door))
    try:
        answer = wire.answer(read(content, limits, broken, trace.put), limits, output_bytes)
    except wire.Oversize:
        crowded = unread(Trouble.TOO_BIG, "more was found than can be told")
        answer = wire.answer(crowded, limits, output_bytes)
    left = memoryview(answer)
    while left:
        left = left[os.write(door, left) :]


def _rehearse(read: Read, output_bytes: int) -> None:
    """Read a mail of our own while nobody waits.

    A forked process copies each page of memory when it first writes to it, and Python writes to
    all it looks at (it counts references): some 3 ms that the message need not wait for.
    """
    with suppress(Exception):
        wire.answer(read(_SPECIMEN, Limits(), {}, lambda _: None), Limits(), output_bytes)


def _take(door: int, length: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < length:
        piece = os.read(door, min(length - len(pieces), _CHUNK_BYTES))
        if not piece:  # the door went away, or does not need this spare worker
            os._exit(ANSWERED)
        pieces += piece
    return bytes(pieces)
