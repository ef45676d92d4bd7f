"""The pages that recipients see, with JavaScript off: at a desk and on a phone, light and dark, in both languages.

The public process alone serves them; nothing else of Envoi runs.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from models import db, outbound_emails
from models.address import EVERYTHING, OptOut
from models.migrations import migrate
from models.queue_item import ItemState
from models.tracking import Purpose, make_token, own_keys
from models.tracking_url import create_tracking_url, ensure_links, get_tracking_url
from tests import factories
from tests.browser.looking import PICTURES, WORST
from tests.dashboard.test_public_process import public

LETTER = (
    '<html><body style="font-family:sans-serif"><script>document.body.textContent = "it ran"</script>'
    "<h1>Hello {Person.firstName}</h1><p>Our workshop opens on Saturday.</p>"
    '<p><a href="{optOutUrl}">No more of these</a></p></body></html>'
)
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
ITEMS = {"en": 1, "fr": 2}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a public process whose database has two people, an English and a French one, with three lists."""
    patch, directory = pytest.MonkeyPatch(), tmp_path_factory.mktemp("public")
    (directory / "data").mkdir()
    patch.setenv("ENVOI_SECRET_KEY", "a secret for tests")
    engine = db.connect(f"sqlite:///{directory / 'data' / 'envoi.sqlite'}")
    db.use(engine)
    _populate()
    with public(directory) as (url, _process):
        yield url
    db.use(None)
    engine.dispose()
    patch.undo()


def _populate() -> None:
    migrate()
    values = {"company": "Atelier Rivoire", "brand_color": "#17375e"}
    values |= {"postal_address": "Atelier Rivoire, 12 rue des Exemples, 69002 Lyon", "site_url": "https://mail.example"}
    with db.unit_of_work() as session:
        outbound_emails.change(session, values, factories.NOW, "someone@example.com")
        factories.smtp_account(session)
        people = [
            factories.recipient(session, f"{name}@example.com", first_name=name.title(), language=language)
            for name, language in (("eleanor", "en"), ("eleonore", "fr"))
        ]
        lists = [factories.target_list(session, name, people) for name in ("Customer news", "Offers", "Invitations")]
        for row in lists:
            row.public_name = row.name
        mail = factories.mass_email(session, lists[0], version=factories.template(session, LETTER, "Saturday"))
        for person in people:
            factories.queue_item(session, mail, person, ItemState.SENT, sent_at=factories.NOW, list_id=lists[0].id)
        told = {"name": "Thanks", "action": "show_message", "message": "## Thank you\n\nWe have **noted** your answer."}
        url_id = create_tracking_url(session, mail.campaign_id, told, factories.NOW, "someone@example.com")
        ensure_links(session, mail.id, [get_tracking_url(session, url_id).code])


def token(purpose: Purpose, language: str) -> str:
    return make_token(own_keys(), purpose, ITEMS[language])


def address(name: str, language: str) -> str:
    consent, track = token(Purpose.CONSENT, language), token(Purpose.TRACK, language)
    return {
        "opt-out": f"/u/{consent}",
        "preferences": f"/p/{consent}",
        "view": f"/v/{consent}",
        "message": f"/c/{track}/1",
        "nothing": "/u/forged",
    }[name]


@pytest.fixture(params=["light-desk-en", "dark-phone-fr", "light-phone-fr", "dark-desk-en"])
def look(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[tuple[Page, str, str]]:
    """(a page without JavaScript in a theme, a width and a language, the language, a name for pictures)."""
    theme, size, language = request.param.split("-")
    width, height = SIZES[size]
    context = chromium.new_context(
        java_script_enabled=False,
        base_url=site,
        color_scheme=theme,
        viewport={"width": width, "height": height},
        locale={"en": "en-GB", "fr": "fr-FR"}[language],
    )
    yield context.new_page(), language, request.param
    context.close()


def keep(page: Page, name: str, shape: str) -> None:
    """A picture where they are kept, and nothing wider than the window."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"public-{name}-{shape}.png", full_page=True)
    body = page.locator("body").bounding_box()
    assert body
    assert body["width"] <= page.viewport_size["width"]


@pytest.mark.parametrize("name", ["opt-out", "preferences", "message", "nothing"])
def test_each_page_is_whole_without_javascript(look: tuple[Page, str, str], name: str) -> None:
    page, language, shape = look
    answer = page.goto(address(name, language))
    assert answer.status == (404 if name == "nothing" else 200)
    assert page.locator("html").get_attribute("lang") == language
    expect(page.locator(".brand")).to_contain_text("Atelier Rivoire")
    expect(page.get_by_role("heading", level=1 if name != "message" else 2)).to_be_visible()
    assert page.locator("script").count() == 0
    keep(page, name, shape)


WORDS = {
    "en": {
        "stop": "Unsubscribe",
        "done": "Done.",
        "choose": "Choose what I get",
        "save": "Save",
        "all": "Stop everything",
    },
    "fr": {
        "stop": "Me désinscrire",
        "done": "C’est fait.",
        "choose": "Choisir ce que je reçois",
        "save": "Enregistrer",
        "all": "Tout arrêter",
    },
}


def declined(language: str) -> set[int]:
    with db.reading() as session:
        mine = OptOut.address_id == ITEMS[language]
        return set(session.exec(select(OptOut.list_id).where(mine)))


def forget(language: str) -> None:
    with db.unit_of_work() as session:
        for row in session.exec(select(OptOut).where(OptOut.address_id == ITEMS[language])):
            session.delete(row)


def test_a_person_leaves_and_chooses_by_keyboard_and_pointer(look: tuple[Page, str, str]) -> None:
    page, language, shape = look
    words = WORDS[language]
    forget(language)
    page.goto(address("opt-out", language))
    page.get_by_role("button", name=words["stop"]).click()
    expect(page.get_by_role("heading", name=words["done"])).to_be_visible()
    assert declined(language) == {1}
    keep(page, "opted-out", shape)
    page.get_by_role("link", name=words["choose"]).click()
    news, offers = (page.get_by_role("switch", name=name) for name in ("Customer news", "Offers"))
    expect(news).not_to_be_checked()
    expect(offers).to_be_checked()
    news.check()
    offers.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name=words["save"]).click()
    expect(news).to_be_checked()
    expect(offers).not_to_be_checked()
    assert declined(language) == {2}
    keep(page, "saved", shape)
    page.get_by_role("button", name=words["all"]).click()
    assert declined(language) == {EVERYTHING, 2}
    keep(page, "stopped", shape)
    forget(language)


def test_the_letter_is_read_and_nothing_in_it_runs(chromium: Browser, site: str) -> None:
    """With JavaScript on: the page's policy, not the reader's browser, keeps it from running."""
    context = chromium.new_context(base_url=site, viewport={"width": 390, "height": 844}, locale="fr-FR")
    page = context.new_page()
    page.goto(address("view", "fr"))
    expect(page.get_by_role("heading", name="Hello Eleonore")).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("recomposé")
    keep(page, "view", "light-phone-fr")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["opt-out", "preferences", "message", "nothing"])
def test_nobody_is_kept_out(chromium: Browser, site: str, name: str, theme: str) -> None:
    """axe needs JavaScript: here the reader's browser has it, past the page's policy."""
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(base_url=site, color_scheme=theme, bypass_csp=True, locale="en-GB")
    page = context.new_page()
    page.goto(address(name, "en"))
    found = Axe().run(page).response["violations"]
    assert [rule["id"] for rule in found if rule["impact"] in WORST] == []
    context.close()
