"""Scheduled jobs: schedules, runs by hand, the log of runs, and the lease that makes one lead."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models import db, scheduled_job
from models.audit import Audit
from models.errors import Conflict, Invalid, NotFound, Refused
from models.scheduled_job import CLEAN_UP, LEASE, SCHEDULER, SEND_MASS_EMAILS, Outcome
from tests import factories

NOW, BY = factories.NOW, "admin@example.com"


@pytest.fixture(autouse=True)
def _jobs(database: Engine) -> None:
    with db.unit_of_work() as session:
        scheduled_job.ensure_jobs(session)


def test_every_job_is_there_with_its_default_and_keeps_what_was_made_of_it() -> None:
    with db.unit_of_work() as session:
        assert {row.name: row.scheduling for row in scheduled_job.job_rows(session)} == scheduled_job.DEFAULTS
        scheduled_job.change_schedule(session, SEND_MASS_EMAILS, " 0  8 * *   1-5 ", NOW, by=BY)
        scheduled_job.ensure_jobs(session)
        job = scheduled_job.get_job(session, SEND_MASS_EMAILS)
        assert (job.scheduling, job.revision) == ("0 8 * * 1-5", 2)
        with pytest.raises(Invalid):
            scheduled_job.change_schedule(session, SEND_MASS_EMAILS, "every day", NOW, by=BY)
        with pytest.raises(Conflict):
            scheduled_job.change_schedule(session, SEND_MASS_EMAILS, "* * * * *", NOW, by=BY, revision=1)
        with pytest.raises(NotFound):
            scheduled_job.change_schedule(session, "no_such_job", "* * * * *", NOW, by=BY)
        entry = session.exec(select(Audit)).one()
        assert (entry.act, entry.detail["scheduling"]) == ("scheduled_job.scheduled", "0 8 * * 1-5")


def test_run_now_is_taken_once_and_not_for_an_inactive_job() -> None:
    with db.unit_of_work() as session:
        scheduled_job.run_now(session, SEND_MASS_EMAILS, NOW, by=BY)
        taken = [scheduled_job.take_run_now(session, name) for name in (CLEAN_UP, SEND_MASS_EMAILS, SEND_MASS_EMAILS)]
        assert taken == [False, True, False]
        scheduled_job.deactivate(session, SEND_MASS_EMAILS, NOW, by=BY)
        with pytest.raises(Refused):
            scheduled_job.run_now(session, SEND_MASS_EMAILS, NOW, by=BY)
        scheduled_job.activate(session, SEND_MASS_EMAILS, NOW, by=BY)
        scheduled_job.run_now(session, SEND_MASS_EMAILS, NOW, by=BY)


def test_the_log_of_runs_newest_first_with_what_was_left_open_noted_as_stopped() -> None:
    with db.unit_of_work() as session:
        lost = scheduled_job.begin_run(session, SEND_MASS_EMAILS, NOW)
        run = scheduled_job.begin_run(session, SEND_MASS_EMAILS, NOW + timedelta(minutes=10))
        counts = '{"mass_emails": 2, "sent": 1}'
        scheduled_job.end_run(session, run, Outcome.DONE, NOW + timedelta(minutes=11), handled=1, message=counts)
        other = scheduled_job.begin_run(session, CLEAN_UP, NOW)
    with db.reading() as session:
        rows, total = scheduled_job.run_page(session, SEND_MASS_EMAILS)
        assert [(row.id, row.outcome, row.handled) for row in rows] == [
            (run, Outcome.DONE, 1),
            (lost, Outcome.STOPPED, 0),
        ]
        assert scheduled_job.said(rows[0].message, "en") == "2 mass emails · 1 sent"
        assert scheduled_job.said(rows[0].message, "fr") == "2 envois en masse · 1 envoyé"
        assert scheduled_job.said("", "en") == ""
        assert (total, scheduled_job.run_page(session, None)[1]) == (2, 3)
        assert [row.id for row in scheduled_job.run_page(session, None, page=2, size=2)[0]] == [lost]
        last = {row.name: row.last for row in scheduled_job.job_rows(session)}
        assert (last[SEND_MASS_EMAILS].id, last[CLEAN_UP].id) == (run, other)
    with db.unit_of_work() as session:
        assert scheduled_job.forget_runs(session, NOW + timedelta(minutes=1)) == 2
        assert scheduled_job.run_page(session, None)[1] == 1


def test_one_holds_the_lease_and_another_after_its_end() -> None:
    def acquire(holder: str, after: float) -> bool:
        with db.unit_of_work() as session:
            now = NOW + timedelta(seconds=after)
            return scheduled_job.acquire_lease(session, SCHEDULER, holder, LEASE, now)

    assert [acquire("a", 0), acquire("b", 1), acquire("a", 10), acquire("b", 20)] == [True, False, True, False]
    with db.reading() as session:
        beat = scheduled_job.heartbeat(session, NOW + timedelta(seconds=12))
        assert (beat.holder, beat.since, beat.heard_at, beat.alive) == ("a", NOW, NOW + timedelta(seconds=10), True)
        assert not scheduled_job.heartbeat(session, NOW + timedelta(minutes=1)).alive
    assert [acquire("b", 25), acquire("a", 26)] == [True, False]
    with db.unit_of_work() as session:
        scheduled_job.release_lease(session, SCHEDULER, "a", NOW + timedelta(seconds=27))
    assert not acquire("a", 27)
    with db.unit_of_work() as session:
        scheduled_job.release_lease(session, SCHEDULER, "b", NOW + timedelta(seconds=28))
    assert acquire("a", 28)


def test_the_databases_clock_is_about_now() -> None:
    with db.reading() as session:
        assert abs(scheduled_job.database_time(session) - datetime.now(UTC)) < timedelta(seconds=5)
