"""The pages of the manual: one for each command, with all that it takes, and sound roff."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from gateway.cli import main
from tools import man

PAGES = man.pages()


def leaves(name):
    command = main._loaded(name)
    return getattr(command, "commands", {"": command})


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_has_a_page_with_all_that_it_takes(name):
    page = PAGES[f"vaguemestre-{name}.1"].replace("\\-", "-")
    assert f"vaguemestre-{name} - {main.COMMANDS[name].rstrip('.')}" in page
    for sub, leaf in leaves(name).items():
        assert f"vaguemestre {name} {sub}".strip() + r"\fR" in page
        for parameter in leaf.params:
            if parameter.param_type_name == "option":
                assert rf"\fB{', '.join(parameter.opts)}" in page


def test_the_first_page_names_them_all_and_there_are_no_others():
    assert set(PAGES) == {"vaguemestre.1", *(f"vaguemestre-{name}.1" for name in main.COMMANDS)}
    assert all(f"vaguemestre\\-{name}\\fR(1)" in PAGES["vaguemestre.1"] for name in main.COMMANDS)


def test_the_pages_are_the_same_each_time_but_for_the_day_of_the_release(monkeypatch):
    assert man.pages() == PAGES
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    assert '"2026-09-21"' in man.pages()["vaguemestre.1"]


@pytest.mark.parametrize(
    ("written", "roff"),
    [
        ("a-b", r"a\-b"),
        (r"C:\x", r"C:\ex"),
        (".eml or -", r"\&.eml or \-"),
        ("'quoted'", r"\&'quoted'"),
    ],
)
def test_what_roff_would_take_for_its_own_stays_text(written, roff):
    assert man._text(written) == roff


def test_groff_has_nothing_to_say_of_them(tmp_path):
    if shutil.which("groff") is None:
        pytest.skip("missing: groff")
    man.write(tmp_path)
    pages = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-Kutf8", "-ww", *pages], capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
