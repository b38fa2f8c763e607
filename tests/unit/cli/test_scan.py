"""`scan` and `explain`: the contract of DESIGN 4, field by field."""

from __future__ import annotations

from random import Random

import pytest

from tests.makers import documents, identifiers, mails, twelve

NIR = identifiers.nir(Random(4))
CLEAN = mails.message(mails.text("Réunion mardi à dix heures."))
LEAK = mails.message(mails.text(f"Votre n° de sécurité sociale : {NIR}"))
TO = "zoe.inventee@mail.example"
FROM = "agathe.fictive@chu.example"
SCAN = ("scan", "--json", "--from", FROM, "--to", TO)


def test_every_field_of_a_line(vaguemestre, tmp_path):
    (tmp_path / "leak.eml").write_bytes(LEAK)
    said = vaguemestre(*SCAN, "leak.eml")
    (line,) = said.lines
    assert list(line) == [
        "path",
        "disposition",
        "recipients",
        "findings",
        "problems",
        "coverage",
        "parts",
        "ms",
    ]
    assert (line["path"], line["disposition"], line["coverage"]) == ("leak.eml", "encrypt", "whole")
    assert line["recipients"][TO]["disposition"] == "encrypt"
    assert line["recipients"][TO]["rule"] == "health/nir-external"
    assert all(isinstance(reason, str) for reason in line["recipients"][TO]["reasons"])
    (finding,) = [one for one in line["findings"] if one["kind"] == "fr.nir"]
    assert (finding["count"], finding["likelihood"]) == (1, "very_likely")
    assert finding["place"] == "part 1"
    assert "*" in finding["masked"]
    assert line["problems"] == []
    assert line["parts"][1:] == [{"place": "part 1", "kind": "text", "coverage": "whole"}]
    assert line["ms"] >= 0
    assert (said.status, said.err) == (1, "")


def test_the_value_found_is_never_shown(vaguemestre):
    for command in (SCAN, ("scan", "--from", FROM, "--to", TO), ("explain", "--from", FROM)):
        said = vaguemestre(*command, "-", stdin=LEAK)
        digits = "".join(said.out.split())
        assert NIR not in digits, command
        assert NIR[5:13] not in digits, command


def test_a_problem_has_kind_place_and_detail(vaguemestre):
    locked = documents.zip_locked({"paie.txt": b"rien"})
    held = mails.mixed(mails.text("ci-joint"), mails.attachment("paie.zip", locked))
    (line,) = vaguemestre(*SCAN, "-", stdin=held).lines
    assert line["disposition"] == "quarantine"
    assert line["coverage"] in ("partly", "unread")
    assert {"place": "part 1", "kind": "text", "coverage": "whole"} in line["parts"]
    assert line["coverage"] in {part["coverage"] for part in line["parts"]}
    encrypted = [one for one in line["problems"] if one["kind"] == "encrypted"]
    assert encrypted
    assert all(set(one) == {"kind", "place", "detail"} for one in line["problems"])


@pytest.mark.parametrize(
    ("to", "expected"),
    [(["b@chu.example"], "pass"), (["b@chu.example", TO], "encrypt"), ([TO], "encrypt")],
)
def test_the_disposition_is_the_strictest_of_the_recipients(vaguemestre, to, expected):
    """Without a configuration the sender's domain is ours."""
    given = [argument for address in to for argument in ("--to", address)]
    said = vaguemestre("scan", "--json", "--from", FROM, *given, "-", stdin=LEAK)
    (line,) = said.lines
    assert line["disposition"] == expected
    assert list(line["recipients"]) == to
    assert said.status == (0 if expected == "pass" else 1)


def test_a_mail_to_nobody_known_is_judged_as_if_it_left(vaguemestre):
    """Bcc only, as drafts and archives have it: a pass would be a silent one."""
    body = LEAK.partition(b"\r\n\r\n")[2]
    (line,) = vaguemestre("scan", "--json", "-", stdin=b"From: a@chu.example\r\n\r\n" + body).lines
    assert line["disposition"] == "encrypt"


@pytest.mark.parametrize("sender", ["", "a", "a@[192.0.2.1]", "a@-", "a@" + "b" * 300, "a@é é.fr"])
def test_no_sender_is_odd_enough_to_end_the_scan(vaguemestre, sender):
    (line,) = vaguemestre("scan", "--json", f"--from={sender}", "--to", TO, "-", stdin=LEAK).lines
    assert line["disposition"] != "pass"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 5000,
        b"\xff\xfe\r\n" * 50,
        b"From: a@b.example\r\nTo: p\xff\xfe@y.example\r\n\r\n",
    ],
    ids=["empty", "zeros", "no text", "bytes in an address"],
)
def test_malformed_mail_gets_its_line_too(vaguemestre, content):
    assert len(vaguemestre("scan", "--json", "-", stdin=content).lines) == 1


def test_exit_statuses(vaguemestre, tmp_path):
    (tmp_path / "clean.eml").write_bytes(CLEAN)
    (tmp_path / "leak.eml").write_bytes(LEAK)
    (tmp_path / "nothing").mkdir()
    assert vaguemestre("scan", "clean.eml").status == 0
    assert vaguemestre("scan", "clean.eml", "leak.eml").status == 1
    assert vaguemestre("scan", "nothing").status == 0
    assert vaguemestre("scan").status == 2
    assert vaguemestre("scan", "--config", "no.yaml", "clean.eml").status == 2
    assert vaguemestre("scan", "--rules", "nothing", "clean.eml").status == 2


def test_an_unreadable_path_is_told_and_the_others_are_judged(vaguemestre, tmp_path):
    (tmp_path / "clean.eml").write_bytes(CLEAN)
    said = vaguemestre("scan", "--json", "gone.eml", "clean.eml")
    assert [line["path"] for line in said.lines] == ["clean.eml"]
    assert "gone.eml: No such file" in said.err
    assert said.status == 2


def test_rules_of_one_s_own(vaguemestre, tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "all.yaml").write_text(
        "id: site/all\ntitle: Tout\nwhen: {recipient: external}\nthen: reject\n"
    )
    (line,) = vaguemestre(*SCAN, "--rules", "rules", "-", stdin=CLEAN).lines
    assert line["recipients"][TO]["rule"] == "site/all"
    assert line["disposition"] == "reject"


def test_the_configuration_of_this_directory_is_taken(vaguemestre, configured):
    """chu.example is its domain; the sender's is not."""
    said = vaguemestre(
        "scan", "--json", "--from", "x@mail.example", "--to", "b@chu.example", "-", stdin=LEAK
    )
    assert said.lines[0]["disposition"] == "pass"


def test_explain_says_it_as_a_person_would(vaguemestre):
    said = vaguemestre("explain", "--from", FROM, "--to", TO, "-", stdin=LEAK)
    assert said.status == 1
    for expected in (TO, "part chiffré, par la règle health/nir-external", "Lecture : entière"):
        assert expected in said.out
    clean = vaguemestre("explain", "--from", FROM, "--to", TO, "-", stdin=CLEAN)
    assert "part tel quel : aucune règle ne s'applique" in clean.out
    assert clean.status == 0


def test_explain_says_whether_the_persons_of_a_table_look_made_up(vaguemestre):
    said = vaguemestre("explain", "--from", FROM, "--to", TO, "-", stdin=twelve.typed())
    assert said.status == 1
    assert "Tableau, part 1 : données" in said.out
    assert "lignes examinées" in said.out


def test_explain_refuses_what_is_not_there(vaguemestre):
    said = vaguemestre("explain", "gone.eml")
    assert (said.status, said.out) == (2, "")
    assert "gone.eml" in said.err
