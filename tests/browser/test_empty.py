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
    Screen("empty-suppressions", "/suppressions"),
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


@pytest.fixture(scope="module")
def reader(server: Running, visit: Visit, person: Person) -> Person:
    """Élodie, who reads French."""
    reads = visit("french", locale="fr-FR")
    added = server.envoi("user", "add", "elodie@example.com", "--name", "Élodie Marchand", "--role", "administrator")
    reads.enter(re.search(r"http\S+", added.stdout)[0])
    reads.fill(password=PASSWORD)
    reads.button("Enregistrer et se connecter").click()
    reads.ready()
    reads.page.locator("button.me").click()
    reads.page.get_by_role("menuitem", name="Français").click()
    expect(reads.page.locator("html")).to_have_attribute("lang", "fr")
    return reads


@pytest.fixture(params=["en", "fr"])
def either(request: pytest.FixtureRequest, person: Person, reader: Person) -> Person:
    return person if request.param == "en" else reader


@pytest.mark.parametrize("screen", EMPTY, ids=lambda screen: screen.name)
def test_an_empty_screen_says_what_to_do_next(either: Person, screen: Screen) -> None:
    open_screen(either, screen)
    nothing = either.page.locator("main .empty")
    expect(nothing.first).to_be_visible()
    expect(either.page.locator("main").locator("a.btn, button.btn").first).to_be_visible()
    look(either, screen, "light", DESK, axe=True)
    look(either, screen, "dark", PHONE, axe=True)
    assert not either.troubles


def test_the_overview_of_a_new_installation_is_well_drawn(either: Person) -> None:
    screen = Screen("empty-overview", "/")
    open_screen(either, screen)
    expect(either.page.locator("main .btn.pri").first).to_be_visible()
    look(either, screen, "light", DESK, axe=True)
    look(either, screen, "dark", PHONE, axe=True)
    assert not either.troubles


NOUNS = ["campaigns", "mass-emails", "target-lists", "recipients", "email-templates", "nowhere"]


@pytest.mark.parametrize(
    "path", [*(f"/{noun}/99" for noun in NOUNS), "/mass-emails/99/edit", "/target-lists/99/select"]
)
def test_an_address_of_nothing_says_so_and_leads_back(person: Person, path: str) -> None:
    person.page.goto(person.base + path)
    expect(person.page.get_by_role("heading", level=1)).to_have_text(SAID)
    expect(person.page.locator("main .empty a[href]")).to_be_visible()
    expect(person.page.locator(".crumb [aria-current='page']")).to_have_text(re.compile(r"^(?!New)\w"))


def test_an_email_template_that_is_not_there_is_called_one(person: Person) -> None:
    person.page.goto(f"{person.base}/email-templates/99")
    expect(person.page.locator(".crumb [aria-current='page']")).to_have_text("Email template")


SAID = re.compile("There is no such|is not here")
