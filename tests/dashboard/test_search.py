"""What anybody may write into the address of a list: SQL, HTML, words of a search engine, into every field of every
list. It finds something or nothing; it never breaks a list and changes nothing."""

from collections.abc import Iterator

import pytest
import reflex as rx
from sqlalchemy import Engine
from sqlmodel import SQLModel, func, select

import dashboard.dashboard  # noqa: F401 - registers every State
from dashboard import routes
from dashboard.ui import ListState
from models import db
from models.queue_table import ItemState
from models.scheduled_job import ensure_jobs
from models.suppression import SuppressionReason, suppress
from models.user import Role
from tests import factories
from tests.dashboard.tab import tab_of

TEXTS = (
    *("' OR 1=1 --", '"; DROP TABLE recipient; --', "') UNION SELECT password_hash FROM user --", "\\'"),
    *("<img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "{name}", "\N{RIGHT-TO-LEFT OVERRIDE}evil", "\0", "é" * 300),
    *("NEAR(ada byron, 5)", 'ada" OR "byron', "*", "^ada", "name:ada", "AND", "NOT", "(", "%", "_", "ada:*&!|<->"),
    *("-1", "9" * 30, "1e9", "²", "1,2,3", "2026-02-30..x", "..", "0001-01-01..9999-12-31"),
)


def lists(state: type[rx.State] = rx.State) -> Iterator[type[rx.State]]:
    """Every State that is a list."""
    for below in state.__subclasses__():
        if issubclass(below, ListState) and hasattr(below, "_spec"):
            yield below
        yield from lists(below)


LISTS = {state.__name__: state for state in lists()}


@pytest.fixture
def world(database: Engine) -> None:
    """Something in every list."""
    with db.unit_of_work() as session:
        person = factories.recipient(session, "ada@example.com")
        mail = factories.mass_email(session, factories.target_list(session, "Customers", [person]))
        factories.queue_item(session, mail, person, ItemState.SENT)
        ensure_jobs(session)
        suppress(session, person.address_id, SuppressionReason.MANUAL, factories.NOW, evidence="asked by phone")


def rows() -> dict[str, int]:
    """How many rows each table has."""
    counted = {name: select(func.count()).select_from(table) for name, table in SQLModel.metadata.tables.items()}
    with db.reading() as session:
        return {name: session.exec(count).one() for name, count in counted.items()}


def test_every_list_is_here() -> None:
    assert len(LISTS) >= 16


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.usefixtures("world")
async def test_whatever_an_address_asks_a_list_is_shown_and_nothing_changes(name: str) -> None:
    state, tab = LISTS[name], tab_of(Role.ADMINISTRATOR)
    spec, before = state._spec, rows()
    fields = ("q", "sort", "page", "size", "view", *(one.key for one in spec.filters))
    path = routes.to(spec.route, list_id=1, mass_email_id=1, campaign_id=1)
    for text in TEXTS:
        for query in ({"q": text}, dict.fromkeys(fields, text)):
            tab.go(path, **query)
            await tab.do(state.load, state)
            assert await tab.told() == [], query
            found = await tab.state(state)
            assert found.shown or not getattr(found, "is_open", True), query
    assert rows() == before
