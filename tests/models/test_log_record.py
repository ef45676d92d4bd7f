"""What one open, click, opt-out or bounce writes."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models import db
from models.address import EVERYTHING, ConsentEvent, OptOut, Suppression, SuppressionReason
from models.errors import NotFound
from models.log_record import (
    ROWS_PER_DAY,
    Action,
    BounceKind,
    EventSource,
    LogRecord,
    MachineReason,
    Visit,
    record_bounced,
    record_clicked,
    record_complained,
    record_opened,
    record_opted_in,
    record_opted_out,
)
from models.mass_email import MassEmail, MassEmailStatus
from models.queue_item import ItemState, QueueItem
from models.statistics import Figures, activity, by_link, mass_email_figures, recount
from models.tracking_url import ensure_links
from tests import factories
from tests.factories import NOW

HOUR = timedelta(hours=1)
ROBOT = MachineReason.SCANNER


@pytest.fixture
def item(database: Engine) -> QueueItem:
    """A sent item of a mass email with two links and two target lists."""
    with db.unit_of_work() as session:
        person = factories.recipient(session, "ada@example.com")
        lists = [factories.target_list(session, name, [person]) for name in ("one", "other")]
        mail = factories.mass_email(session, *lists, status=MassEmailStatus.COMPLETE, queue_done_at=NOW)
        ensure_links(session, mail.id, ["https://example.com/a", "https://example.com/b"])
        row = factories.queue_item(session, mail, person, ItemState.UNCERTAIN, list_id=lists[0].id)
    return row


def do(act, *args, **values):
    with db.unit_of_work(durable=True) as session:
        return act(session, *args, **values)


def log(*columns) -> list:
    with db.reading() as session:
        return session.exec(select(*columns).order_by(LogRecord.id)).all()


def actions() -> list[tuple[Action, bool]]:
    return [tuple(row) for row in log(LogRecord.action, LogRecord.first)]


def figures(item: QueueItem) -> Figures:
    with db.reading() as session:
        assert recount(session) == []
        return mass_email_figures(session, item.mass_email_id)


def again(item: QueueItem) -> QueueItem:
    with db.reading() as session:
        return session.get_one(QueueItem, item.id)


SENT = (Action.SENT, True)


def test_the_first_open_sets_the_flag_and_the_second_is_only_a_hit(item: QueueItem) -> None:
    do(record_opened, item.id, NOW, visit=("Mozilla", "192.0.2.0"))
    do(record_opened, item.id, NOW + HOUR)
    assert actions() == [SENT, (Action.OPENED, True), (Action.OPENED, False)]
    assert again(item).opened_at == NOW
    assert (figures(item).opened, figures(item).open_hits) == (1, 2)
    with db.reading() as session:
        seen = session.exec(select(Visit.agent, Visit.ip).join(LogRecord, LogRecord.visit_id == Visit.id)).one()
        assert tuple(seen) == ("Mozilla", "192.0.2.0/24")
        hours = activity(session, mass_email_id=item.mass_email_id)
        assert [(hour.at, hour.opened) for hour in hours] == [(NOW.replace(minute=0, second=0), 1), (hours[1].at, 0)]


@pytest.mark.parametrize("event", ["open", "click", "opt out", "bounce", "complaint"])
def test_whatever_carries_its_token_is_evidence_that_an_uncertain_item_was_sent(item: QueueItem, event: str) -> None:
    match event:
        case "open":
            do(record_opened, item.id, NOW, machine=ROBOT)
        case "click":
            do(record_clicked, item.id, 1, NOW)
        case "opt out":
            do(record_opted_out, item.id, NOW)
        case "bounce":
            do(record_bounced, item.id, BounceKind.SOFT, NOW)
        case "complaint":
            do(record_complained, item.id, NOW)
    assert again(item).state is ItemState.SENT
    assert again(item).sent_at == NOW
    assert (figures(item).sent, figures(item).uncertain) == (1, 0)


def test_a_click_without_an_open_infers_one_open_and_leads_to_the_stored_place(item: QueueItem) -> None:
    assert do(record_clicked, item.id, 2, NOW).url == "https://example.com/b"
    do(record_clicked, item.id, 1, NOW + HOUR)
    do(record_opened, item.id, NOW + HOUR)
    assert actions() == [
        SENT,
        (Action.OPENED, True),
        (Action.CLICKED, True),
        (Action.CLICKED, False),
        (Action.OPENED, False),
    ]
    assert log(LogRecord.source)[1:3] == [EventSource.INFERRED, EventSource.PUBLIC_PAGE]
    found = figures(item)
    assert (found.opened, found.clicked, found.click_hits) == (1, 1, 2)
    with db.reading() as session:
        links = by_link(session, mass_email_id=item.mass_email_id)
    assert [(link.url, link.people, link.hits) for link in links] == [
        ("https://example.com/a", 1, 1),
        ("https://example.com/b", 1, 1),
    ]


def test_a_click_on_a_link_that_is_not_of_the_mass_email_writes_nothing(item: QueueItem) -> None:
    for unknown in ((item.id, 3), (item.id + 1, 1)):
        with pytest.raises(NotFound):
            do(record_clicked, *unknown, NOW)
    assert actions() == []
    assert again(item).state is ItemState.UNCERTAIN


def test_machines_are_kept_with_their_reason_and_never_counted_as_people(item: QueueItem) -> None:
    do(record_opened, item.id, NOW, machine=MachineReason.PREFETCH)
    do(record_clicked, item.id, 1, NOW, machine=ROBOT)
    do(record_clicked, item.id, 1, NOW, machine=MachineReason.HEAD_REQUEST)
    assert (again(item).opened_at, again(item).clicked_at) == (None, None)
    assert log(LogRecord.machine)[1:] == [MachineReason.PREFETCH, ROBOT, MachineReason.HEAD_REQUEST]
    found = figures(item)
    assert (found.opened, found.clicked, found.machine_opened, found.machine_clicked) == (0, 0, 1, 1)
    do(record_opened, item.id, NOW + HOUR)
    assert (again(item).opened_at, figures(item).opened) == (NOW + HOUR, 1)


def test_after_twenty_rows_a_day_only_the_counter_grows(item: QueueItem) -> None:
    for _ in range(ROWS_PER_DAY + 5):
        do(record_opened, item.id, NOW)
    assert len(log(LogRecord.id)) == 1 + ROWS_PER_DAY
    do(record_clicked, item.id, 1, NOW)
    assert (figures(item).open_hits, figures(item).clicked) == (ROWS_PER_DAY + 5, 1)
    do(record_opened, item.id, NOW + timedelta(days=1))
    assert len(log(LogRecord.id)) == 3 + ROWS_PER_DAY


def declined() -> set[int]:
    with db.reading() as session:
        return set(session.exec(select(OptOut.list_id)).all())


def lists(item: QueueItem) -> set[int]:
    return {item.list_id, item.list_id + 1}


def test_opting_out_declines_all_target_lists_of_the_mass_email_once(item: QueueItem) -> None:
    visit = ("Mozilla", "192.0.2.0")
    assert do(record_opted_out, item.id, NOW, source=EventSource.ONE_CLICK, visit=visit) == 2
    assert do(record_opted_out, item.id, NOW + HOUR) == 0
    assert declined() == lists(item)
    assert actions() == [SENT, (Action.OPTED_OUT, True)]
    assert again(item).opted_out_at == NOW
    with db.reading() as session:
        history = session.exec(select(ConsentEvent)).all()
    assert {(e.source, e.item_id, e.ip) for e in history} == {("one_click", item.id, "192.0.2.0/24")}


@pytest.mark.parametrize("by_mass_email", [True, False])
def test_opting_out_entirely_is_for_every_mailing(item: QueueItem, by_mass_email: bool) -> None:
    with db.unit_of_work() as session:
        session.get_one(MassEmail, item.mass_email_id).opt_out_entirely = by_mass_email
    assert do(record_opted_out, item.id, NOW, entirely=not by_mass_email) == 1
    assert declined() == {EVERYTHING}
    assert do(record_opted_in, item.id, NOW) == 1
    assert declined() == set()


def test_subscribing_again_adds_to_the_history_and_is_logged_only_when_it_changes_something(item: QueueItem) -> None:
    assert do(record_opted_in, item.id, NOW) == 0
    do(record_opted_out, item.id, NOW)
    assert do(record_opted_in, item.id, NOW + HOUR) == 2
    assert do(record_opted_out, item.id, NOW + 2 * HOUR) == 2
    assert actions()[1:] == [(Action.OPTED_OUT, True), (Action.OPTED_IN, True), (Action.OPTED_OUT, False)]
    with db.reading() as session:
        assert len(session.exec(select(ConsentEvent)).all()) == 6
    assert (figures(item).opted_out, figures(item).opted_in) == (1, 1)


def test_who_had_opted_out_by_another_mail_counts_in_this_one_too(item: QueueItem) -> None:
    with db.unit_of_work() as session:
        session.add_all(OptOut(address_id=item.address_id, list_id=list_id) for list_id in lists(item))
    assert do(record_opted_out, item.id, NOW) == 0
    assert figures(item).opted_out == 1


@pytest.mark.parametrize(
    ("act", "values", "reason"),
    [
        (record_bounced, {"kind": BounceKind.HARD}, SuppressionReason.HARD_BOUNCE),
        (record_bounced, {"kind": BounceKind.SOFT}, None),
        (record_complained, {}, SuppressionReason.COMPLAINT),
    ],
)
def test_hard_bounces_and_complaints_suppress_the_address(item: QueueItem, act, values, reason) -> None:
    do(act, item.id, now=NOW, evidence="550 gone", **values)
    with db.reading() as session:
        assert session.exec(select(Suppression.reason)).all() == ([reason] if reason else [])
    found = figures(item)
    assert found.bounced + found.complained == 1
    assert (found.bounced_hard, found.rejected) == (values.get("kind") is BounceKind.HARD, 0)
    assert again(item).bounced is (act is record_bounced)


def test_every_event_moves_the_change_number_of_the_mass_email(item: QueueItem) -> None:
    seen = []
    for no in range(3):
        do(record_opened, item.id, NOW + no * HOUR)
        with db.reading() as session:
            mail = session.get_one(MassEmail, item.mass_email_id)
        seen.append(mail.change_seq)
        assert mail.changed_at == NOW + no * HOUR
    assert seen == sorted(set(seen))
