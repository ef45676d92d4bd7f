"""Every screen as it is drawn with the sample data: nothing wrong in the console, nothing wider than the window,
nothing serious for axe; in both languages and themes, on a desk and on a phone.

ENVOI_SCREENSHOTS=folder keeps the pictures.
"""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, first_link
from tests.browser.looking import DESK, PHONE, TABLET, WIDE, ZOOMED, Screen, look, open_screen, overflow, violations
from tests.browser.person import Person
from tests.dashboard.conftest import PASSWORD, Running

SCREENS = [
    Screen("overview", "/"),
    Screen("campaigns", "/campaigns"),
    Screen("campaign", "/campaigns", "?time=all", last=True),
    Screen("campaign-planned", "/campaigns", "/"),
    Screen("campaign-mass-emails", "/campaigns", "?tab=mass_emails", last=True),
    Screen("campaign-audience", "/campaigns", "?tab=audience", last=True),
    Screen("campaign-log", "/campaigns", "?tab=log", last=True),
    Screen("campaign-links", "/campaigns", "?tab=tracking_urls", last=True),
    Screen("mass-emails", "/mass-emails"),
    Screen("mass-email", "/mass-emails", "/", last=True),
    Screen("mass-email-draft", "/mass-emails", "/"),
    Screen("mass-email-new", "/mass-emails/new"),
    Screen("mass-email-edit", "/mass-emails", "/edit"),
    Screen("log", "/log"),
    Screen("log-people", "/log?show=people"),
    Screen("log-bounced", "/log?included=bounced"),
    Screen("log-machines", "/log?who=machines"),
    Screen("target-lists", "/target-lists"),
    Screen("target-list", "/target-lists", "/", last=True),
    Screen("select", "/target-lists", "/select"),
    Screen("target-list-opted-out", "/target-lists", "/opted-out", last=True),
    Screen("answers", "/answers"),
    Screen("recipients", "/recipients"),
    Screen("recipient", "/recipients", "/", last=True),
    Screen("import", "/import"),
    Screen("reports", "/reports"),
    Screen("suppressions", "/suppressions"),
    Screen("import-suppressions", "/suppressions/import"),
    Screen("email-templates", "/email-templates"),
    Screen("email-template", "/email-templates", "/"),
    Screen("tracking-urls", "/tracking-urls"),
    Screen("outbound-emails", "/admin/outbound-emails"),
    Screen("smtp-accounts", "/admin/smtp-accounts"),
    Screen("group-email-accounts", "/admin/group-email-accounts"),
    Screen("scheduled-jobs", "/admin/scheduled-jobs"),
    Screen("machine-rules", "/admin/machine-rules"),
    Screen("webhooks", "/admin/webhooks"),
    Screen("users", "/admin/users"),
    Screen("system-health", "/admin/system-health"),
    Screen("mail-catcher", "/mail-catcher"),
]
DIALOGS = [
    Screen("create-campaign", "/campaigns", presses="Create campaign"),
    Screen("send-test", "/mass-emails", "/", presses="Send Test"),
    Screen("create-target-list", "/log", presses="Create target list"),
    Screen("suppress-an-address", "/suppressions", presses="Suppress an address"),
    Screen("create-smtp-account", "/admin/smtp-accounts", presses="Create SMTP account"),
    Screen("add-machine-rule", "/admin/machine-rules", presses="Add rule"),
    Screen("palette", "/", presses="Search or jump to"),
]


@dataclass
class Readers:
    """Three people before the same data: one reads English, one French, one French at a zoom of 200%."""

    english: Person
    french: Person
    zoomed: Person


@pytest.fixture(scope="module")
def readers(server: Running, visit: Visit) -> Readers:
    """The first administrator asked for sample data on the first page; the second came by a link of the command."""
    english, french = visit("english"), visit("french", locale="fr-FR", color_scheme="dark")
    english.enter(first_link(server))
    english.fill(name="Ada Byron", email="ada@example.com", password=PASSWORD)
    english.button("Start").click()
    english.ready()
    added = server.envoi("user", "add", "elodie@example.com", "--name", "Élodie Marchand", "--role", "administrator")
    french.enter(re.search(r"http\S+", added.stdout)[0])
    french.fill(password=PASSWORD)
    french.button("Enregistrer et se connecter").click()
    french.ready()
    french.page.locator("button.me").click()
    french.page.get_by_role("menuitem", name="Français").click()
    expect(french.page.locator("html")).to_have_attribute("lang", "fr")
    zoomed = visit("zoomed", locale="fr-FR", device_scale_factor=2)
    zoomed.context.add_cookies(french.context.cookies())
    zoomed.enter(french.base)
    return Readers(english, french, zoomed)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_is_well_drawn_in_english(readers: Readers, screen: Screen) -> None:
    person = readers.english
    open_screen(person, screen)
    look(person, screen, "light", DESK, axe=True)
    look(person, screen, "dark", PHONE, axe=True)
    assert not person.troubles


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_is_well_drawn_in_french(readers: Readers, screen: Screen) -> None:
    person = readers.french
    open_screen(person, screen)
    look(person, screen, "dark", DESK, axe=True)
    look(person, screen, "light", PHONE, axe=True)
    assert not person.troubles


KEY = {"overview", "campaign", "mass-email", "mass-email-edit", "log", "target-list", "import", "email-template"}
KEY_SCREENS = [screen for screen in SCREENS if screen.name in KEY]


@pytest.mark.parametrize("screen", KEY_SCREENS, ids=lambda screen: screen.name)
def test_a_key_screen_fits_a_tablet_and_a_wide_window(readers: Readers, screen: Screen) -> None:
    """In French, whose words are longer."""
    person = readers.french
    open_screen(person, screen)
    look(person, screen, "light", TABLET, axe=True)
    look(person, screen, "light", WIDE, axe=True)
    assert not person.troubles


@pytest.mark.parametrize("screen", KEY_SCREENS, ids=lambda screen: screen.name)
def test_a_key_screen_is_whole_at_a_zoom_of_200_percent(readers: Readers, screen: Screen) -> None:
    person = readers.zoomed
    open_screen(person, screen)
    look(person, screen, "light", ZOOMED, axe=True)
    assert not person.troubles


@pytest.mark.parametrize("screen", DIALOGS, ids=lambda screen: screen.name)
def test_a_dialog_is_well_drawn(readers: Readers, screen: Screen) -> None:
    person = readers.english
    open_screen(person, screen)
    look(person, screen, "light", DESK, axe=True)
    look(person, screen, "dark", PHONE, axe=True)
    assert not person.troubles


def test_keys_select_a_range_of_rows_and_all_results(readers: Readers) -> None:
    person = readers.english
    person.go("/recipients")
    keys, bulk = person.page.keyboard, person.page.locator(".bulk b")
    for key in ("j", "j", "x"):
        keys.press(key)
    expect(bulk).to_have_text(re.compile("^1 "))
    for key in ("j", "j", "j", "Shift+X"):
        keys.press(key)
    expect(bulk).to_have_text(re.compile("^4 "))
    expect(person.page.locator("tr[data-row] input:checked")).to_have_count(4)
    keys.press("Shift+A")
    expect(bulk).to_have_text(re.compile("^All "))
    keys.press("?")
    expect(person.page.locator("#keys")).to_contain_text("Select all results")


def test_every_page_of_the_dashboard_is_among_the_screens() -> None:
    from dashboard.dashboard import PAGES

    drawn = {_route(screen) for screen in SCREENS}
    assert {page.route for page in PAGES} - drawn == set()


def _route(screen: Screen) -> str:
    """The route of a screen, with the name of the id that the house gives it."""
    path = screen.path.partition("?")[0]
    if not screen.opens:
        return path
    names = {"/target-lists": "list_id", "/email-templates": "template_id"}
    noun = path.strip("/").removesuffix("s").replace("-", "_")
    return f"{path}/[{names.get(path, f'{noun}_id')}]{screen.opens.partition('?')[0].rstrip('/')}"


def test_the_instruments_see_what_is_wrong(readers: Readers) -> None:
    """A page that is too wide, with words too faint and a picture without words."""
    page = readers.english.page
    page.goto("about:blank")
    page.set_content(
        "<html lang=en><title>x</title><main><h1>x</h1><img src=x><p style='width:3000px;color:#eee'>faint"
    )
    assert overflow(readers.english)
    assert {found.partition(" ")[0] for found in violations(readers.english)} == {"image-alt", "color-contrast"}
