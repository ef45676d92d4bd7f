"""How many now, why none, and whether the forecast comes true."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, update
from sqlmodel import Session

from models import db
from models.campaign import Campaign, CampaignStatus
from models.errors import NotFound
from models.mass_email import MassEmail, MassEmailStatus
from models.outbound_emails import change
from models.pacing import (
    HOUR,
    MINUTE,
    Allowance,
    LimitedBy,
    Limits,
    allowance,
    allowed,
    bucket_of,
    charge,
    forecast,
    free_at,
    in_zone,
    limits_of,
    simulate,
    usage,
    used,
    waiting_because,
)
from models.queue_item import ItemState, QueueItem, claim_items
from models.scheduled_job import SCHEDULER, SEND_MASS_EMAILS, Lease, ScheduledJob
from models.smtp_account import SmtpAccount
from tests import factories
from tests.factories import NOW

SECONDS = timedelta(seconds=1)
TEN_MINUTES = timedelta(minutes=10)


def every_ten_minutes(after: datetime) -> datetime:
    return after.replace(minute=after.minute // 10 * 10, second=0, microsecond=0) + TEN_MINUTES


def set_up(session: Session, people: int = 3, **values) -> tuple[MassEmail, SmtpAccount]:
    """An In Process mass email, its job active, a scheduler alive, the default account in good health."""
    account = factories.smtp_account(session)
    session.add(ScheduledJob(name=SEND_MASS_EMAILS, scheduling="*/10 * * * *"))
    session.add(Lease(name=SCHEDULER, holder="w", since=NOW, until=NOW + timedelta(days=9)))
    members = [factories.recipient(session) for _ in range(people)]
    target = factories.target_list(session, members=members)
    values = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": NOW, **values}
    mail = factories.mass_email(session, target, **values)
    for member in members:
        factories.queue_item(session, mail, member, list_id=target.id)
    return mail, account


def test_an_hour_rolls_and_is_never_exceeded(database: Engine) -> None:
    with db.unit_of_work() as session:
        charge(session, 1, 600, NOW)
        charge(session, 1, 300, NOW + 30 * 60 * SECONDS)
        charge(session, 1, 100, NOW + 30 * 60 * SECONDS)
        charge(session, 2, 5, NOW)
        late = NOW + timedelta(minutes=59, seconds=59)
        assert used(usage(session, 1, late), late) == 1000
        over = NOW + timedelta(minutes=60, seconds=10)
        assert used(usage(session, 1, over), over) == 400
        assert usage(session, 2, NOW) == {bucket_of(NOW): 5}


def test_buckets_that_no_limit_looks_at_are_forgotten(database: Engine) -> None:
    with db.unit_of_work() as session:
        charge(session, 1, 1, NOW)
        charge(session, 1, 1, NOW + timedelta(hours=3))
        assert list(usage(session, 1, NOW)) == [bucket_of(NOW + timedelta(hours=3))]


@pytest.mark.parametrize(
    ("spent", "limits", "in_run", "n", "because"),
    [
        ([], Limits(200, 1000), 0, 200, None),
        ([], Limits(200, 1000), 150, 50, None),
        ([], Limits(200, 1000), 200, 0, "delivery.waiting.portion_done"),
        ([(0, 950)], Limits(200, 1000), 0, 50, None),
        ([(0, 1000)], Limits(200, 1000), 0, 0, "delivery.waiting.hour_limit"),
        ([(0, 1100)], Limits(200, 1000), 0, 0, "delivery.waiting.hour_limit"),
        ([(0, 25)], Limits(200, 1000, 30), 0, 5, None),
        ([(0, 30)], Limits(200, 1000, 30), 0, 0, "delivery.waiting.minute_limit"),
        ([(120, 30)], Limits(200, 1000, 30), 0, 30, None),
    ],
)
def test_the_allowance_is_what_portion_hour_and_minute_leave(spent, limits, in_run, n, because) -> None:
    buckets = {bucket_of(NOW - ago * SECONDS): number for ago, number in spent}
    found = allowed(buckets, limits, in_run, NOW)
    assert (found.n, found.because and found.because.key) == (n, because)


@given(
    st.dictionaries(st.integers(0, HOUR + 60), st.integers(1, 50), max_size=8),
    st.integers(1, 120),
    st.sampled_from([HOUR, MINUTE]),
)
def test_the_moment_named_is_the_first_at_which_one_more_may_go(ages: dict[int, int], limit: int, window: int) -> None:
    buckets: dict[int, int] = {}
    for age, n in ages.items():
        bucket = bucket_of(NOW - age * SECONDS)
        buckets[bucket] = buckets.get(bucket, 0) + n
    at = free_at(buckets, limit, NOW, window)
    assert used(buckets, at, window) < limit
    assert at == NOW or used(buckets, at - SECONDS, window) >= limit


def test_an_own_limit_of_the_account_goes_before_the_general_one(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session)
        change(session, {"portion_size": 70, "max_per_hour": 60}, NOW, "someone@example.com")
        assert limits_of(session, account) == Limits(70, 60, None)
        assert allowance(session, mail.id, NOW) == Allowance(60, None)
        account.max_per_hour = 50
        session.flush()
        assert allowance(session, mail.id, NOW, sent_in_run=25) == Allowance(45, None)
        charge(session, account.id, 50, NOW)
        assert str(allowance(session, mail.id, NOW).because) == "The limit of 50 per hour is used until 12:46 UTC."


# --- why nothing is being sent ---


def draft(session, mail, account) -> None:
    mail.status = MassEmailStatus.DRAFT


def before_date_start(session, mail, account) -> None:
    mail.status, mail.queue_done_at, mail.start_at = MassEmailStatus.PENDING, None, NOW + timedelta(days=1)


def due(session, mail, account) -> None:
    mail.status, mail.queue_done_at = MassEmailStatus.PENDING, None


def campaign_inactive(session, mail, account) -> None:
    session.get_one(Campaign, mail.campaign_id).status = CampaignStatus.INACTIVE


def job_inactive(session, mail, account) -> None:
    session.get_one(ScheduledJob, SEND_MASS_EMAILS).active = False


def scheduler_silent(session, mail, account) -> None:
    session.get_one(Lease, SCHEDULER).until = NOW


def paused(session, mail, account) -> None:
    mail.status = MassEmailStatus.PAUSED


def paused_by_trouble(session, mail, account) -> None:
    mail.status, mail.trouble = MassEmailStatus.PAUSED, "552 5.3.4 Message too big"


def cancelled(session, mail, account) -> None:
    mail.status = MassEmailStatus.CANCELLED


def complete(session, mail, account) -> None:
    mail.status = MassEmailStatus.COMPLETE


def complete_but_one(session, mail, account) -> None:
    mail.status = MassEmailStatus.COMPLETE
    first = session.get_one(QueueItem, 1)
    first.state = ItemState.UNCERTAIN


def account_in_trouble(session, mail, account) -> None:
    account.retry_at, account.last_reply = NOW + timedelta(minutes=5), "535 5.7.8 Bad credentials"


def no_account(session, mail, account) -> None:
    account.is_default = False


def limit_used(session, mail, account) -> None:
    charge(session, account.id, 1000, NOW - timedelta(minutes=20))


def only_retries(session, mail, account) -> None:
    session.execute(update(QueueItem).values(next_try_at=NOW + timedelta(minutes=15)))


def being_sent(session, mail, account) -> None:
    claim_items(session, mail.id, account.id, 1, "w", timedelta(minutes=1), NOW)
    limit_used(session, mail, account)


def nothing(session, mail, account) -> None:
    """All is well: the next run sends."""


@pytest.mark.parametrize(
    ("arrange", "sentence"),
    [
        (draft, "This is a Draft: nothing is sent until it is Pending."),
        (before_date_start, "Waits for its Date Start, 2026-09-09 11:46 UTC."),
        (due, "Date Start has come; the next run of Send Mass Emails prepares the queue."),
        (campaign_inactive, "The campaign is Inactive: nothing is queued or sent."),
        (job_inactive, "The scheduled job Send Mass Emails is Inactive."),
        (scheduler_silent, "No worker is running: nothing is sent until one is started."),
        (paused, "Paused by hand."),
        (paused_by_trouble, "Paused: 552 5.3.4 Message too big"),
        (cancelled, "Cancelled."),
        (complete, "Complete: everybody was dealt with."),
        (complete_but_one, "Complete, 1 person uncertain: decide about it."),
        (account_in_trouble, "is in trouble, next try at 11:51 UTC: 535 5.7.8 Bad credentials"),
        (no_account, "There is no SMTP account to send with."),
        (limit_used, "The limit of 1000 per hour is used until 12:26 UTC."),
        (only_retries, "3 people wait for another try, the first at 12:01 UTC."),
        (being_sent, None),
        (nothing, None),
    ],
)
def test_one_line_says_why_nothing_is_being_sent(database: Engine, arrange, sentence: str | None) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session)
        arrange(session, mail, account)
    with db.reading() as session:
        found = waiting_because(session, mail.id, NOW)
    assert (found is None) == (sentence is None)
    if sentence:
        assert sentence in str(found)
        assert found.text("fr") != str(found)


def test_moments_are_said_in_the_zone_of_the_reader(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session)
        limit_used(session, mail, account)
        found = waiting_because(session, mail.id, NOW)
    assert "14:26 CEST" in str(in_zone(found, ZoneInfo("Europe/Paris")))


def test_asking_about_an_unknown_mass_email_is_not_found(database: Engine) -> None:
    for ask in (waiting_because, allowance):
        with pytest.raises(NotFound), db.reading() as session:
            ask(session, 99, NOW)


# --- the forecast ---


def run_for_real(session: Session, account_id: int, people: int, limits: Limits, now: datetime):
    """What the runs really do: ask allowance() until it gives nothing, charge, wait for the minute as a run does."""
    portions, at = [], now
    while people and len(portions) < 500:
        moment = at = every_ten_minutes(at)
        sent = 0
        while people:
            given = allowed(usage(session, account_id, moment), limits, sent, moment)
            n = min(given.n, people)
            if n:
                charge(session, account_id, n, moment)
                sent, people = sent + n, people - n
            elif given.because.key == "delivery.waiting.minute_limit":
                moment = given.because.values["at"]
            else:
                break
        if sent:
            portions.append((at, sent))
        at = moment
    return portions, moment


@pytest.mark.parametrize(
    ("people", "limits", "charged", "limited_by"),
    [
        (50, Limits(200, 1000), 0, LimitedBy.PEOPLE),
        (650, Limits(200, 10_000), 0, LimitedBy.PORTION_SIZE),
        (2_500, Limits(200, 1000), 0, LimitedBy.HOUR_LIMIT),
        (700, Limits(200, 1000), 950, LimitedBy.HOUR_LIMIT),
        (2_000, Limits(400, 10_000, 30), 0, LimitedBy.MINUTE_LIMIT),
        (2_000, Limits(1000, 500, 30), 0, LimitedBy.HOUR_LIMIT),
    ],
)
def test_the_forecast_is_what_the_runs_then_do(
    database: Engine, people: int, limits: Limits, charged: int, limited_by: LimitedBy
) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session, 0, status=MassEmailStatus.PENDING, queue_done_at=None, portions_done=2)
        if charged:
            charge(session, account.id, charged, NOW - TEN_MINUTES)
        found = forecast(session, mail.id, NOW, every_ten_minutes, limits=limits, people=people)
        portions, ended = run_for_real(session, account.id, people, limits, NOW)
    assert [(p.at, p.n) for p in found.portions] == portions
    assert (found.portions_done, found.portions_planned) == (2, 2 + len(portions))
    assert (found.next_at, found.next_n) == portions[0]
    assert found.finishes_at == ended
    assert found.limited_by is limited_by


def test_the_forecast_counts_who_waits_and_begins_when_they_may_go(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session, 5)
        limits = Limits(2, 100)
        soon = forecast(session, mail.id, NOW, every_ten_minutes, limits=limits)
        account_in_trouble(session, mail, account)
        session.execute(update(QueueItem).values(next_try_at=NOW + timedelta(minutes=32)))
        session.flush()
        late = forecast(session, mail.id, NOW, every_ten_minutes, limits=limits)
    assert [p.n for p in soon.portions] == [p.n for p in late.portions] == [2, 2, 1]
    assert soon.next_at == datetime(2026, 9, 8, 11, 50, tzinfo=NOW.tzinfo)
    assert late.next_at == datetime(2026, 9, 8, 12, 20, tzinfo=NOW.tzinfo)
    assert soon.per_hour == 10


@pytest.mark.parametrize("stand", [MassEmailStatus.CANCELLED, MassEmailStatus.COMPLETE, MassEmailStatus.FAILED])
def test_what_is_over_has_no_portions_to_come(sqlite_database: Engine, stand) -> None:
    with db.unit_of_work() as session:
        mail, _ = set_up(session, status=stand, portions_done=7)
        found = forecast(session, mail.id, NOW, every_ten_minutes)
    assert (found.portions_planned, found.next_at, found.finishes_at, found.portions) == (7, None, None, ())


def test_a_job_that_never_runs_and_a_huge_queue_have_a_forecast_too(sqlite_database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, _ = set_up(session, 0, status=MassEmailStatus.PENDING, queue_done_at=None)
        never = forecast(session, mail.id, NOW, lambda _: None, limits=Limits(), people=1000)
        huge = forecast(session, mail.id, NOW, every_ten_minutes, limits=Limits(200, 10_000), people=1_000_000)
    assert (never.portions_planned, never.next_at, never.finishes_at) == (0, None, None)
    assert huge.portions_planned == 5000
    days = (huge.finishes_at - NOW) / timedelta(days=1)
    assert days == pytest.approx(5000 / 6 / 24, abs=0.1)


def test_a_limit_of_nothing_yields_empty_portions_without_end() -> None:
    runs = simulate(10, {}, Limits(0, 10), every_ten_minutes, NOW)
    assert [next(runs).n for _ in range(3)] == [0, 0, 0]
