"""The scheduled job, its runs, and the lease that makes one scheduler lead."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names
from cron_descriptor import ExpressionDescriptor, Options
from sqlalchemy import Index, delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

from models import audit, db, outbound_emails
from models.catalogue import Language, Problem
from models.catalogue import text as catalogue_text
from models.column_types import Utc, code_field, count_changed, from_milliseconds, table
from models.crontab import parse_crontab
from models.errors import Conflict, NotFound, Refused


class ScheduledJob(SQLModel, table=True):
    """`scheduling` is a crontab of five fields, with cron's weekdays (0 and 7 are Sunday). `run_now_at`: asked for by
    hand."""

    __tablename__ = "scheduled_job"
    name: str = Field(primary_key=True)
    scheduling: str
    active: bool = True
    run_now_at: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1


class Outcome(StrEnum):
    """Stored by place: append only."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class JobRun(SQLModel, table=True):
    """One run. `message`: counts as JSON, put into words by said(); `error`: what went wrong, word for word."""

    __tablename__ = "job_run"
    __table_args__ = (Index("ix_job_run_job", "job", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    job: str
    started_at: datetime = Field(sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    outcome: Outcome = code_field(Outcome)
    handled: int = 0
    message: str = ""
    error: str = ""


class Lease(SQLModel, table=True):
    """Who leads until when. One row per name."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    until: datetime = Field(sa_type=Utc)
    since: datetime = Field(sa_type=Utc)


SEND_MASS_EMAILS: Final = "send_mass_emails"
CHECK_GROUP_EMAIL_ACCOUNTS: Final = "check_group_email_accounts"
CLEAN_UP: Final = "clean_up"
DEFAULTS: Final = {
    SEND_MASS_EMAILS: "*/10 * * * *",
    CHECK_GROUP_EMAIL_ACCOUNTS: "*/5 * * * *",
    CLEAN_UP: "20 3 * * *",
}
"""Every scheduled job with the Scheduling it starts with."""

SCHEDULER: Final = "scheduler"
"""The name of the lease that the leading scheduler holds."""
LEASE: Final = timedelta(seconds=15)
"""How long the leader may be silent before another process leads."""

_JOBS, _RUNS, _LEASES = table(ScheduledJob), table(JobRun), table(Lease)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A scheduled job as its page shows it. `last`: its newest run, None before the first one."""

    name: str
    scheduling: str
    active: bool
    run_now_at: datetime | None
    revision: int
    last: "RunRow | None"


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the log shows it. `ended_at` None: it runs, or its process ended without a word."""

    id: int
    job: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    handled: int
    message: str
    error: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Who leads, since when, and when it was heard last."""

    holder: str
    since: datetime
    heard_at: datetime
    alive: bool


# Schedules


def ensure_jobs(session: Session) -> None:
    """Every job of DEFAULTS has a row; an existing one keeps what an administrator made of it."""
    present = set(session.scalars(select(_JOBS.c.name)))
    for name in DEFAULTS.keys() - present:
        session.add(ScheduledJob(name=name, scheduling=DEFAULTS[name]))
    session.flush()


def get_job(session: Session, name: str) -> ScheduledJob:
    """The job of a name. Raises NotFound."""
    found = session.get(ScheduledJob, name)
    if not found:
        raise NotFound("scheduled_job.none_called", name=name)
    return found


def job_rows(session: Session) -> list[JobRow]:
    """Every job with its newest run, by name."""
    newest = select(_RUNS.c.job, func.max(_RUNS.c.id).label("id")).group_by(_RUNS.c.job).subquery()
    runs = {run.job: _run_row(run) for run in session.execute(select(_RUNS).join(newest, newest.c.id == _RUNS.c.id))}
    jobs = session.execute(select(_JOBS).order_by(_JOBS.c.name))
    return [
        JobRow(job.name, job.scheduling, job.active, job.run_now_at, job.revision, runs.get(job.name)) for job in jobs
    ]


def change_schedule(
    session: Session, name: str, scheduling: str, now: datetime, *, by: str, revision: int | None = None
) -> None:
    """Give a job another crontab, in force within seconds. Raises Invalid beside "scheduling", Conflict where
    `revision` is given and another person changed the job since."""
    parse_crontab(scheduling)
    _change(
        session, name, now, by, "scheduled_job.scheduled", revision=revision, scheduling=" ".join(scheduling.split())
    )


def edit_job(
    session: Session, name: str, scheduling: str, active: bool, now: datetime, *, by: str, revision: int | None = None
) -> None:
    """Scheduling and Active in one act. Raises what change_schedule raises."""
    was_active = get_job(session, name).active
    change_schedule(session, name, scheduling, now, by=by, revision=revision)
    if active != was_active:
        set_active(session, name, active, now, by=by)


def set_active(session: Session, name: str, active: bool, now: datetime, *, by: str) -> None:
    """Active runs by its crontab; Inactive does not, nor by hand."""
    _change(session, name, now, by, f"scheduled_job.{'activated' if active else 'deactivated'}", active=active)


def activate(session: Session, name: str, now: datetime, *, by: str) -> None:
    """The job runs by its crontab."""
    set_active(session, name, True, now, by=by)


def deactivate(session: Session, name: str, now: datetime, *, by: str) -> None:
    """The job does not run any more; what runs is finished."""
    set_active(session, name, False, now, by=by)


def run_now(session: Session, name: str, now: datetime, *, by: str) -> None:
    """Ask the leading scheduler for a run within a second. Raises Refused for an Inactive job."""
    if not get_job(session, name).active:
        raise Refused("scheduled_job.inactive", job=Problem(f"scheduled_job.{name}"))
    session.execute(update(_JOBS).where(_JOBS.c.name == name).values(run_now_at=now))
    audit.note(session, now, by, "scheduled_job.run_now", "scheduled_job", None, name=name)


def ask_for_run(session: Session, name: str, now: datetime) -> None:
    """As run_now(), by the program itself: nobody's act, and nothing where the job is Inactive or was asked already."""
    idle = (_JOBS.c.name == name) & _JOBS.c.active & _JOBS.c.run_now_at.is_(None)
    session.execute(update(_JOBS).where(idle).values(run_now_at=now))


def take_run_now(session: Session, name: str) -> bool:
    """Whether a run was asked for by hand; the request is used up."""
    asked = update(_JOBS).where(_JOBS.c.name == name, _JOBS.c.run_now_at.is_not(None)).values(run_now_at=None)
    return session.execute(asked.returning(_JOBS.c.name)).first() is not None


def next_runs(scheduling: str, n: int, now: datetime, zone: tzinfo) -> list[datetime]:
    """The next `n` runs after `now`, aware in `zone`, in which the crontab is read. Raises Invalid."""
    crontab, runs = parse_crontab(scheduling), [now]
    while len(runs) <= n and (following := crontab.next_after(runs[-1], zone)):
        runs.append(following)
    return [run.astimezone(zone) for run in runs[1:]]


_FRENCH: Final = {
    english: french
    for names in (get_day_names, get_month_names)
    for english, french in zip(names(locale="en").values(), names(locale="fr").values(), strict=True)
}
_ENGLISH_NAME: Final = re.compile(rf"\b({'|'.join(_FRENCH)})\b")
_FRENCH_WEEKDAYS: Final = re.compile(r"\bde (\w+di|dimanche) à (\w+di|dimanche)\b")


def runs_after(session: Session, name: str) -> Callable[[datetime], datetime | None]:
    """A function that gives the job's first run after a moment, by its Scheduling in the zone of Outbound Emails; None
    while the job is Inactive. A job that no worker has made yet has its default. Raises NotFound for an unknown one."""
    fresh = ScheduledJob(name=name, scheduling=DEFAULTS[name]) if name in DEFAULTS else None
    job = session.get(ScheduledJob, name) or fresh or get_job(session, name)
    zone = ZoneInfo(outbound_emails.read(session).time_zone)

    def after(moment: datetime) -> datetime | None:
        return next(iter(next_runs(job.scheduling, 1, moment, zone)), None) if job.active else None

    return after


def in_words(scheduling: str, language: str) -> str:
    """The crontab as a sentence: “Every 10 minutes”. Raises Invalid."""
    parse_crontab(scheduling)
    options = Options()
    options.use_24hour_time_format = True
    options.locale_code = "fr_FR" if language == Language.FR else "en_US"
    sentence = str(ExpressionDescriptor(scheduling, options).get_description())
    if language != Language.FR:
        return sentence
    sentence = _ENGLISH_NAME.sub(lambda name: _FRENCH[name[0]], sentence)  # the library leaves the names in English
    return _FRENCH_WEEKDAYS.sub(r"du \1 au \2", sentence)


def _change(
    session: Session, name: str, now: datetime, by: str, act: str, *, revision: int | None = None, **values: Any
) -> None:
    job = get_job(session, name)
    if revision is not None and job.revision != revision:
        raise Conflict("errors.conflict", who=Problem("scheduled_job.somebody"))
    session.execute(update(_JOBS).where(_JOBS.c.name == name).values(**values, revision=_JOBS.c.revision + 1))
    session.expire(job)
    audit.note(session, now, by, act, "scheduled_job", None, name=name, **values)


# Runs


def begin_run(session: Session, job: str, now: datetime) -> int:
    """A run of a job begins; gives its id. A run that its process left open is closed as stopped."""
    left_open = (_RUNS.c.job == job) & (_RUNS.c.outcome == Outcome.RUNNING)
    session.execute(update(_RUNS).where(left_open).values(outcome=Outcome.STOPPED, ended_at=now))
    run = JobRun(job=job, started_at=now, outcome=Outcome.RUNNING)
    session.add(run)
    session.flush()
    assert run.id is not None  # noqa: S101 - for the type checker: flushed
    return run.id


def end_run(
    session: Session,
    run_id: int,
    outcome: Outcome,
    now: datetime,
    *,
    handled: int = 0,
    message: str = "",
    error: str = "",
) -> None:
    """A run is over: `handled` people or things, what was done in words, what went wrong word for word."""
    values = {"outcome": outcome, "ended_at": now, "handled": handled, "message": message, "error": error}
    session.execute(update(_RUNS).where(_RUNS.c.id == run_id).values(**values))


def run_page(
    session: Session, job: str | None, page: int = 1, size: int = 50, *, outcome: Outcome | None = None
) -> tuple[list[RunRow], int]:
    """The log of a job's runs, of all jobs for None, newest first, those that ended so; and how many there are."""
    scope = [_RUNS.c.job == job] if job else []
    if outcome:
        scope.append(_RUNS.c.outcome == outcome)
    total = session.scalar(select(func.count()).select_from(_RUNS).where(*scope)) or 0
    rows = select(_RUNS).where(*scope).order_by(_RUNS.c.id.desc()).limit(size).offset((page - 1) * size)
    return [_run_row(row) for row in session.execute(rows)], total


def said(message: str, language: str) -> str:
    """What a run did, in words, from the counts that it noted: "2 mass emails · 200 sent"."""
    counts: dict[str, int] = json.loads(message) if message else {}
    return " · ".join(catalogue_text(language, f"job_run.count.{word}", count=n) for word, n in counts.items())


def forget_runs(session: Session, before: datetime, limit: int = 1000) -> int:
    """Delete runs that began before a moment, at most `limit`; gives how many."""
    old = select(_RUNS.c.id).where(_RUNS.c.started_at < before).limit(limit)
    return len(session.execute(delete(_RUNS).where(_RUNS.c.id.in_(old)).returning(_RUNS.c.id)).all())


def _run_row(row: Any) -> RunRow:
    return RunRow(row.id, row.job, row.started_at, row.ended_at, row.outcome, row.handled, row.message, row.error)


# The lease


def database_time(session: Session) -> datetime:
    """The database's own clock: every process agrees on it, whatever the clock of its machine says."""
    clock = (
        "SELECT CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"
        if db.is_sqlite(session)
        else "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
    )
    return from_milliseconds(session.execute(text(clock)).scalar_one())


def acquire_lease(session: Session, name: str, holder: str, lease: timedelta, now: datetime) -> bool:
    """Take or renew the lease until `now` + `lease`; False: another holder has it. In a unit of work, with
    `now` from database_time()."""
    mine = (_LEASES.c.holder == holder) & (_LEASES.c.until > now)
    if count_changed(session, update(_LEASES).where(_LEASES.c.name == name, mine).values(until=now + lease)):
        return True
    values = {"holder": holder, "until": now + lease, "since": now}
    insert = sqlite.insert if db.is_sqlite(session) else postgresql.insert
    taken = (
        insert(_LEASES)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values, where=_LEASES.c.until <= now)
    )
    return session.execute(taken.returning(_LEASES.c.name)).first() is not None


def release_lease(session: Session, name: str, holder: str, now: datetime) -> None:
    """Give the lease back at once; another process need not wait for its end."""
    session.execute(update(_LEASES).where(_LEASES.c.name == name, _LEASES.c.holder == holder).values(until=now))


def heartbeat(session: Session, now: datetime) -> Heartbeat | None:
    """The leading scheduler's sign of life; None: there never was one."""
    row = session.execute(select(_LEASES).where(_LEASES.c.name == SCHEDULER)).first()
    return Heartbeat(row.holder, row.since, row.until - LEASE, alive=row.until > now) if row else None
