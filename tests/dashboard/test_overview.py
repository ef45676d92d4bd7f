"""The overview in the viewer's words: figures that open, what asks for a person, the first steps and the demo data."""

from datetime import UTC, datetime, timedelta

import pytest
import reflex as rx
from sqlalchemy import Engine

from dashboard import routes
from dashboard.auth import COOKIE
from dashboard.overview.first_steps import Demo
from dashboard.overview.overview_page import Home
from models import db
from models.log_filter import LogFilter
from models.log_record import record_opened
from models.log_table import Action
from models.log_view import count_events
from models.mass_email import MassEmailStatus
from models.overview import FirstStep, read_overview
from models.queue_item import Outcome, Verdict, claim_items, settle
from models.sign_in import SESSION, open_session
from models.user import Role, Viewer, viewer_of
from tests import factories
from tests.factories import NOW


@pytest.fixture
def paused(sqlite_database: Engine) -> int:
    """A paused mass email to three people: one has it and opened it, one is uncertain, one waits."""
    with db.unit_of_work() as session:
        people = [factories.recipient(session) for _ in range(3)]
        target = factories.target_list(session, "Customers", people)
        mail = factories.mass_email(
            session, target, status=MassEmailStatus.IN_PROCESS, queue_done_at=NOW, name="Rentrée 2026"
        )
        for one in people:
            factories.queue_item(session, mail, one, list_id=target.id, next_try_at=NOW)
        held = claim_items(session, mail.id, 1, 2, "w", timedelta(hours=1), NOW)
        first, second = (one.id for one in held.items)
        settle(session, held.claim_id, [Verdict(first, Outcome.SENT), Verdict(second, Outcome.UNCERTAIN)], NOW)
        record_opened(session, first, NOW)
        mail.status, mail.audience = MassEmailStatus.PAUSED, {"chosen": 3, "final": 3}
        return mail.id


def seen_by(role: Role = Role.ADMINISTRATOR, language: str = "en") -> Viewer:
    return Viewer(1, "Ada", "ada@example.com", role, language, "Europe/Paris")


async def home(user: Viewer) -> Home:
    """The page's state with the news of NOW."""
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    state = await root.get_state(Home)
    with db.reading() as session:
        state._take(user, read_overview(session, user.time_zone, NOW))
    return state


async def test_every_figure_opens_to_as_many_records(paused: int) -> None:
    page = await home(seen_by())
    for name, number in (("sent", 1), ("opened", 1)):
        cell = page.cells[name]
        query = {"included": name, "since": cell.href.partition("since=")[2].replace("%3A", ":").replace("%2B", "+")}
        chosen = LogFilter.from_query(query)
        assert chosen.included == (Action(name),)
        assert chosen.since is not None
        with db.reading() as session:
            assert count_events(session, chosen) == number
        assert cell.value == str(number)
    assert (page.cells["opened"].fact, page.cells["bounced"].href) == ("100.0% of tracked", "")
    assert page.days[-1].share == 100.0


async def test_what_asks_for_a_person_is_named_with_the_way_there(paused: int) -> None:
    needs = {need.title: need for need in (await home(seen_by())).needs}
    mail = routes.to(routes.MASS_EMAIL, mass_email_id=paused)
    assert needs["1 uncertain to decide"].href == mail
    assert needs["A mass email is paused"].detail == "Rentrée 2026 · 1 person waits"
    assert needs["Site URL"].href == routes.OUTBOUND_EMAILS
    assert needs["Scheduler"].sign == "bad"


async def test_who_may_only_look_is_not_led_into_administration(paused: int) -> None:
    page = await home(seen_by(Role.VIEWER, "fr"))
    assert {need.href for need in page.needs if need.title in {"URL du site", "Planificateur"}} == {""}


async def test_a_paused_mass_email_shows_who_waits(paused: int) -> None:
    (running,) = (await home(seen_by())).running
    assert (running.status, running.done, running.share) == ("paused", "2", 66.7)
    assert running.waiting == "1 not yet sent"
    assert running.next == "Paused by hand."


async def test_before_the_first_mass_email_the_steps_are_shown(sqlite_database: Engine) -> None:
    page = await home(seen_by())
    assert (page.began, page.empty) == (False, True)
    assert [(step.key, step.done) for step in page.steps] == [(step.value, False) for step in FirstStep]
    assert page.cells["sent"].value == "–"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.EDITOR])
async def test_demo_data_is_made_for_administrators_only(sqlite_database: Engine, role: Role) -> None:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    with db.unit_of_work() as session:
        user = viewer_of(factories.user(session, role=role))
        secret = open_session(session, user.id, SESSION, datetime.now(UTC))
    root.router_data = {"headers": {"cookie": f"{COOKIE}={secret}"}, "asPath": "/", "pathname": "/"}
    root._update_router_vars(root.router_data, {})
    await Demo.make.fn(await root.get_state(Demo))
    page = await home(user)
    assert page.began is (role is Role.ADMINISTRATOR)
