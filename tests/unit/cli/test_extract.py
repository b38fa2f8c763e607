"""`extract`: one line a part, the text in clear."""

from __future__ import annotations

import pytest

from tests.makers import documents, mails

WORD = "canari"
FIELDS = ["path", "place", "kind", "name", "coverage", "text", "problems"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("lettre.docx", documents.docx(WORD)),
        ("base.xlsx", documents.xlsx({"Feuille": [["nom"], [WORD]]})),
        ("lettre.pdf", documents.pdf(WORD)),
        ("tout.zip", documents.zip_of({"un.txt": WORD.encode()})),
        ("base.csv", f"nom;ville\n{WORD};Rouen\n".encode()),
        ("message.eml", mails.message(mails.text(WORD))),
        ("note.txt", WORD.encode()),
    ],
)
def test_every_field_of_a_line(vaguemestre, tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    said = vaguemestre("extract", "--json", name)
    assert said.lines
    for line in said.lines:
        assert list(line) == FIELDS
        assert line["path"] == name
        assert line["coverage"] in ("whole", "partly", "unread")
        for problem in line["problems"]:
            assert set(problem) == {"kind", "place", "detail"}
    assert any(WORD in line["text"] for line in said.lines)
    assert (said.status, said.err) == (0, "")


def test_a_bare_file_is_its_own_only_part(vaguemestre, tmp_path):
    (tmp_path / "note.txt").write_text(WORD)
    (line,) = vaguemestre("extract", "--json", "note.txt").lines
    assert (line["name"], line["place"]) == ("note.txt", "part 1")


def test_the_same_for_a_person(vaguemestre, tmp_path):
    (tmp_path / "note.txt").write_text(f"{WORD} [bold]gras[/bold]")
    said = vaguemestre("extract", "note.txt")
    assert f"{WORD} [bold]gras[/bold]" in said.out
    assert "part 1 (text, whole)" in said.out


def test_standard_input(vaguemestre):
    (line,) = vaguemestre("extract", "--json", "-", stdin=WORD.encode()).lines
    assert (line["path"], line["text"]) == ("-", WORD)


def test_the_configuration_gives_the_limits(vaguemestre, configured):
    path = configured / "gateway.yaml"
    path.write_text(path.read_text() + "limits: {member: 10}\n")
    (line,) = vaguemestre("extract", "--json", "--config", path, "-", stdin=b"x" * 100).lines
    assert [problem["kind"] for problem in line["problems"]] == ["too_big"]


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(vaguemestre, tmp_path):
    (tmp_path / "note.txt").write_text(WORD)
    said = vaguemestre("extract", "--json", "gone", ".", "note.txt")
    assert [line["path"] for line in said.lines] == ["note.txt"]
    assert said.err.splitlines() == ["gone: No such file or directory", ".: Is a directory"]
    assert said.status == 2


def test_a_line_is_a_line_for_whoever_reads_it(vaguemestre):
    """Python and JavaScript end lines at these characters too."""
    mail = mails.message(mails.text("un\u2028deux\x85trois"))
    said = vaguemestre("extract", "--json", "-", stdin=mail)
    assert len(said.out.splitlines()) == said.out.count("\n") == 2
    assert said.lines[1]["text"].split() == ["un", "deux", "trois"]


@pytest.mark.parametrize("control", ["\x1b]0;titre", "\x1b[2J", "\x9b2J", "\u202e"])
def test_no_mail_steers_the_terminal_it_is_shown_on(vaguemestre, control):
    mail = mails.message(mails.text(f"avant{control}apres"))
    said = vaguemestre("extract", "-", stdin=mail)
    assert control[0] not in said.out
    assert "avant" in said.out
