"""The recipes' files are read by the gateway, and Postfix's are those that a real one was given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config import demand_startable, read_config
from tests.e2e.postfix import Postfix

ROOT = Path(__file__).parents[2]
PAGES = {
    path.name: path.read_text("utf-8")
    for path in sorted((ROOT / "docs" / "operateur" / "recettes").glob("*.md"))
}
VENDORS = sorted(PAGES.keys() - {"README.md", "postfix.md"})
CHAPTERS = {
    "Après la file": ("after-queue", 10024),
    "Avant la file": ("before-queue", 10025),
    "Milter": ("milter", 10023),
}
CHECKED = ("Boucle", "TLS", "Vérifier", "Revenir en arrière", "clients", "Sources")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def configurations() -> list[tuple[str, str]]:
    return [
        (f"{name}-{number}", block)
        for name, page in PAGES.items()
        for number, block in enumerate(blocks(page, "yaml"))
    ]


@pytest.mark.parametrize(("name", "block"), configurations(), ids=lambda value: value[:20])
def test_what_a_recipe_writes_into_gateway_yaml_is_read(name, block, tmp_path):
    (tmp_path / "secrets").mkdir()
    for file in re.findall(r"secrets/[\w.-]+", block):
        (tmp_path / file).touch()
    text = "domains: [ch-exemple.fr]\n" + block
    if "doors:" not in block:
        text += 'doors: {lmtp: {listen: "127.0.0.1:10024"}}\n'
    path = tmp_path / "gateway.yaml"
    path.write_text(text, "utf-8")
    demand_startable(read_config(path))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_postfix_is_told_to_take_the_files_that_the_tests_give_a_real_one(chapter, tmp_path):
    set_up, door = CHAPTERS[chapter]
    postfix = Postfix(tmp_path, set_up, door, 25, back=10026)
    given = {"main": postfix._main(), "master": postfix._master()}
    text = PAGES["postfix.md"].partition(f"## {chapter}")[2].partition("\n## ")[0]
    (commands,) = blocks(text, "sh")
    told = re.findall(r"^cat (.+) >> /etc/postfix/(main|master)\.cf$", commands, re.MULTILINE)
    assert len(told) == len(commands.splitlines()) == 2
    files = [(ROOT / name, into) for names, into in told for name in names.split()]
    for file, into in files:
        content = file.read_text("utf-8")
        if set_up == "before-queue" and into == "master":  # it listens elsewhere in tests
            content = content.partition("smtp      inet")[2].partition("\n")[2]
        assert content in given[into], file
    shipped = {
        *(ROOT / "deploy/postfix").glob(f"{set_up}.*"),
        ROOT / "deploy/postfix/common.main.cf",
    }
    assert {file for file, _ in files} == shipped


@pytest.mark.parametrize("name", VENDORS)
def test_a_recipe_says_all_that_one_must_know(name):
    page = PAGES[name]
    assert [what for what in CHECKED if what not in page] == []
    assert "Non essayé ici" in page


def test_the_first_page_names_every_recipe():
    told = re.findall(r"^\| [^|]+ \| \[[\w-]+\.md\]\(([\w-]+\.md)\) \|", PAGES["README.md"], re.M)
    assert sorted(told) == sorted(PAGES.keys() - {"README.md"})
