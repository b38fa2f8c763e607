"""`vaguemestre mssante`: what leads into the space, who takes part, who has a mailbox."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gateway.act import white_list
from gateway.act.health_directory import HealthDirectory, Mailbox
from tests.makers import mssante
from tests.unit.cli.conftest import CONFIG, Command

DAY = 86_400.0
SECURE = '"*.mssante.fr": {host: operateur.example, port: 465, mode: implicit, tls: verified}'
SECTION = """
mssante:
  senders: senders.csv
  correspondents: correspondents.csv
  white_list: {source: liste.xml}
"""


@pytest.fixture
def able(configured: Path) -> Path:
    """A folder from which one may write there."""
    routed = CONFIG.replace("port: 2525}}", f"port: 2525}}, routes: {{{SECURE}}}}}")
    assert routed != CONFIG
    (configured / "gateway.yaml").write_text(routed + SECTION)
    (configured / "senders.csv").write_text("agent@chu.example;agent@ch-x.mssante.fr\n")
    (configured / "correspondents.csv").write_text("dr@cabinet.example;dr@medecin.mssante.fr\n")
    had(configured, 1)
    return configured


def had(folder: Path, days: float) -> None:
    white_list.keep(folder / "mssante", frozenset(mssante.DOMAINS), time.time() - days * DAY)


def test_all_is_well_where_a_route_and_a_fresh_list_are(able: Path, vaguemestre: Command):
    said = vaguemestre("mssante", "check")
    assert said.status == 0, said
    assert "operateur.example" in said.out
    assert "3 domaines" in said.out


@pytest.mark.parametrize(("days", "told"), [(4, "3 domaines"), (31, "expirée")])
def test_a_list_that_is_not_fresh_is_a_warning(able, vaguemestre, days, told):
    had(able, days)
    said = vaguemestre("mssante", "check")
    assert said.status == 1
    [line] = [line for line in said.out.splitlines() if line.startswith("Attention")]
    assert told in line


def test_without_a_route_it_says_that_they_are_refused(configured, vaguemestre):
    said = vaguemestre("mssante", "check")
    assert said.status == 1
    assert "refusés" in said.out


@pytest.mark.parametrize(
    ("address", "right", "told"),
    [
        ("agent@chu.example", True, "agent@ch-x.mssante.fr"),
        ("autre@chu.example", False, "aucune adresse"),
        ("dr@cabinet.example", True, "dr@medecin.mssante.fr"),
        ("dr@medecin.mssante.fr", True, "dans l'espace"),
        ("dr@inconnu.mssante.fr", False, "pas dans l'espace"),
    ],
)
def test_of_an_address_it_says_what_would_become_of_it(able, vaguemestre, address, right, told):
    said = vaguemestre("mssante", "check", "--json", address)
    about = [line for line in said.lines if address in str(line["told"])]
    assert any(told in str(line["told"]) for line in about)
    assert all(line["ok"] for line in about) is right
    assert said.status == (0 if right else 1)


def test_who_takes_part_is_listed(able, configured, vaguemestre):
    assert [line["domain"] for line in vaguemestre("mssante", "list", "--json").lines] == sorted(
        mssante.DOMAINS
    )
    (configured / "mssante" / white_list.NAME).unlink()
    assert vaguemestre("mssante", "list").status == 1


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["10001234567"], ("Practitioner", "identifier", "10001234567")),
        (["Dupont", "Marie"], ("Practitioner", "name", "Dupont Marie")),
        (["--structure", "CH Exemple"], ("Organization", "name", "CH Exemple")),
        (["dr@medecin.mssante.fr"], ("Practitioner", "mailbox-mss", "dr@medecin.mssante.fr")),
    ],
)
def test_the_directory_is_asked_what_one_wants_to_know(
    able, vaguemestre, monkeypatch, words, asked
):
    (able / "cle").write_text("CLE\n")
    text = (able / "gateway.yaml").read_text()
    (able / "gateway.yaml").write_text(text + "  directory: {key: cle}\n")
    questions = []

    def ask(self, kind, told):
        questions.append((kind, *next(iter(told.items()))))
        return (Mailbox("dr@medecin.mssante.fr", "Marie TEST-UN"),)

    monkeypatch.setattr(HealthDirectory, "ask", ask)
    said = vaguemestre("mssante", "find", *words)
    assert questions == [asked]
    assert said.out == "dr@medecin.mssante.fr  Marie TEST-UN\n"


def test_without_a_directory_nobody_is_asked(able, vaguemestre):
    assert vaguemestre("mssante", "find", "Dupont").status == 2


def test_a_section_that_no_route_serves_is_told_by_config_check(configured, vaguemestre):
    (configured / "gateway.yaml").write_text(CONFIG + "mssante: {keep_held: true}\n")
    assert "mssante : aucune route" in vaguemestre("config", "check").out
