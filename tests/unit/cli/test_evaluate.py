"""`evaluate`: a labelled directory, what is said of it, and every complaint about its manifest."""

from __future__ import annotations

import json
from random import Random

import pytest

from tests.makers import documents, identifiers, mails

NIR = identifiers.nir(Random(4))
HEADERS = {"From": "agent@ch-exemple.example", "To": "dehors@mail.example"}
LEAK = mails.message(mails.text(f"Votre n° de sécurité sociale : {NIR}"), HEADERS)
CLEAN = mails.message(mails.text("Réunion mardi à dix heures."), HEADERS)


@pytest.fixture
def labelled(tmp_path):
    """Writes files and a manifest of dictionaries, or of lines as they are."""

    def write(*lines, **files):
        for name, data in files.items():
            (tmp_path / name.replace("__", ".")).write_bytes(data)
        said = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        (tmp_path / "manifest.jsonl").write_text("\n".join(said), "utf-8")

    return write


def case(name, expect, **others):
    return {"name": name, "expect": expect, **others}


def test_all_as_expected_is_status_0(vaguemestre, labelled):
    labelled(
        case("a.eml", "stop", kinds=["fr.nir"], family="fiche", medium="body"),
        case("b.eml", "pass"),
        a__eml=LEAK,
        b__eml=CLEAN,
    )
    said = vaguemestre("evaluate", ".")
    assert (said.status, said.err) == (0, "")
    assert "rappel     100,00 %" in said.out
    assert "précision  100,00 %" in said.out
    assert "fiche" in said.out
    assert "confondu" not in said.out


def test_a_wrong_verdict_is_status_1_and_shown_masked(vaguemestre, labelled):
    labelled(case("a.eml", "pass"), a__eml=LEAK)
    said = vaguemestre("evaluate", ".")
    assert said.status == 1
    assert "a.eml : pass attendu, encrypt obtenu" in said.out
    assert "règle health/nir-external" in said.out
    assert NIR[5:] not in "".join(said.out.split())


def test_a_kind_that_is_not_found_is_confused_too(vaguemestre, labelled):
    labelled(case("a.eml", "stop", kinds=["fr.nir", "iban"]), a__eml=LEAK)
    said = vaguemestre("evaluate", ".")
    assert said.status == 1
    assert "non trouvé : iban" in said.out


def test_every_line_of_json_is_an_object(vaguemestre, labelled):
    labelled(
        case("a.eml", "stop", kinds=["fr.nir"], family="fiche", medium="body"),
        case("b.eml", "stop", family="autre"),
        a__eml=LEAK,
        b__eml=CLEAN,
    )
    said = vaguemestre("evaluate", "--json", ".")
    assert [line["of"] for line in said.lines] == [
        "all",
        "kind",
        "family",
        "family",
        "medium",
        "case",
    ]
    whole, kind, *_, wrong = said.lines
    assert whole["recall"] == {"hits": 1, "of": 2, "value": 0.5, "low": 0.09453, "high": 0.90547}
    assert (kind["name"], kind["recall"]["hits"]) == ("fr.nir", 1)
    assert (wrong["name"], wrong["disposition"], wrong["missing"]) == ("b.eml", "pass", [])
    assert said.err == ""


def test_as_many_cases_as_asked(vaguemestre, labelled):
    labelled(
        *(case(f"{n}.eml", "stop") for n in range(3)), **{f"{n}__eml": CLEAN for n in range(3)}
    )
    assert vaguemestre("evaluate", "--cases", "2", ".").out.count("attendu") == 2


BARE = {
    "rib.pdf": documents.pdf(f"NIR {NIR}"),
    "base.csv": f"Nom;NIR\nTEST;{NIR}\n".encode(),
    "note.txt": f"NIR {NIR}".encode(),
    "deux\nlignes.txt": f"NIR {NIR}".encode(),
}


def test_a_bare_document_goes_to_an_outsider(vaguemestre, labelled):
    labelled(
        *(case(name, "stop", kinds=["fr.nir"]) for name in BARE),
        **{name.replace(".", "__"): data for name, data in BARE.items()},
    )
    said = vaguemestre("evaluate", ".")
    assert said.status == 0, said.out


def test_the_manifest_says_who_writes_to_whom(vaguemestre, labelled):
    """The sender's domain is ours: a colleague may read it."""
    labelled(
        case("a.eml", "pass", **{"from": "a@ch.example", "to": "b@ch.example"}),
        case("b.eml", "stop", **{"from": "a@ch.example", "to": ["b@ch.example", "c@mail.example"]}),
        a__eml=LEAK,
        b__eml=LEAK,
    )
    assert vaguemestre("evaluate", ".").status == 0


COMPLAINTS = {
    '{"name": "absent.eml", "expect": "stop"}': "name : ce fichier n'existe pas",
    '{"name": "a.eml", "expect": "maybe"}': "expect : « stop » ou « pass » est attendu",
    '{"name": "a.eml"}': "expect : « stop » ou « pass » est attendu",
    "{name: a.eml}": "n'est pas du JSON",
    '["a.eml"]': "n'est pas un objet JSON",
    '{"expect": "stop"}': "name : un nom de fichier est attendu",
    '{"name": "../dehors.eml", "expect": "stop"}': "name : hors du dossier",
    '{"name": "/etc/hostname", "expect": "stop"}': "name : hors du dossier",
    '{"name": "a\\u0000.eml", "expect": "stop"}': "name : ce n'est pas un nom de fichier",
    '{"name": "a.eml", "expect": "stop", "kinds": "iban"}': "kinds : une liste de genres",
    '{"name": "a.eml", "expect": "stop", "to": [3]}': "to : une adresse ou une liste",
    '{"name": "a.eml", "expect": "stop", "family": 3}': "family : un texte est attendu",
}


@pytest.mark.parametrize("line", COMPLAINTS)
def test_a_line_that_is_wrong_is_named(vaguemestre, labelled, line):
    labelled(case("b.eml", "pass"), line, a__eml=LEAK, b__eml=CLEAN)
    said = vaguemestre("evaluate", ".")
    assert (said.status, said.out) == (2, "")
    assert f"manifest.jsonl:2 : {COMPLAINTS[line]}" in said.err


def test_all_complaints_are_told_at_once(vaguemestre, labelled):
    labelled(*COMPLAINTS, case("a.eml", "stop"), case("a.eml", "pass"), a__eml=LEAK)
    said = vaguemestre("evaluate", ".")
    assert said.status == 2
    assert len(said.err.splitlines()) >= len(COMPLAINTS) + 1
    assert "name : déjà à la ligne" in said.err


def test_a_link_does_not_lead_out(vaguemestre, labelled, tmp_path):
    labelled(case("a.eml", "pass"))
    (tmp_path / "a.eml").symlink_to("/etc/hostname")
    assert "hors du dossier" in vaguemestre("evaluate", ".").err


@pytest.mark.parametrize("manifest", ["", "\n\n"])
def test_an_empty_manifest_is_refused(vaguemestre, labelled, manifest):
    labelled(manifest)
    said = vaguemestre("evaluate", ".")
    assert said.status == 2
    assert "vide" in said.err


def test_a_directory_without_a_manifest_is_refused(vaguemestre):
    said = vaguemestre("evaluate", ".")
    assert said.status == 2
    assert "manifest.jsonl : illisible" in said.err


def test_a_kind_that_nobody_knows_is_told_of(vaguemestre, labelled):
    labelled(case("a.eml", "stop", kinds=["fr.nri"]), a__eml=LEAK)
    said = vaguemestre("evaluate", ".")
    assert said.status == 1
    assert "genres inconnus ici, donc jamais trouvés : fr.nri" in said.err
