"""What comes back counts once, by whatever way it came, and what follows from it."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models import db, outbound_emails
from models.address import ConsentEvent, OptOut, Suppression, SuppressionReason, release
from models.answer import (
    Recorded,
    log_reason,
    record_bounced,
    record_complained,
    record_opted_out_by_mail,
    record_reply,
)
from models.claim import claim_items, mark_on_wire
from models.column_types import table
from models.counter import Counter, Dimension
from models.errors import NotFound
from models.log_filter import LogFilter
from models.log_record import Action, BounceKind, EventSource, LogRecord, record_clicked, record_opened
from models.log_view import event_page, people_count
from models.mass_email import MassEmail, MassEmailStatus
from models.queue_item import ItemState, QueueItem
from models.settlement import count_as_sent, settle
from models.statistics import bounce_reasons, mass_email_figures, recount
from models.tracking_url import ensure_links
from models.verdict import Outcome, Verdict
from tests import factories
from tests.factories import NOW

DAY = timedelta(days=1)
HARD, SOFT = BounceKind.HARD, BounceKind.SOFT


@pytest.fixture
def item(database: Engine) -> QueueItem:
    """A sent item of a mass email with one list; its person is ada@example.com."""
    with db.unit_of_work() as session:
        return sent_item(session)


def sent_item(session: Session, state: ItemState = ItemState.SENT) -> QueueItem:
    """Another mass email to ada@example.com."""
    person = factories.recipient(session, "ada@example.com")
    members = factories.target_list(session, f"list of {person.id}", [person])
    mail = factories.mass_email(session, members, status=MassEmailStatus.COMPLETE, queue_done_at=NOW)
    ensure_links(session, mail.id, ["https://example.com/a"])
    first = ItemState.UNCERTAIN if state is ItemState.SENT else state
    row = factories.queue_item(session, mail, person, first, list_id=members.id)
    if state is ItemState.SENT:
        count_as_sent(session, [row.id], NOW, EventSource.PERSON)
    return row


def do(act, *args, **values):
    with db.unit_of_work(durable=True) as session:
        return act(session, *args, **values)


def bounce(item: QueueItem, kind: BounceKind, at=NOW, **values) -> Recorded:
    return do(record_bounced, kind, item_id=item.id, at=at, now=max(at, NOW), **values)


def suppressions() -> dict[SuppressionReason, str]:
    with db.reading() as session:
        return {row.reason: row.evidence for row in session.exec(select(Suppression))}


def records(*columns) -> list:
    with db.reading() as session:
        assert recount(session) == []
        return session.exec(select(*columns).where(LogRecord.action != Action.SENT).order_by(LogRecord.id)).all()


def test_a_hard_bounce_is_logged_with_its_reason_and_suppresses_the_address_with_the_proof(item: QueueItem) -> None:
    said = "smtp; 550 no such user"
    assert bounce(item, HARD, reason="userunknown", status="5.1.1", evidence=said) is Recorded.COUNTED
    assert records(LogRecord.action, LogRecord.bounce_kind, LogRecord.reason) == [
        (Action.BOUNCED, HARD, "user_unknown")
    ]
    assert suppressions() == {SuppressionReason.HARD_BOUNCE: "5.1.1 smtp; 550 no such user"}


def test_the_same_bounce_by_mailbox_and_by_webhook_counts_once(item: QueueItem) -> None:
    assert bounce(item, HARD) is Recorded.COUNTED
    assert bounce(item, HARD, source=EventSource.WEBHOOK) is Recorded.ALREADY
    assert bounce(item, SOFT) is Recorded.ALREADY
    assert records(LogRecord.action) == [Action.BOUNCED]


def test_a_soft_bounce_that_turns_out_hard_is_one_record_that_says_hard(item: QueueItem) -> None:
    bounce(item, SOFT, reason="mailboxfull")
    assert suppressions() == {}
    assert bounce(item, HARD, reason="userunknown") is Recorded.HARDENED
    assert records(LogRecord.bounce_kind, LogRecord.reason) == [(HARD, "user_unknown")]
    assert list(suppressions()) == [SuppressionReason.HARD_BOUNCE]
    with db.reading() as session:
        figures = mass_email_figures(session, item.mass_email_id)
    assert (figures.bounced, figures.bounced_hard, figures.bounced_soft) == (1, 1, 0)


def test_bounces_are_counted_by_mailbox_provider_and_reason(item: QueueItem) -> None:
    bounce(item, SOFT, reason="mailboxfull")
    with db.reading() as session:
        by_reason = select(table(Counter).c.key, table(Counter).c.firsts)
        by_reason = by_reason.where(table(Counter).c.dimension == Dimension.PROVIDER_REASON)
        assert [tuple(row) for row in session.execute(by_reason)] == [("other|mailbox_full", 1)]
        assert recount(session) == []


def test_the_reasons_add_up_to_the_bounced_and_each_opens_to_its_people(item: QueueItem) -> None:
    with db.unit_of_work() as session:
        other = factories.recipient(session, "eve@example.com")
        mail = session.get_one(MassEmail, item.mass_email_id)
        second = factories.queue_item(session, mail, other, ItemState.UNCERTAIN)
    bounce(item, SOFT, reason="mailboxfull")
    bounce(second, HARD, reason="userunknown")
    with db.reading() as session:
        reasons = bounce_reasons(session, mass_email_id=item.mass_email_id)
        assert [(one.provider, one.reason, one.people) for one in reasons] == [
            ("other", "mailbox_full", 1),
            ("other", "user_unknown", 1),
        ]
        assert sum(one.people for one in reasons) == mass_email_figures(session, item.mass_email_id).bounced
        full = LogFilter(included=(Action.BOUNCED,), provider=("other",), reason="mailbox_full")
        assert [row.address for row in event_page(session, full)[0]] == ["ada@example.com"]
        assert people_count(session, full) == 1


def test_without_a_message_a_hard_bounce_suppresses_the_address_and_logs_nothing(item: QueueItem) -> None:
    whom = {"address_id": item.address_id, "at": NOW, "now": NOW}
    assert do(record_bounced, SOFT, **whom) is Recorded.NOTHING
    assert do(record_bounced, HARD, **whom) is Recorded.ADDRESS
    assert do(record_complained, **whom) is Recorded.ADDRESS
    assert records(LogRecord.id) == []
    assert set(suppressions()) == {SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT}


def test_a_complaint_suppresses_at_once_and_counts_once(item: QueueItem) -> None:
    whom = {"item_id": item.id, "at": NOW, "now": NOW}
    assert do(record_complained, **whom) is Recorded.COUNTED
    assert do(record_complained, **whom) is Recorded.ALREADY
    assert records(LogRecord.action) == [Action.COMPLAINED]
    assert list(suppressions()) == [SuppressionReason.COMPLAINT]


def test_every_reply_is_kept_and_the_first_counts_a_person(item: QueueItem) -> None:
    for _ in range(2):
        do(record_reply, item.id, at=NOW, now=NOW)
    assert records(LogRecord.action, LogRecord.first) == [(Action.REPLIED, True), (Action.REPLIED, False)]
    with db.reading() as session:
        assert mass_email_figures(session, item.mass_email_id).replied == 1


@pytest.mark.parametrize("source", [EventSource.MAILTO, EventSource.REPLY])
def test_opting_out_by_mail_is_opting_out_of_the_lists_of_that_mass_email(item: QueueItem, source: EventSource) -> None:
    for expected in (Recorded.COUNTED, Recorded.ALREADY):
        assert do(record_opted_out_by_mail, item.id, source=source, at=NOW, now=NOW) is expected
    assert records(LogRecord.action, LogRecord.source) == [(Action.OPTED_OUT, source)]
    with db.reading() as session:
        assert [row.list_id for row in session.exec(select(OptOut))] == [item.list_id]
        assert [row.source for row in session.exec(select(ConsentEvent))] == [source.value]


@pytest.mark.parametrize("what", ["bounce", "complaint", "reply", "opt out"])
def test_what_comes_back_is_evidence_that_an_uncertain_message_was_sent(database: Engine, what: str) -> None:
    with db.unit_of_work() as session:
        item = sent_item(session, ItemState.UNCERTAIN)
    match what:
        case "bounce":
            bounce(item, SOFT)
        case "complaint":
            do(record_complained, item_id=item.id, at=NOW, now=NOW)
        case "reply":
            do(record_reply, item.id, at=NOW, now=NOW)
        case "opt out":
            do(record_opted_out_by_mail, item.id, source=EventSource.MAILTO, at=NOW, now=NOW)
    with db.reading() as session:
        assert session.get_one(QueueItem, item.id).state is ItemState.SENT


def test_what_happened_earlier_stands_at_its_time_and_the_figures_are_new_now(item: QueueItem) -> None:
    later = NOW + 3 * DAY
    do(record_bounced, SOFT, item_id=item.id, at=NOW, now=later)
    assert records(LogRecord.at) == [NOW]
    with db.reading() as session:
        assert session.get_one(MassEmail, item.mass_email_id).changed_at == later


def test_an_unknown_item_is_an_error(database: Engine) -> None:
    with pytest.raises(NotFound):
        do(record_bounced, HARD, item_id=7, at=NOW, now=NOW)


def test_reasons_of_bounce_mails_become_the_words_of_the_log() -> None:
    assert log_reason("mailboxfull") == "mailbox_full"
    assert log_reason("expired") == "expired"


# Soft bounces that persist


def soft_bounces(days: list[float], *, alive: tuple[float, str] | None = None) -> bool:
    """Whether soft bounces of different mass emails at these days, a sign of life between, suppress the address."""
    with db.unit_of_work() as session:
        items = [sent_item(session) for _ in days]
    happenings = [(day, "bounce", item) for day, item in zip(days, items, strict=True)]
    if alive:
        happenings.append((*alive, items[0]))
    for day, what, item in sorted(happenings, key=lambda one: one[0]):
        at = NOW + day * DAY
        match what:
            case "bounce":
                do(record_bounced, SOFT, item_id=item.id, at=at, now=at, evidence=f"day {day}")
            case "open":
                do(record_opened, item.id, at)
            case "click":
                do(record_clicked, item.id, 1, at)
    return SuppressionReason.SOFT_BOUNCES in suppressions()


@pytest.mark.parametrize(
    ("days", "alive", "given_up"),
    [
        ([0, 3, 7], None, True),
        ([0, 3, 6.9], None, False),
        ([0, 30], None, False),
        ([0, 1, 2, 8], None, True),
        ([0, 3, 8], (5, "open"), False),
        ([0, 3, 8], (5, "click"), False),
        ([0, 3, 8], (-1, "open"), True),
        ([0, 3, 8, 9, 15], (5, "open"), True),
        ([0, 3, 8, 9, 14], (5, "open"), False),
    ],
)
def test_soft_bounces_suppress_after_three_mass_emails_over_seven_days_without_a_sign_of_life(
    database: Engine, days: list[float], alive: tuple[float, str] | None, given_up: bool
) -> None:
    assert soft_bounces(days, alive=alive) is given_up


def test_after_a_release_soft_bounces_are_counted_anew(database: Engine) -> None:
    assert soft_bounces([0, 3, 8])
    do(release, 1, SuppressionReason.SOFT_BOUNCES, NOW + 9 * DAY, "ada@example.com")
    assert suppressions() == {}
    for day, given_up in ((10, False), (12, False), (17, True)):
        with db.unit_of_work() as session:
            again = sent_item(session)
        bounce(again, SOFT, at=NOW + day * DAY)
        assert (SuppressionReason.SOFT_BOUNCES in suppressions()) is given_up


def test_the_rule_of_soft_bounces_is_a_setting(database: Engine) -> None:
    do(outbound_emails.change, {"soft_bounce_count": "2", "soft_bounce_days": "0"}, NOW, "ada@example.com")
    assert soft_bounces([0, 1])
    assert suppressions() == {SuppressionReason.SOFT_BOUNCES: "day 1"}


def test_refusals_in_the_smtp_dialogue_count_for_the_same_rule(database: Engine) -> None:
    with db.unit_of_work() as session:
        items = [sent_item(session) for _ in range(2)]
        waiting = sent_item(session, ItemState.WAITING)
        mail = session.get_one(MassEmail, waiting.mass_email_id)
        mail.status = MassEmailStatus.IN_PROCESS
        account = factories.smtp_account(session).id
    for day, item in enumerate(items):
        bounce(item, SOFT, at=NOW + day * DAY)
    later = NOW + 9 * DAY
    with db.unit_of_work() as session:
        held = claim_items(session, waiting.mass_email_id, account, 1, "w", timedelta(minutes=1), later)
        mark_on_wire(session, held.claim_id, "w", later)
        refused = Verdict(
            waiting.id, Outcome.PERMANENT, code=550, reply="550 5.7.1 no", reason="policy", bounce_kind=SOFT
        )
        settle(session, held.claim_id, [refused], later)
    assert suppressions() == {SuppressionReason.SOFT_BOUNCES: "550 5.7.1 no"}
    assert len(records(LogRecord.id)) == 3
