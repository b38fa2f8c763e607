"""Lines with long numbers are read again, each in several ways; others and too many are not."""

from random import Random

import pytest
from PIL import Image

from gateway.detect.search import search
from gateway.extract import ocr, reread
from gateway.model import Likelihood, Medium, Place, Text
from tests.makers import identifiers, scans

PAGE = Image.new("L", (900, 60), 255)


@pytest.fixture(autouse=True)
def engine():
    if ocr.engine() is None:
        pytest.skip("missing: tesserocr, or Debian's tesseract-ocr-fra")


class Lines:
    """What the engine tells of the lines that it read."""

    def __init__(self, lines):
        self._lines = list(lines)

    def GetUTF8Text(self, _):
        if not self._lines[0]:
            raise RuntimeError("No text returned")
        return f"{self._lines[0]}\n"

    def BoundingBox(self, _):
        return 10, 10, 800, 40

    def Next(self, _):
        return bool(self._lines.pop(0)) and bool(self._lines)


class Engine:
    """Reads the same picture differently each time."""

    def __init__(self, lines, readings):
        self._lines, self._readings, self.asked = lines, list(readings), 0

    def GetIterator(self):
        return Lines(self._lines)

    def SetPageSegMode(self, _): ...

    def SetImage(self, _): ...

    def Recognize(self, _):
        return True

    def GetUTF8Text(self):
        self.asked += 1
        return self._readings.pop(0) if self._readings else "RIB 99999"


LINE = "RIB : 99999 24438 16485572458 06"


def test_other_readings_stand_below_the_line():
    reader = Engine(["Bonjour", LINE], [LINE, f"{LINE[:-1]}8", f"{LINE[:-1]}8"])
    text = reread.with_others(reader, PAGE, f"Bonjour\n{LINE}\nCordialement\n")
    assert text == f"Bonjour\n{LINE}\n{LINE[:-1]}8\nCordialement\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Madame Zoé DURAND, née le 14/03/1979 à Exemple", "a date"),
        ("Tél. 05 56 99 00 11, fax 05 56 99 00 12", "telephones"),
        ("33000 EXEMPLE, le 12 mars 2026", "a postcode"),
        ("REFERENCE ABCDEFGHIJKLM", "letters"),
        ("", "a line of nothing"),
    ],
)
def test_a_line_without_a_long_number_is_not_read_again(line, why):
    reader = Engine([line], [])
    assert reread.with_others(reader, PAGE, line) == line
    assert not reader.asked, why


def test_of_a_page_of_figures_the_first_lines_alone():
    reader = Engine([LINE] * 400, [])
    reread.with_others(reader, PAGE, "")
    assert reader.asked == 3 * reread._MOST


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("iban", lambda rng: identifiers.iban(rng, letters=True)),
        ("fr.nir", identifiers.nir),
        ("fr.rib", lambda rng: " ".join(identifiers.rib_parts(identifiers.rib(rng)))),
    ],
)
def test_a_number_is_found_on_a_bad_scan(kind, make):
    number = make(Random(kind))
    sheet = scans.page(f"Madame Zoé DURAND\n\nRIB, IBAN ou NIR : {number}\n", dpi=200)
    strip = sheet.crop((0, 150, sheet.width, 400))
    bad = scans.scanned(strip, turned=1.5, noise=40, quality=25, seed=1)
    words = ocr.read(bad, 300)
    hits, _ = search([Text(Place("1"), words.text, Medium.PICTURE)])
    found = {(h.kind, h.value) for h in hits if h.likelihood >= Likelihood.LIKELY}
    assert (kind, number.replace(" ", "")) in found
