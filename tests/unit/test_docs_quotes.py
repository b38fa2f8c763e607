"""What the documents have people type or write: a block of configuration is read by the gateway,
each unit, alert, file and key named exists, and no command has a space that no shell knows."""

from __future__ import annotations

import re
import textwrap

import pytest
import yaml
from pydantic import BaseModel

from gateway import __version__
from gateway.cli import main
from gateway.config import Config
from gateway.decide.marked import load
from gateway.decide.rules import Rule
from tests.unit.test_docs import LEAVES, PAGES, ROOT, code_of, prose, sections_in

UNITS = {path.name for path in (ROOT / "deploy/systemd").glob("vaguemestre*.*")}
ALERTS = (ROOT / "deploy/prometheus/alerts.yaml").read_text("utf-8")
VERSION = sorted((ROOT / "gateway/store/migrations/versions").glob("v*.py"))[-1].name[1:5]
NO_BREAK = "\u00a0"
ABSENT = r"no such (?:file|directory)|: \"(?:url|default)\" is missing"
OF_A_GATEWAY = {field.alias or name for name, field in Config.model_fields.items()}


def blocks(page: str, *languages: str) -> list[str]:
    """Of code, in these languages; "" for those that name none."""
    found = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", PAGES[page], re.MULTILINE | re.DOTALL)
    return [text for language, text in found if language in languages]


def of_gateway_yaml() -> list[tuple[str, str]]:
    return [
        (f"{page}-{number}", text)
        for page in PAGES
        for number, text in enumerate(blocks(page, "yaml"))
        if isinstance(written := yaml.safe_load(text), dict) and written.keys() <= OF_A_GATEWAY
    ]


def test_blocks_are_found():
    assert len(of_gateway_yaml()) > 30, "or the pattern above is wrong"


@pytest.mark.parametrize(("name", "text"), of_gateway_yaml(), ids=lambda value: value[:60])
def test_what_a_page_writes_into_gateway_yaml_is_read(name, text, tmp_path):
    """Files that it names are not here, and what goes without saying may be left out."""
    text = textwrap.dedent(text)
    more = "" if "\ndomains:" in f"\n{text}" else "domains: [ch-exemple.fr]\n"
    _, complaints = load(name, more + text, Config, {"base": tmp_path})
    wrong = [str(one) for one in complaints]
    assert [one for one in wrong if not re.search(ABSENT, one)] == []


def keys_of(model: type[BaseModel], before: str, depth: int) -> set[str]:
    """ "relay.default.host", and so on down."""
    found = set()
    for name, field in model.model_fields.items():
        key = before + (field.alias or name)
        found.add(key)
        if depth:
            for inner in sections_in(field.annotation):
                found |= keys_of(inner, f"{key}.", depth - 1)
    return found


KEYS = keys_of(Config, "", 4)
# "data.rule" is of a SIEM's message; the rest are names of files, or of a key of any hop.
OTHERS = re.compile(r"data\.\w+|\w+\.(?:py|yaml)|relay\.port")


@pytest.mark.parametrize("page", PAGES)
def test_a_key_named_with_its_section_exists(page):
    dotted = re.findall(r"`([a-z_]+(?:\.[a-z_0-9]+)+)`", prose(PAGES[page]))
    ours = {key for key in dotted if key.partition(".")[0] in OF_A_GATEWAY}
    assert {key for key in ours - KEYS if not OTHERS.fullmatch(key)} == set()


@pytest.mark.parametrize("page", PAGES)
def test_units_alerts_and_files_named_exist(page):
    text = PAGES[page]
    spoken = re.findall(r"(?:journalctl|systemctl)[^\n`|>&]*", text)
    units = {one for line in spoken for one in re.findall(r"(?<![/\w])vaguemestre[-\w*.]*", line)}
    units |= set(re.findall(r"vaguemestre-\w+\.(?:socket|service|path|target)\b", text))
    known = (
        UNITS
        | {one.removesuffix(".service") for one in UNITS}
        | {"vaguemestre-*", "vaguemestre-*.service"}
    )
    assert {one.rstrip(".") for one in units} <= known
    spans = re.findall(r"`([^`\n ]+)`", prose(text))
    alerts = {span for span in spans if re.fullmatch(r"Vaguemestre[A-Z]\w+", span)}
    assert {one for one in alerts if f"alert: {one}\n" not in ALERTS} == set()
    files = {
        one for one in spans if re.match(r"(?:deploy|docs|tools|bench|gateway)/[\w./-]+$", one)
    }
    assert {one for one in files if not (ROOT / one).exists()} == set()


def test_every_unit_is_on_the_page_that_installs_them():
    page = PAGES["docs/operateur/installation.md"]
    told = set(re.findall(r"vaguemestre(?:-\w+)?(?:\.\w+)?", page))
    started = {one for one in UNITS if not one.endswith((".sysusers", ".tmpfiles", ".d"))}
    started -= {"vaguemestre-rules.service"}  # what the .path of that name starts
    assert {one for one in started if not {one, one.removesuffix(".service")} & told} == set()


def test_the_page_installs_this_version():
    page = PAGES["docs/operateur/installation.md"]
    assert set(re.findall(r"/opt/vaguemestre-([\d.]+)/", page)) == {__version__}


def behind_another() -> list[tuple[str, str]]:
    """`docker compose exec console vaguemestre users add`: calls that do not begin their line."""
    pattern = (
        r"(?:exec [\w/-]+(?: --)?|(?:root|argv=\S*|-u [\w-]+(?: --)?)) *(?:\S*/)?vaguemestre (.+)"
    )
    return [
        (page, found[1].strip())
        for page, text in PAGES.items()
        for line in code_of(text)
        if (found := re.search(pattern, line))
    ]


def test_calls_behind_another_command_are_found():
    assert len(behind_another()) >= 4, "or the pattern above is wrong"


@pytest.mark.parametrize(("page", "call"), behind_another())
def test_a_command_behind_another_exists(page, call):
    words = call.split()
    leaf = " ".join(words[:2])
    leaf = leaf if leaf in LEAVES else words[0]
    assert leaf in LEAVES or words[0] in main.COMMANDS
    assert set(re.findall(r"(?<!\S)--[a-z-]+", call)) <= LEAVES[leaf]


@pytest.mark.parametrize("page", PAGES)
def test_what_is_typed_has_no_space_that_a_shell_does_not_know(page):
    lines = [line for text in blocks(page, "", "sh") for line in text.splitlines()]
    commands = (
        r"\s*(?:\w+=\S+ )*(?:vaguemestre|kubectl|docker|make|cp|systemctl|find|install|apt-get)\b"
    )
    typed = [line.partition(" #")[0] for line in lines if re.match(commands, line)]
    assert [line for line in typed if NO_BREAK in line] == []


def test_the_changelog_tells_the_version_of_the_tables():
    """Whoever upgrades decides by it whether nodes may be replaced one by one."""
    newest = PAGES["CHANGELOG.md"].partition("\n## ")[2].partition("\n## ")[0]
    assert re.search(rf"\b{VERSION}\b", newest)


def rules() -> list[tuple[str, str]]:
    return [
        (page, text)
        for page in PAGES
        for text in blocks(page, "yaml")
        if isinstance(written := yaml.safe_load(text), dict) and {"id", "title"} <= written.keys()
    ]


@pytest.mark.parametrize(("page", "text"), rules(), ids=lambda value: value[:40])
def test_a_rule_on_a_page_is_read(page, text):
    Rule.model_validate(yaml.safe_load(text))
