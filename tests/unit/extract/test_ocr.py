"""Scans, faxes and photographs: their words and codes are read, and what is not is told."""

from __future__ import annotations

from io import BytesIO
from random import Random
from struct import pack
from zlib import crc32

import pytest
import zxingcpp
from PIL import Image, ImageFile

from gateway import inspection
from gateway.extract import image, ocr, picture
from gateway.model import Coverage, Limits, Part, Trouble
from tests.makers import documents as made
from tests.makers import identifiers, scans


@pytest.fixture(autouse=True)
def engine():
    if ocr.engine() is None:
        pytest.skip("missing: tesserocr, or Debian's tesseract-ocr-fra")


PATIENT = Limits(seconds=900, pictures=400)  # so that a busy machine finishes, too


def read(data, limits=PATIENT):
    return list(inspection.extracts("f", data, limits))


def found(data, number):
    hits = inspection.read_file("f", data, PATIENT).hits
    return ("fr.nir", number.replace(" ", "")) in {(hit.kind, hit.value) for hit in hits}


def troubles(parts):
    return {problem.kind for part in parts for problem in part.problems}


WAYS = {
    "as it is": {},
    "a quarter": {"turned": 90},
    "upside down": {"turned": 180},
    "three quarters": {"turned": 270},
    "askew": {"turned": 3},
    "askew the other way": {"turned": -3},
    "sideways and askew": {"turned": 88},
    "noisy": {"noise": 25},
    "very noisy": {"noise": 60},
    "as a small JPEG": {"quality": 20},
    "all of it": {"turned": 0.7, "noise": 20, "quality": 30},
}


# Finer ones take twice as long to read: as they come, at their hardest, and all at once.
FINER = ("as it is", "sideways and askew", "all of it")


@pytest.mark.parametrize(("way", "dpi"), [*((w, 200) for w in WAYS), *((w, 300) for w in FINER)])
def test_the_number_on_a_scanned_letter_is_found(way, dpi):
    number = scans.nir(len(way), spaced=dpi == 200)
    page = scans.page(scans.letter(number), dpi=dpi)
    data = scans.saved(scans.scanned(page, seed=dpi, **WAYS[way]))
    assert found(data, number)


NUMBER = scans.nir(5)
PAGE = scans.page(scans.letter(NUMBER), dpi=200)
JPEG = scans.saved(PAGE, "JPEG", quality=70)
PHOTO = scans.saved(scans.photographed(PAGE), "JPEG", quality=70)
# 204 dots to the inch across, 98 lines down, black or white.
FAX = scans.page(scans.letter(NUMBER), dpi=204).resize((1687, 1145), Image.Resampling.BOX)
FAX = FAX.point(lambda grey: 255 * (grey > 150)).convert("1")

PICTURES = {
    "a photograph": PHOTO,
    "a photograph in Word": made.docx("Voir la photo.", picture=PHOTO),
    "a scan in a zip": made.zip_of({"scan.jpg": JPEG}),
    "a scan as PDF": made.pdf("", picture=JPEG),
    "a PDF page of a scan beside others": made.pdf("Première page, de texte.", "", picture=JPEG),
    "the second page of a fax": scans.fax([scans.page("Couverture", dpi=150), PAGE]),
    "a fax of half the lines": scans.saved(FAX, "TIFF", dpi=(204, 98)),
    "a scan of one bit": scans.saved(PAGE.convert("1")),
    "WebP": scans.saved(PAGE, "WEBP"),
    "GIF": scans.saved(PAGE, "GIF"),
    "BMP": scans.saved(PAGE, "BMP"),
    "AVIF": scans.saved(PAGE, "AVIF"),
    "with transparency": scans.saved(
        Image.merge("LA", (Image.new("L", PAGE.size), PAGE.point(lambda grey: 255 - grey)))
    ),
    "white on nothing": scans.saved(
        Image.merge("LA", (Image.new("L", PAGE.size, 255), PAGE.point(lambda grey: 255 - grey)))
    ),
    "white on black": scans.saved(PAGE.point(lambda grey: 255 - grey)),
    "hardly visible": scans.saved(PAGE.point(lambda grey: 225 + grey * 30 // 255)),
    "turned by the camera": scans.saved(
        PAGE.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=scans.turned_by_camera(6)
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_number_is_found_wherever_the_picture_is(name):
    assert found(PICTURES[name], NUMBER)


CODES = ("QRCode", "DataMatrix", "Code128", "Aztec", "PDF417")


@pytest.mark.parametrize("turned", [0, 90])
@pytest.mark.parametrize("name", CODES)
def test_the_text_of_a_code_is_searched(name, turned):
    number = NUMBER.replace(" ", "")
    code = zxingcpp.create_barcode(number, getattr(zxingcpp.BarcodeFormat, name))
    sheet = scans.page("Ordonnance", dpi=100).crop((0, 0, 827, 560))
    sheet.paste(Image.fromarray(code.to_image(scale=3)), (100, 300))
    assert found(scans.saved(sheet.rotate(turned, expand=True)), number)


def test_a_photograph_without_words_is_read_whole():
    parts = read(scans.saved(scans.landscape(1600, 1200), "JPEG"))
    assert (troubles(parts), {part.coverage for part in parts}) == (set(), {Coverage.WHOLE})


def test_what_looks_like_words_and_cannot_be_read_is_told():
    """Handwriting, or as here grain so coarse that the engine guesses at it."""
    data = scans.saved(scans.scribble(1000, 700, seed=1))
    assert troubles(read(data)) == {Trouble.NO_TEXT}


@pytest.mark.parametrize(("width", "height"), [(100, 100), (600, 4), (16, 16)])
def test_logos_and_rules_of_signatures_are_not_even_looked_at(width, height):
    assert list(image.extract(Part("1", made.png(width, height)), Limits(pictures=-1))) == []


def test_no_time_left_is_told():
    parts = read(JPEG, Limits(pictures=1e-9))
    assert troubles(parts) == {Trouble.TIMED_OUT}
    assert {part.coverage for part in parts} == {Coverage.UNREAD}


def test_no_time_given_at_all_means_that_no_picture_is_read():
    assert troubles(read(JPEG, Limits(pictures=0))) == {Trouble.NO_TEXT}


def test_a_picture_too_large_for_memory_is_refused_before_it_is_decoded():
    data = bytearray(made.png(200, 200))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = crc32(data[12:29]).to_bytes(4, "big")
    assert troubles(read(bytes(data))) == {Trouble.TOO_BIG}


def test_a_frame_too_large_for_memory_is_refused_as_a_picture_is():
    """The second picture of an animation: its size stands nowhere but before its pixels."""
    first = Image.new("L", (300, 300), 255)
    second = first.copy()
    second.paste(0, (20, 20, 200, 200))
    out = BytesIO()
    first.save(out, "GIF", save_all=True, append_images=[second])
    data = bytearray(out.getvalue())
    at = data.index(pack("<c4H", b",", 20, 20, 180, 180))
    data[at : at + 9] = pack("<c4H", b",", 0, 0, 60_000, 60_000)
    assert Trouble.TOO_BIG in troubles(read(bytes(data)))


def test_a_long_fax_is_cut_and_told(monkeypatch):
    monkeypatch.setattr(picture, "MOST_PIXELS", 2 * 300 * 300)
    pages = [Image.new("L", (300, 300), 255)] * 4
    assert troubles(read(scans.fax(pages))) == {Trouble.TOO_MANY}


@pytest.mark.parametrize("progressive", [False, True])
def test_a_photograph_cut_short_is_read_as_far_as_it_goes(progressive):
    data = scans.saved(PAGE, "JPEG", quality=70, progressive=progressive)
    cut = data[: len(data) * 3 // 4]
    [part] = read(cut)
    assert {problem.kind for problem in part.problems} == {Trouble.CUT}
    assert part.coverage is Coverage.PARTLY
    assert found(cut, NUMBER)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (JPEG[:200], "nothing of the picture is there"),
        (scans.saved(PAGE)[:9000], "a PNG: other programs may show more than ours"),
        (scans.saved(PAGE, "WEBP")[:9000], "a WebP, of which nothing can be shown"),
    ],
)
def test_a_picture_of_which_nothing_can_be_read_is_damaged(data, why):
    assert Trouble.DAMAGED in troubles(read(data)), why


def test_reading_a_photograph_cut_short_leaves_pillow_strict():
    read(JPEG[: len(JPEG) // 2])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_kind_that_is_not_decoded_is_told():
    data = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(9000)
    assert troubles(read(data)) == {Trouble.NO_TEXT}


def test_grain_does_not_keep_the_engine_for_long():
    """Its search for lines would take a minute over a million specks."""
    noise = made.png(1500, 2000)
    words = ocr.read(picture.grey(picture.opened(noise)), 2)
    assert words.sure < 40


ACCOUNT = identifiers.iban(Random(1))
TRANSFER = f"BCD\n002\n1\nSCT\nTESTFRPP\nAnne TESTEUR\n{ACCOUNT}\nEUR10.00\n"  # EPC069-12


@pytest.mark.parametrize("name", ["QRCode", "DataMatrix"])
def test_a_small_code_beside_text_is_read(name):
    """On an invoice, three centimetres wide: no picture that may hold words."""
    code = zxingcpp.create_barcode(TRANSFER, getattr(zxingcpp.BarcodeFormat, name))
    picture = scans.saved(Image.fromarray(code.to_image(scale=2)))
    hits = inspection.read_file("f.pdf", scans.beside_text(picture, size=80), PATIENT).hits
    assert ("iban", ACCOUNT) in {(hit.kind, hit.value) for hit in hits}
