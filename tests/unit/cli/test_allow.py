"""`allow`: a value of the house is no finding any more, and nobody can read which it is."""

from __future__ import annotations

OURS = "FR76 9999 9000 0100 0000 0000 115"
ANOTHER = "FR76 9999 9000 0200 0000 1234 522"
MAIL = "From: a@chu.example\r\nTo: b@mail.example\r\n\r\n{}\r\n"


def findings(vaguemestre, directory, text):
    path = directory / "mail.eml"
    path.write_text(MAIL.format(text))
    [line] = vaguemestre("scan", "--json", path).lines
    return [(finding["kind"], finding["count"]) for finding in line["findings"]]


def test_an_allowed_value_is_no_finding_any_more(vaguemestre, configured):
    text = f"IBAN {OURS} puis IBAN {ANOTHER}"
    assert findings(vaguemestre, configured, text) == [("iban", 2)]
    said = vaguemestre("allow", "add", "iban", stdin=f"{OURS}\n".encode())
    assert (said.status, said.out) == (0, "iban FR76 **** **** *115\n")
    assert findings(vaguemestre, configured, text) == [("iban", 1)]
    assert findings(vaguemestre, configured, f"IBAN : {OURS.replace(' ', '')}") == []
    assert vaguemestre("allow", "list").out == "iban  1\n"


def test_the_file_tells_nobody_the_value(vaguemestre, configured):
    vaguemestre("allow", "add", "iban", stdin=f"{OURS}\n".encode())
    [path] = configured.rglob("allowed.txt")
    kind, fingerprint = path.read_text().split()
    assert kind == "iban"
    assert len(fingerprint) == 16
    assert path.stat().st_mode & 0o007 == 0


def test_a_line_without_the_kind_is_told_by_number_only(vaguemestre, configured):
    said = vaguemestre("allow", "add", "fr.spi", stdin=b"3099999999103\nfiscal 3099999999103\n")
    assert said.status == 1
    assert "line 1: no fr.spi" in said.out
    assert "3099999999103" not in said.out + said.err


def test_an_unknown_kind_is_refused(vaguemestre, configured):
    said = vaguemestre("allow", "add", "ibann", stdin=b"x\n")
    assert said.status == 2
    assert "no such kind" in said.err


def test_a_broken_file_is_told_by_its_line(vaguemestre, configured):
    vaguemestre("allow", "add", "iban", stdin=f"{OURS}\n".encode())
    [path] = configured.rglob("allowed.txt")
    path.write_text(path.read_text() + "nonsense\n")
    said = vaguemestre("allow", "list")
    assert said.status == 2
    assert "allowed.txt:2" in said.err
