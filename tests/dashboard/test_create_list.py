"""A target list from the log: what the dialog opens with, the count that follows, what is made."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import reflex as rx
from sqlalchemy import Engine
from sqlmodel import select

from dashboard.acts.create_list import CreateList
from dashboard.acts.list_words import Choice
from dashboard.auth import COOKIE
from dashboard.ui.toast import Toasts
from models import db
from models.log_filter import LogFilter
from models.log_record import record_clicked, record_opened, record_opted_out
from models.log_view import people_count
from models.mass_email import MassEmailStatus
from models.queue_item import Outcome, Verdict, claim_items, settle
from models.sign_in import SESSION, open_session
from models.target_list import Membership, TargetList
from models.tracking_url import ensure_links
from models.user import Role
from tests import factories
from tests.factories import NOW


@pytest.fixture
def mailed(sqlite_database: Engine) -> int:
    """A mass email to four people: two clicked, and one of these opted out; one opened."""
    with db.unit_of_work() as session:
        people = [factories.recipient(session, f"p{n}@example.com", last_name=f"P{n}") for n in range(4)]
        target = factories.target_list(session, "Customers", people)
        campaign = factories.campaign(session, target)
        mail = factories.mass_email(
            session, target, in_campaign=campaign, status=MassEmailStatus.IN_PROCESS, queue_done_at=NOW, name="News"
        )
        ensure_links(session, mail.id, ["https://example.com/a"])
        items = [factories.queue_item(session, mail, p, list_id=target.id, next_try_at=NOW).id for p in people]
        held = claim_items(session, mail.id, 1, 99, "w", timedelta(hours=1), NOW)
        settle(session, held.claim_id, [Verdict(one.id, Outcome.SENT) for one in held.items], NOW)
        record_clicked(session, items[0], 1, NOW)
        record_clicked(session, items[1], 1, NOW)
        record_opted_out(session, items[1], NOW)
        record_opened(session, items[2], NOW)
        return mail.id


@pytest.fixture
async def dialog(mailed: int) -> CreateList:
    root = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]
    with db.unit_of_work() as session:
        user = factories.user(session, role=Role.EDITOR)
        secret = open_session(session, user.id, SESSION, datetime.now(UTC))
    root.router_data = {"headers": {"cookie": f"{COOKIE}={secret}"}, "asPath": "/log", "pathname": "/log"}
    root._update_router_vars(root.router_data, {})
    return await root.get_state(CreateList)


async def test_who_opted_out_is_left_out_unless_asked_for(dialog: CreateList, mailed: int) -> None:
    await CreateList.ask.fn(dialog, f"mass_email_id={mailed}&included=clicked")
    assert (dialog.found, dialog.people) == (2, 1)
    assert [(step.state, step.shown) for step in dialog.steps if step.kind == "less"] == [
        ("opted_out", "−1"),
        ("bounced", "0"),
        ("complained", "0"),
    ]
    assert dialog.values["name"] == "News, clicked"
    await CreateList.choose.fn(dialog, "opted_out", "ignore")
    assert dialog.people == 2
    assert Choice("opted_out", "ignore") in dialog.choices
    await CreateList.choose.fn(dialog, "clicked", "exclude")
    assert dialog.people == 2  # of the four, without the two who clicked
    await CreateList.choose.fn(dialog, "pigeon", "include")
    assert dialog.people == 2


async def test_every_number_of_the_waterfall_opens_to_that_many_people(dialog: CreateList, mailed: int) -> None:
    await CreateList.ask.fn(dialog, f"mass_email_id={mailed}&included=sent")
    await CreateList.choose.fn(dialog, "opened", "exclude")
    opened = 0
    for step in dialog.steps:
        shown = int(re.sub(r"\D", "", step.shown))
        assert bool(step.href) is (shown > 0), step
        if step.href:
            chosen = LogFilter.from_query(dict(parse_qsl(urlsplit(step.href).query)))
            with db.reading() as session:
                assert people_count(session, chosen) == shown, step
            opened += step.kind == "less"
    assert opened == 2  # who opted out, and of the others who opened


async def test_the_list_holds_the_people_of_the_button_and_takes_over_opt_outs(dialog: CreateList, mailed: int) -> None:
    await CreateList.ask.fn(dialog, f"mass_email_id={mailed}&included=clicked")
    await CreateList.create.fn(dialog, {"name": "Clickers", "open": "on"})
    with db.reading() as session:
        made = session.exec(select(TargetList).where(TargetList.name == "Clickers")).one()
        members = session.exec(select(Membership).where(Membership.list_id == made.id)).all()
    assert (made.entry_count, made.opted_out_count, len(members)) == (1, 1, 1)
    assert not dialog.form_open
    (toast,) = (await dialog.get_state(Toasts)).shown
    assert toast.title == "1 person is new in the list."
    assert "1 opt-out was taken over" in toast.detail


@pytest.mark.parametrize(
    ("where", "given", "field"), [("new", {"name": " "}, "name"), ("existing", {"list": ""}, "list")]
)
async def test_what_is_missing_is_said_beside_its_field(dialog: CreateList, mailed: int, where, given, field) -> None:
    await CreateList.ask.fn(dialog, f"mass_email_id={mailed}")
    await CreateList.put_in.fn(dialog, where)
    await CreateList.create.fn(dialog, given)
    assert list(dialog.errors) == [field]
    assert dialog.form_open
    assert not dialog.working
