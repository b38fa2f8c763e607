import pytest

from gateway.extract import kind as kind_of
from gateway.extract.kind import kinds, of_text
from gateway.model import Part
from tests.makers import documents as made
from tests.makers import mails


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (made.pdf("x"), "pdf"),
        (b"\r\n\r\n" + made.pdf("x"), "pdf"),
        (made.docx("x"), "docx"),
        (made.xlsx({"A": [["x"]]}), "xlsx"),
        (made.pptx("x"), "pptx"),
        (made.odt("x"), "odf"),
        (made.zip_of({"word/document.xml": b"x"}), "zip"),
        (made.tar({"a": b"x"}), "tar"),
        (made.png(9, 9), "image"),
        (b"a;b\n1;2\n", "csv"),
        (b"<HTML>x", "html"),
        (b"<p>x", "html"),
        (b"<?xml version='1.0'?><x/>", "xml"),
        (b"bonjour", "text"),
        ("bonjour".encode("utf-16"), "text"),
        (mails.message(mails.text("x")), "message"),
        (b" \r\n", "empty"),
    ],
)
def test_the_content_tells_the_kind_not_the_label(data, kind):
    part = Part("1", data, declared="image/png", names=("a.exe",))
    assert kinds(part) == (kind,)


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (Part("1", b"From: x\nSubject: y\n", "text/plain", body=True), "text"),
        (Part("1", b"a;b\n1;2\n", "text/plain", body=True), "text"),
        (Part("1", b"bonjour", "text/html", body=True), "html"),
        (Part("1", b"", "text/plain"), "empty"),
        (Part("1", b"a\x01\x02\x03", "text/plain"), ""),
        (Part("1", b"x" + made.zip_of({"a": b"b"}), "text/plain"), ""),
        (Part("1", b"x\n%PDF-1.7", "text/plain"), ""),
        (Part("1", made.png(9, 9), "text/plain"), ""),
    ],
)
def test_a_text_is_nothing_else_besides(part, kind):
    assert of_text(part) == kind


class Magic:
    """Stands for libmagic: remembers how much it was given."""

    def __init__(self):
        self.given = []

    def from_buffer(self, data):
        self.given.append(len(data))
        return "application/octet-stream"


def test_libmagic_sees_the_beginning_only_since_its_cost_grows_with_what_it_sees(monkeypatch):
    library = Magic()
    monkeypatch.setattr(kind_of, "magic", lambda: library)
    assert kinds(Part("1", b"\x01\x02\x03" * 100_000)) == ("binary",)
    assert library.given == [kind_of.HEAD]


def test_without_libmagic_an_unknown_file_is_unknown_and_a_known_one_known(monkeypatch):
    monkeypatch.setattr(kind_of, "magic", lambda: None)
    assert kinds(Part("1", b"\x01\x02\x03" * 100)) == ("binary",)
    assert kinds(Part("1", made.docx("x"))) == ("docx",)
