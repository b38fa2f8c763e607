"""libarchive (BSD licence, libarchive.so.13), bound by hand: reading from memory, nothing else.

Optional: without the library `LIBRARY` is None, and what needs it is told as unsupported. By hand,
since the binding on the package index logs what the library says, which may quote a file name, and
offers every format and filter at once, some of which start programs. Formats are asked for by name.

What the library says of an error is looked at for a word or two and dropped.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from gateway.extract import characters
from gateway.model import Trouble

_NAMES = ("libarchive.so.13", "libarchive.13.dylib", "libarchive.dylib")
_MAGIC = 4  # bytes
_PIECE = 256 * 1024  # bytes unpacked at a time

_END, _OK, _WARN, _FAILED = 1, 0, -20, -25  # archive.h; below -25 nothing more can be read
_KIND_OF_FILE, _REGULAR = 0o170000, 0o100000

_FUNCTIONS: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "archive_read_new": (ctypes.c_void_p, ()),
    "archive_read_open_memory": (
        ctypes.c_int,
        (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t),
    ),
    "archive_read_next_header": (
        ctypes.c_int,
        (ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p)),
    ),
    "archive_read_data": (
        ctypes.c_ssize_t,
        (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t),
    ),
    "archive_read_free": (ctypes.c_int, (ctypes.c_void_p,)),
    "archive_filter_bytes": (ctypes.c_int64, (ctypes.c_void_p, ctypes.c_int)),
    "archive_error_string": (ctypes.c_char_p, (ctypes.c_void_p,)),
    "archive_entry_pathname": (ctypes.c_char_p, (ctypes.c_void_p,)),
    "archive_entry_pathname_w": (ctypes.c_wchar_p, (ctypes.c_void_p,)),
    "archive_entry_symlink": (ctypes.c_char_p, (ctypes.c_void_p,)),
    "archive_entry_hardlink": (ctypes.c_char_p, (ctypes.c_void_p,)),
    "archive_entry_filetype": (ctypes.c_uint, (ctypes.c_void_p,)),
    "archive_entry_is_encrypted": (ctypes.c_int, (ctypes.c_void_p,)),
}
_SUPPORT = "archive_read_support_"  # followed by format_NAME or filter_NAME


@cache
def _library() -> ctypes.CDLL | None:
    for name in _NAMES:
        try:
            library = ctypes.CDLL(name)
            for function, (result, arguments) in _FUNCTIONS.items():
                bound = getattr(library, function)
                bound.restype, bound.argtypes = result, arguments
        except (OSError, AttributeError):  # not installed; older than what we ask of it
            continue
        return library
    return None


LIBRARY = _library()  # at import: behind the wall no file opens


class Unreadable(Exception):
    """Of which kind, in `trouble`. Never with what the library said."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Entry:
    """The member that the archive stands at. names: in each plausible reading; the targets of
    links among them. regular: a file, which `Archive.read` unpacks."""

    names: tuple[str, ...]
    regular: bool
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Archive:
    """Members in the order in which they lie; each is read before the next is asked for."""

    _library: ctypes.CDLL
    _handle: int

    def entries(self) -> Iterator[Entry]:
        """Raises Unreadable where nothing more can be read."""
        entry = ctypes.c_void_p()
        while True:
            code = self._library.archive_read_next_header(self._handle, ctypes.byref(entry))
            if code == _END:
                return
            if code < _WARN:
                raise Unreadable(self._why())
            yield self._entry(entry)

    def _entry(self, entry: ctypes.c_void_p) -> Entry:
        names = []
        if wide := self._library.archive_entry_pathname_w(entry):
            names.append(wide)
        elif raw := self._library.archive_entry_pathname(entry):
            names += characters.readings(raw)
        for link in ("archive_entry_symlink", "archive_entry_hardlink"):
            if raw := getattr(self._library, link)(entry):
                names += characters.readings(raw)
        kind = self._library.archive_entry_filetype(entry) & _KIND_OF_FILE
        return Entry(
            tuple(dict.fromkeys(_plain(name) for name in names)),
            kind in (_REGULAR, 0),
            self._library.archive_entry_is_encrypted(entry) > 0,
        )

    def read(self, most: int) -> tuple[bytes, Trouble | None]:
        """The member as far as it could be read, and why it is not all."""
        out = bytearray()
        piece = ctypes.create_string_buffer(min(_PIECE, most + 1))
        while len(out) <= most:
            count = self._library.archive_read_data(self._handle, piece, len(piece))
            if count < 0:
                return bytes(out), self._why()
            if count == 0:
                return bytes(out), None
            out += memoryview(piece)[:count]
        return bytes(out[:most]), Trouble.TOO_BIG

    def taken(self) -> int:
        """Bytes of the file looked at so far, as it came: before any filter."""
        return int(self._library.archive_filter_bytes(self._handle, -1))

    def _why(self) -> Trouble:
        said = (self._library.archive_error_string(self._handle) or b"").lower()
        if any(word in said for word in (b"encrypt", b"passphrase", b"crypto")):
            return Trouble.ENCRYPTED
        if any(word in said for word in (b"support", b"unavailable", b"multivolume")):
            return Trouble.UNSUPPORTED
        return Trouble.DAMAGED


def _plain(name: str) -> str:
    """Without the lone surrogates that a broken name may hold: no encoding takes them."""
    return name.encode("utf-8", "replace").decode("utf-8")


@contextmanager
def opened(
    data: bytes, formats: tuple[str, ...], filters: tuple[str, ...] = ()
) -> Iterator[Archive]:
    """Raises Unreadable: UNSUPPORTED where the library is missing or cannot read this."""
    if LIBRARY is None:
        raise Unreadable(Trouble.UNSUPPORTED)
    handle = LIBRARY.archive_read_new()
    if not handle:
        raise MemoryError
    try:
        for ability in (*(f"format_{f}" for f in formats), *(f"filter_{f}" for f in filters)):
            support = getattr(LIBRARY, _SUPPORT + ability, None)
            if support is None:
                raise Unreadable(Trouble.UNSUPPORTED)
            support.restype, support.argtypes = ctypes.c_int, (ctypes.c_void_p,)
            if support(handle) != _OK:  # _WARN: by a program that it would start
                raise Unreadable(Trouble.UNSUPPORTED)
        archive = Archive(LIBRARY, handle)
        if LIBRARY.archive_read_open_memory(handle, data, len(data)) < _WARN:
            raise Unreadable(archive._why())
        yield archive
    finally:
        LIBRARY.archive_read_free(handle)


def unpacked(data: bytes, form: str, most: int) -> tuple[bytes, Trouble | None, bytes]:
    """One compressed stream ("zstd", "lz4", "compress", "lzip"): what came out, why not all, and
    what follows that is none: the library stops there without a word."""
    try:
        with opened(data, ("raw",), (form,)) as archive:
            for _ in archive.entries():
                out, trouble = archive.read(most)
                if trouble or archive.taken() >= len(data):
                    return out, trouble, b""
                looked = _MAGIC if form == "lz4" else 0  # whether another stream begins there
                return out, None, data[archive.taken() - looked :]
    except Unreadable as error:
        return b"", error.trouble, b""
    return b"", None, data
