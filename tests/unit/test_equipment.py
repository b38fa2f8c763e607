"""What is not installed is told before the first mail is held for it."""

import json

import pytest

from gateway import equipment, inspection
from gateway.cli.serve import tell_lacks
from gateway.extract import barcode, image, libarchive, ocr
from gateway.model import Limits, Part, Problem, Text, Trouble
from gateway.watch import log as logs
from tests.makers import scans

LACKING = {
    "libarchive": (libarchive, "LIBRARY", None, "libarchive13"),
    "tesserocr": (ocr, "INSTALLED", False, "requirements-ocr.txt"),
    "tesseract-ocr-fra": (ocr, "DATA", ("/nowhere",), "tesseract-ocr-fra"),
    "zxing-cpp": (barcode, "INSTALLED", False, "requirements-ocr.txt"),
}


@pytest.fixture
def whole(monkeypatch, tmp_path):
    """A machine that has all of it, whatever this one has."""
    (tmp_path / ocr.FRENCH).touch()
    for module, name, value in (
        (libarchive, "LIBRARY", object()),
        (ocr, "INSTALLED", True),
        (ocr, "DATA", (str(tmp_path),)),
        (barcode, "INSTALLED", True),
    ):
        monkeypatch.setattr(module, name, value)


def test_where_all_is_there_nothing_is_told(whole):
    assert equipment.lacks() == ()


@pytest.mark.parametrize("name", LACKING)
def test_what_lacks_is_told_with_what_brings_it(whole, monkeypatch, name):
    module, attribute, value, remedy = LACKING[name]
    monkeypatch.setattr(module, attribute, value)
    [lack] = equipment.lacks()
    assert lack.name == name
    assert lack.name.isascii()  # the log takes nothing else
    assert remedy in lack.remedy
    assert ("unsupported" if name == "libarchive" else "no_text") in lack.unread


def test_serve_logs_one_plain_line(whole, monkeypatch, capsys):
    monkeypatch.setattr(libarchive, "LIBRARY", None)
    monkeypatch.setattr(barcode, "INSTALLED", False)
    tell_lacks(logs.start("supervisor"))
    [line] = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["level"], told["missing"]) == ("warning", "libarchive, zxing-cpp")


def test_serve_logs_nothing_where_all_is_there(whole, capsys):
    tell_lacks(logs.start("supervisor"))
    assert capsys.readouterr().err == ""


def test_a_picture_whose_codes_nobody_reads_is_told(monkeypatch):
    if ocr.engine() is None:
        pytest.skip("missing: tesserocr, or Debian's tesseract-ocr-fra")
    monkeypatch.setattr(barcode, "INSTALLED", False)
    page = scans.saved(scans.page("Ordonnance de madame Test", dpi=100))
    found = list(image.extract(Part("1", page), Limits()))
    assert [p.kind for p in found if isinstance(p, Problem)] == [Trouble.NO_TEXT]
    assert any(isinstance(p, Text) for p in found)


def test_an_archive_is_told_where_nothing_reads_it(monkeypatch):
    monkeypatch.setattr(libarchive, "LIBRARY", None)
    reading = inspection.read_file("a.7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(99), Limits())
    assert Trouble.UNSUPPORTED in {problem.kind for problem in reading.problems}
