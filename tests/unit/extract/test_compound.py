"""Compound files: what an independent reader sees, and files made to lead a reader astray."""

import io
import random
import struct

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import inspection
from gateway.extract import compound
from gateway.extract.compound_copy import written
from gateway.model import Limits, Trouble
from tests.makers import excel, outlook, packages, powerpoint, word

TREE = {
    ("WordDocument",): b"w" * 5000,
    ("A", "small"): b"yy",
    ("A", "B", "deep"): b"z" * 100,
    ("empty",): b"",
    ("large",): bytes(range(256)) * 2000,
}
SECTOR = 4096


def test_what_is_written_is_read_by_another_reader():
    data = written(TREE)
    with olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_INCORRECT) as other:
        assert {tuple(path) for path in other.listdir()} == set(TREE)
        assert all(other.openstream(list(path)).read() == TREE[path] for path in TREE)


def test_what_is_written_is_read_by_ours():
    file = compound.read(written(TREE))
    assert (file.streams, file.damaged) == (TREE, False)
    assert set(file.storages) == {("A",), ("A", "B")}


names = st.text("abcdefgh_1\x05", min_size=1, max_size=31)
trees = st.dictionaries(st.tuples(names), st.binary(max_size=9000), max_size=12)


@settings(max_examples=60, deadline=None)
@given(trees)
def test_any_tree_comes_back_as_it_was(tree):
    file = compound.read(written(tree))
    assert (file.streams, file.damaged) == (tree, False)


def patched(data: bytes, at: int, *numbers: int) -> bytes:
    return data[:at] + struct.pack(f"<{len(numbers)}L", *numbers) + data[at + 4 * len(numbers) :]


def fat(data: bytes) -> int:
    """Where the allocation table begins."""
    return (struct.unpack_from("<L", data, 76)[0] + 1) * SECTOR


def directory(data: bytes) -> int:
    return (struct.unpack_from("<L", data, 48)[0] + 1) * SECTOR


WHOLE = written(TREE)
ENTRY = 128
HOSTILE = {
    "a chain that loops": patched(WHOLE, fat(WHOLE) + 8, 2),
    "a directory that loops": patched(
        WHOLE, fat(WHOLE) + 4 * struct.unpack_from("<L", WHOLE, 48)[0],
        struct.unpack_from("<L", WHOLE, 48)[0],
    ),
    "a stream of four thousand million bytes": patched(
        WHOLE, directory(WHOLE) + ENTRY + 120, 0xFFFFFFFF, 0
    ),
    "a stream of more than there are": patched(
        WHOLE, directory(WHOLE) + ENTRY + 120, 0xFFFFFFFF, 0xFFFFFFFF
    ),
    "an allocation table that is nowhere": patched(WHOLE, 76, 0x00FFFFFF),
    "a list of tables that loops": patched(WHOLE, 68, 0, 0xFFFFFFFF),
    "a directory that is nowhere": patched(WHOLE, 48, 0x00FFFFFF),
    "cut in the middle": WHOLE[: len(WHOLE) // 2],
    "a header alone": WHOLE[:512],
    "a signature alone": WHOLE[:8],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_leads_astray_is_told_and_gives_no_more_than_it_has(name):
    file = compound.read(HOSTILE[name])
    assert file.damaged
    assert sum(map(len, file.streams.values())) <= 2 * len(WHOLE)


def test_siblings_that_point_to_each_other_are_read_once():
    data = patched(WHOLE, directory(WHOLE) + ENTRY + 68, 2, 1, 1)
    assert set(compound.read(data).streams) <= set(TREE)


def test_a_stream_that_no_storage_names_is_read_and_told():
    """No program shows it."""
    data = patched(WHOLE, directory(WHOLE) + ENTRY + 72, 0xFFFFFFFF)
    file = compound.read(data)
    assert file.damaged
    assert b"yy" in file.streams.values()


NIR = "2 79 03 51 999 151 89"
SAMPLES = {
    "doc": word.doc(NIR, footnote="x", others={("ObjectPool", "_1", "Package"): packages.word()}),
    "xls": excel.xls(excel.workbook({"A": [["Nom", "NIR"], ["x", NIR]]}, cut=14)),
    "ppt": powerpoint.ppt(powerpoint.wide(NIR), powerpoint.packed_object(word.doc("x"))),
    "msg": outlook.msg(
        {outlook.BODY: NIR, outlook.RTF: outlook.compressed_rtf(b"{\\rtf1 x}")},
        attachments=[{outlook.DATA: b"x"}],
    ),
    "winmail.dat": outlook.winmail({outlook.BODY: NIR}, attached={"a.txt": b"x"}),
    "rtf": b"{\\rtf1{\\object{\\*\\objdata 01050000020000000100000000}}{\\*\\htmltag x}"
    + NIR.encode()
    + b"}",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_cut_anywhere_is_never_taken_for_whole_and_empty(name):
    data = SAMPLES[name]
    for at in range(16, len(data), max(1, len(data) // 40)):
        parts = list(inspection.extracts("", data[:at], Limits()))
        told = {problem.kind for part in parts for problem in part.problems}
        assert told or NIR in "\n".join(part.text for part in parts), at


@pytest.mark.parametrize("name", SAMPLES)
def test_bytes_changed_at_random_never_crash_a_reader(name):
    """What raises would be DAMAGED by the net of the inspection; here nothing does at all."""
    rng = random.Random(name)
    for _ in range(60):
        data = bytearray(SAMPLES[name])
        for _ in range(rng.randint(1, 12)):
            data[rng.randrange(8, len(data))] = rng.choice((0, 0xFF, 0x7F, rng.randrange(256)))
        parts = list(inspection.extracts("", bytes(data), Limits(seconds=5)))
        raised = [
            problem
            for part in parts
            for problem in part.problems
            if problem.detail == "it could not be read" or problem.kind is Trouble.CRASHED
        ]
        assert raised == []
