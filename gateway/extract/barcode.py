"""Codes that machines read, in a picture: QR, DataMatrix (2D-Doc), Aztec, PDF417, Code 128 and 39.

zxing-cpp reads them in any direction. Not here: the codes of goods (EAN, ITF), which say nothing of
persons and are seen by mistake in any fence; what a code means, since its text is searched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

try:
    import zxingcpp
except ImportError:  # the extra "ocr" is not installed
    INSTALLED = False
else:
    INSTALLED = True

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_FORMATS = (
    "QRCode", "MicroQRCode", "RMQRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code39",
)  # fmt: skip
_BLANKS = dict.fromkeys(range(32), " ")  # for the separators of 2D-Doc and GS1


def read(grey: Picture) -> Iterator[str]:
    """The text of each code. Nobody asks without the library."""
    formats: Any = [getattr(zxingcpp.BarcodeFormat, name) for name in _FORMATS]
    for code in zxingcpp.read_barcodes(grey, formats=formats, text_mode=zxingcpp.TextMode.Plain):
        if code.text:
            yield code.text.translate(_BLANKS)
