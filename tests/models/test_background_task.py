"""Long work with a count, an estimate and a cancel."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from models import background_task as task
from models import db
from models.background_task import TaskState
from models.errors import NotFound


def begun(now: datetime, kind: str = "import", total: int = 100) -> int:
    with db.unit_of_work() as session:
        return task.begin(session, kind, now, "ada@example.com", total=total, detail={"file": "x.csv"})


def test_a_task_advances_and_ends(database: Engine, now: datetime) -> None:
    number = begun(now)
    with db.unit_of_work() as session:
        assert task.advance(session, number, done=40, key=41, new=39) is False
    with db.unit_of_work() as session:
        task.finish(session, number, now + timedelta(seconds=9), problems=1)
    with db.reading() as session:
        found = task.get_task(session, number)
    assert (found.state, found.done, found.key) == (TaskState.DONE, 40, 41)
    assert found.detail == {"file": "x.csv", "new": 39, "problems": 1}
    assert found.ended_at == now + timedelta(seconds=9)


def test_a_cancel_is_told_at_the_next_step_and_only_while_the_task_runs(database: Engine, now: datetime) -> None:
    number = begun(now)
    with db.unit_of_work() as session:
        task.request_cancel(session, number)
    with db.unit_of_work() as session:
        assert task.advance(session, number, done=1, key=1) is True
        task.finish(session, number, now, cancelled=True)
    with db.unit_of_work() as session:
        task.request_cancel(session, number)
        assert task.resume(session, number, now).cancel is False
        with pytest.raises(NotFound):
            task.request_cancel(session, number + 1)


def test_running_tasks_are_listed_oldest_first(database: Engine, now: datetime) -> None:
    first, other, third = begun(now), begun(now, "queue"), begun(now)
    with db.unit_of_work() as session:
        task.fail(session, first, now, "disk full")
    with db.reading() as session:
        assert [row.id for row in task.running_tasks(session)] == [other, third]
        assert [row.id for row in task.running_tasks(session, "queue")] == [other]
        assert task.get_task(session, first).error == "disk full"


def test_the_estimate_follows_the_rate_of_this_run(database: Engine, now: datetime) -> None:
    number = begun(now, total=100)
    with db.unit_of_work() as session:
        assert task.estimate(task.get_task(session, number), now) is None
        task.advance(session, number, done=25, key=25)
        assert task.estimate(task.get_task(session, number), now + timedelta(seconds=10)) == timedelta(seconds=30)
        task.fail(session, number, now, "power cut")
    later = now + timedelta(days=1)
    with db.unit_of_work() as session:
        resumed = task.resume(session, number, later)
        assert task.estimate(resumed, later + timedelta(seconds=5)) is None
        task.advance(session, number, done=50, key=50)
        assert task.estimate(resumed, later + timedelta(seconds=10)) == timedelta(seconds=20)
