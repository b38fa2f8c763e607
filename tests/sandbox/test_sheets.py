"""Drawing behind the real wall: raised late, bounded whatever it is given."""

from __future__ import annotations

import asyncio
import base64
import io
import struct
import zlib
from dataclasses import replace

import pikepdf
import pytest
import structlog
from PIL import Image

from gateway.config import Config
from gateway.errors import Temporary
from gateway.means import drawn
from gateway.means.drawn import Drawing
from gateway.model import Limits, Reading
from tests.makers import sealing

AMPLE = 200.0  # seconds: never reached, whatever the machine is busy with


def picture(side: int) -> str:
    """A PNG that claims to be so large, and is a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return base64.b64encode(png).decode()


def html(body: str) -> bytes:
    return sealing.message(text="").replace(b"text/plain", b"text/html") + body.encode()


def small() -> str:
    out = io.BytesIO()
    Image.new("RGB", (30, 30), "red").save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


HOSTILE = {
    "bomb": f'<p>mot<img src="data:image/png;base64,{picture(100_000)}">',
    "deep": "mot" + "<div>" * 20_000,
    "tables": "mot" + "<table><tr><td>" * 5_000,
}
LATE = "mot" + "<!" * 400_000  # quadratic in the library's parser


def opened(made: bytes | None) -> tuple[str, int]:
    """All it draws, and how many pictures."""
    assert made
    with pikepdf.open(io.BytesIO(made)) as pdf:
        kinds = [one.get("/Subtype") for one in pdf.objects if isinstance(one, pikepdf.Stream)]
        return str(pdf.docinfo["/Title"]), kinds.count("/Image")


def test_any_mail_is_drawn_in_bounded_time_and_one_process_more_is_enough(monkeypatch):
    told: list[str] = []
    shown = f'<p>mot<img src="data:image/jpeg;base64,{small()}">'

    async def draw() -> tuple[dict[str, bytes | None], bytes | None]:
        wall = drawn.wall(Config.least(["ch.example"]), structlog.get_logger())
        assert wall
        await wall.start()
        assert wall.degraded == ()
        assert wall._zygote is None  # until it is needed
        wall._tell = told.append
        drawing, loop = Drawing(wall), asyncio.get_running_loop()

        async def of(content: bytes) -> bytes | None:
            mail = replace(sealing.mail(content), deadline=loop.time() + AMPLE)
            return await asyncio.to_thread(drawing, "pdf", mail)

        try:
            first = await asyncio.gather(of(sealing.message()), of(html(shown)))
            made = {name: await of(html(body)) for name, body in HOSTILE.items()}
            assert told == []
            monkeypatch.setattr(drawn, "_LIMITS", Limits(seconds=2.0))
            late = await of(html(LATE))
        finally:
            await wall.close()
        return dict(zip(("plain", "picture"), first, strict=True)) | made, late

    made, late = asyncio.run(draw())
    pictures = {name: opened(pdf)[1] for name, pdf in made.items()}
    assert pictures == {"plain": 0, "picture": 1, **dict.fromkeys(HOSTILE, 0)}
    assert "sandbox: a worker was ended at the limit of time" in told
    assert late is None or opened(late)[1] == 0  # on a busy machine, the simple way is late, too


class Wall:
    async def read(self, content, limits, *, seconds):
        return Reading()


@pytest.mark.parametrize(("left", "made"), [(AMPLE, None), (drawn.SPARED_SECONDS, Temporary)])
def test_what_cannot_be_drawn_is_nothing_and_what_cannot_be_in_time_comes_again(left, made):
    async def draw() -> bytes | type | None:
        loop = asyncio.get_running_loop()
        mail = replace(sealing.mail(), deadline=loop.time() + left)
        try:
            return await asyncio.to_thread(Drawing(Wall()), "pdf", mail)
        except Temporary:
            return Temporary

    assert asyncio.run(draw()) is made
