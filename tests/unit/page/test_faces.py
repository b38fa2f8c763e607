"""Fonts: each character in one that has it."""

from __future__ import annotations

import pytest

from gateway.page import faces


@pytest.fixture
def vera_alone(monkeypatch):
    """A machine without further fonts."""
    all_known = faces._known()
    monkeypatch.setattr(
        faces, "_known", lambda: {k: v for k, v in all_known.items() if k[0] == "V"}
    )
    faces.face.cache_clear()
    faces._drawable.cache_clear()
    yield
    faces.face.cache_clear()
    faces._drawable.cache_clear()


def drawn(text):
    return "".join(piece for _, piece in faces.spans(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ça, l'été…", "Ça, l'été…"),
        ("e\u0301", "é"),
        ("1\u202f000", "1 000"),
        ("Jiří", "Jirí"),
        ("Ω漢", "Ω?"),
        ("zéro\u200bblanc\x00", "zéroblanc"),
        ("ﬁn", "ﬁn"),
    ],
)
@pytest.mark.usefixtures("vera_alone")
def test_a_character_that_no_font_has_becomes_its_nearest(text, shown):
    assert drawn(text) == shown


@pytest.mark.skipif("DejaVuSans" not in faces._known(), reason="fonts-dejavu-core missing")
def test_other_scripts_come_from_the_fonts_of_the_machine():
    assert drawn("Jiří Ελλάδα Москва שלום") == "Jiří Ελλάδα Москва שלום"
    assert [name for name, _ in faces.spans("ařb")] == ["Vera", "DejaVuSans", "Vera"]


def test_bold_and_italic_have_their_own():
    names = {name for bold in (0, 1) for it in (0, 1) for name, _ in faces.spans("a", bold, it)}
    assert names == {"Vera", "VeraBd", "VeraIt", "VeraBI"}
