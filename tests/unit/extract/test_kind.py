import pytest

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
