"""Archives of every kind: what is in them is read, the rest is told, and nothing grows too big."""

import bz2
import lzma
import os
import struct
import zipfile
from random import Random

import pytest

from gateway import inspection
from gateway.extract import libarchive
from gateway.model import Coverage, Limits, Trouble
from tests.makers import archives as made
from tests.makers import documents

if libarchive.LIBRARY is None:
    WHY = "needs libarchive (apt-get install libarchive13)"
    if os.environ.get("CI") == "true":
        pytest.fail(WHY)
    pytest.skip(WHY, allow_module_level=True)

NIR = "2 79 03 51 999 151 81"
ONE = {"liste.txt": NIR.encode()}
OFFICE = {"dossier/lettre.docx": documents.docx(NIR), "vide.txt": b""}

NOISE = Random(7).randbytes(200_000).hex().encode()
SEVEN = made.by_libarchive(ONE, "7zip")
COMMENT = struct.pack("<H", len(NIR)) + NIR.encode()

READ = {
    "7z": SEVEN,
    "7z with an office file": made.by_libarchive(OFFICE, "7zip"),
    "7z, a number as a name": made.by_libarchive({f"{NIR}.txt": b"x"}, "7zip"),
    "rar 5": made.rar5(ONE),
    "rar 4": made.rar4(ONE),
    "cab": made.cab(ONE),
    "iso": made.by_libarchive(ONE, "iso9660"),
    "lha": made.lha(ONE),
    "cpio": made.by_libarchive(ONE, "cpio_newc"),
    "cpio, old": made.by_libarchive(ONE, "cpio"),
    "ar": made.by_libarchive(ONE, "ar_svr4"),
    "xar": made.by_libarchive(ONE, "xar"),
    "tar, pax": made.by_libarchive({"é" * 120: NIR.encode()}, "pax"),
    "tar.zst": made.filtered(NIR.encode(), "zstd"),
    "tar.lz4": made.filtered(NIR.encode(), "lz4"),
    "tar.Z": made.filtered(NIR.encode(), "compress"),
    "tar.lz": made.filtered(NIR.encode(), "lzip"),
    "xz": lzma.compress(NIR.encode()),
    "xz, as dear as it gets": lzma.compress(NIR.encode(), preset=9),
    "lzma": lzma.compress(NIR.encode(), lzma.FORMAT_ALONE),
    "bzip2": bz2.compress(NIR.encode()),
    "two gzips": documents.gzip(b"x" * 99) + documents.gzip(NIR.encode()),
    "two gzips, the first of many bytes": documents.gzip(NOISE) + documents.gzip(NIR.encode()),
    "two xz": lzma.compress(b"x") + lzma.compress(NIR.encode()),
    "gzip, padded": documents.gzip(NIR.encode()) + bytes(512),
    "zip of zips": documents.zip_of({"a.zip": documents.zip_of({"b.7z": SEVEN})}),
    "tar that begins with a PDF": documents.tar({"a.pdf": documents.pdf(NIR)}),
    "tar that ends with a docx": documents.tar({"a.docx": documents.docx(NIR)}),
    "zip marked as the only volume": b"PK00" + documents.zip_of(ONE),
    "zip with both ends": made.zip_with_both_ends(NIR.encode()),
    "zip, lzma": documents.zip_of(ONE, method=zipfile.ZIP_LZMA),
    "zip, bzip2": documents.zip_of(ONE, method=zipfile.ZIP_BZIP2),
    "zip, xz": made.zip_with("a.txt", lzma.compress(NIR.encode()), NIR.encode(), 95),
    "zip, Unicode name": made.zip_with(
        "a.txt", NIR.encode(), NIR.encode(), 0, extra=made.unicode_name("a.txt", "été.txt")
    ),
}  # fmt: skip


def extracted(data, limits=None, name="f"):
    return list(inspection.extracts(name, data, limits or Limits()))


def words(parts):
    return "\n".join(part.text for part in parts)


def troubles(parts):
    return {problem.kind for part in parts for problem in part.problems}


def whole(parts):
    return {part.coverage for part in parts} == {Coverage.WHOLE}


@pytest.mark.parametrize("name", READ)
def test_a_number_in_any_archive_is_read(name):
    parts = extracted(READ[name])
    assert NIR in words(parts)
    assert (troubles(parts), whole(parts)) == (set(), True)


@pytest.mark.parametrize("form", ["lz4", "lzip"])
def test_what_follows_a_stream_is_read_though_the_library_stops_there(form):
    packed = made.filtered(b"canari", form)
    parts = extracted(packed + f"suite du fichier : {NIR}\n".encode())
    assert "suite du fichier : " + NIR in "\n".join(part.text for part in parts)
    assert len(extracted(packed + bytes(40))) == len(extracted(packed))  # padding


def test_a_number_is_read_out_of_a_zip_packed_by_zstd():
    packed = made.filtered(NIR.encode(), "zstd")
    tar, trouble, _ = libarchive.unpacked(packed, "zstd", 99_999)
    assert trouble is None
    assert NIR in words(extracted(made.zip_with("a.tar", packed, tar, 93)))


@pytest.mark.parametrize(
    ("data", "hidden"),
    [
        (made.zip_with("a.txt", b"x", b"x", 0, extra=made.unicode_name("a.txt", NIR)), "name"),
        (made.zip_with("\xe9.txt", b"x", b"x", 0).replace(b"\xc3\xa9", b"\x82 "), "name of DOS"),
        (documents.zip_of({"a": b"x"})[:-2] + COMMENT, "comment"),
        (b"\x1f\x8b\x08\x08" + bytes(6) + NIR.encode() + b"\0" + documents.gzip(b"x")[10:], "name"),
        (made.by_libarchive({"a.txt": b"x"}, "7zip") + NIR.encode(), "rest"),
        (made.by_libarchive({"a.txt": b"x"}, "gnutar") + made.by_libarchive(ONE, "gnutar"), "rest"),
    ],
)  # fmt: skip
def test_what_an_archive_keeps_beside_its_members_is_read(data, hidden):
    assert ("é" if "DOS" in hidden else NIR) in words(extracted(data)), hidden


LARGE = b"0" * 3_000_000
TOLD = {
    "rar 5, locked": (made.rar5(ONE, locked=True), Trouble.ENCRYPTED),
    "rar 4, locked": (made.rar4(ONE, locked=True), Trouble.ENCRYPTED),
    "7z, locked": (made.seven_locked("a.txt"), Trouble.ENCRYPTED),
    "7z, names locked too": (made.seven_locked("a.txt", header=True), Trouble.ENCRYPTED),
    "rar 5, a volume": (made.rar5(ONE, volume=True), Trouble.UNSUPPORTED),
    "rar 4, a volume": (made.rar4(ONE, volume=True), Trouble.UNSUPPORTED),
    "7z, the first volume": (READ["7z with an office file"][:5000], Trouble.UNSUPPORTED),
    "zip, the first volume": (made.split_zip(NIR.encode())[0], Trouble.UNSUPPORTED),
    "zip, the last volume": (made.split_zip(NIR.encode())[1], Trouble.UNSUPPORTED),
    "zip, deflate64": (made.zip_with("a", b"x", b"x", 9), Trouble.UNSUPPORTED),
    "zip, imploded": (made.zip_with("a", b"x", b"x", 6), Trouble.UNSUPPORTED),
    "zip, PPMd": (made.zip_with("a", b"x", b"x", 98), Trouble.UNSUPPORTED),
    "zip, wrong check sum": (made.zip_with("a", b"x", b"y", 0), Trouble.DAMAGED),
    "zip, another method in the local header": (
        documents.zip_of(ONE).replace(b"\x14\0\0\0\x08\0", b"\x14\0\0\0\0\0", 1),
        Trouble.AMBIGUOUS,
    ),
    "rar, next to nothing": (b"Rar!\x1a\x07\0", Trouble.DAMAGED),
    "7z, broken": (READ["7z"][:40] + b"\xff" * 20 + READ["7z"][60:], Trouble.DAMAGED),
    "cab, cut": (READ["cab"][:-5], Trouble.DAMAGED),
    "tar, cut": (documents.tar({"a": NIR.encode() * 99})[:1500], Trouble.DAMAGED),
    "7z bomb": (made.by_libarchive({"a": LARGE}, "7zip"), Trouble.TOO_BIG),
    "zst bomb": (made.filtered(LARGE, "zstd"), Trouble.TOO_BIG),
    "xz bomb": (lzma.compress(LARGE), Trouble.TOO_BIG),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_is_not_read_is_told(name):
    data, trouble = TOLD[name]
    parts = extracted(data)
    assert trouble in troubles(parts)
    assert not whole(parts) or trouble is Trouble.AMBIGUOUS


def test_what_was_read_before_an_archive_breaks_is_kept():
    several = made.by_libarchive({"a.txt": NIR.encode(), "b.txt": b"x" * 2000}, "cpio_newc")
    parts = extracted(several[:-1200])
    assert NIR in words(parts)
    assert Trouble.DAMAGED in troubles(parts)


def test_the_first_bytes_of_a_bomb_are_searched_all_the_same():
    parts = extracted(made.by_libarchive({"a": NIR.encode() + LARGE}, "7zip"))
    assert NIR in words(parts)


def test_a_bomb_ends_the_reading_of_its_archive():
    """To skip the rest of a member costs as much as to unpack it."""
    parts = extracted(made.by_libarchive({"a": LARGE, "b": b"x"}, "7zip"))
    assert [str(part.place) for part in parts] == ["part 1", "part 1!a"]


@pytest.mark.parametrize("form", ["7zip", "cpio_newc", "gnutar"])
def test_too_many_members_are_told(form):
    many = made.by_libarchive({str(n): b"x" for n in range(30)}, form)
    assert Trouble.TOO_MANY in troubles(extracted(many, Limits(parts=10)))


@pytest.mark.parametrize("name", ["a.z01", "a.r00", "a.7z.002", "a.zip.003", "a.part2.rar"])
def test_a_volume_that_says_nothing_is_known_by_its_name(name):
    parts = extracted(bytes(range(1, 256)) * 9, name=name)
    assert [p.detail for part in parts for p in part.problems] == ["a part of a split archive"]


def test_both_readings_of_a_member_described_twice_are_read():
    """One program goes by the directory, another by what stands before the member."""
    stored = documents.zip_of(ONE, method=zipfile.ZIP_STORED)
    changed = stored.replace(b"\x14\0\0\0\0\0", b"\x14\0\0\0\x08\0", 1)
    parts = extracted(changed)
    assert NIR in words(parts)
    assert Trouble.AMBIGUOUS in troubles(parts)


@pytest.mark.parametrize("data", [READ["7z"], READ["rar 5"], READ["iso"], READ["tar.zst"]])
def test_without_the_library_archives_are_told_as_unread(data, monkeypatch):
    monkeypatch.setattr(libarchive, "LIBRARY", None)
    assert troubles(extracted(data)) == {Trouble.UNSUPPORTED}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"0707070707 est le numero du standard, 070701 aussi\n", "no header of cpio"),
        (b"MSCF est un sigle\n", "no header of cab"),
        (b"de-lh a -lz, un texte\n", "no header of lha"),
        (b"BZh, Rar et 7z sont des formats\n", "their names do not make them"),
    ],
)
def test_a_text_is_not_taken_for_an_archive(text, why):
    parts = extracted(text)
    assert (troubles(parts), whole(parts)) == (set(), True), why


def test_no_filter_that_starts_a_program_is_ever_asked_for():
    with pytest.raises(libarchive.Unreadable), libarchive.opened(b"x", ("raw",), ("lrzip",)):
        pass
