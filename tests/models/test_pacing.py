"""How many now, why none, and whether the forecast comes true."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, update
from sqlmodel import Session

from models import db, smtp_account
from models.campaign import Campaign, CampaignStatus
from models.domain_pause import pause_domain
from models.errors import Invalid, NotFound
from models.mass_email import MassEmail, MassEmailStatus, edit_mass_email, new_values
from models.outbound_emails import change
from models.pacing import Allowance, Limits, allowance, full_domains, limits_of
from models.queue_item import ItemState, QueueItem, claim_items
from models.rate import HOUR, MINUTE, bucket_of, charge, charge_domains, free_at, usage, used
from models.scheduled_job import SCHEDULER, SEND_MASS_EMAILS, Lease, ScheduledJob
from models.sending_route import lanes
from models.smtp_account import SmtpAccount
from models.waiting import in_zone, waiting_because
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
def test_the_allowance_is_what_portion_hour_and_minute_leave(
    database: Engine, spent, limits: Limits, in_run: int, n: int, because: str | None
) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session, 0)
        for ago, number in spent:
            charge(session, account.id, number, NOW - ago * SECONDS)
        found = allowance(session, mail.id, NOW, sent_in_run=in_run, limits=limits)
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


def outside_the_window(session, mail, account) -> None:
    mail.sending_window, mail.zone = "mon-fri 14:00-18:00", "Europe/Paris"


def within_the_undo_minutes(session, mail, account) -> None:
    change(session, {"undo_minutes": 15}, NOW, "someone@example.com")
    outside_the_window(session, mail, account)


def undo_minutes_are_over(session, mail, account) -> None:
    change(session, {"undo_minutes": 15}, NOW, "someone@example.com")
    mail.queue_done_at = NOW - timedelta(minutes=15)


def first_portion_is_done(session, mail, account) -> None:
    within_the_undo_minutes(session, mail, account)
    mail.portions_done, mail.sending_window = 1, ""


def one_of_two_accounts_in_trouble(session, mail, account) -> None:
    factories.smtp_account(session, is_default=False, weight=1)
    account_in_trouble(session, mail, account)


def both_accounts_in_trouble(session, mail, account) -> None:
    account_in_trouble(session, mail, account)
    first = NOW + timedelta(minutes=2)
    factories.smtp_account(session, name="Second", is_default=False, weight=1, retry_at=first, last_reply="421 busy")


def limit_of_one_of_two_used(session, mail, account) -> None:
    factories.smtp_account(session, is_default=False, weight=1)
    limit_used(session, mail, account)


def limit_of_both_used(session, mail, account) -> None:
    other = factories.smtp_account(session, is_default=False, weight=1)
    limit_used(session, mail, account)
    charge(session, other.id, 1000, NOW - timedelta(minutes=50))


def minute_used(session, mail, account) -> None:
    change(session, {"max_per_minute": 10}, NOW, "someone@example.com")
    charge(session, account.id, 10, NOW)


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
        (outside_the_window, "Outside its sending window, which opens 2026-09-08 12:00 UTC."),
        (within_the_undo_minutes, "The queue is ready. It can be taken back: nobody gets it before 12:01:12 UTC."),
        (undo_minutes_are_over, None),
        (first_portion_is_done, None),
        (one_of_two_accounts_in_trouble, None),
        (both_accounts_in_trouble, "Second is in trouble, next try at 11:48 UTC: 421 busy"),
        (limit_of_one_of_two_used, None),
        (limit_of_both_used, "The limit of 1000 per hour is used until 11:56 UTC."),
        (minute_used, None),
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


# --- what allows nothing whatever the limits ---


@pytest.mark.parametrize(
    ("arrange", "sent_in_run", "n", "because"),
    [
        (nothing, 0, 200, None),
        (outside_the_window, 0, 0, "delivery.waiting.window"),
        (outside_the_window, 7, 0, "delivery.waiting.window"),
        (within_the_undo_minutes, 0, 0, "delivery.waiting.undo"),
        (undo_minutes_are_over, 0, 200, None),
        (first_portion_is_done, 0, 200, None),
        (no_account, 0, 0, "delivery.waiting.no_account"),
    ],
)
def test_the_window_and_the_undo_minutes_allow_nothing(
    database: Engine, arrange, sent_in_run: int, n: int, because: str | None
) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session)
        arrange(session, mail, account)
        session.flush()
        found = allowance(session, mail.id, NOW, sent_in_run=sent_in_run)
    assert (found.n, found.because and found.because.key) == (n, because)


def test_undo_minutes_that_are_set_in_the_first_portion_do_not_stop_it(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, _ = set_up(session)
        assert allowance(session, mail.id, NOW, sent_in_run=40).n == 160
        change(session, {"undo_minutes": 60}, NOW, "someone@example.com")
        assert allowance(session, mail.id, NOW, sent_in_run=40).n == 160
        assert allowance(session, mail.id, NOW).n == 0


def test_what_is_changed_while_it_is_sent_holds_from_the_next_claim(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session)
    for change_it, n in (
        (lambda: change(session, {"portion_size": 60}, NOW, "someone@example.com"), 50),
        (lambda: change(session, {"max_per_minute": 20}, NOW, "someone@example.com"), 20),
        (lambda: edit(session, mail, {"sending_window": "mon 09:00-18:00"}), 0),
        (lambda: edit(session, mail, {"sending_window": ""}), 20),
    ):
        with db.unit_of_work() as session:
            change_it()
        with db.reading() as session:
            assert allowance(session, mail.id, NOW, sent_in_run=10, account_id=account.id).n == n


def edit(session: Session, mail: MassEmail, values: dict) -> None:
    revision = session.get_one(MassEmail, mail.id).revision
    edit_mass_email(session, mail.id, revision, values, NOW, "someone@example.com")


def test_a_window_that_never_opens_is_refused_beside_its_field_while_sending_too(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, _ = set_up(session)
        with pytest.raises(Invalid) as refused:
            edit(session, mail, {"sending_window": "mon 09:00-09:00"})
    assert [*refused.value.problems] == ["sending_window"]


def test_a_new_mass_email_starts_with_the_window_of_outbound_emails(database: Engine) -> None:
    with db.unit_of_work() as session:
        campaign = factories.campaign(session)
        assert new_values(session, campaign.id, NOW)["sending_window"] == ""
        change(session, {"sending_window": "Mon,Tue,Wed 9:00-12:00"}, NOW, "someone@example.com")
        assert new_values(session, campaign.id, NOW)["sending_window"] == "mon-wed 09:00-12:00"
        with pytest.raises(Invalid) as refused:
            change(session, {"sending_window": "9 to 5", "undo_minutes": -1}, NOW, "someone@example.com")
    assert [*refused.value.problems] == ["sending_window", "undo_minutes"]


def test_a_restart_forgets_nothing_of_the_pace(sqlite_database: Engine) -> None:
    """Another process on the same database: what was charged, paused and tripped, and what was set."""
    with db.unit_of_work() as session:
        mail, account = set_up(session)
        change(session, {"max_per_hour": 300, "max_per_hour_per_domain": 40}, NOW, "someone@example.com")
        charge(session, account.id, 180, NOW)
        charge_domains(session, account.id, {7: 40}, NOW)
        pause_domain(session, account.id, 8, NOW, "421 4.7.28 rate")
        smtp_account.trip(session, account.id, "login", "535 no", NOW)
        mail.sending_window = "mon-fri 14:00-18:00"
        ids = mail.id, account.id
    sqlite_database.dispose()
    again = db.connect(str(sqlite_database.url))
    db.use(again)
    later = NOW + 30 * SECONDS
    with db.reading() as session:
        assert lanes(session, ids[0], later - SECONDS) == []
        assert [lane.account_id for lane in lanes(session, ids[0], later)] == [ids[1]]
        assert full_domains(session, ids[1], later) == {7, 8}
        assert allowance(session, ids[0], later).because.key == "delivery.waiting.window"
        assert allowance(session, ids[0], later + timedelta(hours=0.5)).n == 120
    again.dispose()
