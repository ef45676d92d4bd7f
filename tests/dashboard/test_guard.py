"""The right check: what a handler becomes, who gets through, and what is said to who does not."""

import inspect
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine

from dashboard import data
from dashboard.auth import COOKIE, Right, Viewer, allowed
from dashboard.auth import guard as guarding
from dashboard.auth.guard import right_of
from models import db
from models.errors import Refused
from models.sign_in import SESSION, open_session
from models.user import Role, viewer_of
from tests import factories


class Page:
    """As much of a State as the check looks at; as a background handler's it must be locked to be written."""

    def __init__(self, secret: str, *, background: bool = False) -> None:
        headers = SimpleNamespace(cookie=f"{COOKIE}={secret}")
        self.router = SimpleNamespace(headers=headers, url=SimpleNamespace(path="/campaigns"))
        self.done: list[object] = []
        if background:
            self.__class__ = LockedPage

    async def __aenter__(self) -> None:
        """Nothing to lock, as in rx.State."""

    async def __aexit__(self, *error: object) -> None:
        """Nothing to unlock."""

    def _clear(self) -> None:
        self.done.append("cleared")

    @allowed(Right.EDIT)
    async def rename(self, user: Viewer, name: str) -> object:
        """Give it a name."""
        if name == "taken":
            raise Refused("errors.required")
        self.done.append((user.email, name))
        return "event"

    @allowed(Right.LOOK)
    async def load(self, user: Viewer):
        yield "first"
        self.done.append(user.name)
        yield "second"

    @allowed(Right.LOOK)
    async def look_badly(self, user: Viewer) -> None:
        raise ZeroDivisionError

    @allowed(Right.SEND, background=True)
    async def send(self, user: Viewer) -> None:
        self.done.append("sent")


class LockedPage(Page):
    async def __aenter__(self) -> None:
        self.done.append("locked")

    async def __aexit__(self, *error: object) -> None:
        self.done.append("unlocked")


@pytest.fixture
def secrets(sqlite_database: Engine) -> dict[Role, str]:
    """A session of each role."""
    with db.unit_of_work() as session:
        users = {role: viewer_of(factories.user(session, role, email=f"{role}@example.com")) for role in Role}
        return {role: open_session(session, user.id, SESSION, data.now()) for role, user in users.items()}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What pages are told, in place of what draws it."""
    sentences: list[str] = []

    async def teller(_page: object, sentence: str) -> str:
        sentences.append(sentence)
        return "told"

    monkeypatch.setattr(guarding, "_tellers", [teller])
    return sentences


def test_the_event_has_the_name_and_the_parameters_of_its_handler_without_the_user() -> None:
    assert Page.rename.__name__ == "rename"
    assert Page.rename.__doc__ == "Give it a name."
    assert list(inspect.signature(Page.rename).parameters) == ["self", "name"]
    assert Page.rename.__annotations__ == {"name": str, "return": object}
    assert inspect.isasyncgenfunction(Page.load)
    assert (right_of(Page.rename), right_of(Page.load), right_of(Page.send)) == (Right.EDIT, Right.LOOK, Right.SEND)


async def test_who_has_the_right_gets_through(secrets: dict[Role, str]) -> None:
    page = Page(secrets[Role.EDITOR])
    assert await page.rename("Rentrée") == "event"
    assert [step async for step in page.load()] == ["first", "second"]
    assert page.done == [("editor@example.com", "Rentrée"), "Grace Hopper"]


async def test_who_lacks_the_right_is_told_which(secrets: dict[Role, str], told: list[str]) -> None:
    page = Page(secrets[Role.VIEWER])
    assert await page.rename("Rentrée") == "told"
    assert (page.done, told) == ([], ["This needs the right “edit”."])


async def test_an_error_of_the_house_is_told(secrets: dict[Role, str], told: list[str]) -> None:
    page = Page(secrets[Role.EDITOR])
    assert await page.rename("taken") == "told"
    assert told == ["Fill this in."]


async def test_a_bug_is_logged_in_full_told_with_its_reference_and_leaves_no_page_with_old_rows(
    secrets: dict[Role, str], told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    page = Page(secrets[Role.EDITOR])
    assert await page.rename("a", "b") == "told"
    assert page.done == []
    assert await page.look_badly() == "told"
    assert page.done == ["cleared"]
    references = [sentence.rstrip(".").rpartition(" ")[2] for sentence in told]
    assert [any(one in record.getMessage() for record in caplog.records) for one in references] == [True, True]
    assert all(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("background", [False, True])
async def test_without_a_session_the_page_is_cleared_and_left(sqlite_database: Engine, background: bool) -> None:
    page = Page("invented", background=background)
    left = await page.send()
    assert "/sign-in" in str(left.args)
    assert page.done == (["locked", "cleared", "unlocked"] if background else ["cleared"])
    assert len([step async for step in page.load()]) == 1


async def test_what_is_not_a_plain_function_of_models_is_not_passed_through_the_seam(sqlite_database: Engine) -> None:
    for not_one in (print, lambda: None, lambda doors: None, Page.rename):
        with pytest.raises(TypeError, match="is not a plain function with session"):
            await data.read(not_one)
