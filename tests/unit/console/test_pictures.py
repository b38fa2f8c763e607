"""Attachments as pictures: drawn behind the wall, with a reason, fetched once, pixels alone."""

import html
import io
import random
import re
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from gateway import preview, rendering
from gateway.console.prints import KEPT_SECONDS, Prints, is_plain
from gateway.model import DEFAULT_LIMITS, Limits, Part, Reading, Trouble
from gateway.sandbox.wall import SandboxWall
from tests.makers import bombs, documents, mails, pdfs, scans
from tests.unit.console.conftest import post
from tests.unit.console.seeing import Worker, held, look

HOLD = "7K2F-9QXD"
PATH = f"/dossiers/{HOLD}/lecture"
WHY = "vérifier le nom avec le service"
SOURCE = re.compile(r'<img src="(/dossiers/[^"]+)"')


@pytest.fixture
def console(on_sqlite):
    return on_sqlite


def a_pdf(pages: int = 6) -> bytes:
    document = pdfs.opened()
    for _ in range(pages - len(document.pages)):
        document.pages.append(document.pages[0])
    return pdfs.saved(document)


def a_photo(form: str = "JPEG", side: int = 90, **about: object) -> bytes:
    """Too small for anybody to look for words in it, unless told otherwise."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 40).convert("RGB").save(out, form, **about)
    return out.getvalue()


LETTER = mails.mixed(
    mails.text("Bonjour"),
    mails.attachment("scan.pdf", a_pdf(), "application/pdf"),
    mails.attachment("photo.jpg", a_photo(comment=b"Zoe Inventee"), "image/jpeg"),
    mails.attachment("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
)


def numbers(text: str) -> list[str]:
    """Of the parts that may be asked for."""
    chosen = re.search(r'<select name="partie".*?</select>', text, re.DOTALL)
    return re.findall(r'value="(\d+)"', chosen[0]) if chosen else []


async def ask(browser, number, **more):
    data = {"quoi": "picture", "partie": number, "mots": WHY} | more
    return await post(browser, PATH, data, PATH)


def test_the_first_pages_are_shown_with_a_reason_and_on_record(console, run):
    async def walk():
        await held(console, LETTER)
        look(console)
        browser = await console.signed_in("claire", "officer")
        pdf, photo = numbers((await browser.get(PATH)).text)
        answer = await ask(browser, pdf)
        sources = SOURCE.findall(answer.text)
        assert len(sources) == rendering.MOST_PAGES
        assert "Page 1 sur 6" in answer.text
        for source in sources:
            png = await browser.get(source)
            assert png.headers["content-type"] == "image/png"
            assert is_plain(png.content)
        (event,) = [e for e in await console.store.holds.history(HOLD) if e.kind == "revealed"]
        assert (event.who, event.detail) == ("claire", "what=picture")
        assert event.reason(console.store.private) == WHY
        rest = await ask(browser, pdf, page="5")
        assert len(SOURCE.findall(rest.text)) == 2
        assert "Page 6 sur 6" in rest.text
        assert "Pages suivantes" not in rest.text
        assert len(SOURCE.findall((await ask(browser, photo)).text)) == 1

    run(walk())


def test_what_is_fetched_is_a_picture_for_this_page_alone(console, run):
    async def walk():
        await held(console, LETTER)
        look(console)
        browser = await console.signed_in("claire", "officer")
        other = await console.signed_in("paul", "officer")
        pdf, _ = numbers((await browser.get(PATH)).text)
        source, following, *_ = SOURCE.findall((await ask(browser, pdf)).text)
        assert re.fullmatch(rf"/dossiers/{HOLD}/image/[\w-]{{22}}", source)
        assert (await other.get(source)).status_code == 404, "another's session"
        png = await browser.get(source)
        assert png.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert png.headers["x-content-type-options"] == "nosniff"
        assert png.headers["cache-control"] == "no-store"
        assert png.headers["cross-origin-resource-policy"] == "same-origin"
        assert (await browser.get(source)).status_code == 404, "once"
        await post(browser, "/sortie")
        assert (await browser.get(following)).status_code == 303, "with the session it ends"

    run(walk())


@pytest.mark.parametrize(
    "data",
    [{"mots": "  "}, {"partie": ""}, {"partie": "0"}, {"partie": "99"}, {"partie": "²"}],
    ids=str,
)
def test_without_a_reason_or_a_part_nothing_is_drawn(console, run, data):
    async def walk():
        await held(console, LETTER)
        look(console, worker := Worker())
        browser = await console.signed_in("claire", "officer")
        answer = await ask(browser, "2", **data)
        assert answer.status_code == 422
        assert SOURCE.findall(answer.text) == []
        assert not [asked for asked in worker.asked if asked.startswith("drawn")]
        assert [e.kind for e in await console.store.holds.history(HOLD)][-1] == "previewed"

    run(walk())


def test_where_four_eyes_are_asked_for_a_picture_waits_for_the_other(console, run):
    async def walk():
        nir = documents.docx("Numéro de sécurité sociale : 2 79 03 99 999 001 12")
        letter = mails.mixed(
            mails.attachment("a.docx", nir), mails.attachment("scan.pdf", a_pdf(1))
        )
        await held(console, letter)
        look(console, four_eyes=("identity",))
        browser = await console.signed_in("claire", "officer")
        (pdf,) = numbers((await browser.get(PATH)).text)
        refused = await ask(browser, pdf)
        assert refused.status_code == 422
        assert SOURCE.findall(refused.text) == []
        await post(browser, f"/dossiers/{HOLD}/accord", {"mots": WHY}, PATH)
        other = await console.signed_in("paul", "officer")
        await post(other, f"/dossiers/{HOLD}/accord/donner", {"compte": "claire"}, PATH)
        assert len(SOURCE.findall((await ask(browser, pdf)).text)) == 1

    run(walk())


def test_office_documents_and_svg_stay_text(console, run):
    async def walk():
        letter = mails.mixed(
            mails.attachment("a.docx", documents.docx("Bonjour")),
            mails.attachment("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg"),
        )
        await held(console, letter)
        look(console)
        browser = await console.signed_in("claire", "officer")
        assert numbers((await browser.get(PATH)).text) == []

    run(walk())


def test_a_worker_that_lies_shows_nothing(console, run):
    class Liar(Worker):
        async def read(self, content, limits, *, seconds):
            said = await super().read(content, limits, seconds=seconds)
            lies = {preview.DRAWN_OF: "9" * 30, preview.DRAWN_END: "PHNjcmlwdD4="}
            hits = [(hit, lies.get(hit.kind, hit.value)) for hit in said.hits]
            told = tuple(
                type(hit)(hit.kind, value, hit.likelihood, hit.place) for hit, value in hits
            )
            return Reading(told, said.problems, said.parts)

    async def walk():
        await held(console, LETTER)
        look(console, Liar())
        browser = await console.signed_in("claire", "officer")
        pdf, _ = numbers((await browser.get(PATH)).text)
        answer = await ask(browser, pdf)
        assert answer.status_code == 200
        assert SOURCE.findall(answer.text) == []
        assert "Rien n'a pu être dessiné" in html.unescape(answer.text)

    run(walk())


# What a worker draws


def drawn(data: bytes, first: int = 0, **about: object) -> rendering.Drawn:
    return rendering.draw(Part("2", data, **about), first)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "ICO"])
def test_a_picture_comes_out_as_pixels_alone(form):
    exif = Image.Exif()
    exif[0x010E] = "Zoe Inventee"
    about = {"exif": exif} if form in ("JPEG", "PNG", "WEBP") else {}
    if form == "PNG":
        about["pnginfo"] = told = PngImagePlugin.PngInfo()
        told.add_text("Author", "Zoe Inventee")
    (png,) = drawn(a_photo(form, **about)).pngs
    assert is_plain(png)
    assert b"Inventee" not in png
    assert Image.open(io.BytesIO(png)).info == {}


def test_each_page_of_a_fax_is_a_page():
    seen = drawn(scans.fax([scans.page("un"), scans.page("deux")]), first=1)
    assert (seen.total, len(seen.pngs)) == (2, 1)


def test_what_no_fewer_colours_can_fit_is_made_smaller(monkeypatch):
    monkeypatch.setattr(rendering, "MOST_BYTES", 40_000)
    (png,) = drawn(a_photo(side=400)).pngs
    assert len(png) <= 40_000


def broken() -> dict[str, tuple[bytes, Trouble]]:
    pdf, photo = a_pdf(1), a_photo()
    return {
        "a huge picture": (bombs.huge_png(), Trouble.TOO_BIG),
        "a PDF cut short": (pdf[:200], Trouble.DAMAGED),
        "a photo cut short": (photo[: len(photo) // 2], Trouble.DAMAGED),
        "a vector picture": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Trouble.UNSUPPORTED),
        "noise": (random.Random(1).randbytes(4_000), Trouble.UNSUPPORTED),
        "nothing": (b"", Trouble.UNSUPPORTED),
        "pages in a circle": (bombs.circular_pdf(), Trouble.DAMAGED),
    }


@pytest.mark.parametrize("what", broken())
def test_what_cannot_be_drawn_is_a_problem(what):
    data, trouble = broken()[what]
    seen = drawn(data)
    assert seen.pngs == ()
    assert {problem.kind for problem in seen.problems} == {trouble}


def test_of_ten_thousand_pages_some_are_drawn():
    seen = drawn(bombs.crowded_pdf(10_000), first=9_998)
    assert (seen.total, len(seen.pngs)) == (10_000, 2)
    assert drawn(bombs.crowded_pdf(10), first=10).pngs == ()


def test_a_page_of_a_kilometre_is_drawn_small():
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 2834645 2834645] >>"
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    (png,) = drawn(bombs.pdf_of(b"<< /Type /Catalog /Pages 2 0 R >>", pages, page)).pngs
    assert is_plain(png)


def test_the_numbers_of_parts_are_those_of_the_preview():
    """Parts within parts, and a fax whose further pages count as parts."""
    fax = scans.fax([scans.page("un"), scans.page("deux")])
    within = mails.mixed(mails.text("dedans"), mails.attachment("p.jpg", a_photo(), "image/jpeg"))
    letter = mails.mixed(
        mails.attachment("f.tif", fax, "image/tiff"),
        mails.attachment("m.eml", within, "message/rfc822"),
        mails.attachment("scan.pdf", a_pdf(2), "application/pdf"),
    )
    seen = preview.read(letter, DEFAULT_LIMITS, {}, lambda _: None)
    for number, part in enumerate(seen.parts):
        if {"pdf", "image"}.isdisjoint(part.kind.split("+")):
            continue
        order = preview.request(preview.Order.DRAWN, letter, number, 0)
        said = preview.read(order, DEFAULT_LIMITS, {}, lambda _: None)
        assert {hit.place for hit in said.hits} == {part.place}
        assert [hit.kind for hit in said.hits].count(preview.DRAWN_END) >= 1


def test_a_part_that_no_reader_came_back_from_stays_closed():
    order = preview.request(preview.Order.DRAWN, LETTER, 2, 0)
    opened: list[int] = []
    said = preview.read(order, DEFAULT_LIMITS, {1: Trouble.CRASHED}, opened.append)
    assert said.hits == ()
    assert [problem.kind for problem in said.problems] == [Trouble.CRASHED]


# What the console lets through


def a_chunk(name: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)


GOOD = drawn(a_photo()).pngs[0]
HEAD, BODY, TAIL = GOOD[:33], GOOD[33:-12], GOOD[-12:]


def a_head(width: int, height: int, *rest: int) -> bytes:
    return GOOD[:8] + a_chunk(b"IHDR", struct.pack(">II5B", width, height, *rest))


@pytest.mark.parametrize(
    ("png", "why"),
    [
        (b"", "nothing"),
        (b"<svg/>", "no PNG"),
        (GOOD + b"\0", "something follows"),
        (GOOD[:-1], "cut short"),
        (HEAD + TAIL, "no pixels"),
        (HEAD + a_chunk(b"tEXt", b"Author\0Zoe Inventee") + BODY + TAIL, "text"),
        (HEAD + a_chunk(b"acTL", b"\0" * 8) + BODY + TAIL, "an animation"),
        (HEAD + a_chunk(b"iCCP", b"x\0\0") + BODY + TAIL, "a profile"),
        (HEAD + BODY + BODY[:0] + a_chunk(b"IHDR", HEAD[16:29]) + TAIL, "two heads"),
        (HEAD + BODY.replace(b"IDAT", b"IDaT", 1) + TAIL, "another name and its sum"),
        (a_head(60_000, 10, 8, 2, 0, 0, 0) + BODY + TAIL, "too wide"),
        (a_head(0, 10, 8, 2, 0, 0, 0) + BODY + TAIL, "no width"),
        (a_head(64, 64, 16, 2, 0, 0, 0) + BODY + TAIL, "deeper than we draw"),
        (a_head(64, 64, 8, 6, 0, 0, 0) + BODY + TAIL, "with transparency"),
        (HEAD + a_chunk(b"IDAT", b"\0" * (2 << 20)) + TAIL, "too many octets"),
    ],
)
def test_no_other_png_leaves_the_console(png, why):
    assert not is_plain(png), why


def test_ours_do():
    assert is_plain(GOOD)


def test_a_print_is_kept_for_a_while_and_a_few():
    now = [0.0]
    prints = Prints(lambda: now[0])
    first = prints.put("claire", b"1")
    assert prints.take("paul", first) is None
    assert prints.take("claire", "") is None
    assert prints.take("claire", first) == b"1"
    late = prints.put("claire", b"2")
    now[0] = KEPT_SECONDS
    assert prints.take("claire", late) is None
    keys = [prints.put("claire", b"3") for _ in range(40)]
    assert [prints.take("claire", key) for key in keys[:8]] == [None] * 8
    assert prints.take("claire", keys[-1]) == b"3"


def test_no_print_is_anybody_s():
    """A page without a session asks for no key, whatever it is."""
    assert Prints().take("", "") is None


def test_behind_the_wall(run):
    """Really drawn by a worker without files; a page that kills it costs that part alone."""

    async def walk():
        wall = SandboxWall(
            read="gateway.preview:read",
            warm=("tests.sandbox.poison:warm", "gateway.rendering:warm"),
            workers=1,
        )
        await wall.start()
        try:
            poisoned = a_pdf(1).replace(b"%%EOF", b"%poison:\n%%EOF")
            letter = mails.mixed(
                mails.attachment("photo.jpg", a_photo(), "image/jpeg"),
                mails.attachment("scan.pdf", pdfs.drawn("BT /F 40 Tf 60 700 Td (Mot) Tj ET")),
                mails.attachment("huge.png", bombs.huge_png(), "image/png"),
                mails.attachment("p.pdf", poisoned, "application/pdf"),
            )
            return [
                await wall.read(
                    preview.request(preview.Order.DRAWN, letter, number, 0),
                    Limits(seconds=8.0),
                    seconds=40.0,
                )
                for number in (1, 2, 3, 4)
            ]
        finally:
            await wall.close()

    photo, words, huge, killer = run(walk())
    for seen in (photo, words):
        assert [hit.kind for hit in seen.hits].count(preview.DRAWN_END) == 1
        assert seen.problems == ()
    assert {problem.kind for problem in huge.problems} == {Trouble.TOO_BIG}
    assert {problem.kind for problem in killer.problems} == {Trouble.CRASHED}
