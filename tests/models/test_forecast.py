"""Whether the forecast comes true: whole mass emails, run by run, through the questions that delivery asks."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session

from models import db
from models.forecast import Unforeseen, forecast
from models.mass_email import MassEmail, MassEmailStatus
from models.outbound_emails import change
from models.pacing import LimitedBy, Limits, allowance
from models.queue_item import QueueItem
from models.rate import charge
from models.sending_route import Lane, lanes
from models.sending_window import parse
from models.simulation import Pipe, simulate
from tests import factories
from tests.factories import NOW
from tests.models.test_pacing import TEN_MINUTES, account_in_trouble, every_ten_minutes, set_up

pytestmark = pytest.mark.slow

CLAIM = 100
PARIS = ZoneInfo("Europe/Paris")


def settings(session: Session, **values) -> None:
    change(session, values, NOW, "someone@example.com")


def pending(session: Session, **values) -> MassEmail:
    """Its Date Start has come, its queue is not built."""
    values = {"status": MassEmailStatus.PENDING, "queue_done_at": None, "portions_done": 0, **values}
    return set_up(session, 0, **values)[0]


def in_turn(of: list[Lane], sent: Counter[int]) -> list[Lane]:
    """Who is furthest behind its weight first; a lane that may send nothing leaves its turn to the next."""
    return sorted(of, key=lambda lane: sent[lane.account_id] / lane.weight)


def next_claim(
    session: Session, mail: MassEmail, sent: Counter[int], now: datetime
) -> tuple[int, int] | datetime | None:
    """(account, messages) that may begin now; else when to ask again within the run, or None when the run ends."""
    because = []
    for lane in in_turn(lanes(session, mail.id, now), sent):
        given = allowance(session, mail.id, now, sent_in_run=sent.total(), account_id=lane.account_id)
        if given.n:
            return lane.account_id, min(given.n, CLAIM)
        because.append(given.because)
    again = [problem.values["at"] for problem in because if problem.key == "delivery.waiting.minute_limit"]
    return min(again, default=None)


def run_for_real(session: Session, mail: MassEmail, people: int, now: datetime):
    """What the runs then do: build the queue, claim as long as something may begin, charge, wait for the minute."""
    portions, at, ended = [], now, now
    while people and len(portions) < 300:
        moment = at = every_ten_minutes(at)
        if mail.queue_done_at is None:
            if at < mail.start_at:
                continue
            mail.queue_done_at, mail.status = at, MassEmailStatus.IN_PROCESS
            session.flush()
        sent: Counter[int] = Counter()
        while people and (found := next_claim(session, mail, sent, moment)) is not None:
            if isinstance(found, datetime):
                moment = found
                continue
            account_id, n = found[0], min(found[1], people)
            charge(session, account_id, n, moment)
            sent[account_id] += n
            people -= n
        if sent:
            portions.append((at, sent.total()))
            mail.portions_done += 1
            session.flush()
            ended = moment
        at = moment
    return portions, ended


def nothing(session, mail) -> None:
    """As it is."""


def hour_begun(session, mail) -> None:
    charge(session, 1, 950, NOW - TEN_MINUTES)


def per_minute(session, mail) -> None:
    settings(session, portion_size=400, max_per_hour=10_000, max_per_minute=30)


def per_minute_within_the_hour(session, mail) -> None:
    settings(session, portion_size=1000, max_per_hour=500, max_per_minute=30)


def afternoons(session, mail) -> None:
    settings(session, max_per_hour=10_000)
    mail.sending_window, mail.zone = "mon-fri 14:00-15:00", "Europe/Paris"  # 12:00 to 13:00 UTC


def nights(session, mail) -> None:
    """The window closes in the middle of a run that waits for its minutes."""
    settings(session, portion_size=10_000, max_per_hour=10_000, max_per_minute=30)
    mail.sending_window, mail.zone = "tue,wed 23:55-00:25", "Europe/Paris"


def undo(session, mail) -> None:
    settings(session, undo_minutes=25)


def undo_within_a_window(session, mail) -> None:
    settings(session, undo_minutes=25)
    mail.sending_window, mail.zone = "14:00-14:20", "Europe/Paris"


def date_start_at_a_run(session, mail) -> None:
    mail.start_at = datetime(2026, 9, 8, 13, 0, tzinfo=UTC)


def two_accounts(session, mail) -> None:
    settings(session, portion_size=900)
    factories.smtp_account(session, is_default=False, weight=3, max_per_hour=700)


def two_accounts_per_minute(session, mail) -> None:
    settings(session, portion_size=900, max_per_minute=25)
    factories.smtp_account(session, is_default=False, weight=3, max_per_hour=700)


def one_of_two_in_trouble(session, mail) -> None:
    settings(session, portion_size=900)
    trouble = {"trouble": "login", "trouble_count": 1, "retry_at": NOW + timedelta(minutes=50)}
    factories.smtp_account(session, is_default=False, weight=1, **trouble)


def only_the_one_on_stand_by(session, mail) -> None:
    from models import smtp_account

    smtp_account.trip(session, 1, "login", "535 no", NOW + timedelta(days=9))
    factories.smtp_account(session, is_default=False, stand_by=True, max_per_hour=300)


@pytest.mark.parametrize(
    ("people", "arrange", "limited_by"),
    [
        (50, nothing, LimitedBy.PEOPLE),
        (650, nothing, LimitedBy.PORTION_SIZE),
        (2_500, nothing, LimitedBy.HOUR_LIMIT),
        (700, hour_begun, LimitedBy.HOUR_LIMIT),
        (2_000, per_minute, LimitedBy.MINUTE_LIMIT),
        (2_000, per_minute_within_the_hour, LimitedBy.HOUR_LIMIT),
        (2_700, afternoons, LimitedBy.WINDOW),
        (1_200, nights, LimitedBy.WINDOW),
        (650, undo, LimitedBy.PORTION_SIZE),
        (450, undo_within_a_window, LimitedBy.WINDOW),
        (650, date_start_at_a_run, LimitedBy.PORTION_SIZE),
        (4_000, two_accounts, LimitedBy.HOUR_LIMIT),
        (2_000, two_accounts_per_minute, LimitedBy.HOUR_LIMIT),
        (4_500, one_of_two_in_trouble, LimitedBy.HOUR_LIMIT),
        (700, only_the_one_on_stand_by, LimitedBy.HOUR_LIMIT),
    ],
)
def test_the_forecast_is_what_the_runs_then_do(
    sqlite_database: Engine, people: int, arrange, limited_by: LimitedBy
) -> None:
    with db.unit_of_work() as session:
        mail = pending(session)
        arrange(session, mail)
        session.flush()
        found = forecast(session, mail.id, NOW, every_ten_minutes, people=people)
        portions, ended = run_for_real(session, mail, people, NOW)
    assert [(portion.at, portion.n) for portion in found.portions] == portions
    assert found.portions_planned == len(portions)
    assert (found.next_at, found.next_n) == portions[0]
    assert found.finishes_at == ended
    assert found.limited_by is limited_by
    assert found.unforeseen == ()


def test_nothing_of_the_window_is_missed_when_it_opens_at_a_run(sqlite_database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = pending(session)
        afternoons(session, mail)
        session.flush()
        found = forecast(session, mail.id, NOW, every_ten_minutes, people=2_700)
    assert found.next_at == datetime(2026, 9, 8, 12, 0, tzinfo=UTC)
    first_day = [portion for portion in found.portions if portion.at.day == 8]
    assert [portion.at.minute for portion in first_day] == [0, 10, 20, 30, 40, 50]
    assert found.finishes_at == datetime(2026, 9, 10, 12, 10, tzinfo=UTC)


def test_the_forecast_counts_who_waits_and_begins_when_they_may_go(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session, 5)
        settings(session, portion_size=2, max_per_hour=100)
        soon = forecast(session, mail.id, NOW, every_ten_minutes)
        account_in_trouble(session, mail, account)
        session.execute(update(QueueItem).values(next_try_at=NOW + timedelta(minutes=32)))
        session.flush()
        late = forecast(session, mail.id, NOW, every_ten_minutes)
    assert [p.n for p in soon.portions] == [p.n for p in late.portions] == [2, 2, 1]
    assert soon.next_at == datetime(2026, 9, 8, 11, 50, tzinfo=UTC)
    assert late.next_at == datetime(2026, 9, 8, 12, 20, tzinfo=UTC)
    assert soon.per_hour == 10


def test_what_may_make_it_later_is_said(database: Engine) -> None:
    with db.unit_of_work() as session:
        mail, account = set_up(session, 5)
        alone = forecast(session, mail.id, NOW, every_ten_minutes)
        running = {"status": MassEmailStatus.IN_PROCESS, "queue_done_at": NOW, "smtp_account_id": account.id}
        factories.queue_item(session, factories.mass_email(session, **running), factories.recipient(session))
        shared = forecast(session, mail.id, NOW, every_ten_minutes)
        settings(session, max_per_hour_per_domain=100)
        limited = forecast(session, mail.id, NOW, every_ten_minutes)
    assert (alone.unforeseen, shared.unforeseen) == ((), (Unforeseen.RIVALS,))
    assert limited.unforeseen == (Unforeseen.RIVALS, Unforeseen.DOMAINS)


@pytest.mark.parametrize("stand", [MassEmailStatus.CANCELLED, MassEmailStatus.COMPLETE, MassEmailStatus.FAILED])
def test_what_is_over_has_no_portions_to_come(sqlite_database: Engine, stand) -> None:
    with db.unit_of_work() as session:
        mail, _ = set_up(session, status=stand, portions_done=7)
        found = forecast(session, mail.id, NOW, every_ten_minutes)
    assert (found.portions_planned, found.next_at, found.finishes_at, found.portions) == (7, None, None, ())


def test_a_job_that_never_runs_and_a_huge_queue_have_a_forecast_too(sqlite_database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = pending(session)
        settings(session, max_per_hour=10_000)
        never = forecast(session, mail.id, NOW, lambda _: None, people=1000)
        huge = forecast(session, mail.id, NOW, every_ten_minutes, people=1_000_000)
    assert (never.portions_planned, never.next_at, never.finishes_at) == (0, None, None)
    assert huge.portions_planned == 5000
    days = (huge.finishes_at - NOW) / timedelta(days=1)
    assert days == pytest.approx(5000 / 6 / 24, abs=0.1)


def test_the_planner_can_ask_for_another_portion_size(sqlite_database: Engine) -> None:
    with db.unit_of_work() as session:
        mail = pending(session)
        found = forecast(session, mail.id, NOW, every_ten_minutes, portion_size=25, people=60)
    assert [portion.n for portion in found.portions] == [25, 25, 10]


def test_a_limit_of_nothing_yields_empty_portions_without_end() -> None:
    runs = simulate(10, [Pipe(1, Limits(10, 0), {})], 10, every_ten_minutes, NOW)
    assert [next(runs).n for _ in range(3)] == [0, 0, 0]


def test_a_night_without_runs_is_passed_over_at_once() -> None:
    """Not run by run: a forecast is asked for once a second."""
    asked = []

    def next_run(after: datetime) -> datetime:
        asked.append(after)
        return every_ten_minutes(after)

    runs = simulate(400, [Pipe(1, Limits(), {})], 200, next_run, NOW, parse("sat 09:00-09:10"), "Europe/Paris")
    assert [run.at.astimezone(PARIS).strftime("%a %H:%M") for run in runs] == ["Sat 09:00", "Sat 09:00"]
    assert len(asked) < 12
