"""How a screen is looked at: opened, in a theme and a width, and held against what must be true of each."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.person import Person

PICTURES = os.environ.get("ENVOI_SCREENSHOTS")
"""A folder to keep the pictures in."""
DESK, PHONE = (1440, 900), (390, 844)
TABLET, WIDE = (768, 1024), (2560, 1440)
ZOOMED = (DESK[0] // 2, DESK[1] // 2)
"""What remains of the desk at a zoom of 200%; the profile has a device_scale_factor of 2."""
WORST = {"serious", "critical"}


@dataclass(frozen=True)
class Screen:
    """`path`: of the page; with `opens` of a list, the address of whose record it continues: the first one, or the
    `last`. `presses`: the button that opens the dialog to look at."""

    name: str
    path: str
    opens: str = ""
    last: bool = False
    presses: str = ""


def open_screen(person: Person, screen: Screen) -> None:
    """Go there; a record's page is found as a person finds it, by the list's link."""
    person.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    person.troubles.clear()
    path = screen.path
    if screen.opens:
        person.go(path)
        names = person.page.locator("main [data-row] a.name")
        record = (names.last if screen.last else names.first).get_attribute("href")
        assert record
        path = record + screen.opens.rstrip("/")
    person.go(path)
    expect(person.page.get_by_role("heading", level=1)).to_be_visible()
    if screen.presses:
        person.button(screen.presses).first.click()
        expect(person.dialog()).to_be_visible()


def look(person: Person, screen: Screen, theme: str, size: tuple[int, int], *, axe: bool = False) -> None:
    """One theme and width: a picture, nothing wider than the window, nothing that some people cannot use."""
    page, (width, height) = person.page, size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme)
    expect(page.locator(f"html.{theme}")).to_be_attached()
    if PICTURES:
        name = f"{screen.name}-{page.locator('html').get_attribute('lang')}-{theme}-{width}.png"
        page.screenshot(path=Path(PICTURES) / name, full_page=True)
    assert overflow(person) == []
    if axe:
        assert violations(person) == []


def overflow(person: Person) -> list[str]:
    """The elements that make the page wider than its window; [] when nothing does. A chart may take a moment to fit."""
    return person.page.evaluate(
        """async () => {
            const root = document.documentElement;
            const wide = () => root.scrollWidth > root.clientWidth;
            const until = performance.now() + 2000;
            while (wide() && performance.now() < until) await new Promise(requestAnimationFrame);
            if (!wide()) return [];
            return [...document.querySelectorAll("body *")]
                .filter(part => part.getBoundingClientRect().right > root.clientWidth + 1)
                .slice(0, 5).map(part => part.outerHTML.slice(0, 120));
        }"""
    )


def violations(person: Person) -> list[str]:
    """What axe finds serious or critical, each with the first place."""
    found: dict[str, Any] = Axe().run(person.page).response
    return [
        f"{rule['id']} ({rule['impact']}), {len(rule['nodes'])}: {rule['nodes'][0]['html'][:200]}"
        for rule in found["violations"]
        if rule["impact"] in WORST
    ]
