"""The Scheduled Jobs page: every job with its newest runs and its next one, and the scheduler's sign of life."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models import outbound_emails
from models.scheduled_job import DEFAULTS, Heartbeat, JobRow, RunRow, heartbeat, job_rows, next_runs, run_page

NEWEST: Final = 25
"""How many runs of each job the page follows."""


@dataclass(frozen=True, slots=True)
class JobNow:
    """A job as it is now. `asked_for`: a run by hand is asked for and has not begun; `next_at`: None while it
    is Inactive; `runs`: the newest ones, newest first; `total`: how many the log holds."""

    name: str
    scheduling: str
    active: bool
    asked_for: bool
    revision: int
    next_at: datetime | None
    runs: tuple[RunRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class JobsNow:
    """What the page follows. `zone`: the one in which Scheduling is read; `heartbeat`: None where nobody ever led."""

    jobs: tuple[JobNow, ...]
    heartbeat: Heartbeat | None
    zone: str


def jobs_now(session: Session, now: datetime) -> JobsNow:
    """Every job, the sending one first."""
    zone = outbound_emails.read(session).time_zone
    rows = sorted(job_rows(session), key=lambda job: list(DEFAULTS).index(job.name) if job.name in DEFAULTS else 99)
    return JobsNow(tuple(_job_now(session, job, now, ZoneInfo(zone)) for job in rows), heartbeat(session, now), zone)


def _job_now(session: Session, job: JobRow, now: datetime, zone: ZoneInfo) -> JobNow:
    runs, total = run_page(session, job.name, 1, NEWEST)
    return JobNow(
        name=job.name,
        scheduling=job.scheduling,
        active=job.active,
        asked_for=job.run_now_at is not None,
        revision=job.revision,
        next_at=next(iter(next_runs(job.scheduling, 1, now, zone)), None) if job.active else None,
        runs=tuple(runs),
        total=total,
    )
