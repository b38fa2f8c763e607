"""The pages of a message, as poppler and pikepdf see them."""

from __future__ import annotations

import io
import shutil
import subprocess

import pikepdf
import pytest
from PIL import Image

from gateway.act.contents import Body, Contents, File
from gateway.page import document, pictures
from gateway.page.document import Look

HEAD = (("De", "Hélène <helene@ch.example>"), ("Objet", "Été"))
poppler = pytest.mark.skipif(not shutil.which("pdfinfo"), reason="poppler missing")


def png(width=40, height=20):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


HTML = (
    "<h2>Bilan</h2><p>Bonjour</p><ul><li>un<li>deux</ul><table><tr><th>a<th>b<tr><td>1<td>2</table>"
    '<img src="cid:plan" alt="Le plan"><img src="cid:broken" alt="illisible">'
)
FILES = (
    File("plan.png", "image/png", png(), "plan"),
    File("cassé.png", "image/png", b"nothing", "broken"),
    File("bilan été.bin", "application/octet-stream", b"x" * 300_000),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    shown = Contents("Bonjour", FILES, whole=True, bodies=(Body(HTML, True),))
    path = tmp_path_factory.mktemp("page") / "x.pdf"
    look = Look("Le CH d'Exemple", "#f5d76e", png(300, 300))
    path.write_bytes(document.rich(look, HEAD, shown))
    return path


def run(*command):
    return subprocess.run(command, capture_output=True, timeout=60).stdout.decode()


@poppler
def test_a_screen_reader_is_told_what_is_what_and_in_which_order(made):
    told = [line.strip() for line in run("pdfinfo", "-struct-text", made).splitlines()]
    tags = [line.partition(" ")[0].strip(":") for line in told if line and line[0] not in '/"']
    assert tags == [
        *("Document", "P", "H1", "P", "P", "H2", "P"),
        *("L", "LI", "Lbl", "LBody", "LI", "Lbl", "LBody"),
        *("Table", "TR", "TH", "TH", "TR", "TD", "TD", "Figure", "P"),
        *("H2", "P", "L", "LI", "Lbl", "LBody", "LI", "Lbl", "LBody"),
    ]
    assert "[illisible]" in "".join(told)
    assert "Tagged:          yes" in run("pdfinfo", made)


def test_a_picture_has_its_words_and_every_mark_its_owner(made):
    with pikepdf.open(made) as pdf:
        [figure] = [one for one in pdf.objects if _is(one, "/Figure")]
        assert str(figure.Alt) == "Le plan"
        assert str(pdf.Root.Lang) == "fr-FR"
        for page in pdf.pages:
            owners = pdf.Root.StructTreeRoot.ParentTree.Nums[2 * page.obj.StructParents + 1]
            assert all(one.S for one in owners)
            content = page.Contents.read_bytes()
            assert content.count(b"/MCID") == len(owners)
            assert content.count(b"BDC") + content.count(b"BMC") == content.count(b"EMC")


def drawn(html):
    shown = Contents("", FILES, whole=True, bodies=(Body(html, True),))
    return pikepdf.open(io.BytesIO(document.rich(Look("Le CH d'Exemple"), HEAD, shown)))


def elements(pdf):
    """Of the structure, in the order of reading: (element, tag)."""

    def within(one):
        for kid in one.get("/K", ()):
            if "/S" in kid:
                yield kid, str(kid.S).removeprefix("/")
                yield from within(kid)

    return list(within(pdf.Root.StructTreeRoot))


@pytest.mark.parametrize(
    ("html", "levels"),
    [
        ("<h1>a</h1><h4>b</h4><h6>c</h6><h2>d</h2>", ["H1", "H1", "H2", "H3", "H2", "H2"]),
        ("<h5>a</h5><p>x", ["H1", "H2", "H2"]),
        ("<p>x", ["H1", "H2"]),
    ],
)
def test_headings_skip_no_level_whatever_the_sender_wrote(html, levels):
    with drawn(html) as pdf:
        assert [tag for _, tag in elements(pdf) if tag[0] == "H"] == levels


@pytest.mark.parametrize(
    "html",
    [
        HTML,
        "<table><tr><th>a<th>b<tr><td>1<tr><td>1<td>2<td>3</table>",
        "<table><tr><th colspan=2>a<th>c<tr><td rowspan=2>1<td>2<td>3<tr><td>5<td>6</table>",
        "<ul><li>a<ol><li>b</ol></ul><h2></h2><table><tr><td></table>",
        '<img src="cid:plan"><p><img src="cid:plan" alt=""></p>',
    ],
    ids=["all", "ragged rows", "spans", "nested and empty", "pictures without words"],
)
def test_what_a_validator_would_ask_of_its_structure_holds(html):
    """Of PDF/UA-1 (ISO 14289-1), what pikepdf can see: 7.1 title, language, order of tabs; 7.2
    lists and tables; 7.3 words for pictures; 7.21.4 fonts."""
    with drawn(html) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert str(pdf.Root.Lang) == "fr-FR"
        with pdf.open_metadata() as told:
            assert told["dc:title"] == document.TITLE
        assert {str(page.obj.Tabs) for page in pdf.pages} == {"/S"}
        known = elements(pdf)
        assert all(str(one.Alt) for one, tag in known if tag == "Figure")
        for one, tag in known:
            kids = [str(kid.S) for kid in one.get("/K", ()) if "/S" in kid]
            if tag == "Table":
                assert set(kids) == {"/TR"}
                assert len({len(list(row.K)) for row in one.K}) == 1
            elif tag == "TR":
                assert set(kids) <= {"/TH", "/TD"}
            elif tag == "L":
                assert set(kids) <= {"/LI"}
            elif tag == "LI":
                assert set(kids) <= {"/Lbl", "/LBody"}
        for page in pdf.pages:
            assert fonts_shown(page) <= fonts_embedded(page)


def fonts_shown(page):
    """Those that letters are drawn in: reportlab names one more, and draws nothing in it."""
    found, now = set(), ""
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            now = str(operands[0])
        elif str(operator) in ("Tj", "TJ", "'", '"'):
            found.add(now)
    return found


def fonts_embedded(page):
    """And whose letters a reader knows."""
    return {
        name
        for name, font in page.Resources.Font.items()
        if "/FontFile2" in font.get("/FontDescriptor", {}) and "/ToUnicode" in font
    }


def _is(one, tag):
    return isinstance(one, pikepdf.Dictionary) and one.get("/S") == tag


def test_a_picture_that_is_drawn_is_no_file_and_one_that_is_not_stays_one(made):
    with pikepdf.open(made) as pdf:
        assert set(pdf.attachments) == {"cassé.png", "bilan été.bin"}
        assert pdf.attachments["bilan été.bin"].get_file().read_bytes() == b"x" * 300_000
        drawn = [one for one in pdf.objects if _picture(one)]
        assert len(drawn) == 2  # the logo, the plan


def _picture(one):
    return isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Image"


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(document, "MAX_TEXT", 8_000)


@pytest.mark.usefixtures("short")
def test_pages_break():
    long = document.simple(Look(), (), Contents("mot " * 10_000, (), whole=True))
    with pikepdf.open(io.BytesIO(long)) as pdf:
        assert len(pdf.pages) == 2


@poppler
@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("make", ["rich", "simple"])
def test_what_is_too_long_or_left_out_is_said(make, tmp_path):
    text = "x " * document.MAX_TEXT
    shown = Contents(text, (), whole=False, bodies=(Body(text, False),))
    (tmp_path / "x.pdf").write_bytes(getattr(document, make)(Look(), (), shown))
    last = run("pdftotext", tmp_path / "x.pdf", "-")[-400:]
    assert last.count("La suite est dans le fichier message.eml") == 2


@poppler
def test_a_row_higher_than_a_page_goes_on_overleaf(tmp_path):
    html = f"<table><tr><td>a<td>b<tr><td>{'mot<br>' * 150}fin<td>{'autre ' * 100}</table>"
    shown = Contents("", (), whole=True, bodies=(Body(html, True),))
    (tmp_path / "x.pdf").write_bytes(document.rich(Look(), (), shown))
    text = run("pdftotext", tmp_path / "x.pdf", "-")
    assert (text.count("mot"), text.count("autre"), text.count("fin")) == (150, 100, 1)


@pytest.mark.parametrize("size", [(1, 1), (2, 501)])
def test_a_picture_that_is_a_dot_or_a_bomb_is_not_drawn(size, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1_000)
    files = (File("b.png", "image/png", png(*size), "b"),)
    shown = Contents("", files, whole=True, bodies=(Body('<img src="cid:b">', True),))
    with pikepdf.open(io.BytesIO(document.rich(Look(), (), shown))) as pdf:
        assert not [one for one in pdf.objects if _picture(one)]
