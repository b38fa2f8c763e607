"""Mails made to cost their reader far more than they cost whoever sends them.

Small as they travel, so that a door takes them; what they claim to hold is named in the function.
Nothing here is ever unpacked by the maker: what is repeated is packed once and its bytes repeated,
since a deflate stream (RFC 1951) that was flushed may be followed by itself.
"""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

from tests.makers import documents, mails

MEGABYTE = 1 << 20
GIGABYTE = 1 << 30


def repeated(unit: bytes, times: int, *, head: bytes = b"", tail: bytes = b"") -> bytes:
    """A raw deflate stream of head, `times` times the unit, and tail."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(unit) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(tail) + packer.flush()
    return first + block * times + last


def zip_of_streams(members: dict[str, bytes], claimed: int = 0) -> bytes:
    """An archive of members that are packed already. claimed: the size that it tells of each."""
    body, directory = bytearray(), bytearray()
    for name, packed in members.items():
        fields = (20, 0, 8, 0, 0, 0, len(packed), claimed or 2 * len(packed), len(name), 0)
        directory += struct.pack("<4sH5H3L2H", b"PK\x01\x02", 20, *fields)
        directory += struct.pack("<3H2L", 0, 0, 0, 0, len(body)) + name.encode()
        body += struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields) + name.encode() + packed
    count = len(members)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)


def flat_zip(gigabytes: int = 10) -> bytes:
    """One member, of so many gigabytes, in a thousandth of it."""
    return zip_of_streams({"base.csv": repeated(b"0" * MEGABYTE, gigabytes << 10)}, 0xFFFFFFFE)


def nested_zip(depth: int = 40) -> bytes:
    """Archives within archives; one that holds itself is no worse."""
    data = b"fin"
    for level in range(depth):
        data = documents.zip_of({f"{level}.zip": data}, method=zipfile.ZIP_STORED)
    return data


def branching_zip(branches: int = 10, depth: int = 9) -> bytes:
    """Ten archives of ten archives each: a thousand million at the bottom."""
    data = b"0" * 1024
    for level in range(depth):
        data = documents.zip_of({f"{level}.{n}.zip": data for n in range(branches)})
    return data


def overlapping_zip(members: int = 500) -> bytes:
    """Every entry of the directory leads to the same bytes (D. Fifield, "A better zip bomb")."""
    one = documents.zip_of({"a": b"0" * 10 * MEGABYTE})
    at = one.index(b"PK\x01\x02")
    entry, body = one[at : one.index(b"PK\x05\x06")], one[:at]
    directory = entry * members
    sizes = len(directory), len(body)
    return (
        body + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, members, members, *sizes, 0)
    )


def crowded_zip(members: int = 60_000) -> bytes:
    """So many empty files."""
    return zip_of_streams(dict.fromkeys(map(str, range(members)), b"\x03\0"))


def gzip_of(gigabytes: int = 10) -> bytes:
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    return head + repeated(b"\0" * MEGABYTE, gigabytes << 10) + struct.pack("<2L", 0, 0)


def gzip_chain(members: int = 20_000) -> bytes:
    """One file of many, packed one by one: RFC 1952, 2.2."""
    return gzip.compress(b"0", mtime=0) * members


def tar_gzip(gigabytes: int = 4) -> bytes:
    """A tar whose only file is zeros, packed."""
    info = tarfile.TarInfo("base.csv")
    info.size = gigabytes * GIGABYTE
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    return head + repeated(b"\0" * MEGABYTE, gigabytes << 10, head=info.tobuf()) + b"\0" * 8


def sparse_tar() -> bytes:
    """A file of 2^40 bytes of which none is stored (GNU sparse format 1.0)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("GNUSparseFile.0/base.csv")
        stored = b"1\n0\n0\n".ljust(512, b"\0")
        info.size = len(stored)
        info.pax_headers = {
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.name": "base.csv",
            "GNU.sparse.realsize": str(1 << 40),
        }
        archive.addfile(info, io.BytesIO(stored))
    return out.getvalue()


def docx_of(xml: bytes) -> bytes:
    return documents.zip_of({"[Content_Types].xml": b"<Types/>", "word/document.xml": xml})


def laughing_xml(levels: int = 30) -> bytes:
    """Entities of entities: ten to the thirtieth words."""
    entities = b"".join(
        b'<!ENTITY l%d "%s">' % (level + 1, b"&l%d;" % level * 10) for level in range(levels)
    )
    return b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">%s]><d><t>&l%d;</t></d>' % (
        entities,
        levels,
    )


def quadratic_xml(size: int = 100_000) -> bytes:
    """One long entity, many times: no nesting to be noticed."""
    body = b"&a;" * size
    return b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "%s">]><d>%s</d>' % (b"a" * size, body)


def deep_xml(depth: int = 1_000_000) -> bytes:
    return b"<d>" + b"<p>" * depth + b"a" + b"</p>" * depth + b"</d>"


_SHEET = b'<worksheet xmlns="x"><sheetData>'


def _book(sheet: bytes, strings: bytes = b"") -> bytes:
    """A workbook of one sheet; both packed already."""
    kinds = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    members = {
        "[Content_Types].xml": kinds.compress(b"<Types/>") + kinds.flush(),
        "xl/worksheets/sheet1.xml": sheet,
    }
    return zip_of_streams(members | ({"xl/sharedStrings.xml": strings} if strings else {}))


def long_xlsx(gigabytes: int = 1) -> bytes:
    """A sheet of so many gigabytes."""
    row = b'<row><c t="inlineStr"><is><t>Nom</t></is></c></row>'
    unit = row * (MEGABYTE // len(row))
    return _book(repeated(unit, gigabytes << 10, head=_SHEET, tail=b"</sheetData></worksheet>"))


def echoing_xlsx(cells: int = 500_000, length: int = 30_000) -> bytes:
    """One long word that every cell of the sheet points to: 15 GB as text, in 5 MB of sheet."""
    strings = b"<sst><si><t>" + b"a" * length + b"</t></si></sst>"
    row = b"<row>" + b'<c t="s"><v>0</v></c>' * 100 + b"</row>"
    sheet = _SHEET + row * (cells // 100) + b"</sheetData></worksheet>"

    def packed(data: bytes) -> bytes:  # badly, or the ratio alone would give it away
        packer = zlib.compressobj(1, wbits=-zlib.MAX_WBITS, strategy=zlib.Z_HUFFMAN_ONLY)
        return packer.compress(data) + packer.flush()

    return _book(packed(sheet), packed(strings))


def huge_png(side: int = 60_000) -> bytes:
    """A picture of so many pixels a side, all of them white."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        )

    header = struct.pack(">2L5B", side, side, 8, 2, 0, 0, 0)
    packed = b"\x78\xda" + repeated(b"\0" * MEGABYTE, side * side * 3 // MEGABYTE) + b"\0" * 4
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def pdf_of(*objects: bytes) -> bytes:
    """A document of these objects, numbered from 1; the first is the catalogue."""
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count + table
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return bytes(out)


_CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
_FONT = b"/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"


def _page(contents: bytes, box: bytes = b"[0 0 600 800]") -> bytes:
    return b"<< /Type /Page /Parent 2 0 R /MediaBox %s %s %s >>" % (box, _FONT, contents)


def _stream(packed: bytes) -> bytes:
    return b"<< /Length %d /Filter /FlateDecode >> stream\n%s\nendstream" % (len(packed), packed)


def flate_pdf(gigabytes: int = 1) -> bytes:
    """A page whose orders, unpacked, take so many gigabytes."""
    unit = b"BT /F 9 Tf (mot) Tj ET\n" * (MEGABYTE // 23)
    packed = b"\x78\xda" + repeated(unit, gigabytes << 10) + b"\0" * 4
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf_of(_CATALOGUE, pages, _page(b"/Contents 4 0 R"), _stream(packed))


def scanned_pdf(megabytes: int = 256) -> bytes:
    """A page without a word, and so many megabytes of orders that draw next to nothing: a second
    reader, asked since the first found nothing, would look at them for minutes."""
    unit = b"q Q\n" * (MEGABYTE // 4)
    dot = b"BI /W 1 /H 1 /BPC 8 /CS /G ID \xff EI\n"
    packed = b"\x78\xda" + repeated(unit, megabytes, head=dot) + b"\0" * 4
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf_of(_CATALOGUE, pages, _page(b"/Contents 4 0 R"), _stream(packed))


def deep_pdf(depth: int = 50_000) -> bytes:
    """One page, at the end of a long branch."""
    nodes = (
        b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1)
        for number in range(2, depth + 2)
    )
    return pdf_of(_CATALOGUE, *nodes, _page(b""))


def circular_pdf() -> bytes:
    """Pages that are their own ancestors."""
    pages = b"<< /Type /Pages /Kids [2 0 R 2 0 R 2 0 R] /Count 1000000 >>"
    return pdf_of(_CATALOGUE, pages)


def bracketed_pdf(depth: int = 1_000_000) -> bytes:
    """Lists within lists, where the text of a page should be."""
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf_of(_CATALOGUE, pages, _page(b"/Contents " + b"[" * depth + b"]" * depth))


def crowded_pdf(pages: int = 200_000) -> bytes:
    """The same page so many times."""
    kids = b"3 0 R " * pages
    return pdf_of(
        _CATALOGUE, b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages), _page(b"")
    )


def nested_multiparts(depth: int = 10_000) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (level, level)
        for level in range(depth)
    )
    closed = b"".join(b"\r\n--%d--\r\n" % level for level in reversed(range(depth)))
    return mails.message(opened + mails.text("fin") + closed)


def nested_messages(depth: int = 10_000) -> bytes:
    head = b"MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
    return mails.message(head * depth + mails.text("fin"))


def forwarded_mails(depth: int = 300) -> bytes:
    """Messages in multiparts in messages, as a long exchange of forwards would have."""
    inner = mails.message(mails.text("fin"))
    for _ in range(depth):
        inner = mails.message(mails.multipart("mixed", mails.entity("message/rfc822", inner)))
    return inner


def many_parts(count: int = 100_000) -> bytes:
    head = b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
    return mails.message(head + b"--x\r\n\r\na\r\n" * count + b"--x--\r\n")


def many_fields(count: int = 1_000_000) -> bytes:
    return b"X-A: b\r\n" * count + mails.message(mails.text("fin"))


def many_words(count: int = 200_000) -> bytes:
    """One Subject of so many encoded words (RFC 2047)."""
    return b"Subject: " + b"=?utf-8?q?a?=\r\n " * count + b"\r\n" + mails.message(mails.text("fin"))


def many_parameters(count: int = 200_000) -> bytes:
    """A file name in so many pieces (RFC 2231, 3)."""
    pieces = b"".join(b";\r\n filename*%d*=a" % number for number in range(count))
    part = b"Content-Disposition: attachment" + pieces + b"\r\n\r\nfin\r\n"
    return mails.mixed(part)


def long_field(size: int = 30 * MEGABYTE) -> bytes:
    return b"Subject: " + b"a " * (size // 2) + b"\r\n" + mails.message(mails.text("fin"))


def attached(name: str, make: Callable[[], bytes]) -> Callable[[], bytes]:
    return lambda: mails.mixed(mails.text("Voir ci-joint."), mails.attachment(name, make()))


BOMBS: dict[str, Callable[[], bytes]] = {
    "a member of 10 GB": attached("a.zip", flat_zip),
    "archives within archives": attached("a.zip", nested_zip),
    "archives of archives": attached("a.zip", branching_zip),
    "members that overlap": attached("a.zip", overlapping_zip),
    "sixty thousand members": attached("a.zip", crowded_zip),
    "a gzip of 10 GB": attached("a.gz", gzip_of),
    "a chain of gzips": attached("a.gz", gzip_chain),
    "a packed tar of 4 GB": attached("a.tgz", tar_gzip),
    "a tar of holes": attached("a.tar", sparse_tar),
    "entities of entities": attached("a.docx", lambda: docx_of(laughing_xml())),
    "an entity many times": attached("a.docx", lambda: docx_of(quadratic_xml())),
    "a million elements deep": attached("a.docx", lambda: docx_of(deep_xml())),
    "bare entities of entities": attached("a.xml", laughing_xml),
    "a sheet of 1 GB": attached("a.xlsx", long_xlsx),
    "a word in every cell": attached("a.xlsx", echoing_xlsx),
    "a huge picture": attached("a.png", huge_png),
    "a page of 1 GB": attached("a.pdf", flate_pdf),
    "a scan under 256 MB of orders": attached("a.pdf", scanned_pdf),
    "a deep tree of pages": attached("a.pdf", deep_pdf),
    "pages in a circle": attached("a.pdf", circular_pdf),
    "brackets in brackets": attached("a.pdf", bracketed_pdf),
    "two hundred thousand pages": attached("a.pdf", crowded_pdf),
    "multiparts in multiparts": nested_multiparts,
    "messages in messages": nested_messages,
    "forwards of forwards": forwarded_mails,
    "a hundred thousand parts": many_parts,
    "a million fields": many_fields,
    "a Subject of many words": many_words,
    "a name of many pieces": many_parameters,
    "a Subject of 30 MB": long_field,
}
