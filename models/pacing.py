"""Pacing: how many now, why none, and when the rest (D9). Arithmetic over buckets of ten seconds; a restart loses none.

A message is charged to its SMTP account when MAIL FROM is accepted, tests included. Of the rolling hour the bucket that
is leaving still counts whole: never above the limit, at most one bucket below it.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from sqlalchemy import Row, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

from models import db, outbound_emails
from models.campaign import Campaign, CampaignStatus
from models.catalogue import Problem
from models.column_types import table
from models.errors import NotFound
from models.mass_email import MassEmail, MassEmailStatus
from models.queue_table import ItemState, QueueItem
from models.scheduled_job import SCHEDULER, SEND_MASS_EMAILS, Lease, ScheduledJob
from models.smtp_account import SmtpAccount

BUCKET_SECONDS = 10
HOUR: Final = 3600
MINUTE: Final = 60
_KEPT: Final = 2 * HOUR


class RateBucket(SQLModel, table=True):
    """Messages charged to an account in ten seconds. `bucket`: seconds since 1970 // 10."""

    __tablename__ = "rate_bucket"
    smtp_account_id: int = Field(primary_key=True)
    bucket: int = Field(primary_key=True)
    n: int


_BUCKET: Final = table(RateBucket)


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a run. `per_hour`: in any 60 minutes, per SMTP account; `per_minute` likewise, None without limit."""

    portion_size: int = 200
    per_hour: int = 1000
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many messages may begin now; `because`: what allows no more, None when people ran out first."""

    n: int
    because: Problem | None


class LimitedBy(StrEnum):
    """What keeps the pace from being faster."""

    PORTION_SIZE = "portion_size"
    HOUR_LIMIT = "hour_limit"
    MINUTE_LIMIT = "minute_limit"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Portion:
    """A portion to come: when it begins and ends, how many people, and what bounds it."""

    at: datetime
    ends_at: datetime
    n: int
    limited_by: LimitedBy


@dataclass(frozen=True, slots=True)
class Forecast:
    """`next_at`, `next_n`: the next portion, None and 0 when none comes. `finishes_at` None: no end in sight, or
    nothing to send. `per_hour`: people per hour on average. `portions`: those to come, at most FORESEEN."""

    portions_done: int
    portions_planned: int
    next_at: datetime | None
    next_n: int
    finishes_at: datetime | None
    limited_by: LimitedBy | None
    per_hour: int
    portions: tuple[Portion, ...]


FORESEEN: Final = 1000
"""Portions that are worked out one by one; what comes after goes on at the same pace."""

Usage = Mapping[int, int]
"""Messages charged by bucket."""

NextRun = Callable[[datetime], datetime | None]
"""The first run of Send Mass Emails after a moment; None: there is none."""


# --- the buckets ---


def charge(session: Session, account_id: int, n: int, now: datetime) -> None:
    """Count n messages against the limits of an SMTP account; buckets that no limit looks at any more go."""
    dialect = sqlite if db.is_sqlite(session) else postgresql
    added = dialect.insert(_BUCKET).values(smtp_account_id=account_id, bucket=bucket_of(now), n=n)
    sums = {"n": _BUCKET.c.n + added.excluded.n}
    session.execute(added.on_conflict_do_update(index_elements=["smtp_account_id", "bucket"], set_=sums))
    old = bucket_of(now) - _KEPT // BUCKET_SECONDS
    session.execute(delete(_BUCKET).where(_BUCKET.c.smtp_account_id == account_id, _BUCKET.c.bucket < old))


def bucket_of(moment: datetime) -> int:
    """The bucket that a moment falls into."""
    return int(moment.timestamp()) // BUCKET_SECONDS


def usage(session: Session, account_id: int, now: datetime) -> dict[int, int]:
    """The buckets of an account that count in the hour before `now`."""
    oldest = _oldest(now, HOUR)
    rows = select(_BUCKET.c.bucket, _BUCKET.c.n).where(
        _BUCKET.c.smtp_account_id == account_id, _BUCKET.c.bucket >= oldest
    )
    return {row.bucket: row.n for row in session.execute(rows)}


def used(buckets: Usage, now: datetime, window: int = HOUR) -> int:
    """How many messages count in the `window` seconds before `now`."""
    oldest = _oldest(now, window)
    return sum(n for bucket, n in buckets.items() if bucket >= oldest)


def free_at(buckets: Usage, limit: int, now: datetime, window: int = HOUR) -> datetime:
    """When the limit allows another message: `now`, or the moment enough buckets have left the window."""
    left = used(buckets, now, window)
    for bucket in sorted(bucket for bucket in buckets if bucket >= _oldest(now, window)):
        if left < limit:
            break
        left -= buckets[bucket]
        now = datetime.fromtimestamp((bucket + 1) * BUCKET_SECONDS + window, UTC)
    return now


def _oldest(now: datetime, window: int) -> int:
    return (int(now.timestamp()) - window) // BUCKET_SECONDS


# --- how many now ---


def limits_of(session: Session, account: SmtpAccount | Row[Any] | None = None) -> Limits:
    """The limits of Outbound Emails; an SMTP account's own hourly limit goes before the general one."""
    setting = outbound_emails.read(session)
    own = account.max_per_hour if account is not None else None
    return Limits(setting.portion_size, own or setting.max_per_hour, setting.max_per_minute)


@dataclass(frozen=True, slots=True)
class AccountUse:
    """The SMTP account of a mass email in the 60 minutes until now. `own_limit`: its hourly limit, None: the general
    one of `limits`."""

    account_id: int
    name: str
    is_catcher: bool
    used: int
    limits: Limits
    own_limit: int | None

    @property
    def left(self) -> int:
        """How many more it may send in this hour."""
        return max(0, self.limits.per_hour - self.used)


def find_account_use(session: Session, mass_email_id: int, now: datetime) -> AccountUse | None:
    """The account that a mass email is sent with; None: there is none any more. Raises NotFound."""
    account = _account(session, _mail(session, mass_email_id))
    if account is None:
        return None
    spent = used(usage(session, account.id, now), now)
    limits = limits_of(session, account)
    return AccountUse(account.id, account.name, account.is_catcher, spent, limits, account.max_per_hour)


def allowance(
    session: Session,
    mass_email_id: int,
    now: datetime,
    *,
    sent_in_run: int = 0,
    account_id: int | None = None,
    limits: Limits | None = None,
) -> Allowance:
    """How many messages a run may begin now: the least of what is left of its portion, of the hour and of the minute.

    `sent_in_run`: what this run did already, retries included. `account_id` None: the mass email's, or the default one.
    """
    account = _account(session, _mail(session, mass_email_id), account_id)
    if account is None:
        return Allowance(0, Problem("delivery.waiting.no_account"))
    limits = limits or limits_of(session, account)
    return allowed(usage(session, account.id, now), limits, sent_in_run, now)


def allowed(buckets: Usage, limits: Limits, sent_in_run: int, now: datetime) -> Allowance:
    """The arithmetic of allowance()."""
    n, limited_by = _least(buckets, limits, sent_in_run, now)
    if n:
        return Allowance(n, None)
    return Allowance(0, _spent(buckets, limits, limited_by, now))


def _least(buckets: Usage, limits: Limits, sent_in_run: int, now: datetime) -> tuple[int, LimitedBy]:
    left = [
        (limits.portion_size - sent_in_run, LimitedBy.PORTION_SIZE),
        (limits.per_hour - used(buckets, now), LimitedBy.HOUR_LIMIT),
    ]
    if limits.per_minute is not None:
        left.append((limits.per_minute - used(buckets, now, MINUTE), LimitedBy.MINUTE_LIMIT))
    n, limited_by = min(left, key=lambda one: one[0])
    return max(n, 0), limited_by


def _spent(buckets: Usage, limits: Limits, limited_by: LimitedBy, now: datetime) -> Problem:
    if limited_by is LimitedBy.HOUR_LIMIT:
        at = free_at(buckets, limits.per_hour, now)
        return Problem("delivery.waiting.hour_limit", limit=limits.per_hour, at=at)
    if limited_by is LimitedBy.MINUTE_LIMIT and limits.per_minute is not None:
        at = free_at(buckets, limits.per_minute, now, MINUTE)
        return Problem("delivery.waiting.minute_limit", limit=limits.per_minute, at=at)
    return Problem("delivery.waiting.portion_done")


# --- why nothing is being sent ---


def waiting_because(session: Session, mass_email_id: int, now: datetime) -> Problem | None:
    """Why nothing is being sent, in one sentence; None: a portion is being sent, or the next run sends one.

    Values named `at` are aware moments: in_zone() puts them into the reader's zone. Raises NotFound.
    """
    mail = _mail(session, mass_email_id)
    return _at_rest(session, mail) or _outside(session, mail, now) or _inside(session, mail, now)


def in_zone(problem: Problem, zone: Any) -> Problem:
    """The same sentence with its moments in a time zone (a tzinfo)."""
    moved = {k: v.astimezone(zone) if isinstance(v, datetime) else v for k, v in problem.values.items()}
    return Problem(problem.key, **moved)


def _mail(session: Session, mass_email_id: int) -> Row[Any]:
    mail, campaign = table(MassEmail), table(Campaign)
    row = session.execute(
        select(mail, campaign.c.status.label("campaign_status"))
        .join(campaign, campaign.c.id == mail.c.campaign_id)
        .where(mail.c.id == mass_email_id)
    ).first()
    if row is None:
        raise NotFound("delivery.no_mass_email")
    return row


def _account(session: Session, mail: Row[Any], account_id: int | None = None) -> Row[Any] | None:
    account = table(SmtpAccount)
    wanted = account_id or mail.smtp_account_id
    which = account.c.id == wanted if wanted else account.c.is_default
    return session.execute(select(account).where(which, account.c.deleted_at.is_(None)).limit(1)).first()


def _at_rest(session: Session, mail: Row[Any]) -> Problem | None:
    """What the status alone explains."""
    status, trouble = mail.status, mail.trouble
    if status is MassEmailStatus.COMPLETE:
        uncertain = _count(session, mail.id, ItemState.UNCERTAIN)
        return Problem(f"delivery.waiting.complete{'_uncertain' if uncertain else ''}", count=uncertain)
    if status is MassEmailStatus.FAILED:
        return Problem("delivery.waiting.failed", trouble=trouble)
    if status is MassEmailStatus.PAUSED and trouble:
        return Problem("delivery.waiting.paused_because", trouble=trouble)
    if status in {MassEmailStatus.DRAFT, MassEmailStatus.CANCELLED, MassEmailStatus.PAUSED}:
        return Problem(f"delivery.waiting.{status}")
    return None


def _outside(session: Session, mail: Row[Any], now: datetime) -> Problem | None:
    """What around the mass email keeps it: campaign, job, worker."""
    if mail.campaign_status is CampaignStatus.INACTIVE:
        return Problem("delivery.waiting.campaign_inactive")
    if mail.status is MassEmailStatus.PENDING and mail.start_at > now:
        return Problem("delivery.waiting.date_start", at=mail.start_at)
    job, lease = table(ScheduledJob).c, table(Lease).c
    if session.scalar(select(job.active).where(job.name == SEND_MASS_EMAILS)) is False:
        return Problem("delivery.waiting.job_inactive")
    if session.scalar(select(lease.name).where(lease.name == SCHEDULER, lease.until > now)) is None:
        return Problem("delivery.waiting.no_scheduler")
    return None


def _inside(session: Session, mail: Row[Any], now: datetime) -> Problem | None:
    """What of its account, limits and queue keeps it."""
    account = _account(session, mail)
    if account is None:
        return Problem("delivery.waiting.no_account")
    if account.retry_at is not None and account.retry_at > now:
        reply = account.last_reply or account.trouble
        return Problem("delivery.waiting.account_trouble", account=account.name, at=account.retry_at, reply=reply)
    if mail.status is MassEmailStatus.PENDING or mail.queue_done_at is None:
        return Problem("delivery.waiting.queueing")
    if _count(session, mail.id, ItemState.HELD):
        return None
    return _retries(session, mail, now) or _limit(session, account, now)


def _limit(session: Session, account: Row[Any], now: datetime) -> Problem | None:
    limits, buckets = limits_of(session, account), usage(session, account.id, now)
    n, limited_by = _least(buckets, limits, 0, now)
    return _spent(buckets, limits, limited_by, now) if n == 0 and limited_by is LimitedBy.HOUR_LIMIT else None


def _retries(session: Session, mail: Row[Any], now: datetime) -> Problem | None:
    first = _first_try_at(session, mail.id)
    if first is None or first <= now:
        return None
    return Problem("delivery.waiting.retries", count=_count(session, mail.id, ItemState.WAITING), at=first)


def _first_try_at(session: Session, mass_email_id: int) -> datetime | None:
    item = table(QueueItem).c
    due = select(item.next_try_at).where(item.mass_email_id == mass_email_id, item.state == ItemState.WAITING)
    found: datetime | None = session.scalar(due.order_by(item.next_try_at, item.id).limit(1))
    return found


def _count(session: Session, mass_email_id: int, state: ItemState) -> int:
    item = table(QueueItem).c
    found = select(func.count()).select_from(table(QueueItem))
    return session.scalar(found.where(item.mass_email_id == mass_email_id, item.state == state)) or 0


# --- when the rest ---


def simulate(people: int, buckets: Usage, limits: Limits, next_run: NextRun, after: datetime) -> Iterator[Portion]:
    """The portions that `people` make, with the arithmetic of allowance(), one run after the other from `after` on.

    A run ends at its portion, at the hourly limit or with the people; at the limit per minute it goes on as buckets
    leave the window, and one that outlasts its interval is not doubled. Endless when nothing is ever allowed: take what
    you need. A run that may send nothing is a portion of 0.
    """
    spent = Tally(buckets)
    while people > 0 and (at := next_run(after)) is not None:
        moment, n, limited_by = at, 0, LimitedBy.PEOPLE
        while n < people:
            more, limited_by = _least(spent, limits, n, moment)
            if more:
                taken = min(more, people - n)
                spent[bucket_of(moment)] += taken
                n += taken
                limited_by = limited_by if n < people else LimitedBy.PEOPLE
            elif limited_by is LimitedBy.MINUTE_LIMIT and limits.per_minute:
                moment = free_at(spent, limits.per_minute, moment, MINUTE)
            else:
                break
        people -= n
        if limited_by is LimitedBy.PORTION_SIZE and moment >= (next_run(at) or moment + timedelta(1)):
            limited_by = LimitedBy.MINUTE_LIMIT  # it outlasted its interval
        for bucket in [bucket for bucket in spent if bucket < _oldest(moment, HOUR)]:
            del spent[bucket]
        yield Portion(at, moment, n, limited_by)
        after = moment


def forecast(
    session: Session,
    mass_email_id: int,
    now: datetime,
    next_run: NextRun,
    *,
    limits: Limits | None = None,
    people: int | None = None,
) -> Forecast:
    """When the next portion goes, how many are to come and when the last one ends, if nothing else changes.

    `next_run`: from its Scheduling. `limits`: other ones than in force, for the planner. `people`: how many are to
    be mailed while the queue is not built yet; without it there are no portions. Other mass emails that share the
    account are not foreseen. Raises NotFound.
    """
    mail = _mail(session, mass_email_id)
    account = _account(session, mail)
    waiting = _to_send(session, mail, people)
    if account is None or not waiting:
        return Forecast(mail.portions_done, mail.portions_done, None, 0, None, None, 0, ())
    limits = limits or limits_of(session, account)
    after = _ready_at(session, mail, account, now)
    return _foresee(mail.portions_done, waiting, usage(session, account.id, now), limits, next_run, after)


def _to_send(session: Session, mail: Row[Any], people: int | None) -> int:
    if mail.status in {MassEmailStatus.CANCELLED, MassEmailStatus.FAILED, MassEmailStatus.COMPLETE}:
        return 0
    if mail.queue_done_at is None:
        return people or 0
    return _count(session, mail.id, ItemState.WAITING) + _count(session, mail.id, ItemState.HELD)


def _ready_at(session: Session, mail: Row[Any], account: Row[Any], now: datetime) -> datetime:
    """The moment from which the next run can send something."""
    known: list[datetime | None] = [mail.start_at, account.retry_at, _first_try_at(session, mail.id)]
    return max([now, *(moment for moment in known if moment is not None)])


def _foresee(done: int, waiting: int, buckets: Usage, limits: Limits, next_run: NextRun, after: datetime) -> Forecast:
    runs = list(islice(simulate(waiting, buckets, limits, next_run, after), FORESEEN))
    portions = [run for run in runs if run.n]
    limited_by = next((bound for bound in _BOUNDS if any(run.limited_by is bound for run in runs)), None)
    if not portions:
        return Forecast(done, done, None, 0, None, limited_by, 0, ())
    sent = sum(portion.n for portion in portions)
    pace, rest = _pace(portions, next_run), waiting - sent
    planned = done + len(portions) + -(-rest * len(portions) // sent)
    finishes_at = portions[-1].ends_at + timedelta(hours=rest / pace)
    first = portions[0]
    return Forecast(done, planned, first.at, first.n, finishes_at, limited_by, round(pace), tuple(portions))


_BOUNDS: Final = (LimitedBy.HOUR_LIMIT, LimitedBy.MINUTE_LIMIT, LimitedBy.PORTION_SIZE, LimitedBy.PEOPLE)
"""The tightest first: a limit that cuts one run short sets the pace of all."""


def _pace(portions: list[Portion], next_run: NextRun) -> float:
    """People per hour, a whole interval counted for the last portion."""
    after_last = next_run(portions[-1].ends_at) or portions[-1].ends_at + timedelta(hours=1)
    hours = (after_last - portions[0].at) / timedelta(hours=1)
    return sum(portion.n for portion in portions) / hours
