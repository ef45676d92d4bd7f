"""A real Envoi and a real Chromium: `envoi serve` with data of its own, and people in front of its page.

Everything a test waits for stands in the page; nobody sleeps. What failed leaves a picture and a trace (to open with
`playwright show-trace`) in build/browser.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from dashboard.build import build_page
from tests.browser.person import PATIENCE, Person
from tests.dashboard.conftest import ROOT, Running, running

CHROMIUM = os.environ.get("ENVOI_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KEPT = ROOT / "build" / "browser"

Visit = Callable[..., Person]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if call.when == "call" and report.failed and (module := item.getparent(pytest.Module)):
        module.stash[FAILED] = item.name
    return report


FAILED = pytest.StashKey[str]()
"""Of a module: the last test that failed."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands in this folder drives a browser, and takes its time."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Ends with the module: while it runs, no test with a loop of its own can."""
    if not CHROMIUM:
        pytest.skip("no Chromium: install the package chromium, or set ENVOI_CHROMIUM")
    with sync_playwright() as started:
        expect.set_options(timeout=PATIENCE)
        yield started


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, playwright: Playwright) -> Iterator[Running]:
    """Web and worker as `envoi serve` starts them, with an empty data directory and a mail catcher of their own."""
    build_page(print)
    with running("serve", tmp_path_factory.mktemp("serve")) as started:
        yield started


def first_link(server: Running) -> str:
    """The one-time link that the server printed."""
    found = re.search(r"http://localhost:\d+/welcome/\S+", server.log.read_text())
    assert found, server.log.read_text()
    return found[0]


@pytest.fixture(scope="module")
def visit(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A person with a browser profile of their own: visit(width=390, locale="fr-FR")."""
    opened: list[tuple[str, BrowserContext]] = []

    def start(name: str = "page", **options: object) -> Person:
        shape = {"viewport": {"width": 1440, "height": 900}, "timezone_id": "Europe/Paris", "reduced_motion": "reduce"}
        context = chromium.new_context(**{**shape, **options})
        context.set_default_timeout(PATIENCE)
        context.tracing.start(screenshots=True, snapshots=True)
        opened.append((name, context))
        return Person(context)

    yield start
    module = request.node
    for name, context in opened:
        with _kept(f"{module.path.stem}-{name}", context, failed=FAILED in module.stash):
            context.close()


@contextmanager
def _kept(name: str, context: BrowserContext, *, failed: bool) -> Iterator[None]:
    """Keep the trace and the last picture of a profile in which something failed."""
    if not failed:
        context.tracing.stop()
    else:
        KEPT.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(context.pages):
            page.screenshot(path=KEPT / f"{name}-{number}.png", full_page=True)
        context.tracing.stop(path=KEPT / f"{name}.zip")
    yield
