"""WCAG 2.2 AA as far as a program can tell: axe-core on every page, at three widths, light and
dark; nothing scrolls sideways at 320 px; colours of the style sheet stand out enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from gateway.console import app
from tests.browser.conftest import LABORATORY, LOCKED, PASSWORD, House
from tests.e2e.gateway import OURS

SHEET = Path(app.__file__).with_name("static") / "console.css"
WHOLE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
TARGETS = {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}}
VIEWS: tuple[tuple[int, str, dict[str, object]], ...] = (  # CSS pixels, scheme, what of it
    (1280, "light", WHOLE),
    (1280, "dark", COLOURS),  # names and order do not change at night
    (768, "light", TARGETS),
    (320, "light", WHOLE),  # WCAG 1.4.10; tables are laid out anew there
)
RULE = "health/nir-external"
_RUN = "asked => axe.run({resultTypes: ['violations'], ...asked})"
_OPEN = """for (const one of document.querySelectorAll("details"))
    one.open = !one.matches(".rule ~ .rule")  // fifty rules look alike"""
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def places(house: House) -> Iterator[tuple[str, Page]]:
    """Each page that can be opened, with something on it to judge, one after the other."""
    hers = f"laborantine@{OURS}"
    code = house.send("b@exemple.example,c@exemple.example", hers, LABORATORY)
    unread = house.send("d@exemple.example", content=LOCKED)
    stranger = house.window()
    link = house.link("invite").removeprefix(house.url)
    yield from visited(stranger, "/entree", link, "/bienvenue/passe")
    stranger.goto("/entree")
    stranger.fill("#name", "x")
    stranger.fill("#password", "y")
    stranger.click("main button")
    yield "/entree, refusée", stranger
    own = house.own_page(code, hers)
    sender = house.window()
    yield from visited(sender, own, own[:-1])
    sender.goto(own)
    sender.fill("#demande", "une vérification suffit")
    sender.get_by_role("button", name="Demander l'envoi").click()
    yield "/m/, demandé", sender
    page = house.enter("presidente", "--role", "officer", "--role", "admin")
    page.goto(f"/dossiers/{code}")
    page.fill("#note", "appelé le service")
    page.get_by_role("button", name="Ajouter").click()
    wanted = [one.path for one in app.every() if one.method == "GET" and not one.by_ticket]
    plain = [path for path in wanted if "{" not in path and path not in ("/entree", "/etat")]
    plain = [f"{path}?regle={RULE}" if path == "/regles/modifier" else path for path in plain]
    yield from visited(page, *plain, "/?faits=1", "/?adresse=nul@exemple.example", "/nulle-part")
    of_a_mail = [
        path.replace("{id}", code) for path in wanted if re.findall("{.*?}", path) == ["{id}"]
    ]
    yield from visited(page, *of_a_mail, f"/dossiers/{unread}")
    page.goto("/compte")
    page.fill("#on", PASSWORD)
    page.get_by_role("button", name="Commencer").click()
    yield "/compte, second facteur", page


def visited(page: Page, *paths: str) -> Iterator[tuple[str, Page]]:
    for path in paths:
        page.goto(path)
        page.evaluate(_OPEN)
        yield path, page


@pytest.mark.timeout(600)
def test_no_serious_finding_of_axe_and_no_scroll_sideways_on_any_page(house: House):
    assert [one for path, page in places(house) for one in worst(path, page)] == []


def worst(path: str, page: Page) -> Iterator[tuple[object, ...]]:
    """What is serious on a page, in each view."""
    page.evaluate(AXE_SCRIPT)
    for width, scheme, asked in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        yield from ((path, width, scheme, *one) for one in findings(page, asked))
        if (over := page.evaluate(_SIDEWAYS)) > 0:
            yield path, width, "scrolls sideways", over


def findings(page: Page, asked: dict[str, object]) -> Iterator[tuple[str, list[str]]]:
    """Rule and first places of what is serious."""
    for one in page.evaluate(_RUN, asked)["violations"]:
        if one["impact"] in ("serious", "critical"):
            yield one["id"], [" ".join(node["target"]) for node in one["nodes"]][:3]


def luminance(colour: str) -> float:
    """Relative, as WCAG 2 defines it."""
    code = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
    parts = [int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def schemes() -> list[dict[str, str]]:
    """The variables of :root, in the light and in the dark."""
    blocks = re.findall(r":root \{(.*?)\}", SHEET.read_text(), re.DOTALL)
    return [dict(re.findall(r"--([\w-]+): #([0-9a-f]{3,6});", block)) for block in blocks]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "papers", "least"),
    [
        ("ink", ["paper", "card", "tag", "hot-paper"], 4.5),
        ("soft", ["paper", "card", "tag"], 4.5),
        ("brand", ["paper", "card", "tag"], 4.5),
        ("brand-ink", ["brand"], 4.5),
        ("hot", ["card", "paper", "hot-paper", "tag"], 4.5),
        ("focus", ["paper", "card", "tag"], 3.0),
    ],
)
def test_colours_stand_out(scheme: int, ink: str, papers: list[str], least: float):
    colours = schemes()[scheme]
    for paper in papers:
        assert contrast(colours[ink], colours[paper]) >= least, (ink, paper)
