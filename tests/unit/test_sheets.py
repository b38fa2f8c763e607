"""What a worker makes for encryption: in three ways, each trusting the message less."""

from __future__ import annotations

import io
import json
import zipfile

import pikepdf
import pytest
from PIL import Image

from gateway import sheet_order, sheets
from gateway.model import Hit, Likelihood, Limits, Place, Reading, Trouble
from gateway.page import document
from tests.makers import sealing

MAIL = sealing.message(files=(("a%C3%A9.bin", b"x" * 100),))


def read(order, broken=(), mail=MAIL):
    tried = []
    closed = dict.fromkeys(broken, Trouble.CRASHED)
    reading = sheets.read(sheet_order.request(order, mail), Limits(), closed, tried.append)
    return tried, sheet_order.made(reading)


@pytest.mark.parametrize(
    ("broken", "way", "files"),
    [
        ((), sheets.RICH, ["aé.bin"]),
        ((sheets.RICH,), sheets.SIMPLE, ["aé.bin"]),
        ((sheets.RICH, sheets.SIMPLE), sheets.BARE, []),
    ],
)
def test_what_broke_a_worker_is_not_tried_again(broken, way, files):
    tried, made = read("pdf", broken)
    assert tried == [way]
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert list(pdf.attachments) == files


def test_what_fails_is_tried_more_simply(monkeypatch):
    def fail(*_):
        raise RecursionError

    monkeypatch.setattr(document, "rich", fail)
    assert read("pdf")[0] == [sheets.RICH, sheets.SIMPLE]
    monkeypatch.setattr(document, "simple", fail)
    tried, made = read("pdf")
    assert tried == [sheets.RICH, sheets.SIMPLE, sheets.BARE]
    assert made.startswith(b"%PDF")


def test_an_archive_has_text_and_files():
    with zipfile.ZipFile(io.BytesIO(read("zip")[1])) as box:
        assert box.namelist() == ["message.txt", "pieces-jointes/aé.bin"]
    with zipfile.ZipFile(io.BytesIO(read("zip", (0, 1))[1])) as box:
        assert box.namelist() == []


def hit(kind, value):
    return Hit(kind, value, Likelihood.POSSIBLE, Place(""))


@pytest.mark.parametrize(
    "hits",
    [
        [],  # nothing was made
        [("piece", "AAAA")],  # cut short
        [("end", "AAAA"), ("piece", "AAAA")],
        [("fr.nir", "AAAA"), ("end", "AAAA")],  # another order's words
        [("end", "A")],
        [("end", "é===")],
    ],
)
def test_a_worker_that_lies_made_nothing(hits):
    assert sheet_order.made(Reading(tuple(hit(*one) for one in hits))) is None


@pytest.mark.parametrize(("logo", "pictures"), [("logo.png", 1), ("gone.png", 0)])
def test_pages_look_as_the_organisation_told(tmp_path, monkeypatch, logo, pictures):
    monkeypatch.setattr(sheets, "_look", sheets._look)
    Image.new("RGB", (20, 20), "red").save(tmp_path / "logo.png")
    sheets.warm(json.dumps(("Le CH d'Exemple", "#7a1f5c", str(tmp_path / logo))))
    with pikepdf.open(io.BytesIO(read("pdf")[1])) as pdf:
        drawn = [one for one in pdf.objects if isinstance(one, pikepdf.Stream)]
        assert [one.get("/Subtype") for one in drawn].count("/Image") == pictures
        assert b".478431 .121569 .360784 rg" in pdf.pages[0].Contents.read_bytes()
