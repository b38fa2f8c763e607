"""Outlook messages (.msg) and winmail.dat, written by hand from MS-OXMSG and MS-OXTNEF."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from gateway.extract.compound import Path
from gateway.extract.compound_copy import written

SUBJECT, BODY, RTF, HTML = 0x0037, 0x1000, 0x1009, 0x1013
SENDER, ADDRESS, NAME, HEADERS = 0x0C1A, 0x3003, 0x3001, 0x007D
DATA, LONG_NAME, SHORT_NAME = 0x3701, 0x3707, 0x3704
MAIN = "__properties_version1.0"

Properties = Mapping[int, str | bytes]


def streams(properties: Properties, under: Path = (), *, narrow: bool = False) -> dict[Path, bytes]:
    """A stream for each: strings of two bytes a character, or one; bytes as they are."""
    found = {}
    for number, value in properties.items():
        kind = 0x102 if isinstance(value, bytes) else 0x1E if narrow else 0x1F
        data = (
            value if isinstance(value, bytes) else value.encode("cp1252" if narrow else "utf-16-le")
        )
        found[*under, f"__substg1.0_{number:04X}{kind:04X}"] = data
    return found


def message(
    properties: Properties,
    *,
    recipients: Sequence[Properties] = (),
    attachments: Sequence[Properties] = (),
    inside: Mapping[Path, bytes] | None = None,
    narrow: bool = False,
    header: int = 32,
) -> dict[Path, bytes]:
    """inside: the storage of a message or an object attached. header: bytes before properties."""
    found: dict[Path, bytes] = {(MAIN,): bytes(header)}
    found |= streams(properties, narrow=narrow)
    for number, one in enumerate(recipients):
        storage = (f"__recip_version1.0_#{number:08X}",)
        found |= streams(one, storage, narrow=narrow) | {(*storage, MAIN): bytes(8)}
    for number, one in enumerate(attachments):
        storage = (f"__attach_version1.0_#{number:08X}",)
        found |= streams(one, storage, narrow=narrow) | {(*storage, MAIN): bytes(8)}
    for path, data in (inside or {}).items():
        found["__attach_version1.0_#000000FF", "__substg1.0_3701000D", *path] = data
    return found


def msg(properties: Properties, **others: object) -> bytes:
    return written(message(properties, **others))  # type: ignore[arg-type]


def attribute(level: int, identifier: int, data: bytes) -> bytes:
    return (
        struct.pack("<BLL", level, identifier, len(data))
        + data
        + struct.pack("<H", sum(data) & 0xFFFF)
    )


def properties(values: Properties, *, named: str = "") -> bytes:
    """As in winmail.dat. named: the value of a property that has a name and no number."""
    found = struct.pack("<L", len(values) + bool(named))
    if named:
        name = "Champ\0".encode("utf-16-le")
        found += struct.pack("<HH16sLL", 0x1F, 0x8001, b"", 1, len(name)) + name
        found += _value(named)
    for number, value in values.items():
        found += struct.pack("<HH", 0x102 if isinstance(value, bytes) else 0x1F, number)
        found += _value(value)
    return found


def _value(value: str | bytes) -> bytes:
    data = value if isinstance(value, bytes) else (value + "\0").encode("utf-16-le")
    return struct.pack("<2L", 1, len(data)) + data + bytes(-len(data) % 4)


def tnef(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def winmail(
    values: Properties,
    *,
    body: str = "",
    attached: Mapping[str, bytes] | None = None,
    named: str = "",
) -> bytes:
    """What Outlook sends: a version, properties, then attachments, each announced."""
    found = [attribute(1, 0x00089006, struct.pack("<L", 0x10000))]
    found += [attribute(1, 0x0002800C, body.encode("cp1252") + b"\0")] if body else []
    found.append(attribute(1, 0x00069003, properties(values, named=named)))
    for name, data in (attached or {}).items():
        found.append(attribute(2, 0x00069002, bytes(14)))
        found.append(attribute(2, 0x00018010, name.encode("cp1252") + b"\0"))
        found.append(attribute(2, 0x0006800F, data))
        found.append(attribute(2, 0x00069005, properties({LONG_NAME: f"long {name}"})))
    return tnef(*found)


def compressed_rtf(text: bytes) -> bytes:
    """Not compressed at all, as the format allows: every byte stands for itself."""
    body = b"".join(b"\0" + text[at : at + 8] for at in range(0, len(text), 8))
    return struct.pack("<2L4sL", len(body) + 12, len(text), b"LZFu", 0) + body
