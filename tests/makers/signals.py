"""Signals of the body, as machines, watches and telephones write them. Persons are made up."""

from __future__ import annotations

import struct

from tests.makers.persons import Person

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


def edf(person: Person | None, *, plus: bool = True, annotation: str = "") -> bytes:
    """One signal, one record; as EDF+, with annotations. Without a person, "X X X X"."""
    if person is None:
        who = "X X X X"
    elif plus:
        born = f"{person.born.day:02d}-{_MONTHS[person.born.month - 1]}-{person.born.year}"
        who = f"B1042 {person.sex} {born} {person.last}_{person.first}"
    else:
        who = f"{person.last} {person.first}"
    annotated = f"+0\x14\x14\0+12\x14{annotation}\x14\0".encode("latin-1") if annotation else b""
    fields = f"{'0':8}{who:80}{'Startdate 06-MAR-2024':80}06.03.2410.15.00{512:<8}"
    fields += f"{'EDF+C' if plus else '':44}{1:<8}{1:<8}{1:<4}"
    return fields.encode("latin-1").ljust(512) + struct.pack("<64h", *range(-32, 32)) + annotated


def scp(person: Person) -> bytes:
    """Sections 0 and 1 of an electrocardiogram."""
    values = (
        (0, person.last.encode("latin-1") + b"\0"),
        (1, person.first.encode("latin-1") + b"\0"),
        (2, b"B1042\0"),
        (5, struct.pack("<H2B", person.born.year, person.born.month, person.born.day)),
        (255, b""),
    )
    fields = b"".join(struct.pack("<BH", tag, len(value)) + value for tag, value in values)
    head = struct.pack("<HHLBB6s", 0, 1, 16 + len(fields), 20, 20, b"\0" * 6)
    one = head + fields
    start = 6 + 16 + 20
    zero = struct.pack("<HHLBB6s", 0, 0, 36, 20, 20, b"SCPECG")
    zero += struct.pack("<HLL", 0, 36, 7) + struct.pack("<HLL", 1, len(one), start + 1)
    return struct.pack("<HL", 0, start + len(one)) + zero + one


def nifti(described: str = "", *, name: str = "") -> bytes:
    header = bytearray(348)
    header[:4] = struct.pack("<L", 348)
    header[14:32] = name.encode().ljust(18, b"\0")
    header[148:228] = described.encode().ljust(80, b"\0")
    header[344:348] = b"n+1\0"
    return bytes(header) + bytes(range(1, 200))


def fit() -> bytes:
    return struct.pack("<BBHL4sH", 14, 0x10, 2134, 64, b".FIT", 0) + bytes(range(64)) + b"\x01\x02"


def apple(measures: int = 20) -> bytes:
    record = (
        ' <Record type="HKQuantityTypeIdentifierHeartRate" unit="count/min"'
        ' startDate="2024-03-06 10:15:00 +0100" value="72"/>\n'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n'
        "<!ELEMENT HealthData (ExportDate,Me,Record*)>\n]>\n"
        '<HealthData locale="fr_FR">\n <ExportDate value="2024-03-06 10:15:00 +0100"/>\n'
        ' <Me HKCharacteristicTypeIdentifierDateOfBirth="1979-03-28"'
        ' HKCharacteristicTypeIdentifierBloodType="HKBloodTypeAPositive"/>\n'
        f"{record * measures}</HealthData>\n"
    ).encode()


GLUCOSE = (
    "Données du patient,Généré le,06-03-2024 10:15 UTC,Généré par,Anne TEST\n"
    "Dispositif,Numéro de série,Horodatage,Historique de la glycémie mg/dL,Scan Glucose mg/dL\n"
    + "".join(
        f"FreeStyle LibreLink,ABC,06-03-2024 {hour:02d}:00,{90 + hour},\n" for hour in range(24)
    )
).encode()
CLARITY = (
    "Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Patient Info,Glucose Value (mg/dL)\n"
    "1,,FirstName,Anne,\n2,,LastName,TEST,\n"
    + "".join(f"{n},2024-03-06T{n:02d}:00:00,EGV,,{90 + n}\n" for n in range(3, 23))
).encode()
SCALES = (
    'Date,"Weight (kg)","Fat mass (kg)","Bone mass (kg)",Comments\n'
    + "".join(f'"2024-03-{day:02d} 07:00:00",71.{day % 10},15.2,3.1,\n' for day in range(1, 21))
).encode()
