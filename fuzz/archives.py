"""Archives and packed files: zip, gzip, tar, and what libarchive and our own readers open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from fuzz import files
from tests.makers import archives as made
from tests.makers import documents

WORDS = (
    b"PK\3\4|PK\1\2|PK\5\6|PK\6\6|PK\6\7|PK\7\x08|\x01\x99\7\0|ustar|\x1f\x8b\x08|BZh9|Rar!\x1a\7\1|"
    b"Rar!\x1a\7\0|MSCF|-lh0-|-lh5-|070701|!<arch>\n|\xff\xff\xff\xff|\0\0\0\0|../|a.txt|L|g|x"
).split(b"|")
LONGEST = 10_240
MEMBERS = {"a.txt": b"Bonjour,\n" * 9, "b/c.csv": b"Nom;Date\nx;y\n"}
FORMS = ("7zip", "cpio_newc", "cpio", "ar_svr4", "gnutar", "pax", "xar")
FILTERS = ("zstd", "lz4", "compress", "lzip", "xz", "lzma", "bzip2")
check = files.check


def seeds() -> Iterator[bytes]:
    for method in (0, 8, 12, 14):
        yield documents.zip_of(MEMBERS, method=method)
    yield documents.zip_locked(MEMBERS)
    yield documents.zip_locked(MEMBERS, aes=True)
    yield documents.zip_of({"b.zip": documents.zip_of(MEMBERS)})
    yield from made.split_zip(documents.zip_of(MEMBERS))
    yield documents.gzip(documents.tar(MEMBERS))
    yield documents.tar(MEMBERS)
    yield made.cab(MEMBERS)
    yield made.lha(MEMBERS)
    for flags in ({}, {"volume": True}, {"locked": True}):
        yield made.rar5(MEMBERS, **flags)
        yield made.rar4(MEMBERS, **flags)
    yield made.seven_locked("a.txt")
    with suppress(ImportError):  # without libarchive
        yield from (made.by_libarchive(MEMBERS, form) for form in FORMS)
        yield from (made.filtered(b"Bonjour,\n" * 99, form) for form in FILTERS)
