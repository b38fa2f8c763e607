"""Rich text: characters in every way they are written, what is kept apart, and hostile files."""

import pytest

from gateway import inspection
from gateway.model import Limits, Trouble
from tests.makers import documents as made


def extracted(data):
    return list(inspection.extracts("", data, Limits()))


def read(text: str | bytes) -> str:
    body = text if isinstance(text, bytes) else text.encode("latin-1")
    return "\n".join(part.text for part in extracted(b"{\\rtf1\\ansi\\ansicpg1252 " + body + b"}"))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\'e9t\'e9", "été"),
        ("été", "été"),
        (r"\u233?t\u233?", "été"),
        (r"\u233 \'65t", "ét"),
        (r"\uc2\u233 ??t", "ét"),
        (r"{\uc0\u233}t", "ét"),
        (r"\uc1\u8364\'80", "€"),
        (r"\u-10179?\u-8704?", "😀"),
        (r"\u233\tab t", "ét"),  # a word counts for one character
        (r"a\~b\_c\-d", "a\u00a0b-cd"),
        (r"a\{b\}c\\d", "a{b}c\\d"),
        (r"a\par b\line c\tab d", "a\nb\nc\td"),
        ("a\\\nb", "a\nb"),
        ("a\r\nb", "ab"),
        (r"{\fonttbl{\f1\fcharset204 x;}}{\f1 \'cf\'f0}", "Пр"),
        (r"{\fonttbl{\f1\fcharset128 x;}}{\f1 \'82\'a0}", "あ"),
        (r"{\fonttbl{\f1\fcharset204 x;}}{\f1 a}\'e9", "é"),
        (r"\mac\'8e", "é"),
        (r"\pc\'82", "é"),
    ],
)
def test_characters_are_read_however_they_are_written(source, text):
    assert text in read(source)


def test_a_result_of_a_field_stands_in_its_sentence():
    assert "né le 3 mars ici" in read(r"n\'e9 le {\field{\*\fldinst DATE}{\fldrslt 3 mars}} ici")


def test_a_comment_does_not_cut_a_number_in_two():
    assert "2 79 03" in read(r"2 79{\*\annotation relire} 03")


def test_html_within_comes_out_without_what_is_for_rich_text_only():
    source = r"\fromhtml1 {\*\htmltag64 <p>}Bonjour\htmlrtf{\b\htmlrtf0  monde\htmlrtf}\htmlrtf0"
    [_, page] = extracted(b"{\\rtf1" + source.encode() + b"}")
    assert (page.kind, page.text.split()) == ("html", ["Bonjour", "monde"])


PNG = made.png(60, 60)


@pytest.mark.parametrize(
    "picture",
    [
        b"{\\pict\\pngblip " + PNG.hex().encode() + b"}",
        b"{\\pict\\pngblip\r\n" + PNG.hex("\n", 39).encode() + b"}",
        b"{\\pict{\\*\\blipuid 00112233}\\pngblip " + PNG.hex().encode() + b"}",
        b"{\\*\\shppict{\\pict\\pngblip\\bin%d " % len(PNG) + PNG + b"}}",
    ],
)  # fmt: skip
def test_a_picture_is_a_part(picture):
    parts = extracted(b"{\\rtf1 " + picture + b"fin}")
    assert [part.kind for part in parts] == ["rtf", "image"]
    assert "fin" in parts[0].text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{\\rtf1 bonjour", "no end"),
        (b"{\\rtf1{\\object{\\*\\objdata 0105}}}", "an object without its head"),
        (b"{\\rtf1{\\object{\\*\\objdata zz}}}", "no hexadecimal"),
        (b"{\\rtf1" + b"{" * 20_000 + b"x" + b"}" * 20_000 + b"}", "too deep"),
    ],
)
def test_what_is_damaged_is_told(data, why):
    [part] = extracted(data)
    assert {problem.kind for problem in part.problems} == {Trouble.DAMAGED}, why


@pytest.mark.parametrize(
    "flood",
    [b"{", b"}", b"\\", b"\\'", b"{\\*", b"\\u1", b"\\bin9 ", b"\\objdata", b"{\\pict ", b"a\\par"],
)
def test_a_flood_of_one_token_is_read_to_its_end(flood):
    """Linear: each of these, a megabyte long, takes about a second at most."""
    data = b"{\\rtf1 " + flood * (1_000_000 // len(flood))
    assert extracted(data)[0].kind == "rtf"
