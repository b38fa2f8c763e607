"""Office files of before 2007 and mails saved by Outlook, and any of the streams within."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from fuzz import files, swapped
from gateway.extract import compound
from gateway.extract.compound_copy import written
from tests.makers import excel, locks_of_office, outlook, powerpoint, word
from tests.makers.property_sets import property_set

WORDS = (
    b"\xec\xa5\xc1\0|\xdc\xa5|\1\2\0\0\0|\x09\x08\x10\0\0\6\5\0|\xfc\0|\x3c\0|\xfd\0\x0a\0|\x85\0|"
    b"\xb6\1|\x0a\0\0\0|\x0f\0\xe8\3|\0\0\xa8\x0f|\0\0\xa0\x0f|\x10\0\x11\x10|\x78\x9c|\x1f\0\x37\0|"
    b"\x1f\0\0\x10|\2\1\x09\x10|LZFu|MELA|\xfe\xff\0\0|\xff\xff\xff\xff|\xfe\xff\xff\xff|\x1e\0\0\0"
).split(b"|")
LONGEST = 20_484
ROWS: list[list[excel.Cell]] = [["Nom", "Date"], ["x", 1.5, 7]]


def _streams(data: bytes) -> dict[compound.Path, bytes]:
    return dict(compound.read(data).streams)


_BOOK = excel.workbook({"A": ROWS, "B": [["é"]]}, hidden="B", beside=excel.box("note"), cut=9)
MADE = [
    _streams(data)
    for data in (
        word.doc("Bonjour", comments="x", title="y", others={("ObjectPool", "_1", "\1Ole10Native"):
                 word.packaged("a.txt", b"a")}),
        word.word_95("Bonjour"),
        excel.xls(_BOOK),
        excel.xls(locks_of_office.locked_workbook(_BOOK, "VelvetSweatshop")),
        powerpoint.ppt(powerpoint.wide("Bonjour"), powerpoint.narrow("a"),
                       powerpoint.packed_object(b"x")),
        outlook.msg({outlook.SUBJECT: "x", outlook.BODY: "Bonjour",
                     outlook.RTF: outlook.compressed_rtf(b"{\\rtf1 a}")},
                    recipients=[{outlook.NAME: "A"}],
                    attachments=[{outlook.LONG_NAME: "a.txt", outlook.DATA: b"x"}]),
        written({("\5SummaryInformation",): property_set({2: "x", 4: "y"})}),
    )
]  # fmt: skip


def seeds() -> Iterator[bytes]:
    yield from swapped.seeds(MADE, LONGEST - swapped.HEAD)
    yield swapped.AS_IT_IS + written({("WordDocument",): b"", ("a", "b"): b"c" * 5000})
    yield swapped.AS_IT_IS + struct.pack("<8s", compound.SIGNATURE) + bytes(600)


def check(data: bytes) -> None:
    files.check(swapped.document(data, MADE, written))
