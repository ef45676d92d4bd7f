"""A connection that is lost, and a server that begins again: what somebody typed and did not save stays."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Playwright, WebSocketRoute, expect

from dashboard.build import build_page
from tests.browser.conftest import Visit, first_link
from tests.browser.person import Person
from tests.dashboard.conftest import PASSWORD, Running, running

LOADED = '"is_hydrated_rx_state_":true'
"""What the server says when a page's data are read."""


class Line:
    """The connection of a person's page, which can be cut."""

    def __init__(self, person: Person) -> None:
        self.page, self.sockets, self.loads = person.page, [], 0
        person.page.route_web_socket(re.compile("/_event"), self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        def take(message: str | bytes) -> None:
            self.loads += LOADED in str(message)
            socket.send(message)

        socket.connect_to_server().on_message(take)
        self.sockets.append(socket)

    def cut(self) -> None:
        """It breaks; it comes again, and the page's data are read again."""
        loads = self.loads
        self.sockets.pop().close(code=1012)
        self.wait(loads)

    def wait(self, loads: int) -> None:
        """Until the page's data were read once more than `loads` times."""
        for _ in range(1_200):
            if self.loads > loads:
                return
            self.page.wait_for_timeout(25)  # the routes of sockets are served meanwhile
        raise AssertionError("the connection did not come again")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory, playwright: Playwright) -> Path:
    build_page(print)
    return tmp_path_factory.mktemp("web")


@pytest.fixture(scope="module")
def web(directory: Path) -> Iterator[Running]:
    with running("web", directory) as started:
        yield started


@pytest.fixture(scope="module")
def ada(web: Running, visit: Visit) -> Person:
    """She has the sample data."""
    person = visit("ada")
    person.line = Line(person)
    person.enter(first_link(web))
    person.fill(name="Ada Byron", email="ada@example.com", password=PASSWORD)
    person.button("Start").click(timeout=60_000)  # the sample data is made meanwhile
    person.ready()
    return person


def edit_a_draft(person: Person) -> Locator:
    """Her hands on every kind of field of a mass email."""
    person.go("/mass-emails")
    person.go(f"{person.page.locator('main [data-row] a.name').first.get_attribute('href')}/edit")
    form = person.page.locator("form[data-main]")
    person.fill(form, from_name="Somebody else", reply_to="else@example.com")
    form.locator("[name='template']").select_option(index=1)
    form.locator("[name='store_sent_emails']").click()
    box = form.locator("div.many").filter(has=person.page.locator("[name='excluded_lists']"))
    box.get_by_role("combobox").click()
    box.get_by_role("option").first.click()
    person.fill(form, name="Typed and not saved")
    return form


def held(form: Locator) -> dict[str, str]:
    return form.evaluate("form => Object.fromEntries(new FormData(form))")


def test_of_a_page_that_loses_its_connection_nothing_typed_is_lost(ada: Person) -> None:
    form = edit_a_draft(ada)
    typed = held(form)
    assert typed["excluded_lists"]
    ada.stays()
    ada.line.cut()
    print(
        "same form",
        form.evaluate("f => f.same"),
        form.get_attribute("data-given-up"),
        ada.page.evaluate("document.activeElement.outerHTML.slice(0,200)"),
    )
    assert held(form) == typed
    assert ada.page.evaluate("document.activeElement.name") == "name"
    assert ada.stayed()


DIALOGS = [
    ("/campaigns", "Create campaign", "name"),
    ("/recipients", "Create recipient", "last_name"),
    ("/reports", "Create report", "name"),
    ("/target-lists", "Create target list", "name"),
    ("/admin/smtp-accounts", "Create SMTP account", "host"),
    ("/log", "Create target list", "name"),
]


@pytest.mark.parametrize(("path", "act", "name"), DIALOGS)
def test_a_dialog_stays_open_with_what_was_typed(ada: Person, path: str, act: str, name: str) -> None:
    ada.go(path)
    ada.button(act).first.click()
    field = ada.dialog().locator(f"[name='{name}']")
    field.fill("Typed and not saved")
    ada.line.cut()
    expect(field).to_have_value("Typed and not saved")
    expect(field).to_be_focused()


def test_outbound_emails_keep_what_was_typed_until_it_is_discarded(ada: Person) -> None:
    ada.go("/admin/outbound-emails")
    form = ada.page.locator("form[data-main]")
    before = held(form)
    ada.fill(form, portion_size="7", company="Typed and not saved")
    ada.line.cut()
    assert held(form) == {**before, "portion_size": "7", "company": "Typed and not saved"}
    ada.button("Discard").click()
    expect(form.locator("[name='company']")).to_have_value(before["company"])
    assert held(form) == before
    ada.fill(form, company="Saved")
    ada.button("Save").click()
    ada.told("saved")
    expect(form.locator("[name='company']")).to_have_value("Saved")


def write_a_template(person: Person) -> Locator:
    """Her words in the subject and in the source of the first email template."""
    person.go("/email-templates")
    person.go(str(person.page.locator("main [data-row] a.name").first.get_attribute("href")))
    form = person.page.locator("form[data-main]")
    person.fill(form, subject="Typed and not saved")
    person.page.locator(".cm-content:visible").click()
    person.page.keyboard.insert_text("<!-- typed -->")
    expect(form.locator("[name='html']")).to_have_value(re.compile("<!-- typed -->"))
    return form


def test_a_template_loses_nothing_with_the_connection(ada: Person) -> None:
    form = write_a_template(ada)
    typed = held(form)
    ada.stays()
    ada.line.cut()
    assert held(form) == typed
    assert ada.stayed()


def test_what_was_typed_outlives_a_restart_of_the_server(ada: Person, web: Running, directory: Path) -> None:
    """In two tabs: a mass email, which is saved afterwards, and an email template."""
    other = ada.tab()
    other.line = Line(other)
    form, source = edit_a_draft(ada), write_a_template(other)
    typed, written = held(form), held(source)
    loads, other_loads = ada.line.loads, other.line.loads
    ada.stays()
    web.process.terminate()
    web.process.wait(40)
    with running("web", directory, urlsplit(web.url).port):
        ada.line.wait(loads)
        other.line.wait(other_loads)
        expect(form.locator("[name='name']")).to_have_value("Typed and not saved")
        expect(form.locator("[name='excluded_lists']")).to_have_value(typed["excluded_lists"])
        assert held(form) == typed
        expect(source.locator("[name='html']")).to_have_value(written["html"])
        assert held(source) == written
        assert ada.stayed()
        ada.button("Save").click()
        ada.heading("Typed and not saved")
