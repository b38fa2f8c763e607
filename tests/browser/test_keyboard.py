"""The same acts without a mouse, and without script; what an open queue learns by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House
from tests.e2e.gateway import OURS, eventually

pytestmark = pytest.mark.timeout(300)  # the gateway's start counts, too

ME = "claviste"
OUTLINE_PX = 2  # WCAG 2.4.13 asks for as much


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page, what: str) -> str:
    return str(page.evaluate(f"document.activeElement.{what}"))


def test_a_queue_is_worked_through_with_the_keys_alone(house: House):
    sender = f"clavier@{OURS}"
    for number in range(3):
        house.send(f"clavier{number}@exemple.example", sender)
    page = house.enter(ME)
    page.goto(f"/?adresse={sender}")
    codes = page.locator("tbody tr td a").all_inner_texts()
    press(page, "j")
    assert focused(page, "textContent") == codes[0]
    press(page, "x", "j", "j", "k", "x")
    ticked = page.locator("tbody tr input:checked")
    assert [box.get_attribute("value") for box in ticked.all()] == codes[:2]
    press(page, "/")
    assert focused(page, "id") == "adresse"
    press(page, "j", "x")
    assert page.input_value("#adresse") == "jx", "keys are letters where one writes"
    press(page, "Escape")
    page.get_by_role("link", name=codes[2], exact=True).focus()
    press(page, "Enter")
    expect(page).to_have_url(re.compile(f"/dossiers/{codes[2]}$"))
    page.locator("#release").focus()
    press(page, "Space", "Tab")
    assert focused(page, "id") == "motif_release"
    page.select_option("#motif_release", "legitimate")
    page.locator("#mots").focus()
    press(page, "Tab")
    assert focused(page, "tagName") == "BUTTON"
    press(page, "Enter")
    expect(page.get_by_role("status").filter(has_text=codes[2])).to_contain_text("part")


def test_the_tab_key_goes_through_everything_and_shows_where_it_is(house: House):
    page = house.enter(ME)
    code = house.send("onglet@exemple.example")
    for path in ("/", f"/dossiers/{code}", "/compte"):
        page.goto(path)
        page.evaluate("document.activeElement.blur()")
        press(page, "Tab")
        assert focused(page, "className") == "skip", "first the way round the menu"
        seen = set()
        for _ in range(80):
            place = page.evaluate(_PLACE)
            if place is None:  # back in the browser's own frame
                break
            assert place["outline"] >= OUTLINE_PX, place
            assert place["inside"], place
            seen.add(place["index"])
            press(page, "Tab")
        wanted = page.evaluate(_STOPS)
        assert seen == set(wanted), path


_STOPS = """() => [...document.querySelectorAll("a[href],button,input,select,textarea,summary")]
    .map((one, index) => [one, index])
    .filter(([one]) => one.type !== "hidden" && one.checkVisibility()
        && !(one.type === "radio" && document.querySelector(`input[name="${one.name}"]`) !== one))
    .map(([, index]) => index)"""
_PLACE = """() => {
    const one = document.activeElement, all =
        [...document.querySelectorAll("a[href],button,input,select,textarea,summary")];
    if (one === document.body) return null;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    return {index: all.indexOf(one), outline: parseFloat(style.outlineWidth) || 0,
            inside: box.left >= 0 && box.right <= innerWidth + 1 && box.bottom > 0};
}"""


def test_without_script_the_essential_acts_are_the_same(house: House):
    sent, refused = house.send("sans@exemple.example"), house.send("script@exemple.example")
    page = house.enter(ME, java_script_enabled=False)
    page.get_by_role("link", name=sent, exact=True).click()
    page.check("#release")
    page.select_option("#motif_release", "legitimate")
    page.click(".ruling button.primary")
    page.check(f"input[value='{refused}']")
    page.locator("details.bulk summary").click()
    page.check("#reject")
    page.select_option("#motif_reject", "wrong_recipient")
    page.click(".ruling button.primary")
    expect(page.get_by_text("1 dossier décidé sur 1.")).to_be_visible()
    eventually(lambda: house.arrived("sans@exemple.example") == 1)
    page.fill("#adresse", "script@exemple.example")
    page.click("form.filters button")
    expect(page.get_by_text("Rien ne correspond.")).to_be_visible()
    page.get_by_role("button", name="Sortir").click()
    expect(page).to_have_url(re.compile("/entree$"))


def later(page: Page) -> bool:
    """Past the next refreshing, by the page's own clock."""
    page.clock.run_for(21_000)
    return True


def test_an_open_queue_tells_what_came_without_losing_what_is_ticked(house: House):
    house.send("avant@exemple.example")
    page = house.enter("veilleuse")
    page.clock.install()
    page.goto("/")
    page.locator("input[name=dossier]").first.check()
    house.send("pendant@exemple.example")
    waiting = str(len(house.gateway.held()))  # the figure on the page may be some seconds old
    link = page.get_by_role("status").get_by_role("link", name="1 nouveau dossier")
    figure = page.locator(".figures strong").first
    eventually(lambda: later(page) and figure.inner_text() == waiting)
    expect(link).to_be_visible()
    expect(page.locator("input[name=dossier]").first).to_be_checked()
    rows = page.locator("tbody tr").count()
    link.click()
    expect(page.locator("tbody tr")).to_have_count(rows + 1)
