"""An installation in which nothing is yet: every list says what it would hold and what to do next."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, first_link
from tests.browser.looking import DESK, PHONE, Screen, look, open_screen
from tests.browser.person import Person
from tests.dashboard.conftest import PASSWORD, Running

EMPTY = [
    Screen("empty-campaigns", "/campaigns"),
    Screen("empty-mass-emails", "/mass-emails"),
    Screen("empty-mass-email-new", "/mass-emails/new"),
    Screen("empty-log", "/log"),
    Screen("empty-target-lists", "/target-lists"),
    Screen("empty-reports", "/reports"),
    Screen("empty-email-templates", "/email-templates"),
    Screen("empty-tracking-urls", "/tracking-urls"),
    Screen("empty-mail-catcher", "/mail-catcher"),
]


@pytest.fixture(scope="module")
def person(server: Running, visit: Visit) -> Person:
    newcomer = visit("newcomer")
    newcomer.enter(first_link(server))
    newcomer.fill(name="Ada Byron", email="ada@example.com", password=PASSWORD)
    newcomer.page.get_by_label("Add sample data").uncheck()
    newcomer.button("Start").click()
    newcomer.ready()
    return newcomer


@pytest.mark.parametrize("screen", EMPTY, ids=lambda screen: screen.name)
def test_an_empty_screen_says_what_to_do_next(person: Person, screen: Screen) -> None:
    open_screen(person, screen)
    nothing = person.page.locator("main .empty")
    expect(nothing.first).to_be_visible()
    expect(person.page.locator("main").locator("a.btn, button.btn").first).to_be_visible()
    look(person, screen, "light", DESK, axe=True)
    look(person, screen, "dark", PHONE, axe=True)
    assert not person.troubles


def test_the_overview_of_a_new_installation_is_well_drawn(person: Person) -> None:
    screen = Screen("empty-overview", "/")
    open_screen(person, screen)
    expect(person.page.locator("main .btn.pri").first).to_be_visible()
    look(person, screen, "light", DESK, axe=True)
    look(person, screen, "dark", PHONE, axe=True)
    assert not person.troubles


NOUNS = ["campaigns", "mass-emails", "target-lists", "recipients", "email-templates", "nowhere"]


@pytest.mark.parametrize("noun", NOUNS)
def test_an_address_of_nothing_says_so_and_leads_back(person: Person, noun: str) -> None:
    person.page.goto(f"{person.base}/{noun}/99")
    expect(person.page.locator("main").get_by_role("heading", name=SAID)).to_be_visible()
    expect(person.page.locator("main .empty a[href]")).to_be_visible()


SAID = re.compile("There is no such|is not here")
