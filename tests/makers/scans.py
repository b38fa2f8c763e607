"""Scans, faxes and photographs of letters, drawn here: fictitious persons, seeded noise."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.makers import identifiers

_A4 = 8.27, 11.69  # inches
_POINTS = 11  # height of the letters, as offices print them
_FONTS = Path(reportlab.__file__).parent / "fonts"

LETTER = """\
Centre hospitalier d'Exemple
Service de cardiologie

Objet : compte rendu d'hospitalisation

Madame Zoé DURAND, née le 14/03/1979 à Exemple-sur-Mer
Numéro de sécurité sociale : {nir}

Cher confrère,

Votre patiente a été hospitalisée du 2 au 9 mai pour une douleur
thoracique. L'électrocardiogramme montrait une fibrillation
auriculaire, réduite par amiodarone. Le dosage de la troponine
est resté normal et la coronarographie n'a rien montré.

Traitement de sortie : apixaban 5 mg matin et soir, bisoprolol
2,5 mg le matin. Une consultation est prévue dans trois mois.

Bien confraternellement,
Docteur Paul MARTIN
"""


def nir(seed: int, *, spaced: bool = True) -> str:
    """As written on a letter: "2 79 03 51 999 151 89"."""
    digits = identifiers.nir(random.Random(seed))
    if not spaced:
        return digits
    cuts = (0, 1, 3, 5, 7, 10, 13, 15)
    return " ".join(digits[a:b] for a, b in pairwise(cuts))


def letter(number: str) -> str:
    return LETTER.format(nir=number)


def page(text: str, *, dpi: int = 300, bold: bool = False) -> Image.Image:
    """A sheet of paper with a text on it, black on white."""
    width, height = (round(side * dpi) for side in _A4)
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    size = round(_POINTS * dpi / 72)
    draw.multiline_text((dpi, dpi), text, 0, _font(size, bold=bold), spacing=size // 2)
    return image


def scanned(
    image: Image.Image, *, turned: float = 0, noise: int = 0, quality: int = 0, seed: int = 0
) -> Image.Image:
    """What a scanner makes of a page.

    turned: degrees counter-clockwise; multiples of 90 keep every pixel. noise: standard deviation
    of the grey values. quality: of the JPEG it was kept in meanwhile; 0: none.
    """
    if turned:
        image = image.rotate(turned, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    if noise:
        image = _grained(image.filter(ImageFilter.GaussianBlur(0.6)), noise, seed)
    if quality:
        image = Image.open(io.BytesIO(saved(image, "JPEG", quality=quality)))
    return image


def photographed(image: Image.Image, *, seed: int = 0) -> Image.Image:
    """Paper on a table: a border, a shadow across, colour, a slight turn."""
    width, height = image.size
    shade = (
        Image.linear_gradient("L").resize(image.size).point(lambda grey: 120 + grey * 135 // 255)
    )
    lit = Image.composite(image, Image.new("L", image.size, 0), shade)
    table = Image.new("L", (width * 6 // 5, height * 6 // 5), 70)
    table.paste(lit, (width // 10, height // 10))
    turned = table.rotate(
        random.Random(seed).uniform(-2, 2), Image.Resampling.BICUBIC, fillcolor=70
    )
    return Image.merge("RGB", (turned, turned, turned.point(lambda grey: grey * 9 // 10)))


def landscape(width: int, height: int, *, seed: int = 0) -> Image.Image:
    """A holiday photograph: sky, hills and grass, no word anywhere."""
    chance = random.Random(seed)
    sky = Image.linear_gradient("L").resize((width, height))
    image = Image.merge(
        "RGB", (sky, sky.point(lambda g: 80 + g // 2), Image.new("L", sky.size, 200))
    )
    draw = ImageDraw.Draw(image)
    for hill in range(6):
        top = height * (4 + hill) // 10
        points = [
            (x, top + chance.randrange(height // 12)) for x in range(0, width + 1, width // 9)
        ]
        green = 90 + 20 * hill
        draw.polygon([(0, height), *points, (width, height)], fill=(40, green, 30))
    for _ in range(width * height // 2000):
        x, y = chance.randrange(width), chance.randrange(height // 2, height)
        draw.line((x, y, x + chance.randrange(-6, 6), y - chance.randrange(25)), fill=(60, 120, 40))
    return image.filter(ImageFilter.GaussianBlur(1))


def saved(image: Image.Image, form: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def fax(pages: Sequence[Image.Image]) -> bytes:
    """A TIFF of one bit a pixel, CCITT group 4, as fax servers send it."""
    first, *others = (image.convert("1") for image in pages)
    return saved(first, "TIFF", compression="group4", save_all=True, append_images=others)


def _grained(image: Image.Image, noise: int, seed: int) -> Image.Image:
    """Seeded, unlike Image.effect_noise."""
    width, height = image.size
    tile = Image.frombytes("L", (256, 256), random.Random(seed).randbytes(256 * 256))
    grain = Image.new("L", image.size)
    for x in range(0, width, 256):
        for y in range(0, height, 256):
            grain.paste(tile, (x, y))
    # Even noise of that deviation is as wide as 3.46 times it.
    grain = grain.point(lambda grey: round(128 + (grey - 128) * noise * 3.46 / 256))
    return Image.blend(image, grain, 0.5).point(lambda grey: max(0, min(255, 2 * grey - 128)))


@cache
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS / ("VeraBd.ttf" if bold else "Vera.ttf"), size)


def turned_by_camera(orientation: int) -> Image.Exif:
    """The note that a camera leaves instead of turning the picture (Exif 2.3, 4.6.4)."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def scribble(width: int, height: int, *, seed: int = 0) -> Image.Image:
    """Lines of strokes like a pen's, which nobody can read."""
    chance = random.Random(seed)
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    for base in range(60, height - 40, 60):
        x = 40
        while x < width - 80:
            points = [
                (x + 9 * n, base + chance.randrange(-18, 18)) for n in range(chance.randrange(4, 9))
            ]
            draw.line(points, fill=0, width=3, joint="curve")
            x += 9 * len(points) + 20
    return image


def beside_text(picture: bytes, *, size: int = 0) -> bytes:
    """A PDF letter of some twenty lines with a picture: of so many points a side, or a good half of
    its width."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    for number, line in enumerate(LETTER.format(nir="voir ci-dessous").splitlines()):
        canvas.drawString(60, 780 - 15 * number, line)
    sides = (size, size) if size else (300, 170)
    canvas.drawImage(ImageReader(io.BytesIO(picture)), 60, 150, *sides)
    canvas.save()
    return out.getvalue()


def under_strokes(picture: bytes, strokes: int) -> bytes:
    """A PDF page without a word: a picture, and so many lines drawn over it."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    canvas.drawImage(ImageReader(io.BytesIO(picture)), 0, 0, 595, 842)
    for number in range(strokes):
        canvas.line(number % 500, 1, number % 500, 2)
    canvas.save()
    return out.getvalue()
