"""A person at a browser: goes to pages, reads and fills what has a name there, and is patient but never sleeps."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Download, Locator, expect

PATIENCE = 15_000
"""Milliseconds that anything on the page may take, on a machine that does much else."""
_SANDBOX = "the document's frame is sandboxed and the 'allow-scripts' permission is not set"
"""The recorder of traces knocks at the frames of mails, where no script may run."""
_READY = ".app[data-ready='true']"
_LOADING = "main .skel"


class Person:
    """One browser profile with one page. `troubles`: what the browser's console complained about."""

    def __init__(self, context: BrowserContext) -> None:
        self.context, self.page = context, context.new_page()
        self.base = ""
        self.troubles: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" and _SANDBOX not in said.text:
            self.troubles.append(said.text)

    # where one is

    def enter(self, link: str) -> None:
        """Open a link from outside; later paths are of the same site."""
        parts = urlsplit(link)
        self.base = f"{parts.scheme}://{parts.netloc}"
        self.page.goto(link)

    def go(self, path: str) -> None:
        """Open a page of the dashboard, and wait until its data are there."""
        self.page.goto(self.base + path)
        self.ready()

    def walk(self, *names: str) -> None:
        """Take the sidebar's entries, as people do."""
        for name in names:
            self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True).click()
        self.heading(names[-1])
        self.ready()

    def ready(self) -> None:
        """Until the shell knows the viewer and nothing on the page is still being loaded."""
        self.page.locator(_READY).wait_for()
        expect(self.page.locator(_LOADING)).to_have_count(0)

    def heading(self, words: str | re.Pattern[str]) -> Locator:
        """The page's title, once it stands there."""
        found = self.page.get_by_role("heading", level=1, name=words)
        expect(found).to_be_visible()
        return found

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    # what one does

    def button(self, name: str | re.Pattern[str], inside: Locator | None = None) -> Locator:
        return (inside or self.page).get_by_role("button", name=name)

    def link(self, name: str | re.Pattern[str], inside: Locator | None = None) -> Locator:
        return (inside or self.page).get_by_role("link", name=name)

    def dialog(self, name: str | re.Pattern[str] | None = None) -> Locator:
        return self.page.get_by_role("dialog", name=name) if name else self.page.get_by_role("dialog")

    def panel(self, title: str | re.Pattern[str]) -> Locator:
        """The panel with this heading."""
        heading = self.page.get_by_role("heading", name=title)
        return self.page.locator("section.panel, .panel").filter(has=heading).last

    def fill(self, inside: Locator | None = None, **fields: str) -> None:
        """Fill fields by the names their form sends them under; a select by its value or its words."""
        for name, value in fields.items():
            control = (inside or self.page).locator(f"[name='{name}']")
            if control.evaluate("field => field.localName") == "select":
                control.select_option(value)
            else:
                control.fill(value)

    def choose(self, field: str, *labels: str, inside: Locator | None = None) -> None:
        """Choose in a field that takes several of many, as one types and picks."""
        where = inside or self.page
        box = where.locator("div.many").filter(has=self.page.locator(f"input[type='hidden'][name='{field}']"))
        for label in labels:
            box.get_by_role("combobox").fill(label)
            box.get_by_role("option").filter(has_text=label).first.click()
        self.page.keyboard.press("Escape")

    def row(self, text: str | re.Pattern[str]) -> Locator:
        return self.page.locator("[data-row]").filter(has_text=text)

    def row_menu(self, row: Locator, entry: str) -> None:
        """Open the drop-down at a row's right end and take an entry."""
        row.get_by_role("button").last.click()
        self.page.get_by_role("menuitem", name=entry, exact=True).click()

    def search(self, text: str) -> None:
        """Search in the page's list; the address follows."""
        box = self.page.locator("[data-search]").first
        box.fill(text)
        expect(self.page).to_have_url(re.compile(r"[?&]q="))
        self.ready()

    def sees_total(self, count: int) -> None:
        """Waits until the list says that it has so many results."""
        expect(self.page.locator(".foot [role='status']").first).to_have_text(re.compile(rf"of {count:,}$"))

    @contextmanager
    def downloading(self) -> Iterator[list[Download]]:
        """What the page gives while in here to download."""
        got: list[Download] = []
        with self.page.expect_download() as waiting:
            yield got
        got.append(waiting.value)

    def told(self, words: str) -> None:
        """A notice with these words comes up."""
        expect(self.page.locator(".toasts")).to_contain_text(words)

    def tab(self) -> "Person":
        """A second tab of the same profile."""
        other = Person(self.context)
        other.base = self.base
        return other

    def stays(self) -> None:
        """Mark the page, so that `stayed` can tell that it was not loaded again."""
        self.page.evaluate("window.neverReloaded = true")

    def stayed(self) -> bool:
        return bool(self.page.evaluate("window.neverReloaded === true"))


def number(text: str) -> int:
    """The whole number in a text, however it is grouped; a minus counts."""
    found = re.search(r"[−-]?\d[\d,.\u202f\u00a0 ]*", text)
    assert found, text
    return int(re.sub(r"[^\d-]", "", found[0].replace("−", "-")))
