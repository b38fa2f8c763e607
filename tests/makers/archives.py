"""Archives, signed files, mailboxes, cards and calendars, made from words.

7z, iso, cpio, xar and ar are written by libarchive (through its binding, for tests only), encrypted
zips by pyzipper; cab, lha and rar by hand, stored, since no free program writes them everywhere.
"""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime

import pyzipper
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7

from tests.makers.documents import zip_of


def by_libarchive(members: Mapping[str, bytes], form: str, filters: str | None = None) -> bytes:
    """form: "7zip", "iso9660", "cpio_newc", "cpio", "xar", "ar_svr4", "gnutar", "pax"."""
    import libarchive  # its import fails where Debian's libarchive13 is missing

    out: list[bytes] = []

    def write(piece: object) -> int:
        out.append(bytes(piece))  # type: ignore[call-overload]
        return len(out[-1])

    with libarchive.custom_writer(write, form, filters) as archive:
        for name, data in members.items():
            archive.add_file_from_memory(name, len(data), data)
    return b"".join(out)


def filtered(data: bytes, form: str) -> bytes:
    """A tar of one file, packed: "zstd", "lz4", "compress", "lzip"."""
    return by_libarchive({"x.txt": data}, "gnutar", form)


def cab(members: Mapping[str, bytes]) -> bytes:
    """MS-CAB: one folder of one data block, not packed."""
    files, data = b"", b"".join(members.values())
    offset = 0
    for name, content in members.items():
        raw = name.encode("utf-8")
        files += struct.pack("<LLHHHH", len(content), offset, 0, 0x5A21, 0, 0xA0) + raw + b"\0"
        offset += len(content)
    block = struct.pack("<LHH", 0, len(data), len(data)) + data
    first, where = 36 + 8, 36 + 8 + len(files)
    folder = struct.pack("<LHH", where, 1, 0)
    head = struct.pack(
        "<4sLLLLLBBHHHHH",
        b"MSCF", 0, where + len(block), 0, first, 0, 3, 1, 1, len(members), 0, 0, 0,
    )  # fmt: skip
    return head + folder + files + block


def lha(members: Mapping[str, bytes]) -> bytes:
    """Level 0 headers, method -lh0- (stored)."""
    out = b""
    for name, data in members.items():
        raw = name.encode()
        body = struct.pack(
            "<5sLLLBBB", b"-lh0-", len(data), len(data), 0x5A215A21, 0x20, 0, len(raw)
        )
        body += raw + struct.pack("<H", _crc16(data))
        out += bytes((len(body), sum(body) & 0xFF)) + body + data
    return out + b"\0"


def _crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xA001 if crc & 1 else 0)
    return crc


def rar5(members: Mapping[str, bytes], *, volume: bool = False, locked: bool = False) -> bytes:
    """Stored. locked: with the record that says so; its bytes are not, and nobody should look."""
    out = b"Rar!\x1a\x07\x01\0" + _block5(1, b"", vint(1 if volume else 0) + b"\0" * volume)
    for name, data in members.items():
        raw = name.encode()
        body = vint(4) + vint(len(data)) + vint(0o644)
        body += struct.pack("<L", zlib.crc32(data)) + vint(0) + vint(1) + vint(len(raw)) + raw
        out += _block5(2, data, body, vint(49) + vint(1) + b"\0" * 48 if locked else b"")
    return out + _block5(5, b"", vint(1 if volume else 0))


def _block5(kind: int, data: bytes, body: bytes, extra: bytes = b"") -> bytes:
    flags = (1 if extra else 0) | (2 if data else 0)
    fields = vint(kind) + vint(flags) + (vint(len(extra)) if extra else b"")
    fields += (vint(len(data)) if data else b"") + body + extra
    sized = vint(len(fields)) + fields
    return struct.pack("<L", zlib.crc32(sized)) + sized + data


def vint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def rar4(members: Mapping[str, bytes], *, volume: bool = False, locked: bool = False) -> bytes:
    """Stored. locked: the flag alone."""
    out = b"Rar!\x1a\x07\0" + _block4(0x73, 1 if volume else 0, bytes(6))
    for name, data in members.items():
        raw = name.encode()
        body = struct.pack(
            "<LLBLLBBHL", len(data), len(data), 3, zlib.crc32(data), 0x5A215A21, 29, 0x30,
            len(raw), 0o100644,
        )  # fmt: skip
        out += _block4(0x74, 0x8000 | (4 if locked else 0), body + raw) + data
    return out + _block4(0x7B, 0x4000, b"")


def _block4(kind: int, flags: int, body: bytes) -> bytes:
    rest = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest


def seven_locked(name: str, *, header: bool = False) -> bytes:
    """7z with the coder of its encryption (06F10701), around bytes that are none. header: the names
    are under it as well."""
    packed = bytes(range(64))
    coder = b"\x01\x24\x06\xf1\x07\x01\x12\x53\x0f" + bytes(16)
    streams = b"\x06\0\x01\x09\x40\0"  # one, of 64 bytes
    streams += b"\x07\x0b\x01\0" + coder + b"\x0c\x40\0\x08\x0a\x01" + b"none" + b"\0\0"
    raw = name.encode("utf-16-le") + b"\0\0"
    files = b"\x05\x01\x11" + vint(len(raw) + 1) + b"\0" + raw + b"\0"
    last = b"\x17" + streams if header else b"\x01\x04" + streams + files + b"\0"
    start = struct.pack("<QQL", len(packed), len(last), zlib.crc32(last))
    return (
        b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<L", zlib.crc32(start)) + start + packed + last
    )


def zip_under(members: Mapping[str, bytes], password: str, *, aes: bool = True) -> bytes:
    """Really encrypted: by WinZip's AES, or as PKWARE did."""
    if not aes:
        return _traditional(members, password.encode())
    out = io.BytesIO()
    with pyzipper.AESZipFile(
        out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode())
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _traditional(members: Mapping[str, bytes], password: bytes) -> bytes:
    """APPNOTE 6.1, by its text: one key schedule, byte by byte."""
    local, central = b"", b""
    for name, data in members.items():
        crc = zlib.crc32(data)
        keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            _update(keys, byte)
        sealed = bytes(_seal(keys, byte) for byte in bytes(11) + bytes((crc >> 24,)) + data)
        raw = name.encode()
        shared = struct.pack(
            "<HHHHHLLLHH", 20, 1, 0, 0, 0x5A21, crc, len(sealed), len(data), len(raw), 0
        )
        central += (
            b"PK\x01\x02\x14\0" + shared + struct.pack("<HHHLL", 0, 0, 0, 0, len(local)) + raw
        )
        local += b"PK\x03\x04" + shared + raw + sealed
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(members), len(members),
                      len(central), len(local), 0)  # fmt: skip
    return local + central + end


def _seal(keys: list[int], byte: int) -> int:
    temporary = (keys[2] | 2) & 0xFFFF
    sealed = byte ^ ((temporary * (temporary ^ 1)) >> 8 & 0xFF)
    _update(keys, byte)
    return sealed


def _update(keys: list[int], byte: int) -> None:
    keys[0] = _crc(keys[0], byte)
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = _crc(keys[2], keys[1] >> 24)


def _crc(old: int, byte: int) -> int:
    old ^= byte
    for _ in range(8):
        old = (old >> 1) ^ (0xEDB88320 if old & 1 else 0)
    return old


def zip_with(name: str, packed: bytes, data: bytes, method: int, *, extra: bytes = b"") -> bytes:
    """One member packed by any method. extra: of the directory."""
    raw = name.encode()
    shared = struct.pack(
        "<HHHHHLLLHH",
        63,
        0,
        method,
        0,
        0x5A21,
        zlib.crc32(data),
        len(packed),
        len(data),
        len(raw),
        0,
    )
    local = b"PK\x03\x04" + shared + raw + packed
    central = b"PK\x01\x02\x3f\0" + shared[:-2] + struct.pack("<H", len(extra))
    central += struct.pack("<HHHLL", 0, 0, 0, 0, 0) + raw + extra
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def zip_with_both_ends(data: bytes) -> bytes:
    """As `zip` writes it into a pipe: a small archive with the end of a large one besides."""
    whole = zip_of({"a.txt": data})
    end, start = whole.rfind(b"PK\x05\x06"), whole.rfind(b"PK\x01\x02")
    end64 = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, end - start, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    return whole[:end] + end64 + locator + whole[end:]


def unicode_name(header: str, real: str) -> bytes:
    """The extra field 0x7075: another name than the one in the header."""
    value = b"\1" + struct.pack("<L", zlib.crc32(header.encode())) + real.encode()
    return struct.pack("<HH", 0x7075, len(value)) + value


def split_zip(data: bytes) -> tuple[bytes, bytes]:
    """As .z01 and .zip: the mark in front, the number of the disk at the end."""
    whole = zip_of({"a.txt": data})
    end = whole.rfind(b"PK\x05\x06")
    start = whole.rfind(b"PK\x01\x02")
    last = bytearray(whole[start:])
    struct.pack_into("<HH", last, end - start + 4, 1, 1)
    return b"PK\x07\x08" + whole[:start], bytes(last)


# CMS


def signed(content: bytes, *, detached: bool = False, pem: bool = False) -> bytes:
    """SignedData by the cryptography package."""
    key = ec.derive_private_key(7, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Essai")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    options = [pkcs7.PKCS7Options.Binary]
    if detached:
        options.append(pkcs7.PKCS7Options.DetachedSignature)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(certificate, key, hashes.SHA256())
    form = serialization.Encoding.PEM if pem else serialization.Encoding.DER
    return builder.sign(form, options)


_CMS = bytes.fromhex("06092a864886f70d0107")


def signed_in_pieces(content: bytes, size: int = 1000) -> bytes:
    """BER with indefinite lengths, as mail programs that stream write it; nobody has signed."""
    pieces = b"".join(_element(4, content[at : at + size]) for at in range(0, len(content), size))
    wrapped = b"\x30\x80" + _CMS + b"\1" + b"\xa0\x80\x24\x80" + pieces + bytes(6)
    body = b"\x30\x80\x02\x01\x01\x31\x00" + wrapped + b"\x31\x00\0\0"
    return b"\x30\x80" + _CMS + b"\2\xa0\x80" + body + bytes(4)


def enveloped(kind: int = 3) -> bytes:
    """Only what tells that it is: 3 enveloped, 6 encrypted."""
    return b"\x30\x80" + _CMS + bytes((kind,)) + b"\xa0\x80\x30\x80\x02\x01\0" + bytes(6)


def compressed(content: bytes) -> bytes:
    """CompressedData, RFC 3274."""
    smime = bytes.fromhex("060b2a864886f70d01091001")
    packed = _element(0x30, _CMS + b"\1" + _element(0xA0, _element(4, zlib.compress(content))))
    method = _element(0x30, smime[:1] + b"\x0b" + smime[2:-1] + b"\x03\x08")
    body = _element(0x30, b"\x02\x01\0" + method + packed)
    return _element(0x30, smime + b"\x09" + _element(0xA0, body))


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


# Texts


def mbox(*messages: bytes) -> bytes:
    return b"\n".join(
        b"From a@b.example Mon Nov 23 14:31:00 2026\n" + message.replace(b"\r\n", b"\n") + b"\n"
        for message in messages
    )


def folded(line: str, at: int) -> str:
    return "\r\n ".join(line[i : i + at] for i in range(0, len(line), at))


def vcard(*lines: str) -> bytes:
    return "\r\n".join(("BEGIN:VCARD", "VERSION:3.0", "FN:Essai", *lines, "END:VCARD", "")).encode()


def invitation(*lines: str) -> bytes:
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:20261123T143100Z@ch.example",
            "DTSTART:20261124T090000Z", 'ATTENDEE;CN="Essai, Anne":mailto:anne@ch.example',
            *lines, "END:VEVENT", "END:VCALENDAR", "",
        )
    ).encode()  # fmt: skip


def inline(data: bytes) -> str:
    return base64.b64encode(data).decode()
