"""What a part is, by its content: never by its name, and by its label only among texts.

Our own table of signatures first, a look inside for zip files, then whether it looks like text;
libmagic, where installed, names the rest. A file that is two things at once has two kinds.
"""

from __future__ import annotations

from functools import cache
from typing import Protocol

from gateway.extract import characters, zipped
from gateway.extract.delimited import delimiter
from gateway.model import Part

HEAD = 4096  # bytes given to libmagic: its cost grows with what it is given

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"PK\x07\x08", "zip"),
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (0, b"\xff\xd8\xff", "image"),
    (0, b"GIF8", "image"),
    (0, b"II*\0", "image"),
    (0, b"MM\0*", "image"),
    (8, b"WEBP", "image"),
    (0, b"\0\0\1\0", "image"),
    (4, b"ftypheic", "image"),
    (4, b"ftypavif", "image"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"{\\rtf", "rtf"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (257, b"ustar", "tar"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"\x78\x9f\x3e\x22", "tnef"),
    (128, b"DICM", "dicom"),
    (0, b"-----BEGIN PGP MESSAGE", "pgp"),
    (0, b"-----BEGIN PKCS7", "p7m"),
    (0, b"MZ", "program"),
    (0, b"\x7fELF", "program"),
    (0, b"SQLite format 3\0", "sqlite"),
    (0, b"!BDN", "pst"),
    (0, b"OggS", "media"),
    (0, b"ID3", "media"),
    (4, b"ftyp", "media"),
)
_BY_OFFSET = {  # for one question in place of thirty
    offset: tuple(signature for at, signature, _ in _SIGNATURES if at == offset)
    for offset in sorted({at for at, _, _ in _SIGNATURES})
}
_BMP = b"BM"
_PKCS7 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"  # 1.2.840.113549.1.7, near the start of any CMS
_END_OF_ZIP = b"PK\x05\x06"
_LONGEST_ZIP_COMMENT = 65_557  # bytes, with the record it ends

# Control bytes that no text has. Left out: blanks, ESC of ISO-2022, the separators of HL7.
_NO_TEXT = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f")) + b"\x7f"
_ALL_BUT_NO_TEXT = bytes(set(range(256)) - set(_NO_TEXT))
_FEW = 300  # at most one such byte in as many is a slip in a text

_ZIPS = ("zip", "docx", "xlsx", "pptx", "odf", "xlsb")


class _Magic(Protocol):
    def from_buffer(self, buffer: bytes) -> str: ...


def kinds(part: Part) -> tuple[str, ...]:
    """One kind, or several for a file that is several things; "binary" when nothing fits."""
    data = part.data
    if not data.strip():
        return ("empty",)
    first = signed(data) or textual(part) or _by_magic(data)
    if first == "zip":
        first = zipped.kind(data)
    if first in _ZIPS or first == "ole":  # Office 97 files carry a zip with their theme
        return (first,)
    return (first, *(other for other in _besides(data) if other != first))


def of_text(part: Part) -> str:
    """ "text", "html" or "empty" for what is that and nothing else, "" for all the rest."""
    data = part.data
    if not data.strip():
        return "empty"
    if signed(data) or _besides(data):
        return ""
    found = textual(part)
    return found if found in ("text", "html") else ""


def _besides(data: bytes) -> list[str]:
    """Kinds whose readers do not mind what stands before."""
    found = []
    if b"%PDF-" in data[:1024]:
        found.append("pdf")
    if _END_OF_ZIP in data[-_LONGEST_ZIP_COMMENT:] and zipped.ends_well(data):
        found.append("zip")
    return found


def signed(data: bytes) -> str:
    """The kind that a signature tells, or ""."""
    if data.startswith(b"%PDF-") or data[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    if any(data.startswith(some, offset) for offset, some in _BY_OFFSET.items()):
        for offset, signature, kind in _SIGNATURES:
            if data.startswith(signature, offset):
                return kind
    if data[:1] == b"0" and _PKCS7 in data[:64]:
        return "p7m"
    if data.startswith(_BMP) and data[6:10] == b"\0\0\0\0":
        return "image"
    return ""


def looks_like_text(data: bytes) -> bool:
    """No control bytes to speak of, or UTF-16."""
    controls = len(data.translate(None, _ALL_BUT_NO_TEXT))
    return controls * _FEW <= len(data) or bool(characters.utf16(data))


def textual(part: Part) -> str:
    """Which kind of text it is, or "" when it is none."""
    data = part.data
    if not looks_like_text(data):
        return ""
    if part.declared == "text/html":
        return "html"
    if part.body:
        return "text"
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<") and (start[1:2].isalpha() or start[1:2] in (b"!", b"?")):
        return "xml" if start.startswith(b"<?xml") else "html"
    if _is_mail(part):
        return "message"
    return "csv" if delimiter(data) else "text"


def _is_mail(part: Part) -> bool:
    """A saved mail: at least two header fields at the top, one of them every mail has."""
    names = []
    for line in part.data[:8192].splitlines()[:40]:
        if line.startswith((b" ", b"\t", b"From ", b">From ")):
            continue
        name, colon, _ = line.partition(b":")
        if not colon or not name or name.strip(b" ").translate(None, _FIELD_NAME):
            break
        names.append(name.strip().lower())
    return len(names) >= 2 and not _OF_ANY_MAIL.isdisjoint(names)


_FIELD_NAME = bytes(range(33, 127))
_OF_ANY_MAIL = frozenset(
    (b"received", b"return-path", b"mime-version", b"message-id", b"date", b"from", b"subject")
)


def _by_magic(data: bytes) -> str:
    library = magic()
    if library is None:
        return "binary"
    media, _, subtype = library.from_buffer(data[:HEAD]).partition("/")
    if media in ("image", "audio", "video"):
        return "image" if media == "image" else "media"
    return {"x-tar": "tar", "zip": "zip", "gzip": "gzip", "vnd.ms-tnef": "tnef"}.get(
        subtype, "binary"
    )


@cache
def magic() -> _Magic | None:
    """libmagic, loaded once before the wall is up; None where it is not installed."""
    try:
        from magic import Magic
    except ImportError:
        return None
    library: _Magic = Magic(mime=True)
    return library
