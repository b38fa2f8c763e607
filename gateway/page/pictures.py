"""Pictures of a mail, made fit for a page: decoded and written anew, so that pixels alone remain.

Bounded in pixels, each and in all. What Pillow does not know, or finds damaged, is not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

from gateway.extract import picture

MOST = 60  # pictures of one message
MOST_PIXELS = 40_000_000  # of one as decoded, 160 MB in colour
MOST_IN_ALL = 120_000_000
MOST_SIDE = 1_600  # pixels that are kept: print of 200 dpi across the page


def warm() -> None:
    picture.warm()


@dataclass(slots=True)
class Budget:
    """Of one message."""

    pictures: int = MOST
    pixels: int = field(default=MOST_IN_ALL)

    def fitting(self, data: bytes) -> tuple[Image.Image, tuple[int, int]] | None:
        """What to draw, and the size in pixels that it had. None: nothing."""
        if not self.pictures:
            return None
        self.pictures -= 1
        try:
            return self._decoded(data)
        except Exception:  # of a file that anybody may have made; nothing is told of it
            return None

    def _decoded(self, data: bytes) -> tuple[Image.Image, tuple[int, int]] | None:
        opened = picture.opened(data)
        if opened is None:
            return None
        size = opened.size
        if size[0] * size[1] > min(MOST_PIXELS, self.pixels) or min(size) < 2:  # a dot counts reads
            return None
        self.pixels -= size[0] * size[1]
        opened.draft("RGB", (MOST_SIDE, MOST_SIDE))  # a JPEG is decoded small
        shown = _on_white(opened)
        shown.thumbnail((MOST_SIDE, MOST_SIDE))
        return shown, size


def _on_white(whole: Image.Image) -> Image.Image:
    """Without what stands beside the pixels."""
    if whole.has_transparency_data:
        drawn = whole.convert("RGBA")
        paper = Image.new("RGB", drawn.size, "white")
        paper.paste(drawn, mask=drawn.getchannel("A"))
        return paper
    flat = whole.convert("RGB")
    flat.info.clear()
    return flat
