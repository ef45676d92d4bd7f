"""The background task: long work with a count, an estimate and a cancel."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, select, update
from sqlmodel import Field, Session, SQLModel

from models.column_types import Utc, code_field, table
from models.errors import NotFound


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


def begin(session: Session, kind: str, now: datetime, by: str, *, total: int = 0, detail: Mapping[str, Any]) -> int:
    """The id of a new task, running. `total` 0: not known."""
    task = BackgroundTask(kind=kind, state=TaskState.RUNNING, total=total, detail=dict(detail), by=by, started_at=now)
    session.add(task)
    session.flush()
    assert task.id is not None  # noqa: S101 - flushed
    return task.id


def advance(session: Session, task_id: int, *, done: int, key: int, **outcome: Any) -> bool:
    """Whether the work shall stop: somebody asked for it. Called in the unit of work of each chunk, so that what is
    written and how far it is are one commit. `outcome` is put into `detail`."""
    task = get_task(session, task_id)
    task.done, task.key = done, key
    if outcome:
        task.detail = {**task.detail, **outcome}
    session.flush()
    return task.cancel


def finish(session: Session, task_id: int, now: datetime, *, cancelled: bool = False, **outcome: Any) -> None:
    """The task ended as it should; cancelled: because somebody asked, and what was written stays."""
    _end(session, task_id, TaskState.CANCELLED if cancelled else TaskState.DONE, now, "", outcome)


def fail(session: Session, task_id: int, now: datetime, error: str) -> None:
    """The task ended by an error, kept word for word. It can be resumed from its key."""
    _end(session, task_id, TaskState.FAILED, now, error, {})


def request_cancel(session: Session, task_id: int) -> None:
    """Asks a running task to stop after its chunk; one that has ended stays as it is. Raises NotFound."""
    tasks = table(BackgroundTask)
    get_task(session, task_id)
    session.execute(update(tasks).where(tasks.c.id == task_id, tasks.c.state == TaskState.RUNNING).values(cancel=True))


def resume(session: Session, task_id: int, now: datetime) -> BackgroundTask:
    """The task, running again from its key: after a crash, an error or a cancel. Raises NotFound."""
    task = get_task(session, task_id)
    task.state, task.cancel, task.error, task.started_at, task.ended_at = TaskState.RUNNING, False, "", now, None
    task.detail = {**task.detail, "done_before": task.done}
    session.flush()
    return task


def get_task(session: Session, task_id: int) -> BackgroundTask:
    """The task as it is in the database now. Raises NotFound."""
    task = session.get(BackgroundTask, task_id, populate_existing=True)
    if task is None:
        raise NotFound("errors.not_found", what=f"task {task_id}")
    return task


def running_tasks(session: Session, kind: str | None = None) -> list[BackgroundTask]:
    """Tasks that have not ended, oldest first; of one kind, or of all."""
    tasks = table(BackgroundTask)
    query = select(BackgroundTask).where(tasks.c.state == TaskState.RUNNING).order_by(tasks.c.id)
    return list(session.scalars(query if kind is None else query.where(tasks.c.kind == kind)))


def estimate(task: BackgroundTask, now: datetime) -> timedelta | None:
    """How long it will still take at its rate so far; None while there is no rate or no total."""
    done = task.done - int(task.detail.get("done_before", 0))
    if done <= 0 or not task.total:
        return None
    return (now - task.started_at) / done * max(task.total - task.done, 0)


def _end(
    session: Session, task_id: int, state: TaskState, now: datetime, error: str, outcome: Mapping[str, Any]
) -> None:
    task = get_task(session, task_id)
    task.state, task.ended_at, task.error = state, now, error
    task.detail = {**task.detail, **outcome}
    session.flush()
