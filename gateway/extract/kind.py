"""What a part is, by its content: never by its name, and by its label only among texts.

Our own table of signatures first, a look inside for zip files, then whether it looks like text;
libmagic, where installed, names the rest. A file that is two things at once has two kinds.
"""

from __future__ import annotations

from functools import cache
from typing import Protocol

from gateway.extract import (
    characters,
    compound,
    dicom_header,
    health,
    messages,
    signal,
    sound,
    zipped,
)
from gateway.extract.delimited import delimiter
from gateway.model import Part

HEAD = 4096  # bytes given to libmagic: its cost grows with what it is given

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"PK\x07\x08", "zip"),
    (0, b"PK00PK\x03\x04", "zip"),
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (0, b"\xff\xd8\xff", "image"),
    (0, b"GIF8", "image"),
    (0, b"II*\0", "image"),
    (0, b"MM\0*", "image"),
    (8, b"WEBP", "image"),
    (0, b"\0\0\1\0", "image"),
    (4, b"ftypheic", "image"),
    (4, b"ftypheix", "image"),
    (4, b"ftypmif1", "image"),
    (4, b"ftypavif", "image"),
    (40, b" EMF", "metafile"),
    (0, b"\xd7\xcd\xc6\x9a", "metafile"),
    (0, b"\1\0\t\0\0\3", "metafile"),
    (0, b"\2\0\t\0\0\3", "metafile"),
    (0, compound.SIGNATURE, "ole"),
    (0, b"\x09\x08\x10\0\0\x06\x05\0", "xls"),  # Excel 97, 5, 4, 3 and 2 without a compound file
    (0, b"\x09\x08\x08\0\0\x05\x05\0", "xls"),
    (0, b"\x09\x04\x06\0\0\0\x10\0", "xls"),
    (0, b"\x09\x02\x06\0\0\0\x10\0", "xls"),
    (0, b"\x09\0\x04\0\x02\0\x10\0", "xls"),
    (0, b"{\\rt", "rtf"),
    (0, b"\x1f\x8b", "gzip"),
    (4, b"1AY&SY", "bzip2"),
    (4, b"\x17\x72\x45\x38\x50\x90", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (257, b"ustar", "tar"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"MSCF\0\0\0\0", "cab"),
    (32_769, b"CD001", "iso"),
    (0, b"!<arch>\n", "ar"),
    (0, b"xar!\0", "xar"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x04\x22\x4d\x18", "lz4"),
    (0, b"\x1f\x9d", "compress"),
    (0, b"LZIP\x01", "lzip"),
    (0, b"\x5d\0\0", "lzma"),
    (0, b"\x78\x9f\x3e\x22", "tnef"),
    (128, b"DICM", "dicom"),
    (0, b"-----BEGIN PGP MESSAGE", "pgp"),
    (0, b"-----BEGIN PKCS7", "p7m"),
    (0, b"-----BEGIN PKCS #7", "p7m"),
    (0, b"-----BEGIN CMS", "p7m"),
    (0, b"MZ", "program"),
    (0, b"\x7fELF", "program"),
    (0, b"SQLite format 3\0", "sqlite"),
    (0, b"!BDN", "pst"),
)
_BY_OFFSET = {  # for one question in place of thirty
    offset: tuple(signature for at, signature, _ in _SIGNATURES if at == offset)
    for offset in sorted({at for at, _, _ in _SIGNATURES})
}
_BMP = b"BM"
_PKCS7 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"  # 1.2.840.113549.1.7, near the start of any CMS
_SMIME = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01"  # …9.16.1: compressed, authenticated
_PKCS7_IN_BASE64 = (b"GCSqGSIb3DQEH", b"YJKoZIhvcNAQ", b"KoZIhvcNAQcC")
_CPIO = (b"070701", b"070702", b"070707")  # more digits follow: in hexadecimal, in octal
_END_OF_ZIP = b"PK\x05\x06"
_LONGEST_ZIP_COMMENT = 65_557  # bytes, with the record it ends

# Control bytes that no text has. Left out: blanks, ESC of ISO-2022, the separators of HL7.
_NO_TEXT = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f")) + b"\x7f"
_ALL_BUT_NO_TEXT = bytes(set(range(256)) - set(_NO_TEXT))
_FEW = 300  # at most one such byte in as many is a slip in a text

_BEGINNINGS = ((b"BEGIN:VCARD", "vcard"), (b"BEGIN:VCALENDAR", "calendar"))
# What holds other files as they are, and so may show their signatures: a tar may begin with a PDF,
# the last attachment of a winmail.dat may be a zip.
_CONTAINERS = frozenset(
    ("tnef", "p7m", "tar", "cpio", "ar", "xar", "iso", "cab", "lha", "7z", "rar", "mbox")
)
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
    if first == "ole":  # these carry a zip with their theme
        return (compound.kind(data),)
    if first in _ZIPS or first in _CONTAINERS:
        return (first,)
    others = _besides(data)
    if first == "dicom" and _wraps_pdf(data):  # which is a part of its own
        others = [other for other in others if other != "pdf"]
    return (first, *(other for other in others if other != first))


def of_text(part: Part) -> str:
    """ "text", "html" or "empty" for what is that and nothing else, "" for all the rest."""
    data = part.data
    if not data.strip():
        return "empty"
    if signed(data) or _besides(data):
        return ""
    found = textual(part)
    return found if found in ("text", "html") else ""


def _wraps_pdf(data: bytes) -> bool:
    """As the value of an element; not in front of all, nor where the image should be."""
    before = data[:1024].partition(b"%PDF-")[0]
    return len(before) > dicom_header.PREAMBLE and not any(
        tag in before for tag in dicom_header.PIXEL_TAGS
    )


def _besides(data: bytes) -> list[str]:
    """Kinds whose readers do not mind what stands before."""
    found = []
    if b"%PDF-" in data[:1024]:
        found.append("pdf")
    if _END_OF_ZIP in data[-_LONGEST_ZIP_COMMENT:] and zipped.ends_well(data):
        found.append("zip")
    if data.startswith(dicom_header.MARK, dicom_header.PREAMBLE):
        found.append("dicom")
    return found


def signed(data: bytes) -> str:
    """The kind that a signature tells, or ""."""
    if data.startswith(b"%PDF-") or data[:1024].lstrip().startswith(b"%PDF-"):
        return "pdf"
    if any(data.startswith(some, offset) for offset, some in _BY_OFFSET.items()):
        for offset, signature, kind in _SIGNATURES:
            if data.startswith(signature, offset):
                return kind
    if data[:64].lstrip().startswith(b"{\\rtf"):
        return "rtf"
    if _is_cms(data):
        return "p7m"
    if _is_openpgp(data):
        return "pgp"
    if data[2:5] in (b"-lh", b"-lz") and data[6:7] == b"-":
        return "lha"
    if data[:6] in _CPIO and not data[:76].translate(None, b"0123456789abcdefABCDEF"):
        return "cpio"
    if data.startswith(_BMP) and data[6:10] == b"\0\0\0\0":
        return "image"
    if sound.begins(data):
        return "media"
    if dicom_header.begins(data):
        return "dicom"
    return "signal" if signal.kind(data) else ""


def _is_cms(data: bytes) -> bool:
    """In DER or BER, or in bare base64, where the identifier has three spellings."""
    if data[:1] == b"0":
        return _PKCS7 in data[:64] or _SMIME in data[:64]
    return data[:1] == b"M" and any(mark in data[:64] for mark in _PKCS7_IN_BASE64)


def _is_openpgp(data: bytes) -> bool:
    """A session key for somebody (version 3, 6) or under a password (4 to 6): RFC 9580, 5.1, 5.3.
    In armour, a signature of the table tells."""
    if data[:1] in (b"\x84", b"\xc1", b"\x8c", b"\xc3"):
        start = 2 if data[1:2] < b"\xc0" or data[:1] in b"\x84\x8c" else 3
    elif data[:1] in (b"\x85", b"\x8d"):
        start = 3
    else:
        return False
    versions = (3, 6) if data[:1] in b"\x84\x85\xc1" else (4, 5, 6)
    return len(data) > start and data[start] in versions and not data[:64].isascii()


def looks_like_text(data: bytes) -> bool:
    """No control bytes to speak of, or UTF-16."""
    controls = len(data.translate(None, _ALL_BUT_NO_TEXT))
    return controls * _FEW <= len(data) or bool(characters.utf16(data))


def textual(part: Part) -> str:
    """Which kind of text it is, or "" when it is none."""
    data = part.data
    if not looks_like_text(data):
        return ""
    if part.body:
        return "html" if part.declared == "text/html" else "text"
    if found := health.of_text(data):
        return found
    message = messages.of_text(data)
    if message == messages.XML:
        return message
    if part.declared == "text/html":
        return "html"
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    for beginning, kind in _BEGINNINGS:
        if start[: len(beginning)].upper() == beginning:
            return kind
    if start.startswith(b"<") and (start[1:2].isalpha() or start[1:2] in (b"!", b"?")):
        return "xml" if start.startswith(b"<?xml") else "html"
    if _is_mail(part):
        return "mbox" if data.startswith(b"From ") else "message"
    return message or health.within(data) or ("csv" if delimiter(data) else "text")


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
