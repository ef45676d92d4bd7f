"""Every main screen as it is drawn: nothing wrong in the console, no overflow, readable, in both languages and themes.

With ENVOI_SCREENSHOTS=folder the pictures are kept there.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import Visit, first_link
from tests.browser.person import Person
from tests.dashboard.conftest import PASSWORD, Running

PICTURES = os.environ.get("ENVOI_SCREENSHOTS")
DESK, PHONE = (1440, 900), (390, 844)
WORST = {"serious", "critical"}


@dataclass(frozen=True)
class Screen:
    """`path`: of the page; with `opens` of a list, whose first record's address it continues."""

    name: str
    path: str
    opens: str = ""


SCREENS = [
    Screen("overview", "/"),
    Screen("campaigns", "/campaigns"),
    Screen("campaign", "/campaigns", "?time=all"),
    Screen("campaign-links", "/campaigns", "?tab=tracking_urls"),
    Screen("campaign-audience", "/campaigns", "?tab=audience"),
    Screen("mass-emails", "/mass-emails"),
    Screen("mass-email", "/mass-emails", "/"),
    Screen("mass-email-new", "/mass-emails/new"),
    Screen("mass-email-edit", "/mass-emails", "/edit"),
    Screen("log", "/log"),
    Screen("log-people", "/log?show=people"),
    Screen("target-lists", "/target-lists"),
    Screen("target-list", "/target-lists", "/"),
    Screen("select", "/target-lists", "/select"),
    Screen("target-list-opted-out", "/target-lists", "/opted-out"),
    Screen("recipients", "/recipients"),
    Screen("recipient", "/recipients", "/"),
    Screen("import", "/import"),
    Screen("reports", "/reports"),
    Screen("email-templates", "/email-templates"),
    Screen("email-template", "/email-templates", "/"),
    Screen("tracking-urls", "/tracking-urls"),
    Screen("outbound-emails", "/admin/outbound-emails"),
    Screen("smtp-accounts", "/admin/smtp-accounts"),
    Screen("scheduled-jobs", "/admin/scheduled-jobs"),
    Screen("users", "/admin/users"),
    Screen("system-health", "/admin/system-health"),
    Screen("mail-catcher", "/mail-catcher"),
]


@dataclass
class Readers:
    """Two people before the same data: one reads English in the light, the other French in the dark."""

    english: Person
    french: Person


@pytest.fixture(scope="module")
def readers(server: Running, visit: Visit) -> Readers:
    """The first administrator asked for sample data on the first page; the second came by a link of the command."""
    english, french = visit("english"), visit("french", locale="fr-FR", color_scheme="dark")
    english.enter(first_link(server))
    english.fill(name="Ada Byron", email="ada@example.com", password=PASSWORD)
    english.button("Start").click()
    english.ready()
    english.troubles.clear()
    added = server.envoi("user", "add", "elodie@example.com", "--name", "Élodie Marchand", "--role", "administrator")
    french.enter(re.search(r"http\S+", added.stdout)[0])
    french.fill(password=PASSWORD)
    french.button("Enregistrer et se connecter").click()
    french.ready()
    french.page.locator("button.me").click()
    french.page.get_by_role("menuitem", name="Français").click()
    expect(french.page.locator("html")).to_have_attribute("lang", "fr")
    return Readers(english, french)


@pytest.fixture(params=SCREENS, ids=lambda screen: screen.name)
def screen(request: pytest.FixtureRequest) -> Screen:
    return request.param


def test_a_screen_is_well_drawn_in_english(readers: Readers, screen: Screen) -> None:
    person = readers.english
    open_screen(person, screen)
    look(person, screen, "light", DESK, axe=True)
    look(person, screen, "dark", DESK, axe=True)
    look(person, screen, "light", PHONE, axe=True)
    assert not person.troubles


def test_a_screen_is_well_drawn_in_french(readers: Readers, screen: Screen) -> None:
    person = readers.french
    open_screen(person, screen)
    look(person, screen, "light", DESK)
    look(person, screen, "dark", PHONE, axe=True)
    assert not person.troubles


def open_screen(person: Person, screen: Screen) -> None:
    """Go there; a record's page is found as a person finds it, by the list's first link."""
    person.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    person.troubles.clear()
    path = screen.path
    if screen.opens:
        person.go(path)
        path = person.page.locator("main [data-row] a.name").first.get_attribute("href") + screen.opens.rstrip("/")
    person.go(path)
    expect(person.page.get_by_role("heading", level=1)).to_be_visible()


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
    """The elements that make the page wider than its window; [] when nothing does."""
    return person.page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            return [...document.querySelectorAll("body *")]
                .filter(part => part.getBoundingClientRect().right > root.clientWidth + 1)
                .slice(0, 5).map(part => part.outerHTML.slice(0, 120));
        }"""
    )


def violations(person: Person) -> list[str]:
    """What axe finds serious or critical (WCAG 2.2 AA), each with the first place."""
    found: dict[str, Any] = Axe().run(person.page).response
    return [
        f"{rule['id']} ({rule['impact']}), {len(rule['nodes'])}: {rule['nodes'][0]['html'][:200]}"
        for rule in found["violations"]
        if rule["impact"] in WORST
    ]
