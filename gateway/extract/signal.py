"""Signals and volumes of the body: whom they are about, and the words among the samples. What the
samples themselves tell is `no_text`.

    EDF, EDF+, BDF    sleep, encephalogram: 80 bytes on the patient, then annotations among the data
    SCP-ECG           electrocardiogram: a section of fields on the patient
    NIfTI             a volume of the brain, without a patient, though a face is in it
    FIT               a watch's record of a run, heart rate and all, without a name
    Apple Health      years of measures of whoever carries the telephone

Rules: EDF+ specification (2003); EN 1064, sections 0 and 1; NIfTI-1; Garmin FIT protocol.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

from gateway.extract import about, html, runs
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.tags import tags
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

EDF, BDF, FIT, NIFTI, SCP = b"0       ", b"\xffBIOSEMI", b".FIT", (b"n+1\0", b"ni1\0"), b"SCPECG"
APPLE = b"<HealthData"

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_ANNOTATED = b"\x14"  # after and between the texts of EDF+
_WORDS = bytes((*range(32, 127), *range(160, 256), *b"\t\n\r"))
_LEAST = 3  # characters of an annotation that says anything
_BIRTH = "HKCharacteristicTypeIdentifierDateOfBirth"
_BEGINNING = 1024 * 1024  # bytes of an export that are read: measures follow measures


def kind(data: bytes) -> bool:
    """Whether one of these binary formats begins here."""
    return (
        _is_edf(data)
        or (data[8:12] == FIT and data[:1] in (b"\x0c", b"\x0e"))
        or (data[344:348] in NIFTI and data[:4] in (b"\x5c\1\0\0", b"\0\0\1\x5c"))
        or (data[16:22] == SCP and data[8:10] == b"\0\0")
    )


def _is_edf(data: bytes) -> bool:
    """Its date says so, dd.mm.yy."""
    if not data.startswith((EDF, BDF)):
        return False
    date = data[168:176]
    return date[2:3] == date[5:6] == b"." and date.replace(b".", b"").isdigit()


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    data, place = part.data, Place(part.path)
    if not kind(data):
        yield from _apple(part, limits)
        return
    if data.startswith((EDF, BDF)):
        told = [about.line("signal", _of_edf(data)), *_annotations(data)]
    elif data[16:22] == SCP:
        told = [about.line("signal", _of_scp(data))]
    else:
        study = "Garmin FIT" if data[8:12] == FIT else "NIfTI"
        told = [about.line("signal", about.Patient(), study=study)]
    told += runs.narrow(data)
    yield Text(place, "\n".join(filter(None, told)), Medium.DOCUMENT)
    yield Problem(Trouble.NO_TEXT, place, "measures: what they show is not read")


def _of_edf(data: bytes) -> about.Patient:
    """ "MCH-0234567 F 02-MAY-1951 Haagse_Harry", each X if unknown; before EDF+ anything."""
    said = about.decoded(data[8:88])
    words = said.split(" ")
    code, sex, born, *name = words if len(words) > 3 else ("X", "", "", *words)
    number = "" if code == "X" else code
    if sex not in ("M", "F", "X"):
        return about.Patient(said if any(map(str.isalpha, said)) else "")
    family = " ".join(name).replace("_", " ")
    return about.Patient("" if family == "X" else family, "", _edf_date(born), number)


def _edf_date(written: str) -> str:
    day, _, rest = written.partition("-")
    month, _, year = rest.partition("-")
    known = month.upper() in _MONTHS
    return f"{year}-{_MONTHS.index(month.upper()) + 1:02d}-{day:>02}" if known else ""


def _annotations(data: bytes) -> Iterator[str]:
    for piece in data.split(_ANNOTATED) if _ANNOTATED in data else ():
        if len(piece) >= _LEAST and not piece.translate(None, _WORDS):
            yield about.decoded(piece)


def _of_scp(data: bytes) -> about.Patient:
    """Section 1, found by section 0: fields of a tag, a length of two bytes and a value."""
    found: dict[int, bytes] = {}
    for at in range(22, min(22 + 10 * 12, len(data) - 10), 10):
        section, length, index = struct.unpack_from("<HLL", data, at)
        if section == 1:
            found = dict(_scp_fields(data[max(0, index + 15) : index - 1 + length]))
            break
    birth = found.get(5, b"")
    date = ""
    if len(birth) == 4:
        year, month, day = struct.unpack("<H2B", birth)
        date = f"{year:04d}-{month:02d}-{day:02d}"
    family, given, number = (about.decoded(found.get(tag, b"")) for tag in (0, 1, 2))
    return about.Patient(family, given, date, number)


def _scp_fields(section: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 3 <= len(section) and section[at] != 255:
        length = int.from_bytes(section[at + 1 : at + 3], "little")
        yield section[at], section[at + 3 : at + 3 + length]
        at += 3 + length


def _apple(part: Part, limits: Limits) -> Iterator[Extracted]:
    """Its beginning says whose it is; millions of measures follow."""
    head = replace(part, data=part.data[:_BEGINNING])
    me = next(tags(head.data.decode("utf-8", "replace"), "Me"), None)
    birth = me.attributes.get(_BIRTH, "") if me else ""
    told = about.line("signal", about.Patient(birth=birth, number="Apple Health"))
    yield Text(Place(part.path), told, Medium.DOCUMENT)
    yield from html.extract(head, limits)
    if len(part.data) > _BEGINNING:
        detail = "a long export of measures, of which the beginning was read"
        yield Problem(Trouble.TOO_BIG, Place(part.path), detail)


EXTRACTOR = Extractor(("signal",), extract)
