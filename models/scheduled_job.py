"""The scheduled job, its runs, and the lease that makes one scheduler lead."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class ScheduledJob(SQLModel, table=True):
    """`scheduling` is a crontab of five fields, with cron's weekdays (0 and 7 are Sunday). `run_now_at`: asked for by hand."""

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
    """One run. `message` says what was done; `error` what went wrong, word for word."""

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
