"""The background task: long work with a count, an estimate and a cancel."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from models.column_types import Utc, code_field


class TaskState(StrEnum):
    """Stored by place: append only."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class BackgroundTask(SQLModel, table=True):
    """`kind` names the work, `detail` its inputs and outcome, `key` how far it got: it resumes from there."""

    __tablename__ = "background_task"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    state: TaskState = code_field(TaskState)
    done: int = 0
    total: int = 0
    key: int = 0
    cancel: bool = False
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    error: str = ""
    by: str = ""
    started_at: datetime = Field(sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
