"""What the documents say exists, and what exists is documented."""

from __future__ import annotations

import re
import types
import typing
from pathlib import Path
from random import Random

import pytest
from pydantic import BaseModel
from typer.main import get_command

from gateway.cli import main
from gateway.config import Config, Section
from gateway.decide import conditions
from gateway.detect.detector import Detector
from gateway.detect.fold import fold
from gateway.detect.search import kinds
from gateway.extract.extractor import Extractor
from gateway.model import DEFAULT_LIMITS, Part, Trouble

ROOT = Path(__file__).parents[2]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
}
FRENCH = [name for name in PAGES if name.startswith("docs/operateur/") or name == "LISEZMOI.md"]
ALL = "\n".join(PAGES.values())
CONFIGURATION = PAGES["docs/operateur/configuration.md"]
METRICS = PAGES["docs/metrics.md"]
SOURCES = "\n".join(path.read_text("utf-8") for path in (ROOT / "gateway").rglob("*.py"))
MB = 1024 * 1024

every_page = pytest.mark.parametrize("page", PAGES)


_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`[^`\n]+`|\]\([^)]+\)")


def prose(text: str) -> str:
    """Without blocks of code."""
    return _BLOCK.sub("", text)


# Links


def anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@every_page
def test_links_lead_somewhere(page):
    here = (ROOT / page).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(PAGES[page])):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (here / path).resolve() if path else ROOT / page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text("utf-8")), target


def test_every_page_is_reached_from_the_first_ones():
    reached, new = set(), {"README.md", "LISEZMOI.md"}
    while new:
        page = new.pop()
        reached.add(page)
        for target in re.findall(r"\]\(([^)#\s]+\.md)[^)]*\)", PAGES.get(page, "")):
            if "://" not in target:
                new |= {str(((ROOT / page).parent / target).resolve().relative_to(ROOT))} - reached
    assert {page for page in PAGES if page.startswith("docs/")} <= reached


# Commands


def leaves() -> dict[str, set[str]]:
    """ "quarantine list" -> its options."""
    found = {}
    for name in main.COMMANDS:
        command = main._loaded(name)
        for sub, leaf in getattr(command, "commands", {"": command}).items():
            options = {option for parameter in leaf.params for option in parameter.opts}
            found[f"{name} {sub}".strip()] = options
    return found


LEAVES = leaves()


def code_of(text: str) -> list[str]:
    """Lines of code: of blocks, and between backticks in prose."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [*"".join(blocks).splitlines(), *re.findall(r"`([^`\n]+)`", prose(text))]


def quoted() -> list[tuple[str, str]]:
    """Every call of the command in code: (page, what follows `vaguemestre`)."""
    return [
        (page, call.strip())
        for page, text in PAGES.items()
        for line in code_of(text)
        for call in re.findall(r"(?:^|&& |/)vaguemestre ([a-z][^#&|]*)", line)
    ]


def test_commands_are_quoted_somewhere():
    assert len(quoted()) > 20, "or the pattern above is wrong"


@pytest.mark.parametrize(("page", "call"), quoted())
def test_a_command_quoted_exists_with_its_options(page, call):
    group, *rest = call.split()
    leaf = " ".join([group, *rest[:1]])
    if leaf not in LEAVES:
        leaf = group
    if leaf not in LEAVES:  # a group by its name alone
        assert group in main.COMMANDS, call
        assert not rest, call
        return
    for option in re.findall(r"--[a-z-]+", call):
        assert option in LEAVES[leaf], call


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_command_is_documented(leaf):
    calls = {call for _, call in quoted()}
    assert any(call == leaf or call.startswith(f"{leaf} ") for call in calls) or (
        f"`vaguemestre {leaf}`" in ALL
    )


def test_the_short_helps_fit_the_commands():
    root = get_command(main.app)
    assert list(root.commands) == list(main.COMMANDS)


def test_make_targets_quoted_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^|`)make ([a-z-]+)", ALL, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


# Configuration


def sections_in(annotation: object) -> list[type[Section]]:
    """Sections that a field's type leads to: Door | None, dict[str, Hop], tuple[Dkim, ...]."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, Section) else []
    return [found for one in typing.get_args(annotation) for found in sections_in(one)]


def keys_of(model: type[BaseModel], seen: set[type]) -> dict[str, object]:
    """Name -> default, of a section and of those within, each of which is told once."""
    found = {}
    for name, field in model.model_fields.items():
        found[field.alias or name] = ... if field.is_required() else field.default
        for inner in sections_in(field.annotation):
            if inner not in seen:
                seen.add(inner)
                found |= keys_of(inner, seen)
    return found


def documented() -> dict[str, dict[str, str]]:
    """Heading -> key -> what the column of defaults says."""
    chapters = re.split(r"^## ", CONFIGURATION, flags=re.MULTILINE)[1:]
    rows = r"^\| `([a-z0-9_]+)` \| ([^|]+) \|"
    return {
        chapter.partition("\n")[0].strip("`"): dict(re.findall(rows, chapter, re.MULTILINE))
        for chapter in chapters
    }


def existing() -> dict[str, dict[str, object]]:
    seen: set[type] = set()
    chapters: dict[str, dict[str, object]] = {"L'essentiel": {}}
    for name, field in Config.model_fields.items():
        if inner := sections_in(field.annotation):
            chapters[name] = keys_of(inner[0], seen)
        else:
            default = ... if field.is_required() else field.default
            chapters["L'essentiel"][name] = default
    return chapters


def written(default: object) -> str | None:
    """A default as the page has it; None: it says it in words."""
    if default is ...:
        return "obligatoire"
    if default is None or default in ("", ()):
        return "—"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, int | float):
        return f"`{default // MB} MB`" if default >= MB else f"`{default:g}`"
    if isinstance(default, tuple) and len(default) < 5:
        return ", ".join(f"`{one}`" for one in default)
    return f"`{default}`" if isinstance(default, str) else None


def test_the_sections_of_the_configuration():
    assert set(documented()) == set(existing())


@pytest.mark.parametrize("section", existing())
def test_every_key_is_documented_with_its_default(section):
    told, exist = documented()[section], existing()[section]
    assert set(told) == set(exist)
    for key, default in exist.items():
        expected = written(default)
        if expected is not None and not told[key].startswith("selon "):
            assert told[key].replace("\u00a0", " ") in (expected, expected.replace(".0`", "`")), key


# Rules, metrics, problems, kinds


def rule_conditions() -> set[str]:
    models = [
        value
        for value in vars(conditions).values()
        if isinstance(value, type)
        and issubclass(value, BaseModel)
        and value.__module__ == conditions.__name__
    ]
    return {
        field.alias or name.rstrip("_")
        for model in models
        for name, field in list(model.model_fields.items())[:1]
    }


def test_every_condition_of_rules_is_documented_and_no_other():
    page = PAGES["docs/rules.md"]
    told = set(re.findall(r"^\| `([a-z_]+):` \|", page, re.MULTILINE))
    assert told | {"all", "any", "not"} == rule_conditions()
    assert "all | any | not" in page


def test_every_metric_is_documented_and_no_other():
    exist = set(re.findall(r'"(vaguemestre_[a-z_]+)"', SOURCES))
    assert exist
    rows = set(re.findall(r"^\| `(vaguemestre_[a-z_]+)", METRICS, re.MULTILINE))
    assert rows == exist
    named = set(re.findall(r"vaguemestre_[a-z_]+", ALL))
    assert {name.removesuffix("_bucket").removesuffix("_count") for name in named} <= exist


def test_every_kind_of_problem_is_documented_and_no_other():
    chapter = METRICS.partition("`kind` of problems")[2]
    told = set(re.findall(r"^\| `([a-z_]+)` \|", chapter, re.MULTILINE))
    assert told == {trouble.value for trouble in Trouble}


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_of_finding_is_documented(kind):
    assert f"`{kind}`" in METRICS


# Skeletons


def skeleton(page: str) -> dict[str, object]:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGES[page], re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {"__name__": "skeleton"}
    exec(compile(code, page, "exec"), names)
    return names


def test_the_skeleton_of_a_detector_works():
    detector = skeleton("docs/write-a-detector.md")["DETECTOR"]
    assert isinstance(detector, Detector)
    digits = "".join(str(Random(2).randrange(10)) for _ in range(8))
    key = sum(map(int, digits)) % 10
    text = f"Dossier D {digits}{key}, et non D{digits}{(key + 1) % 10}."
    (match,) = detector.find(fold(text))
    assert match.value == f"{digits}{key}"
    assert digits not in detector.mask(match.value)


def test_the_skeleton_of_an_extractor_works():
    extractor = skeleton("docs/write-an-extractor.md")["EXTRACTOR"]
    assert isinstance(extractor, Extractor)
    data = b"FIC1" + (6).to_bytes(4, "big") + b"canari" + (9).to_bytes(4, "big") + b"court"
    whole, cut, rest = extractor.extract(Part("2", data), DEFAULT_LIMITS)
    assert (whole.text, cut.kind, rest.text) == ("canari", Trouble.DAMAGED, "court")


# French


@pytest.mark.parametrize("page", FRENCH)
def test_french_typography(page):
    """No-break spaces before the marks that ask for one: a colon never begins a line."""
    found = _SPAN.sub("`", prose(PAGES[page]))
    assert re.findall(r".{20}[ \n][:;!?»](?=[ \n])", found) == []
    assert re.findall(r"« .{10}", found) == []


@pytest.mark.parametrize("page", FRENCH)
def test_french_accents(page):
    bare = r"\b(deja|etre|apres|cle|cles|regle|regles|defaut|depot|donnees|verifie|numero)\b"
    assert re.findall(bare, prose(PAGES[page]), re.IGNORECASE) == []
